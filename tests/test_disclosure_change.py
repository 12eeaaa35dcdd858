"""Change over sessions beside the theme table and the other tables: solved for by an attacker.

She knows who can speak how: in each session nobody writes more than one text, a text says some
codes, a subcode's passages are its parent's. She lists every way of taking part, strikes out what
a printed nought rules out, and solves what is printed for counts of few persons.
"""

import dataclasses
import itertools
import re

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.change import StateChanges, state_changes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.disclosure import Ledger
from reflect_analysis.frameworks import Framework, FrameworkRow, fill_framework
from reflect_analysis.report.contents import gather
from reflect_analysis.report.protecting import protected
from reflect_analysis.report.releasing import beside_earlier, release_for
from reflect_analysis.report.study import Study
from reflect_analysis.tables import (
    changed_table,
    first_session_table,
    framework_table,
    shown_themes,
    states_table,
)

K = 5
CODES = ("whole", "part", "other")
SHORT = dict(zip("wpo", CODES, strict=True))
BOOK = Codebook(
    tuple(
        Code(c, c.title(), "A thing.", "all", parent="whole" if c == "part" else None)
        for c in CODES
    ),
    (Group("all", "All"),),
)
STATES = {"gain": ("part",), "strain": ("other",)}
SIDES = {"Either": ("part", "other")}
FRAMEWORK = Framework(
    "f", "F", "theory-of-change", tuple(FrameworkRow(n, n, supports=s) for n, s in SIDES.items())
)


def study_of(*paths, further=True, states=STATES):
    """So many people for each path: what they say in each session, "-" for no text."""
    people = [path.split() for n, path in paths for _ in range(n)]
    documents, rows = [], []
    for number, path in enumerate(people):
        for session, said in enumerate(path, 1):
            if said != "-":
                name = f"P{number:02}-S{session}"
                words = f"Day {number} of week {session} was wet."
                place = Attributes(session=str(session))
                document = Document(name, words, case_id=f"P{number:02}", attributes=place)
                documents.append(document)
                rows += [Coding(name, 0, 5, SHORT[each], "c", "person") for each in said.strip(".")]
    corpus = Corpus(tuple(documents), tuple(Case(f"P{n:02}") for n in range(len(people))))
    codings = Codings(tuple(rows), seen=tuple(Seen("c", d.id, "person") for d in documents))
    values = {"corpus": corpus, "codebook": BOOK}
    found = ()
    if further:
        changes = state_changes(codings, **values, states=states)
        found = (changes, fill_framework(FRAMEWORK, codings, **values))
    return Study(**values, codings=codings, k=K, further=found)


# ── the attacker ──

SAID = [None, *map(frozenset, ("", "w", "o", "wp", "wo", "wpo"))]
WAYS = [way for way in itertools.product(SAID, repeat=2) if any(s is not None for s in way)]


def ways(test):
    return np.array([float(test(way)) for way in WAYS])


def says(codes, session=None):
    """Who says one of some codes, ever or in a session."""
    wanted = {code[0] for code in codes}
    places = range(2) if session is None else [int(session) - 1]
    return lambda way: any(wanted & (way[place] or set()) for place in places)


def wrote(session):
    return lambda way: way[int(session) - 1] is not None


def state(name, session):
    """Who is in a state in a session."""
    first, second = (says(codes, session) for codes in STATES.values())
    there = wrote(session)
    tests = {
        "gain": lambda way: first(way) and not second(way),
        "strain": lambda way: second(way) and not first(way),
        "both": lambda way: first(way) and second(way),
        "not mentioned": lambda way: there(way) and not first(way) and not second(way),
        "not read": lambda _: False,
        "no text": lambda way: not there(way),
    }
    return tests[name]


def first_said(name, where):
    codes = STATES[name]
    if where.startswith("Session"):
        session = int(where[-1])
        before = [says(codes, earlier) for earlier in range(1, session)]
        return lambda way: says(codes, session)(way) and not any(each(way) for each in before)
    return (lambda way: not says(codes)(way)) if where == "In no session" else lambda _: False


