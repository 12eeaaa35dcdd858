"""Names replaced by surrogates, the same for the same person throughout, so that a story reads on.

The invariant: a text changes only where a finding was confirmed or where the words of one stand
again, and all that points into it moves along (`moving`). Whoever holds the key can lead every
surrogate back: so the data are *coded*, and the run says so. What cannot be decided here (a name
that is also a word, a town in the column by which tables are made, an id that holds a name) is
left as it is and told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from reflect_analysis.anonymity.file_names import FileNames, neutral_names
from reflect_analysis.anonymity.findings import (
    CASE_ID,
    FILE_NAME,
    PICTURE_FILE,
    SHEET,
    AnonymityReport,
    Finding,
)
from reflect_analysis.anonymity.key import Key
from reflect_analysis.anonymity.known import NAME_COLUMNS
from reflect_analysis.anonymity.naming import PERSON, Naming, Style, Thing, kind_of, tokens_of
from reflect_analysis.anonymity.pieces import Piece, pieces_of, trimmed
from reflect_analysis.anonymity.surrogates import Cells, Pseudonymised, Work
from reflect_analysis.anonymity.sweeping import Known, Use
from reflect_analysis.codings import Codings
from reflect_analysis.corpus import Corpus, Document
from reflect_analysis.disclosure.sheets import described, read_sheet
from reflect_analysis.disclosure.withdrawal import label_of
from reflect_analysis.errors import CorpusError, did_you_mean, raise_all

__all__ = ["pseudonymise", "read_replacements"]

Sorted = dict[str, list[Finding]]
# Where a finding is told, not replaced.
_TOLD = (CASE_ID, FILE_NAME, PICTURE_FILE)


def pseudonymise(
    corpus: Corpus,
    found: AnonymityReport,
    *,
    people: Mapping[str, str] | None = None,
    replace: Mapping[str, bool] | Collection[str] | None = None,
    kinds: Collection[str] | None = None,
    codings: Codings | None = None,
    key: Key | None = None,
    style: Style = "numbers",
) -> Pseudonymised:
    """Replace identifiers by surrogates, the same throughout, and give the key to them.

    A person becomes a number (``P41``) that is no participant's, a participant her case id
    (`people`), a centre ``[centre 1]``, a town ``[town 1]``, and so on by kind. A shorter name
    is the fuller one's where nobody else can be meant. What was found in one place is replaced
    wherever it stands again, unless it is also an English word. A file's name gives way to a
    neutral one (``file-1.docx``), whatever it is; ``key.files`` has the old ones.

    Parameters
    ----------
    corpus : Corpus
    found : AnonymityReport
        Of these very texts.
    people : mapping of str to str, optional
        Names to case ids: ``{"Maria": "P03"}``; or to surrogates of the key, for a nickname. The
        label of a transcript's turn that was found as a name needs none.
    replace : mapping of str to bool, or collection of str, optional
        Which findings are confirmed, by id: see `read_replacements`. A direct identifier is
        replaced unless it is mapped to False; a guess only if it is named, or the same words are
        elsewhere. By default all are.
    kinds : collection of str, optional
        Only findings of these kinds, such as ``{"name", "town"}``; files keep their names where
        ``"name"`` is none of them.
    codings : Codings, optional
        Moved along, as are its memos, and the parts read.
    key : Key, optional
        Of earlier texts: whoever is in it keeps the surrogate.
    style : {"numbers", "brackets"}
        People as ``P41`` or as ``[name 1]``.

    Returns
    -------
    Pseudonymised
        ``corpus, key = pseudonymise(corpus, found)``. Texts that were cleared stay cleared.

    Raises
    ------
    CorpusError
        If the report is of other texts, `replace` names findings that it lacks, or a case of the
        corpus bears an id that the key gave to somebody else.
    ValueError
        If `people` leads to nobody, or `style` is unknown.

    Examples
    --------
    >>> from reflect_analysis.anonymity import check_anonymity, find_by_patterns
    >>> from reflect_analysis.corpus import Document
    >>> corpus = Corpus((Document("r1", "Write to jo@example.ca, or again to jo@example.ca."),))
    >>> found = check_anonymity(corpus, recognisers=[find_by_patterns])
    >>> corpus, key = pseudonymise(corpus, found)
    >>> corpus.document("r1").text
    'Write to [e-mail 1], or again to [e-mail 1].'
    >>> key
    <Key: 1 e-mail, 0 chosen names>
    """
    before = Key() if key is None else key  # one without entries may know files
    raise_all(CorpusError, _faults(corpus, found, before, replace))
    _check_arguments(corpus, before, people or {}, style)
    confirmed, refused, beside = _sorted_out(found, replace, kinds)
    naming = Naming(corpus, before, people or {}, style)
    pieces = [each for d in corpus for each in pieces_of(d, confirmed.get(d.id, ()))]
    cells = {finding: _in_cell(found, finding) for finding in beside}
    _learn_participants(naming, corpus, pieces, cells)
    things = _learned(naming, [*pieces, *cells.values()])
    known = Known(naming)
    uses = {
        document.id: _disjoint(_uses(document, in_it, things, known, refused))
        for document, in_it in _by_document(corpus, pieces)
    }
    in_cells: Cells = defaultdict(list)
    for finding, piece in cells.items():
        in_cells[finding.document_id, finding.field].append((*piece[1:3], things[piece]))
    is_renamed = kinds is None or PERSON in set(map(kind_of, kinds))
    for finding in found:
        if finding.field == FILE_NAME and not is_renamed:
            naming.notes["the file's name holds an identifier"].add(finding.document_id)
        elif finding.field == PICTURE_FILE:
            naming.notes["the picture's file holds a name"].add(finding.document_id)
        elif finding.field == CASE_ID:
            naming.notes["the participant's id is a name; give another"].add(finding.document_id)
    files = neutral_names(corpus, before.files) if is_renamed else FileNames()
    in_texts = {document_id: each for document_id, each in uses.items() if each}
    work = Work(corpus, naming, known, in_texts, in_cells, files)
    return work.finished(found, before, codings)


def read_replacements(path: str | Path) -> dict[str, bool]:
    """Read which findings are to be replaced, from the findings table with a column ``replace``.

    Parameters
    ----------
    path : str or Path
        CSV or XLSX with the columns ``id`` and ``replace`` (yes or no).

    Returns
    -------
    dict of str to bool
        Finding id to yes or no; rows without an answer are left out.

    Raises
    ------
    CorpusError
        If a column is missing, or a cell is neither yes nor no, with every row.
    """
    source = Path(path)
    answers: dict[str, bool] = {}
    faults = []
    for number, cells in read_sheet(source, sheet=SHEET, needs=("id", "replace")):
        said = cells["replace"].casefold()
        if said in _ANSWERS:
            answers[cells["id"]] = _ANSWERS[said]
        elif said:
            told = described(cells["replace"])
            faults.append(f"{source.name}, row {number}: 'replace' is {told}; expected yes or no")
    raise_all(CorpusError, faults)
    return answers


_ANSWERS = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


# ── what was asked ──


def _faults(
    corpus: Corpus,
    found: AnonymityReport,
    key: Key,
    replace: Mapping[str, bool] | Collection[str] | None,
) -> Iterator[str]:
    if found.fingerprint != corpus.fingerprint:
        yield "the report was made on other texts; run check_anonymity on these"
        return
    known = {finding.id for finding in found}
    for wanted in sorted(set(replace or ()) - known):
        yield f"replace names {wanted}: there is no such finding{did_you_mean(wanted, known)}"
    cases = {case.id for case in corpus.cases}
    for entry in key:
        if entry.surrogate in cases and not entry.case:
            yield (
                f"case {entry.surrogate!r} bears the surrogate of somebody else in the key; give "
                "this participant another id"
            )


def _check_arguments(corpus: Corpus, key: Key, people: Mapping[str, str], style: str) -> None:
    if style not in ("numbers", "brackets"):
        raise ValueError(f"style is 'numbers' or 'brackets', not {style!r}")
    known = {case.id for case in corpus.cases} | {entry.surrogate for entry in key}
    unknown = sorted(set(people.values()) - known)
    if unknown:
        hint = did_you_mean(unknown[0], known)
        raise ValueError(f"people leads to {', '.join(unknown)}: no case, and not in the key{hint}")
    if not all(map(tokens_of, people)):
        raise ValueError("people holds a name without a letter")


def _sorted_out(
    found: AnonymityReport,
    replace: Mapping[str, bool] | Collection[str] | None,
    kinds: Collection[str] | None,
) -> tuple[Sorted, Sorted, list[Finding]]:
    """The confirmed findings and those that stand, by document; and the confirmed ones in cells.

    A guess on which nobody decided is neither: it goes where the same words are confirmed.
    """
    wanted = None if kinds is None else set(map(kind_of, kinds))
    answers = replace if isinstance(replace, Mapping) else dict.fromkeys(replace or (), True)
    confirmed: Sorted = defaultdict(list)
    refused: Sorted = defaultdict(list)
    beside: list[Finding] = []
    for finding in found:
        asked = wanted is None or kind_of(finding.kind) in wanted
        yes = asked and answers.get(finding.id, replace is None or finding.direct)
        if finding.field:
            beside += [finding] if yes and finding.field not in _TOLD else []
        elif yes:
            confirmed[finding.document_id].append(finding)
        elif not asked or finding.id in answers:
            refused[finding.document_id].append(finding)
    return confirmed, refused, beside


def _in_cell(found: AnonymityReport, finding: Finding) -> Piece:
    """The piece of a finding in an attribute or an alt text."""
    words, kind = found.words_of(finding), kind_of(finding.kind)
    start, end = trimmed(words, 0, len(words), kind)
    if start == end:
        start, end = 0, len(words)
    here = finding.start
    return Piece(finding.document_id, here + start, here + end, kind, words[start:end])


# ── who is who ──


def _learn_participants(
    naming: Naming, corpus: Corpus, pieces: Iterable[Piece], cells: Mapping[Finding, Piece]
) -> None:
    """Names that are a participant's by the column, or by the label of a turn, that they stand in.

    A label counts where it was found as a name, or is known as one: not "Mentor".
    """
    found = {tokens_of(piece.words) for piece in pieces if piece.kind == PERSON}
    found |= {tokens for person in naming.people() for tokens in person.words}
    meant: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for turn in (turn for document in corpus for turn in document.turns):
        if turn.case_id and tokens_of(turn.speaker) in found:
            meant[tokens_of(turn.speaker)][turn.case_id] = turn.speaker
    for finding, piece in cells.items():
        case_id = _named_case(corpus, finding)
        if case_id and piece.kind == PERSON:
            meant[tokens_of(piece.words)][case_id] = piece.words
    given = {tokens for person in naming.people() for tokens in person.given}
    for tokens in meant.keys() - given:
        cases = meant[tokens]
        if len(cases) > 1:
            naming.notes[f"one name stands for {', '.join(sorted(cases))}"].update(cases)
            continue
        for case_id, words in cases.items():
            thing = naming.things.setdefault(case_id, Thing(case_id, PERSON, case=True))
            naming.give(thing, words)


def _named_case(corpus: Corpus, finding: Finding) -> str | None:
    """Whose name a column holds that is made for the participant's own."""
    where, _, column = finding.field.rpartition("attribute ")
    if not NAME_COLUMNS.fullmatch(column):
        return None
    return finding.document_id if where else corpus.document(finding.document_id).case_id


