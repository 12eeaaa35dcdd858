"""How many identifiers `check_anonymity` finds, and how many of its findings are right.

    python benchmarks/identifiers.py [--data FILE.jsonl] [--show]

A file holds one text a line: ``{"id", "text", "spans": [{"start", "end", "kind", "direct"}]}``
in half-open code points; an optional ``"language"`` is an ISO 639-1 code, else it is guessed. A
span is found when a finding overlaps it, whatever its kind; a finding is right when it overlaps
a span. Without --data the four files in benchmarks/identifiers are measured: `development.jsonl`
and `development-2.jsonl`, on which the recognisers were tuned, and `fresh.jsonl` and
`fresh-2.jsonl`, at which nobody looked: their rates are printed, their faults never.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "identifiers"
UNSEEN = ("fresh.jsonl", "fresh-2.jsonl")
FILES = ("development.jsonl", "development-2.jsonl", *UNSEEN)


@dataclass(frozen=True)
class Measured:
    """What was found in a file, and what was not."""

    rows: list[dict[str, Any]]
    found: dict[str, list[Any]]
    seconds: float

    def spans(self) -> Iterator[tuple[str, dict[str, Any], bool]]:
        """Id, span, and whether a finding overlaps it."""
        for row in self.rows:
            for span in row["spans"]:
                hit = any(
                    f.start < span["end"] and span["start"] < f.end for f in self.found[row["id"]]
                )
                yield row["id"], span, hit

    def findings(self) -> Iterator[tuple[str, Any, bool]]:
        """Id, finding, and whether it overlaps a span."""
        for row in self.rows:
            for f in self.found[row["id"]]:
                yield (
                    row["id"],
                    f,
                    any(f.start < s["end"] and s["start"] < f.end for s in row["spans"]),
                )


def measure(path: Path) -> Measured:
    """Check the texts of a file."""
    from reflect_analysis.anonymity import check_anonymity
    from reflect_analysis.corpus import Corpus, Document

    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    documents = [Document(str(r["id"]), r["text"], language=_language(r)) for r in rows]
    begun = time.perf_counter()
    report = check_anonymity(Corpus(tuple(documents)))
    seconds = time.perf_counter() - begun
    found: dict[str, list[Any]] = {str(row["id"]): [] for row in rows}
    for finding in report:
        if not finding.field:
            found[finding.document_id].append(finding)
    return Measured(rows, found, seconds)


def _language(row: dict[str, Any]) -> str:
    """The language that the line tells, or French where its small words are French."""
    if "language" in row:
        return str(row["language"])
    words = row["text"].lower().split()
    french = sum(
        w in {"le", "la", "les", "je", "et", "des", "une", "est", "pour", "que"} for w in words
    )
    return "fr" if french > len(words) / 10 else "en"


def _rate(hits: int, total: int) -> str:
    return f"{hits:4} of {total:4}  {hits / total:.3f}" if total else "   0 of    0      –"


def tell(name: str, measured: Measured, *, show: bool, faults: bool = True) -> None:
    """Print recall and precision, and the faults unless nobody is to look at them."""
    spans, findings = list(measured.spans()), list(measured.findings())
    print(
        f"\n{name}: {len(measured.rows)} texts, {len(spans)} identifiers, {measured.seconds:.1f} s"
    )
    print(f"  recall, all        {_rate(sum(h for *_, h in spans), len(spans))}")
    direct = [hit for _, span, hit in spans if span["direct"]]
    print(f"  recall, direct     {_rate(sum(direct), len(direct))}")
    print(f"  precision, all     {_rate(sum(r for *_, r in findings), len(findings))}")
    firm = [right for _, f, right in findings if f.direct]
    print(f"  precision, direct  {_rate(sum(firm), len(firm))}")
    print("  recall by kind")
    _by_kind([(span["kind"], hit) for _, span, hit in spans])
    print("  precision by the finding's kind")
    _by_kind([(f.kind, right) for _, f, right in findings])
    if faults:
        _tell_faults(measured, spans, findings, show=show)


def _by_kind(marks: Sequence[tuple[str, bool]]) -> None:
    totals, hits = Counter(k for k, _ in marks), Counter(k for k, hit in marks if hit)
    for kind in sorted(totals):
        print(f"    {kind:16} {_rate(hits[kind], totals[kind])}")


def _tell_faults(measured: Measured, spans: list[Any], findings: list[Any], *, show: bool) -> None:
    """Missed spans and false findings: ids and offsets; the words when they are asked for."""
    texts = {str(row["id"]): row["text"] for row in measured.rows}
    for key, span, hit in spans:
        if not hit:
            _line("missed", key, span["kind"], span["start"], span["end"], texts, show=show)
    for key, f, right in findings:
        if not right:
            _line("false ", key, f"{f.kind} ({f.why})", f.start, f.end, texts, show=show)


def _line(
    what: str, key: str, kind: str, start: int, end: int, texts: dict[str, str], *, show: bool
) -> None:
    words = ""
    if show:
        text = texts[key].replace("\n", " ")
        words = f"  …{text[max(0, start - 30) : start]}[[{text[start:end]}]]{text[end : end + 20]}…"
    print(f"  {what} {key}:{start}-{end} {kind}{words}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Recall and precision of check_anonymity.")
    parser.add_argument("--data", type=Path, help="a file of lines {id, text, spans}")
    parser.add_argument("--show", action="store_true", help="print the words of faults, too")
    options = parser.parse_args()
    files = [options.data] if options.data else [FOLDER / name for name in FILES]
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        sys.exit(f"no such file: {', '.join(missing)}")
    for path in files:
        tell(path.name, measure(path), show=options.show, faults=path.name not in UNSEEN)


if __name__ == "__main__":
    main()
