"""No count of few persons follows from all that a report prints: solved for by an attacker.

The attacker holds the tables as they are printed and knows how codes are built: a subcode's
passages are its parent's. She lists every way in which a person can speak and in which group,
and solves the printed sums for those of a thing, of two, of one without another, and so on.
"""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.comparison import compare_groups
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.disclosure import linked
from reflect_analysis.disclosure.linked import differences
from reflect_analysis.frameworks import Framework, FrameworkRow, fill_framework
from reflect_analysis.joint import Scale, joint_display
from reflect_analysis.pairs import cooccurrence
from reflect_analysis.report.further import show_further
from reflect_analysis.report.study import Study
from reflect_analysis.tables import (
    comparison_table,
    framework_table,
    joint_table,
    pairs_table,
    shown_themes,
)

K = 5
CODES = ("whole", "part", "other", "third")
BOOK = Codebook(
    tuple(
        Code(c, c.title(), "A thing.", "all", parent="whole" if c == "part" else None)
        for c in CODES
    ),
    (Group("all", "All"),),
)
SIDES = {"one": ("part", "other"), "two": ("whole", "other"), "three": ("other", "third")}
FRAMEWORK = Framework(
    "f", "F", "theory-of-change", tuple(FrameworkRow(n, n, supports=s) for n, s in SIDES.items())
)
ROLES = ("cook", "lead")


def study_of(people):
    """A study of one text a person: (role, codes) each."""
    documents = tuple(
        Document(f"P{n:02}-S1", f"It was day number {n} of a wet month.", case_id=f"P{n:02}")
        for n in range(len(people))
    )
    cases = tuple(Case(f"P{n:02}", Attributes(role=role)) for n, (role, _) in enumerate(people))
    stamps = tuple(Clearance(d.sha256, "lead", "read") for d in documents)
    corpus = Corpus(documents, cases, clearances=stamps)
    rows = tuple(
        Coding(d.id, 0, 10, code, "c", "person")
        for d, (_, codes) in zip(documents, people, strict=True)
        for code in codes
    )
    codings = Codings(rows, seen=tuple(Seen("c", d.id, "person") for d in documents))
    return {"corpus": corpus, "codebook": BOOK, "codings": codings}


def results(values):
    found = [
        cooccurrence(values["codings"], corpus=values["corpus"], codebook=BOOK, unit=unit)
        for unit in ("participant", "reflection")
    ]
    about = {"corpus": values["corpus"], "codebook": BOOK}
    found.append(fill_framework(FRAMEWORK, values["codings"], **about))
    cases = [case.id for case in values["corpus"].cases]
    scale = Scale("S", {case: float(n) for n, case in enumerate(cases)})
    found.append(joint_display(values["codings"], **about, by="role", scale=scale))
    if len({case.attributes["role"] for case in values["corpus"].cases}) == len(ROLES):
        found.append(compare_groups(values["codings"], **about, by="role"))
    return found


# ── the attacker ──

WAYS = [
    (role, frozenset(codes))
    for role in ROLES
    for size in range(len(CODES) + 1)
    for codes in itertools.combinations(CODES, size)
    if "part" not in codes or "whole" in codes
]


def ways(test):
    return np.array([float(test(role, said)) for role, said in WAYS])


def any_of(codes):
    return lambda _, said: bool(said & set(codes))


def within(group, test=lambda *_: True):
    """Who passes a test, of one group or of all."""
    return lambda role, said: group in {None, role} and test(role, said)


def every(chosen):
    """Who says, or does not say, each of some things."""
    return lambda role, said: all(test(role, said) is sign for test, sign in chosen)


def number(cell):
    found = re.fullmatch(r"(\d+) of (\d+)", cell)
    return (int(found[1]), int(found[2])) if found else None


def printed(tables, total):
    """Each printed count with the ways of speaking that it counts."""
    yield ways(lambda *_: True), total
    for table in tables:
        names = [column.name for column in table.columns]
        for row in table.texts():
            yield from printed_in(dict(zip(names, row, strict=True)), names, total)


def printed_in(row, names, total):
    if "and code" in row:
        one, other = row["Code"].lower(), row["and code"].split(" ")[0].lower()
        both = int(row[names[3]].split(" of ")[0])
        yield ways(lambda _, said: {one, other} <= said), both
        # Jaccard and overlap give the counts of both codes: the smaller, then their union.
        jaccard, overlap = float(row["Jaccard"]), float(row["Overlap"])
        fits = [
            (a, b)
            for a in range(both, total + 1)
            for b in range(both, total + 1)
            if abs(both / (a + b - both) - jaccard) <= 0.0051
            and abs(both / min(a, b) - overlap) <= 0.0051
        ]
        truth = TRUTH["counts"]
        assert (truth[one], truth[other]) in fits
        yield ways(any_of([one])), truth[one]
        yield ways(any_of([other])), truth[other]
        return
    codes = SIDES.get(row[names[0]], (row[names[0]].lower(),))
    for name in names[1:]:
        count = number(row[name])
        group = name if name in ROLES else None
        if name.startswith("Participants") or name in ROLES:
            if count:
                yield ways(within(group, any_of(codes))), count[0]
            if count and group:
                yield ways(within(group)), count[1]
        elif "code mentioned" in name and "n = " in row[name]:
            yield ways(any_of(codes)), int(row[name].rpartition("n = ")[2])


TRUTH = {}


def literals():
    things = [any_of([code]) for code in CODES] + [any_of(codes) for codes in SIDES.values()]
    signed = [(t, sign) for t in things for sign in (True, False)]
    for size in (1, 2, 3):
        for chosen in itertools.combinations(signed, size):
            for group in (None, *ROLES):
                yield ways(within(group, every(chosen)))