def counted(cell):
    found = re.fullmatch(r"(\d+) of (\d+)", cell)
    return int(found[1]) if found else None


def printed(study):
    """Each printed count, with how often each way of taking part counts in it."""
    yield ways(lambda _: True), len(study.participants)
    for session in "12":  # how many texts there are stands on the first page
        yield from [(ways(wrote(session)), None)]
    themes = shown_themes(study.themes, k=K)
    names = [column.name for column in themes.columns]
    for row in themes.texts():
        cells, code = dict(zip(names, row, strict=True)), row[0].lower()
        yield ways(says([code])), counted(next(v for n, v in cells.items() if "Partic" in n))
        texts = next(v for n, v in cells.items() if "Reflections" in n).split(" of ")[0]
        yield (
            ways(says([code], 1)) + ways(says([code], 2)),
            int(texts) if texts.isdigit() else None,
        )
    for value in protected(study):
        yield from told_further(value)


def told_further(value):
    if not isinstance(value, StateChanges):
        yield from told_by(framework_table(value, k=K))
        return
    tables = [states_table(value, k=K), first_session_table(value, k=K)]
    tables += [changed_table(value, k=K)] if len(value.sessions) > 1 else []
    for table in tables:
        yield from told_by(table)
    for (one, start, other, end), n in value.shown_moves(k=K).items():
        yield ways(state(start, one)) * ways(state(end, other)), n


def told_by(table):
    for name, *cells in table.texts():
        if "in each state" in table.title:
            for session, cell in zip("12", cells, strict=True):
                yield ways(state(name, session)), counted(cell)
        elif "first session" in table.title:
            yield ways(first_said("strain", name)), counted(cells[0])
        elif "mentioned each state" in table.title:
            for (one, other), cell in zip(((1, 1), (0, 1), (1, 0), (0, 0)), cells, strict=False):
                yield ways(both_sides(name, one, other)), counted(cell)
        elif name in SIDES:
            yield ways(says(SIDES[name])), counted(cells[0])


def both_sides(name, one, other):
    first, last = says(STATES[name], 1), says(STATES[name], 2)
    read = [wrote("1"), wrote("2")]
    return lambda way: all(r(way) for r in read) and (first(way), last(way)) == (one, other)


def literals():
    """What must not follow where few people are behind it."""
    things = [says([code]) for code in CODES] + [says(codes) for codes in SIDES.values()]
    things += [state(name, s) for s in "12" for name in ("gain", "strain", "both", "no text")]
    things += [says(codes, s) for s in "12" for codes in STATES.values()]
    signed = [(t, sign) for t in things for sign in (True, False)]
    for size in (1, 2):
        for chosen in itertools.combinations(signed, size):
            yield ways(lambda way, c=chosen: all(bool(t(way)) is sign for t, sign in c))


TARGETS = np.unique(np.array([target for target in literals() if target.any()]), axis=0)
WHEN = np.array([ways(lambda way, w=when: (way[0] is None, way[1] is None) == w)
                 for when in ((False, False), (False, True), (True, False))])  # fmt: skip


def solved(study, targets):
    """Which of some counts follow from what is printed, as numbers; the others are nan."""
    told = [(cells, n) for cells, n in printed(study) if n is not None]
    possible = np.ones(len(WAYS), dtype=bool)
    for cells, n in told:
        if n == 0:
            possible &= cells == 0
    wanted = targets[:, possible]
    # Who wrote when is no secret: how many texts there are of a session is told.
    matrix, wrote_when = np.array([cells[possible] for cells, _ in told]), WHEN[:, possible]
    on_words = np.abs(left_of(wanted, wrote_when)).max(axis=1) > 1e-7
    weights = np.linalg.lstsq(matrix.T, wanted.T, rcond=None)[0]
    follows = np.abs(matrix.T @ weights - wanted.T).max(axis=0) < 1e-7
    found = np.round(np.array([float(n) for _, n in told]) @ weights, 6)
    return np.where(follows & on_words, found, np.nan)


def left_of(wanted, known):
    """What of some counts is no sum of others."""
    return wanted - np.linalg.lstsq(known.T, wanted.T, rcond=None)[0].T @ known


