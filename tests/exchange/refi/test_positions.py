"""In which unit positions count: a twin of a project of NVivo, and what could mislead."""

import random
import re

import pytest

from reflect_analysis.errors import ExchangeError
from reflect_analysis.exchange import read_refi
from reflect_analysis.exchange.offsets import Positions, Reading, SourceText, Written, understand

_WORDS = ("we", "shared", "a", "song", "with", "the", "children", "near", "river", "after", "lunch")
ASTRAL, SELECTIONS, CODES = 900, 303, 7


def long_text(seed, *, astral, ends="\r\n"):
    """Sentences with emoji among the words, each paragraph on its line."""
    chance = random.Random(seed)  # noqa: S311  # a text of the tests, no secret
    words = [chance.choice(_WORDS) for _ in range(6000)]
    for place in chance.sample(range(len(words)), astral):
        words[place] += " 🙂"
    lines = [" ".join(words[at : at + 12]) + "." for at in range(0, len(words), 12)]
    return ends.join(lines)


def utf16(raw, place):
    return len(raw[:place].encode("utf-16-le")) // 2


def chosen(raw, seed, count):
    """Passages of whole words, as places in the text with its own line ends."""
    chance = random.Random(seed)  # noqa: S311  # the same
    words = [found.span() for found in re.finditer(r"\w+", raw)]
    for first in chance.sample(range(len(words) - 12), count):
        yield words[first][0], words[first + chance.randrange(1, 12)][1]


def twin(foreign, *, unit=utf16, name="twin.qdpx", origin="NVivo 12"):
    """BOM, CRLF, UTF-16 positions, emoji, and a selection once more for every code."""
    codes = [f"code {n}" for n in range(CODES)]
    sources, members, passages = [], {}, {}
    for number in range(2):
        raw = long_text(number, astral=ASTRAL)
        key = f"interview {number}"
        rows = []
        for index, (start, end) in enumerate(chosen(raw, number, SELECTIONS)):
            where = (unit(raw, start), unit(raw, end))
            passages.setdefault(key, []).append(raw[start:end].replace("\r\n", "\n"))
            rows += [
                foreign.selection(f"{key}{index}.{repeat}", *where, codes[repeat])
                for repeat in range(1 + index % CODES)
            ]
        member = f"{foreign.guid(key)}.txt"
        members[f"Sources/{member}"] = b"\xef\xbb\xbf" + raw.encode()
        sources.append(foreign.source(key, "".join(rows), path=f"internal://{member}"))
    body = f"{foreign.codes(*codes)}<Sources>{''.join(sources)}</Sources>"
    return foreign.write(body, members, name=name, origin=origin), passages


def passages_of(study):
    found = {}
    for row in study.report.selections:
        text = study.corpus.document(row.source).text
        found.setdefault(row.source, []).append(text[row.start : row.end])
    return found


@pytest.mark.parametrize("origin", ["NVivo 12", "a program that nobody knows"])
def test_every_selection_of_the_twin_is_right_whoever_wrote_it(foreign, origin):
    path, passages = twin(foreign, origin=origin)
    study = read_refi(path)
    found = passages_of(study)
    for key, wanted in passages.items():
        assert sorted(found[key]) == sorted(wanted)
    for source in study.report.sources:
        assert (source.unit, source.line_ends, source.proved) == ("utf-16", "CRLF as two", True)
        assert source.selections == source.resolved == source.at_word_starts_and_ends
        assert source.score > 0.99
        assert source.runner_up < 0.5
    words = {study.corpus.passages([(c.document_id, c.start, c.end)])[0] for c in study.codings}
    assert words == {passage for rows in passages.values() for passage in rows}
    assert len(study.codings) == 2 * sum(1 + n % CODES for n in range(SELECTIONS))


def test_the_wrong_unit_is_noticed(foreign):
    path, passages = twin(foreign)
    wrong = read_refi(path, unit="code points", line_ends="CRLF as two")
    found = passages_of(wrong)
    assert all(set(found[key]) != set(wanted) for key, wanted in passages.items())
    assert len(wrong.report.notes) >= 2
    assert all("utf-16, CRLF as two fits better" in note for note in wrong.report.notes[:2])
    assert not any(source.proved for source in wrong.report.sources)


@pytest.mark.parametrize(
    ("unit", "line_ends", "count"),
    [
        ("code points", "CRLF as two", lambda raw, place: place),
        ("code points", "CRLF as one", lambda raw, place: place - raw[:place].count("\r")),
        ("utf-16", "CRLF as one", lambda raw, place: utf16(raw, place) - raw[:place].count("\r")),
        ("utf-16", "CRLF as two", utf16),
    ],
)
def test_each_reading_is_found_from_whole_words_alone(foreign, unit, line_ends, count):
    path, passages = twin(foreign, unit=count, origin="Other")
    study = read_refi(path)
    assert {(s.unit, s.line_ends) for s in study.report.sources} == {(unit, line_ends)}
    found = passages_of(study)
    assert all(set(found[key]) == set(wanted) for key, wanted in passages.items())


