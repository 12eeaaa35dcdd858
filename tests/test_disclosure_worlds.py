"""Hidden counts are not found by trying every study that would print the same numbers.

The attacker knows that everybody wrote one text in each of two sessions, and lists every way in
which a person can speak. Of so many persons of each way she finds, by whole numbers, the least
and the most that each hidden count can be beside all that one report prints, bounds as well.
"""

import dataclasses
import itertools
import random
import re

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from reflect_analysis._rows import Attributes
from reflect_analysis.change import StateChanges, state_changes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.disclosure.linked import People, differences
from reflect_analysis.disclosure.linked.worlds import Target, too_narrow
from reflect_analysis.incidence import CodedUnit, Incidence
from reflect_analysis.pairs import cooccurrence
from reflect_analysis.report.protecting import protected
from reflect_analysis.report.study import Study
from reflect_analysis.tables import (
    changed_table,
    first_session_table,
    pairs_table,
    shown_themes,
    states_table,
)

ABOVE = {"a": None, "a1": "a", "b": None, "c": None}
MANY = {**ABOVE, **{f"x{n}": None for n in range(4)}}
POST = "A post that nobody read."


def study_of(people, k, states, above=ABOVE, *, posts=0):
    """What each person says in each session; `posts` of them also wrote what nobody read."""
    book = Codebook(
        tuple(Code(c, c.title(), "A thing.", "all", parent=up) for c, up in above.items()),
        (Group("all", "All"),),
    )
    documents, rows, seen = [], [], []
    for number, sessions in enumerate(people):
        person = f"P{number:03}"
        for session, said in enumerate(sessions, 1):
            name, words = f"{person}-{session}", f"Day {number} of week {session} was wet."
            place = Attributes(session=str(session))
            documents.append(Document(name, words, case_id=person, attributes=place))
            seen.append(Seen("c", name, "person"))
            rows += [Coding(name, 0, 5, code, "c", "person") for code in sorted(said)]
        if number < posts:
            documents.append(Document(f"{person}-post", f"{POST} {number}", case_id=person))
    cases = tuple(Case(f"P{n:03}") for n in range(len(people)))
    corpus = Corpus(tuple(documents), cases)
    codings = Codings(tuple(rows), seen=tuple(seen))
    values = {"corpus": corpus, "codebook": book}
    further = [cooccurrence(codings, **values, unit=u) for u in ("reflection", "participant")]
    if states:
        further.append(state_changes(codings, **values, states=states))
    return Study(**values, codings=codings, k=k, further=tuple(further))


def random_people(seed):
    """Four codes of any frequency in two sessions, with k and states."""
    chance = random.Random(seed)  # noqa: S311  # the same studies everywhere
    k, size = chance.choice([3, 5]), chance.randint(20, 60)
    often = {code: chance.choice([0.05, 0.1, 0.2, 0.3, 0.5]) for code in ABOVE}
    groups, people = chance.choice([2, 3]), []
    for _ in range(size):
        chance.choice(range(groups))
        people.append([{c for c in ABOVE if chance.random() < often[c]} for _ in range(2)])
    chance.choice(range(3))
    one = chance.choice([("a",), ("a", "b"), ("a",)])
    return people, k, {"one": one, "two": ("c",)}


# ── the attacker ──


