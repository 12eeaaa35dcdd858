"""Figures: what is hidden is not drawn, what is drawn is said in words, and nothing is global."""

import io
import math
import re
import subprocess
import sys
from itertools import combinations
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from PIL import Image

from reflect_analysis.figures import theme_figure, topic_figure
from reflect_analysis.figures.canvas import new_drawing
from reflect_analysis.figures.dots import WIDTH, DotLine, DotPlot
from reflect_analysis.themes import ThemeRow, ThemeTable
from reflect_analysis.topics import Alignment, AlignmentRow, Stability, Topic, Topics, TopicUnit

SVG = "{http://www.w3.org/2000/svg}"


def row(code, n, *, group="Being together", of=34, status="human", reflections=77, claim=""):
    read = n is not None
    return ThemeRow(
        group=group,
        claim=claim,
        code_id=code.lower(),
        code=code,
        definition="d",
        participants=n,
        of_participants=of if read else 0,
        low=None,
        high=None,
        reflections=reflections if read else None,
        of_reflections=90 if read else 0,
        unknown=0,
        of_unknown=0,
        references=99 if read else None,
        median_references=1.0 if read else None,
        communities=6 if read else None,
        status=status if read else "not read",
    )


TABLE = ThemeTable(
    (
        row("Belonging", 12),
        row("Isolation", 3),
        row("Renewal", 0, group="Strain"),
        row("Exhaustion", 33, group="Strain"),
        row("Unsettling", None, group="Knowledge"),
    )
)


def root_of(figure):
    return ET.fromstring(figure.svg)  # noqa: S314  # our own file


# ── the theme figure ────────────────────────────────────────────────────────────────────


def test_small_and_nearly_complete_counts_are_neither_drawn_nor_kept():
    figure = theme_figure(TABLE)
    assert list(figure.data["shown"]) == ["12 of 34", "<5 of 34", "0 of 34", "≥30 of 34", "–"]
    assert dict(figure.data["participants"].dropna()) == {0: 12, 2: 0}
    everything = figure.alt_text + figure.svg.decode() + figure.data.to_csv()
    assert not re.search(r"\b(33 of 34|3 of 34)\b", everything)


def test_the_alternative_text_says_all_that_is_drawn():
    words = theme_figure(TABLE).alt_text
    assert "Being together: Belonging 12 of 34; Isolation hidden, a count that could" in words
    assert "Knowledge: Unsettling not read for this code." in words


def test_the_order_is_the_codebooks():
    assert list(theme_figure(TABLE).data["code"]) == [r.code for r in TABLE.rows]


def test_the_claim_stands_for_its_group():
    figure = theme_figure(ThemeTable((row("Belonging", 12, claim="Together we last"),)))
    assert list(figure.data["group"]) == ["Together we last"]


def test_k_decides_what_is_hidden():
    figure = theme_figure(TABLE, k=13)
    assert figure.data["shown"].iloc[0] == "<13 of 34"


def test_the_same_data_give_the_same_bytes():
    assert theme_figure(TABLE).svg == theme_figure(TABLE).svg
    assert theme_figure(TABLE).png == theme_figure(TABLE).png


def test_an_svg_is_an_image_with_title_and_description():
    root = root_of(theme_figure(TABLE))
    told = {
        child.get("id"): child.text for child in root if child.tag in {f"{SVG}title", f"{SVG}desc"}
    }
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == list(told)
    assert list(told.values())[1] == theme_figure(TABLE).alt_text


def test_two_figures_on_one_page_share_no_id_and_every_reference_resolves():
    ids = {}
    for name in ("a", "b"):
        figure = theme_figure(TABLE, name=name)
        found = re.findall(r'\bid="([^"]+)"', figure.svg.decode())
        used = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', figure.svg.decode())
        assert len(found) == len(set(found))
        assert {one or two for one, two in used} <= set(found)
        ids[name] = set(found)
    assert not ids["a"] & ids["b"]