def one(foreign, text, *selections, name="a.txt", origin="Other"):
    """A project of one text."""
    return foreign.write(
        foreign.codes("k")
        + "<Sources>"
        + foreign.source("s", "".join(selections), path="internal://a.txt")
        + "</Sources>",
        {"sources/a.txt": text.encode()},
        origin=origin,
    )


def test_a_quote_beside_proves_the_unit_of_a_single_selection(foreign):
    text = "🙂🙂 oxo oxo oxo oxo"
    study = read_refi(one(foreign, text, foreign.selection("a", 6, 12, "k", name="xo oxo")))
    assert study.report.sources[0].unit == "utf-16"
    assert passages_of(study) == {"s": ["xo oxo"]}
    assert "names_found" in study.report.to_frame()


def test_two_quotes_that_prove_different_units_are_refused_with_both(foreign):
    text = "🙂🙂🙂 alpha beta gamma delta"
    points = text.index("alpha")
    units = utf16(text, text.index("gamma"))
    path = one(
        foreign,
        text,
        foreign.selection("first", points, points + 5, "k", name="alpha"),
        foreign.selection("second", units, units + 5, "k", name="gamma"),
    )
    with pytest.raises(ExchangeError) as caught:
        read_refi(path)
    assert foreign.guid("first") in str(caught.value)
    assert foreign.guid("second") in str(caught.value)
    assert "gamma" not in str(caught.value)


def test_a_tie_that_matters_is_refused_and_can_be_decided(foreign):
    path = one(foreign, "🙂🙂 b b b b b", foreign.selection("a", 7, 8, "k"))
    with pytest.raises(ExchangeError, match='say unit="…"'):
        read_refi(path)
    for unit, start in (("code points", 7), ("utf-16", 5)):
        assert read_refi(path, unit=unit).codings.codings[0].start == start


def test_a_tie_of_one_source_follows_the_rest_of_the_project(foreign):
    raw = long_text(5, astral=100)
    rows = [
        foreign.selection(str(i), utf16(raw, a), utf16(raw, b), "k")
        for i, (a, b) in enumerate(chosen(raw, 5, 40))
    ]
    body = (
        foreign.codes("k")
        + "<Sources>"
        + foreign.source("long", "".join(rows), path="internal://long.txt")
        + foreign.source("short", foreign.selection("t", 7, 8, "k"), path="internal://short.txt")
        + "</Sources>"
    )
    texts = {"sources/long.txt": raw.encode(), "sources/short.txt": "🙂🙂 b b b b b".encode()}
    study = read_refi(foreign.write(body, texts))
    assert [source.unit for source in study.report.sources] == ["utf-16", "utf-16"]
    assert [source.proved for source in study.report.sources] == [True, False]


def test_a_known_program_decides_a_tie(foreign):
    path = one(foreign, "🙂🙂 b b b b b", foreign.selection("a", 7, 8, "k"), origin="NVivo 12")
    study = read_refi(path)
    assert (study.report.sources[0].unit, study.codings.codings[0].start) == ("utf-16", 5)
    assert not study.report.sources[0].proved


def test_a_text_within_the_xml_may_have_counted_line_ends_as_two(foreign):
    lines = [f"alpha{n} beta gamma" for n in range(30)]
    raw = "\r\n".join(lines)
    rows = [
        foreign.selection(str(n), raw.index(f"alpha{n} "), raw.index(f"alpha{n} ") + 7, "k")
        for n in range(10, 30)
    ]
    source = foreign.source("s", "".join(rows), text="\n".join(lines))
    study = read_refi(foreign.write(f"{foreign.codes('k')}<Sources>{source}</Sources>"))
    assert study.report.sources[0].line_ends == "CRLF as two"
    assert passages_of(study)["s"] == [f"alpha{n}" for n in range(10, 30)]


def test_positions_that_fit_no_reading_are_told(foreign):
    raw = "alpha beta gamma delta epsilon zeta eta theta iota kappa " * 20
    rows = [foreign.selection(str(n), 2 + 6 * n, 4 + 6 * n, "k") for n in range(40)]
    (note, *_) = read_refi(one(foreign, raw, *rows)).report.notes
    assert "positions may count something else" in note


def test_all_marks_of_line_ends_become_one():
    text = SourceText.of("a\r\nb\rc\nd")
    assert text.text == "a\nb\nc\nd"
    two, single = Reading("code points", crlf=True), Reading("code points", crlf=False)
    assert text.convert(two, range(9)).tolist() == [0, 1, 1, 2, 3, 4, 5, 6, 7]
    assert text.convert(single, range(9)).tolist() == [0, 1, 2, 3, 4, 5, 6, 7, -1]


def test_bytes_are_counted_where_a_format_counts_them():
    text = "é🙂 one two"
    rows = tuple(
        Written(len(text[:a].encode()), len(text[:b].encode()), text[a:b], str(a))
        for a, b in ((3, 6), (7, 10))
    )
    source = Positions("s", SourceText(text), rows)
    (fit,), faults = understand([source], units=("code points", "utf-16", "utf-8 bytes"))
    assert faults == []
    assert fit.reading.unit == "utf-8 bytes"
    assert [fit.span(0), fit.span(1)] == [(3, 6), (7, 10)]