class Attacker:
    """Every way of speaking, what is printed of how many, and what she would like to know."""

    def __init__(self, study, people, states):
        said = [frozenset(s) for n in range(5) for s in itertools.combinations(ABOVE, n)]
        said = [s for s in said if "a1" not in s or "a" in s]
        self.ways = list(itertools.product(said, repeat=2))
        up = lambda codes: frozenset(codes | ({"a"} if "a1" in codes else set()))  # noqa: E731  # short
        real = [self.ways.index(tuple(map(up, person))) for person in people]
        self.real = np.bincount(real, minlength=len(self.ways))
        self.told, self.hidden = [(np.ones(len(self.ways)), len(people), len(people))], {}
        self.k, self.states = study.k, states
        names = {code.title(): code for code in ABOVE}
        for name, persons, texts, *_ in shown_themes(study.themes, k=self.k).texts():
            code = names[name]
            self.sees(f"theme {code}", lambda w, c=code: c in w[0] | w[1], persons)
            self.sees(f"texts {code}", lambda w, c=code: (c in w[0]) + (c in w[1]), texts)
        for value in protected(study):
            if isinstance(value, StateChanges):
                self.reads_change(value)
            else:
                self.reads_pairs(value, names)

    def sees(self, name, counts, cell):
        """A cell: the number, its bounds, or nothing."""
        column = np.array([float(counts(way)) for way in self.ways])
        cell = cell.replace("\u2009", " ").replace("≥ ", "≥")
        if exact := re.fullmatch(r"(\d+)( of \d+)?", cell):
            self.told.append((column, int(exact[1]), int(exact[1])))
            return
        if few := re.fullmatch(r"<(\d+) of \d+", cell):
            self.told.append((column, 1, int(few[1]) - 1))
        elif many := re.fullmatch(r"≥(\d+) of (\d+)", cell):
            self.told.append((column, int(many[1]), int(many[2])))
        self.hidden[name] = column

    def reads_pairs(self, pairs, names):
        for one, other, persons, units, *_ in pairs_table(pairs, k=self.k).texts():
            c, d = names[one], names[other.removesuffix(" †")]
            if pairs.unit == "participant":
                self.sees(f"{c}, {d}", lambda w, c=c, d=d: {c, d} <= w[0] | w[1], persons)
            else:
                both = lambda w, c=c, d=d: [{c, d} <= each for each in w]  # noqa: E731  # short
                self.sees(f"{c} with {d}", lambda w, both=both: any(both(w)), persons)
                self.sees(f"{c} with {d}, texts", lambda w, both=both: sum(both(w)), units)

    def reads_change(self, changes):
        (one, first), (two, second) = ((n, set(c)) for n, c in self.states.items())
        kinds = {(1, 0): one, (0, 1): two, (1, 1): "both", (0, 0): "not mentioned"}
        state = lambda text: kinds[bool(text & first), bool(text & second)]  # noqa: E731  # short
        for name, *cells in states_table(changes, k=self.k).texts():
            for place, cell in enumerate(cells):
                self.sees(f"{name} {place}", lambda w, n=name, p=place: state(w[p]) == n, cell)
        for name, *cells in changed_table(changes, k=self.k).texts():
            codes = set(self.states[name])
            for way, cell in zip(((1, 1), (0, 1), (1, 0), (0, 0)), cells, strict=False):
                moved = lambda w, way=way, c=codes: tuple(bool(t & c) for t in w) == way  # noqa: E731  # short
                self.sees(f"{name} {way}", moved, cell)
        where = {"Session 1": (1, None), "Session 2": (0, 1), "In no session": (0, 0)}
        for name, cell in first_session_table(changes, k=self.k).texts():
            at = where.get(name, (2, 2))
            told = lambda w, at=at: all(  # noqa: E731  # short
                a is None or bool(t & second) == a for a, t in zip(at, w, strict=True)
            )
            self.sees(f"first {name}", told, cell)

    def range_of(self, column):
        """The least and the most that a count can be."""
        cells = np.array([*(cells for cells, _, _ in self.told), column])
        *matrix, column = np.unique(cells, axis=1)  # who counts alike in all is one kind
        limits = LinearConstraint(matrix, *(np.array([t[n] for t in self.told]) for n in (1, 2)))
        whole = np.ones(len(column))
        ends = [
            milp(s * column, integrality=whole, bounds=Bounds(0, np.inf), constraints=limits)
            for s in (1, -1)
        ]
        return round(ends[0].fun), round(-ends[1].fun)

    def known(self):
        """Hidden counts of few persons that she knows."""
        few = {n: c for n, c in self.hidden.items() if 0 < self.real @ c < self.k}
        ranges = {name: self.range_of(column) for name, column in few.items()}
        return {name: low for name, (low, high) in ranges.items() if low == high}


def known_of(people, k, states):
    return Attacker(study_of(people, k, states), people, states).known()


# Two mention c in both sessions, nine in the first alone and ten in the last.
TWICE = [
    [({"c"} if first else set()) | ({"a"} if n % 4 == 0 else set()),
     ({"c"} if last else set()) | ({"a"} if n % 3 == 0 else set())]
    for n, (first, last) in enumerate([(1, 1)] * 2 + [(1, 0)] * 9 + [(0, 1)] * 10 + [(0, 0)] * 9)
]  # fmt: skip
STATES = {"one": ("a",), "two": ("c",)}