def test_an_inline_svg_begins_with_its_tag():
    inline = theme_figure(TABLE).inline
    assert inline.startswith("<svg")
    assert "DOCTYPE" not in inline
    assert theme_figure(TABLE)._repr_html_().startswith("<figure><svg")


def test_a_picture_names_neither_its_maker_nor_its_day():
    figure = theme_figure(TABLE)
    assert b"matplotlib" not in figure.svg.lower()
    assert not re.search(rb"20\d\d-\d\d-\d\d", figure.svg)
    assert "Software" not in Image.open(io.BytesIO(figure.png)).info


def test_files_of_a_draft_say_so_in_their_names_and_on_their_face(tmp_path):
    draft = theme_figure(ThemeTable((row("Belonging", 12, status="machine"),)))
    assert [path.name for path in draft.save(tmp_path)] == ["DRAFT-themes.svg", "DRAFT-themes.png"]
    assert draft.alt_text.startswith("Draft")
    final = theme_figure(TABLE)
    assert [path.name for path in final.save(tmp_path)] == ["themes.svg", "themes.png"]
    assert len(draft.svg) > len(theme_figure(ThemeTable((row("Belonging", 12),))).svg)


def test_a_reflexive_study_has_no_figure_of_counts():
    with pytest.raises(ValueError, match="reflexive"):
        theme_figure(ThemeTable(TABLE.rows, approach="reflexive"))


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (row("Unsettling", None),),
        (row("Belonging", 1, of=1),),
        (row("Belonging", 3), row("Isolation", 2)),
    ],
    ids=["no code", "nothing read", "one participant", "all hidden"],
)
def test_a_figure_with_nothing_to_draw_is_still_a_figure(rows):
    figure = theme_figure(ThemeTable(rows))
    assert root_of(figure).tag == f"{SVG}svg"
    assert figure.alt_text
    assert figure.data["participants"].dropna().empty


def test_reflections_are_drawn_where_no_participant_is_known():
    figure = theme_figure(ThemeTable((row("Belonging", 0, of=0),)))
    assert figure.title == "Reflections in which each code was found"
    assert list(figure.data["reflections"]) == [77]
    assert "Belonging 77 of 90" in figure.alt_text


def test_odd_names_are_drawn_as_they_are():
    figure = theme_figure(ThemeTable((row("Cost $5 & <more> 🙂 $x$", 12),)))
    assert "Cost $5 & <more>" in figure.alt_text
    assert root_of(figure).tag == f"{SVG}svg"


def test_drawing_changes_no_setting_and_loads_no_pyplot():
    before = dict(mpl.rcParams)
    theme_figure(TABLE)
    assert dict(mpl.rcParams) == before
    program = (
        "import sys; from reflect_analysis.figures import theme_figure as f;"
        "from reflect_analysis.themes import ThemeTable as T; f(T(()));"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_notebooks_settings_do_not_change_a_figure():
    draft = ThemeTable((*TABLE.rows, row("Leave", 9, status="machine")))
    odd = {
        "text.usetex": True,
        "text.color": "red",
        "font.size": 30,
        "axes.grid": True,
        "axes.facecolor": "black",
        "figure.facecolor": "black",
        "figure.autolayout": True,
        "lines.linewidth": 9,
        "savefig.bbox": "tight",
        "savefig.transparent": True,
    }
    plain = theme_figure(draft)
    with mpl.rc_context(odd):
        same = theme_figure(draft)
    assert (same.svg, same.png) == (plain.svg, plain.png)


# ── the drawing itself ──────────────────────────────────────────────────────────────────


def lines(count, label):
    return tuple(
        DotLine(
            f"Group {n // 4}", f"{label} {n}", f"{n} of 120", n if n % 3 else None, 120, "hidden"
        )
        for n in range(count)
    )


@pytest.mark.parametrize(
    "label", ["Belonging", "A very long name of a code that takes two lines at"]
)
@pytest.mark.parametrize("count", [1, 30])
def test_no_words_overlap_or_leave_the_figure(count, label):
    plot = DotPlot(lines(count, label), "Participants, of 120", filled="people", hollow="machine")
    drawing, axes = new_drawing(WIDTH, plot.height)
    plot.draw(axes)
    renderer = drawing.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in axes.texts if text.get_text()]
    width, height = drawing.get_size_inches() * drawing.dpi
    for box in boxes:
        assert 0 <= box.x0 < box.x1 <= width
        assert 0 <= box.y0 < box.y1 <= height
    for one, two in combinations(boxes, 2):
        assert not (
            min(one.x1, two.x1) - max(one.x0, two.x0) > 1
            and min(one.y1, two.y1) - max(one.y0, two.y0) > 1
        )


