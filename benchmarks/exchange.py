"""How long a large project of another program takes to be read, and how much memory.

python benchmarks/exchange.py [--documents 1000] [--selections 50000]

A REFI-QDA project is composed as NVivo writes one (byte order mark, CRLF, UTF-16 positions,
emoji among the words, a selection once a code) and read in a process of its own, so that the
peak of the whole process is what is measured: libxml2's memory too, which Python's own tracing
does not see. The same project is then written by this package and read back. In the table of
`make bench` a plain parse of the same file stands beside it.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from _measuring import Row, Seconds

WORDS = ("we", "shared", "a", "song", "with", "the", "children", "near", "river", "after", "🙂")
LINES, WORDS_A_LINE, CODES = 60, 12, 40
# A process of its own, which prints one object: what was found, the time and the peak.
MEASURED = """
import json, sys, time
{before}
begun, worked = time.perf_counter(), time.process_time()
{work}
spent = {{"clock": time.perf_counter() - begun, "processor": time.process_time() - worked}}
try:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent["mega"] = peak / 1024 / (1024 if sys.platform == "darwin" else 1)
except ImportError:  # Windows
    pass
print(json.dumps({told} | spent))
"""
READ = MEASURED.format(
    before="from reflect_analysis.exchange import read_refi",
    work="study = read_refi(sys.argv[1])",
    told="""{
        "documents": len(study.corpus), "codings": len(study.codings),
        "resolved": study.report.resolved, "selected": study.report.selected,
        "units": sorted({source.unit for source in study.report.sources}),
    }""",
)
# What a script would begin with: the XML as a tree and the texts as strings. No position is
# converted, nothing is checked, and an archive that lies about its sizes is believed.
PARSE = MEASURED.format(
    before="import zipfile\nfrom lxml import etree",
    work="""
with zipfile.ZipFile(sys.argv[1]) as archive:
    tree = etree.fromstring(archive.read("project.qde"))
    texts = [archive.read(n).decode("utf-8-sig") for n in archive.namelist() if n.endswith(".txt")]
""",
    told='{"elements": sum(1 for _ in tree.iter()), "texts": len(texts)}',
)


def guid(number: int) -> str:
    """The GUID of a number."""
    return f"{number:08X}-0000-4000-8000-000000000000"


def compose(path: Path, documents: int, selections: int) -> None:
    """A project as NVivo writes it."""
    chance = random.Random(0)  # noqa: S311  # no secret
    codes = "".join(
        f'<Code guid="{guid(n)}" name="code {n}" isCodable="true"/>' for n in range(CODES)
    )
    number, sources = 1000, []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for document in range(documents):
            lines = [" ".join(chance.choices(WORDS, k=WORDS_A_LINE)) for _ in range(LINES)]
            starts, at = [], 0
            for each in lines:
                starts.append(at)
                at += len(each.encode("utf-16-le")) // 2 + 2
            number += 1
            own, rows = guid(number), []
            for _ in range(selections // documents):
                line = chance.randrange(LINES)
                start, end = starts[line], starts[line] + len(lines[line].encode("utf-16-le")) // 2
                number += 2
                rows.append(
                    f'<PlainTextSelection guid="{guid(number)}" startPosition="{start}" '
                    f'endPosition="{end}"><Coding guid="{guid(number + 1)}"><CodeRef '
                    f'targetGUID="{guid(chance.randrange(CODES))}"/></Coding></PlainTextSelection>'
                )
            where = f'plainTextPath="internal://{own}.txt"'
            name = f"interview {document}"
            rest = "".join(rows)
            sources.append(f'<TextSource guid="{own}" name="{name}" {where}>{rest}</TextSource>')
            text = b"\xef\xbb\xbf" + "\r\n".join(lines).encode()
            archive.writestr(f"Sources/{own}.txt", text)
        archive.writestr(
            "project.qde",
            '<Project xmlns="urn:QDA-XML:project:1.0" name="large" origin="NVivo">'
            f"<CodeBook><Codes>{codes}</Codes></CodeBook>"
            f"<Sources>{''.join(sources)}</Sources></Project>",
        )


# In a process of its own too: a child's peak begins with its parent's.
REWRITE = """
import dataclasses, sys
from reflect_analysis.corpus import Clearance
from reflect_analysis.exchange import read_refi, write_refi
study = read_refi(sys.argv[1])
cleared = tuple(Clearance(d.sha256, "benchmark", "composed") for d in study.corpus)
corpus = dataclasses.replace(study.corpus, clearances=cleared)
write_refi(sys.argv[2], corpus=corpus, codebook=study.codebook, codings=study.codings)
"""


def run(code: str, path: Path) -> dict[str, Any]:
    """What a process that reads a project prints."""
    command = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def rows(*, quick: bool) -> Iterator[Row]:
    """Reading a project of another program, beside a plain parse of the same file."""
    documents, selections, turns = (200, 10_000, 2) if quick else (1000, 50_000, 3)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nvivo.qdpx"
        compose(path, documents, selections)
        found: dict[str, list[Seconds]] = {READ: [], PARSE: []}
        for turn in range(turns):
            for code in (READ, PARSE) if turn % 2 == 0 else (PARSE, READ):
                found[code].append(_spent(run(code, path)))
    mine, other = map(tuple, found.values())
    what = f"REFI-QDA import, {documents:,} documents, {selections:,} selections"
    asked = "at most 20 s for 50,000"
    yield Row(what, mine, "lxml's parse and the texts, nothing resolved", other, asked)


def _spent(told: dict[str, Any]) -> Seconds:
    return Seconds(told["clock"], told["processor"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--selections", type=int, default=50_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        foreign, own = Path(folder) / "nvivo.qdpx", Path(folder) / "own.qdpx"
        compose(foreign, given.documents, given.selections)
        subprocess.run([sys.executable, "-c", REWRITE, str(foreign), str(own)], check=True)
        for path in (foreign, own):
            told = run(READ, path)
            peak = f"{told['mega']:.0f} MB" if "mega" in told else "unknown"
            print(
                f"{path.name}: {told['documents']} documents, {told['resolved']} of "
                f"{told['selected']} selections, {told['codings']} codings, {told['units']}: "
                f"{_spent(told)} (asked: at most 20 s), peak {peak} (asked: under 1,000 MB)",
                flush=True,
            )


if __name__ == "__main__":
    main()