def test_reflections_do_not_give_back_who_mentions_a_code_in_both_sessions():
    study = study_of(TWICE, 5, STATES)
    row = shown_themes(study.themes, k=5).texts()[3]
    assert row[:3] == ("C", "21 of 30", "–*")
    assert "how few mentioned the code in two sessions" in shown_themes(study.themes, k=5).note
    assert known_of(TWICE, 5, STATES) == {}


def test_without_change_its_reflections_are_told():
    study = study_of(TWICE, 5, None)
    assert shown_themes(study.themes, k=5).texts()[3][:3] == ("C", "21 of 30", "23 of 60")


def test_the_attacker_finds_it_where_reflections_are_told(monkeypatch):
    monkeypatch.setattr(
        "reflect_analysis.report.protecting.quiet_codes", lambda *_, **__: frozenset()
    )
    assert known_of(TWICE, 5, STATES)["two (1, 1)"] == 2


# Three of 31 are in both states in the second session: of whole persons no other number fits to
# pairs and states, though no sum or difference gives it.
WHOLE = 218
# Beside the theme table fewer than four numbers fit to a hidden state.
NARROW = 350


def test_whole_persons_and_bounds_give_no_hidden_count_back():
    assert known_of(*random_people(WHOLE)) == {}


def test_the_attacker_finds_it_where_only_sums_are_tried(monkeypatch):
    monkeypatch.setattr(differences, "MOST_CODES", 0)
    assert known_of(*random_people(WHOLE)) == {"both 1": 3}


def test_a_post_that_nobody_read_gives_no_pair_back():
    """Five say b, five say c, one of them both; 21 say neither in any session."""
    people = [[{"b"} if n < 5 else {"c"} if 4 < n < 9 else set(), set()] for n in range(30)]
    people[4][0].add("c")
    states = {"one": ("a",), "two": ("b", "c")}
    for posts in (0, 12):
        value = protected(study_of(people, 5, states, posts=posts))[-1]
        assert first_session_table(value, k=5).texts()[2] == ("In no session", "–*")


def withheld_of(people, k, states):
    study = study_of(people, k, states, MANY)
    return protected(dataclasses.replace(study, further=study.further[-1:]))[0].withheld


def test_of_many_codes_those_of_the_states_are_tried(monkeypatch):
    found = withheld_of(*random_people(NARROW))
    monkeypatch.setattr("reflect_analysis.report.protecting.narrowed", lambda *_, **__: set())
    assert withheld_of(*random_people(NARROW)) < found


def test_of_two_kinds_that_print_alike_either_may_be():
    """Nine of thirty said b, three of them c as well: only the first is told."""
    rows = np.array([[1, 1]] * 3 + [[1, 0]] * 6 + [[0, 0]] * 21, dtype=float)
    units = tuple(CodedUnit(f"{n:02}", (str(n),), f"P{n:02}") for n in range(len(rows)))
    people = People(Incidence(rows, units, ("b", "c"), "participant"))
    b, c = people.said(["b"]), people.said(["c"])
    wanted = Target(b & c, 10)
    assert too_narrow(people, [people.everyone(), b], [], [wanted]) == ()
    assert too_narrow(people, [people.everyone(), b], [(c, 1, 4)], [wanted]) == (wanted,)
    assert too_narrow(people, [people.everyone(), b, c, b | c], [], [Target(b & c, 2)]) != ()


def test_where_nobody_mentions_a_state_that_is_told():
    value = protected(study_of([[set(), set()]] * 12, 5, STATES))[-1]
    assert [row[1:] for row in states_table(value, k=5).texts()] == [
        ("12 of 12",) * 2 if name == "not mentioned" else ("0 of 12",) * 2 for name in value.names
    ]
    assert [row[1] for row in first_session_table(value, k=5).texts()].count("–*") == 0
    assert [row[4] for row in changed_table(value, k=5).texts()] == ["12 of 12"] * 2


def test_that_all_mention_a_state_is_not_told():
    value = protected(study_of([[{"a"}, {"a"}]] * 12, 5, STATES))[-1]
    assert "12 of 12" not in {cell for row in states_table(value, k=5).texts() for cell in row}