def test_dots_stand_where_their_counts_say():
    plot = DotPlot(
        (DotLine("g", "a", "60 of 120", 60, 120), DotLine("g", "b", "–", None, 120)), "n"
    )
    _, axes = new_drawing(WIDTH, plot.height)
    plot.draw(axes)
    marks = [line for line in axes.lines if line.get_marker() not in {"None", None, ""}]
    assert len(marks) == 1
    assert marks[0].get_xdata()[0] == pytest.approx((plot._x(0) + plot._x(120)) / 2)


# ── the topics figure ───────────────────────────────────────────────────────────────────


def topics(*, stable=False, unknown=0):
    """Three topics of 10, 3 and 8 participants, one text each."""
    sizes, units = (10, 3, 8), []
    for number, size in enumerate(sizes):
        for n in range(size):
            case = f"P{number}{n}"
            units.append(TopicUnit(f"{case}-1:0-9", f"{case}-1", 0, 9, case, number, 0.5))
    units += [TopicUnit(f"q{n}:0-9", f"q{n}", 0, 9, None, 2, 0.5) for n in range(unknown)]
    words = (("mud", "rain"), ("secret", "story"), ("pair", "listen"))
    rows = tuple(
        Topic(n, words[n], size + (unknown if n == 2 else 0), size, 0.1, ())
        for n, size in enumerate(sizes)
    )
    ari = 0.8 if stable else 0.3
    stability = Stability(3, ari, 0.0, ari, 0.0, refits=5, units=21)
    ordered = tuple(sorted(units, key=lambda unit: unit.segment_id))
    return Topics("k-means", len(units), rows, ordered, stability, centroids=((1.0,),) * 3)


def test_a_topic_of_few_persons_shows_neither_its_size_nor_its_words():
    figure = topic_figure(topics())
    assert list(figure.data["shown"]) == ["10 of 21", "<5 of 21", "–*"]
    assert list(figure.data["words"]) == ["mud, rain", "words withheld", "pair, listen"]
    assert list(figure.data["texts"]) == ["10 of 21", "–*", "–*"]
    assert "secret" not in figure.alt_text + figure.svg.decode()


def test_what_is_not_stable_says_so_in_title_words_and_data():
    figure = topic_figure(topics())
    assert "not stable" in figure.title
    assert "not stable" in figure.alt_text
    assert set(figure.data["stability"]) == {"not stable"}
    assert "not stable" not in topic_figure(topics(stable=True)).title


def test_texts_of_unknown_persons_count_as_texts_alone():
    figure = topic_figure(topics(unknown=4), k=3)
    assert figure.data["shown"].iloc[2] == "8 of 21"
    assert figure.data["texts"].iloc[2] == "12 of 25"


def test_the_nearest_code_stands_beside_a_topic_that_it_covers():
    rows = AlignmentRow(0, "rain_code", 0.9, 0.3), AlignmentRow(2, "x", 0.1, -0.1)
    near = Alignment(rows, 0.45)
    figure = topic_figure(topics(), near, names={"rain_code": "Weather"})
    assert list(figure.data["nearest_code"]) == ["Weather", "", "none"]


def test_no_topics_are_a_figure_that_says_so():
    none = Topics("terms", 7, (), (), Stability(0, reason="too few texts"))
    figure = topic_figure(none)
    assert "too few to be grouped" in figure.alt_text
    assert math.isnan(none.outlier_share)


def test_a_draft_topic_figure_says_so():
    assert topic_figure(topics(), draft=True).alt_text.startswith("Draft")