def _learned(naming: Naming, pieces: Iterable[Piece]) -> dict[Piece, Thing]:
    by_kind: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_kind[piece.kind].append(piece)
    things: dict[Piece, Thing] = {}
    for kind, listed in by_kind.items():
        found = naming.learn(kind, ((piece.words, piece.document_id) for piece in listed))
        things.update({piece: found[piece.words, piece.document_id] for piece in listed})
    return things


# ── where it stands ──


def _by_document(corpus: Corpus, pieces: Iterable[Piece]) -> Iterator[tuple[Document, list[Piece]]]:
    groups: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        groups[piece.document_id].append(piece)
    yield from ((document, groups[document.id]) for document in corpus)


def _uses(
    document: Document,
    pieces: Iterable[Piece],
    things: Mapping[Piece, Thing],
    known: Known,
    refused: Mapping[str, list[Finding]],
) -> Iterator[Use]:
    """The confirmed findings, the labels of turns, then known words that nobody refused."""
    for piece in pieces:
        yield Use(piece.start, piece.end, things[piece], "finding")
    for turn in document.turns:
        thing = known.whole(turn.speaker)
        for start, end in label_of(document.text, turn) if thing else ():
            a, b = trimmed(document.text, start, end, PERSON)
            if thing and a < b:
                yield Use(a, b, thing, "label of a turn")
    held = refused.get(document.id, ())
    edges = {place for turn in document.turns for place in (turn.start, turn.end)}
    for use in known.uses(document.text, document.id, language=document.language):
        free = all(f.end <= use.start or use.end <= f.start for f in held)
        if free and not any(use.start < edge < use.end for edge in edges):
            yield use


def _disjoint(uses: Iterable[Use]) -> list[Use]:
    """The uses of one text without those that overlap an earlier one, in their order."""
    kept: list[Use] = []
    for use in uses:
        if all(use.end <= other.start or other.end <= use.start for other in kept):
            kept.append(use)
    return sorted(kept, key=lambda use: use.start)