def leaks(study):
    """Counts of 1 to k − 1 people that follow."""
    found = solved(study, TARGETS)
    return sorted(set(found[(found > 0.5) & (found < K - 0.5)]))


def given_back(study):
    """Codes that the theme table hides for others' sake and whose count follows all the same."""
    hidden = sorted(study.in_trees)
    found = solved(study, np.array([ways(says([code])) for code in hidden]).reshape(-1, len(WAYS)))
    return [code for code, n in zip(hidden, found, strict=True) if not np.isnan(n)]


# Of 18 who say the whole 15 say the part: three do not, and the part is hidden.
TREE = ((7, "wp ."), (8, ". wp"), (3, "w ."), (8, "o ."), (8, ". ."))
# Twelve say the other in twelve texts; one person says the part, in the first session.
UNITS = ((6, "o ."), (6, ". o"), (1, "wp ."), (9, "w w"), (8, ". ."))


@pytest.mark.parametrize("paths", [TREE, UNITS])
def test_change_gives_nothing_back_beside_the_theme_table(paths):
    study = study_of(*paths)
    assert (leaks(study), given_back(study)) == ([], [])


@pytest.mark.parametrize("paths", [TREE, UNITS])
def test_the_attacker_finds_it_where_change_is_not_told(paths, monkeypatch):
    monkeypatch.setattr("reflect_analysis.report.protecting.hidden_rows", lambda *_, **__: ())
    study = study_of(*paths)
    assert leaks(study) or given_back(study)


def test_a_first_session_does_not_give_a_hidden_subcode_back():
    study = study_of(*TREE, states={"strain": ("other",), "gain": ("part",)})
    assert shown_themes(study.themes, k=K).texts()[1][1] == "–*"
    (changes, *_) = protected(study)
    told = [n for where, n in changes.shown_first(k=K).items() if where != "not read"]
    assert told.count(None) >= 2
    assert {7, 8, 19} != set(told)


def test_asked_alone_it_is_held_against_a_theme_table():
    (changes, *_) = study_of(*TREE, states={"strain": ("other",), "gain": ("part",)}).further
    cells = [row[1] for row in first_session_table(changes, k=K).texts()]
    assert cells.count("–*") >= 2
    bare = dataclasses.replace(changes, texts=None)
    assert [row[1] for row in first_session_table(bare, k=K).texts()].count("–*") == 0


def test_what_a_report_did_not_tell_is_not_told_beside_it():
    (changes, *_) = protected(study_of(*TREE))
    assert set(changes.shown_first("gain", k=K).values()) == {None}
    assert changes.shown_changed("2", "1", k=K) == ()


def test_many_people_in_each_state_are_told():
    study = study_of((14, "o ."), (14, ". o"), (14, "wp wp"))
    (changes, *_) = protected(study)
    assert changes.shown(k=K)["strain", "1"] == 14
    assert states_table(changes, k=K).texts()[2][1] == "14 of 42"


PATHS = st.lists(
    st.tuples(
        st.integers(1, 12),
        st.tuples(*[st.sampled_from([".", "w", "o", "wp", "wo", "wpo", "-"])] * 2)
        .filter(lambda way: way != ("-", "-"))
        .map(" ".join),
    ),
    min_size=2,
    max_size=7,
)


@settings(max_examples=5, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(PATHS)
def test_no_count_of_few_follows_from_a_report_with_change(paths):
    study = study_of((6, "o ."), (6, ". wp"), *paths)
    alone = dataclasses.replace(study, further=())
    assert set(leaks(study)) <= set(leaks(alone))
    assert given_back(study) == []


def test_a_second_report_with_change_gives_nothing_back_beside_the_first():
    ledger = Ledger((), K)
    told = lambda c: release_for("the ministry", c.study, c.told, c.printed_quotes)  # noqa: E731  # what write_report asks
    _, first = beside_earlier(study_of(*UNITS, further=False), ledger, gather, told)
    found, _ = beside_earlier(study_of(*UNITS), ledger.add(first), gather, told)
    assert (leaks(found.study), given_back(found.study)) == ([], [])