TARGETS = np.unique(np.array([target for target in literals() if target.any()]), axis=0)


def leaks(tables, total):
    """Counts of 1 to k − 1 persons that follow from what is printed."""
    told = list(printed(tables, total))
    matrix = np.array([cells for cells, _ in told])
    numbers = np.array([float(n) for _, n in told])
    weights = np.linalg.lstsq(matrix.T, TARGETS.T, rcond=None)[0]
    solved = np.abs(matrix.T @ weights - TARGETS.T).max(axis=0) < 1e-7
    found = np.round(numbers @ weights, 6)
    return sorted(set(found[solved & (found > 0.5) & (found < K - 0.5)]))


def everything(people):
    values = study_of(people)
    TRUTH["counts"] = {
        code: sum(code in codes or (code == "whole" and "part" in codes) for _, codes in people)
        for code in CODES
    }
    study = Study(**values, k=K, further=tuple(results(values)))
    further = [t for shown in show_further(study, number=2, quotes={}) for t in shown.tables]
    return [shown_themes(study.themes, k=K), *further]


PEOPLE = st.lists(
    st.tuples(st.sampled_from(ROLES), st.sets(st.sampled_from(CODES))), min_size=12, max_size=40
)


@settings(max_examples=15, deadline=None)
@given(PEOPLE)
def test_no_count_of_few_follows_from_a_whole_report(people):
    assert leaks(everything(people), len(people)) == []


@settings(max_examples=15, deadline=None)
@given(PEOPLE, st.sampled_from(["pairs", "framework", "joint", "comparison"]))
def test_nor_from_a_kind_that_is_asked_for_alone(people, kind):
    values = study_of(people)
    everything(people)
    pairs, _, filled, joint, *compared = results(values)
    alone = {
        "pairs": lambda: [pairs_table(pairs, k=K)],
        "framework": lambda: [framework_table(filled, k=K)],
        "joint": lambda: [joint_table(joint, k=K)],
        "comparison": lambda: [comparison_table(each, k=K) for each in compared],
    }
    themes = shown_themes(Study(**values, k=K).themes, k=K)
    assert leaks([themes, *alone[kind]()], len(people)) == []


TELLING = [
    *[("cook", {"whole", "part", "other"})] * 8,
    *[("lead", {"whole", "part"})] * 7,
    *[("lead", {"whole"})] * 3,
    *[("cook", {"other", "third"})] * 8,
    *[("lead", {"third"})] * 5,
    *[("lead", set())] * 8,
]


def test_a_pair_with_a_subcode_that_the_theme_table_hides_is_hidden():
    assert everything(TELLING)[0].texts()[1][1] == "–*"
    pairs = results(study_of(TELLING))[0]
    assert [row[:2] for row in pairs_table(pairs, k=K).texts()] == [("Other", "Third")]


def test_the_attacker_finds_it_where_nothing_is_withheld(monkeypatch):
    for module in ("pairs", "frameworks.showing", "tables.joint"):
        hides = f"reflect_analysis.{module}.hidden_beside_themes"
        monkeypatch.setattr(hides, lambda *_, **__: frozenset())
    hides = "reflect_analysis.report.protecting.hidden_rows"
    monkeypatch.setattr(hides, lambda *_, **__: frozenset())
    assert 3.0 in leaks(everything(TELLING), len(TELLING))


def test_a_union_is_hidden_beside_both_its_codes_where_few_say_both():
    people = [("cook", {"other", "third"})] * 3
    people += [("cook", {"other"})] * 9 + [("lead", {"third"})] * 9 + [("lead", set())] * 9
    filled = results(study_of(people))[2]
    assert framework_table(filled, k=K).texts()[2][1] == "–*"


def test_what_happens_to_be_so_in_the_data_is_no_inclusion():
    # All twelve who say the third say the other, by chance: no code is a part of one.
    people = [("cook", {"other", "third"})] * 12 + [("lead", {"other"})] * 2
    people += [("lead", set())] * 20
    assert leaks(everything(people), len(people)) == []
    assert shown_themes(Study(**study_of(people), k=K).themes, k=K).texts()[2][1] == "14 of 34"


def test_the_same_rows_are_hidden_each_time():
    rows = [everything(TELLING)[1].texts() for _ in range(2)]
    assert rows[0] == rows[1]


@pytest.mark.parametrize("at_once", [1, 7])
def test_the_same_rows_are_hidden_however_many_counts_are_told_at_once(at_once, monkeypatch):
    random = np.random.default_rng(1)
    people = [
        (ROLES[int(random.integers(2))], [c for c in CODES if random.random() < 0.3])
        for _ in range(30)
    ]
    usual = [table.texts() for table in everything(people)]
    monkeypatch.setattr(differences, "_AT_ONCE", at_once)
    assert [table.texts() for table in everything(people)] == usual


def test_more_is_imagined_than_is_told():
    assert linked.imagined_for(10_000) > 10_000


@pytest.mark.parametrize(("n", "shown"), [(9, "–*, n = 9"), (12, "12, n = 12"), (22, None)])
def test_a_quantile_stands_only_with_k_scores_beyond_it(n, shown):
    people = [("cook", {"third"})] * n + [("lead", set())] * 20
    values = study_of(people)
    scale = Scale("S", {f"P{i:02}": 2.0 * i + 1 for i in range(len(people))})
    display = joint_display(
        values["codings"], corpus=values["corpus"], codebook=BOOK, by="role", scale=scale
    )
    cell = joint_table(display, k=K).texts()[3][5]
    assert cell == (shown or "22 (12 to 33), n = 22")
