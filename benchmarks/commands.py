"""How long each command takes on a large study, and in how much memory.

python benchmarks/commands.py FOLDER [--size 100000] [--only check report …]

FOLDER is made where it is not there: texts that somebody cleared, a cache, codings of two people
(those of the rules, of which the second lacks every tenth) who read everything, a study that holds
all, and a copy with those of a third. Each command is a process of its own, with all that it
begins; memory is that of all of them together, asked every tenth of a second. The first that needs
the parses and vectors makes them; topics are fitted anew. What was measured is kept in FOLDER, so
that a stopped run goes on; when all were, one that does not change the study can be named to be
measured again.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import _texts
from _measuring import Memory, timed

import reflect_analysis as ra
from reflect_analysis.provenance import text_hash

BOOK = ra.demo_files().codebook
COMMAND = (sys.executable, "-c", "from reflect_analysis.cli import main; main()")
EVERY = 0.1  # seconds between two looks at the memory
GIGA = 1e9
EXPORTS = {
    "jsonl": "s.jsonl",
    "qdpx": "p.qdpx",
    "csv-matrix": "m.csv",
    "jsonld": "s.jsonld",
    "nvivo": "n.qdpx",
    "qdc": "b.qdc",
    "recal": "recal",
    "ena": "ena.csv",
    "public": "public",
}
LACKS = {"ann": 0, "ben": 10, "cleo": 7}  # of so many codings a coder lacks one


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and what stands in its place before it is run.

    Parameters
    ----------
    name : str
    arguments : tuple of str
        Relative to the folder.
    makes : str
        What it makes, which is taken away first.
    before : callable, optional
        Is called with the folder.
    changes : bool
        Whether it changes the study.
    visit : callable, optional
        For a command that serves a page: is called with its address, and the command is stopped.
    """

    name: str
    arguments: tuple[str, ...]
    makes: str = ""
    before: Callable[[Path], None] | None = None
    changes: bool = False
    visit: Callable[[str], None] | None = None


def commands() -> tuple[Command, ...]:
    """In the order in which a study is made."""
    book, study = ("--codebook", str(BOOK)), "study.reflect"
    coded = (*book, "--codings", "ann")
    two = (*coded, "--codings", "ben")
    by = ("--by", "ann")
    report = ("report", "texts", "--out", "report")
    return (
        Command("check", ("check", "texts", "--out", "findings.csv"), "findings.csv"),
        Command("code", ("code", "texts", *book, "--out", "coded"), "coded"),
        Command("themes", ("themes", "texts", *two, "--out", "t.docx"), "t.docx", write_codings),
        Command("quotes", ("quotes", "texts", *two, "--keep", "--out", "q.xlsx"), "q.xlsx"),
        Command(
            "agreement",
            ("agreement", "ann", "ben", "--corpus", "texts", *book, "--out", "a.docx"),
            "a.docx",
        ),
        Command("trace", ("trace", "texts", "belonging", *two, "--out", "l.csv"), "l.csv"),
        Command("topics", ("topics", "texts", *two, "--out", "topics"), "topics", forget_fits),
        Command("report", (*report, *book), "report", forget_fits),
        Command("report of codings", (*report, *two), "report", forget_fits),
        Command("init", ("init", study, *by), study, changes=True),
        Command("import", ("import", study, "texts", *coded, *by), changes=True),
        Command("import of codings", ("import", study, "--codings", "ben", *by), changes=True),
        Command("undo", ("undo", study, *by), changes=True),
        Command("redo", ("redo", study, *by), changes=True),
        Command("status", ("status", study)),
        Command("themes of the study", ("themes", study, "--out", "t.docx"), "t.docx"),
        Command("log", ("log", study)),
        Command("backup", ("backup", study, "--check")),
        Command("export", ("export", study, "--out", "text"), "text"),
        *(
            Command(f"export {name}", ("export", study, "--format", name, "--out", out), out)
            for name, out in EXPORTS.items()
        ),
        Command("merge", ("merge", study, "copy.reflect", *by), before=go_on, changes=True),
        Command("add-coder", ("add-coder", study, "dora", *by), changes=True),
        Command("begin-phase", ("begin-phase", study, "first", *by), changes=True),
        Command("assign", ("assign", study, "ann", "dora", *by), changes=True),
        Command("end-phase", ("end-phase", study, *by), changes=True),
        Command(
            "panel",
            ("panel", study, "--coder", "ann", "--no-browser"),
            changes=True,
            visit=code_a_passage,
        ),
        Command(
            "restore",
            ("restore", study, "backup.reflect", *by),
            before=name_backup,
            changes=True,
        ),
        Command("withdraw", ("withdraw", study, "P00007", *by, "--yes"), changes=True),
    )


# ── what they are given ──


def prepare(folder: Path, size: int) -> None:
    """Write the texts, and that they are cleared."""
    texts = folder / "texts"
    if texts.is_dir():
        return
    part = folder / "texts.part"
    part.mkdir(parents=True, exist_ok=True)
    _texts.write_csv(part / "texts.csv", size)
    with (part / "texts.csv").open(encoding="utf-8", newline="") as file:
        hashes = sorted({text_hash(row["text"]) for row in csv.DictReader(file)})
    lines = ["by: benchmark", "note: composed by a grammar", "at: 2026-01-01", "sha256:"]
    lines += [f"- {each}" for each in hashes]
    (part / "clearance.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    part.rename(texts)


def write_codings(folder: Path) -> None:
    """The codings of the rules as those of people."""
    for coder, lacks in LACKS.items():
        (folder / coder).mkdir(exist_ok=True)
        for name, key in (("codings.csv", "id"), ("seen.csv", "")):
            _rewrite(folder / "coded" / name, folder / coder / name, coder, key, lacks)


def _rewrite(source: Path, target: Path, coder: str, key: str, lacks: int) -> None:
    with (
        source.open(encoding="utf-8-sig", newline="") as read,
        target.open("w", encoding="utf-8", newline="") as write,
    ):
        rows = csv.DictReader(read)
        writer = csv.DictWriter(write, rows.fieldnames or ())
        writer.writeheader()
        for number, row in enumerate(rows):
            if key and lacks and number % lacks == 0:
                continue
            row |= {"coder": coder, "coder_kind": "person", "blind": "True"}
            if key:
                row |= {key: f"{coder}-{row[key]}", "evidence": ""}
            writer.writerow(row)


def go_on(folder: Path) -> None:
    """A copy of the study in which somebody went on, and so did those who have the study."""
    shutil.copy(folder / "study.reflect", folder / "copy.reflect")
    for arguments in (
        ("import", "copy.reflect", "--codings", "cleo", "--by", "ann"),
        ("add-coder", "study.reflect", "ann", "--by", "ann"),
    ):
        failed = _run(folder, arguments)
        if failed:  # else a merge of nothing would be measured
            sys.exit(f"{' '.join(arguments)}: {failed}")


def forget_fits(folder: Path) -> None:
    """Take what is known of earlier fits out of the cache."""
    shutil.rmtree(folder / "cache" / "labels", ignore_errors=True)


def name_backup(folder: Path) -> None:
    """The last backup under a name that the command can be given."""
    backups = (folder / "study.reflect-backups").glob("*.reflect")
    last = max(backups, key=lambda path: path.stat().st_mtime)
    shutil.copy(last, folder / "backup.reflect")


def code_a_passage(address: str) -> None:
    """What the page of the panel asks: the study, a text, and that a passage is coded."""
    asyncio.run(_coded(address))


async def _coded(address: str) -> None:
    from tornado.httpclient import HTTPRequest
    from tornado.websocket import websocket_connect

    host, token = address.split("/?")
    asked = HTTPRequest(f"{host}/ws?{token}".replace("http", "ws", 1), headers={"Origin": host})
    line = await websocket_connect(asked, max_message_size=2**30)
    text = {"document": "T000000"}
    for message in (
        {"op": "hello"},
        {"op": "open", **text},
        {"op": "code", **text, "start": 0, "end": 20, "codes": ["belonging"]},
    ):
        await line.write_message(json.dumps({"id": str(uuid4()), "session": "s", **message}))
        reply = json.loads(await line.read_message() or "{}")
        if not reply or reply.get("ok") is False:
            sys.exit(f"panel: {message['op']}: {reply.get('error')}")


# ── measuring ──


def _run(
    folder: Path, arguments: tuple[str, ...], visit: Callable[[str], None] | None = None
) -> str:
    """Run a command; why it failed, or nothing."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as told:
        begun = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=folder,
            env={**os.environ, "REFLECT_CACHE": str(folder / "cache")},
            stdout=subprocess.PIPE if visit else subprocess.DEVNULL,
            stderr=told,
            encoding="utf-8",
        )
        if visit and begun.stdout:
            address = begun.stdout.readline().strip()
            try:
                if address:
                    visit(address)
            finally:
                begun.terminate()
        status = begun.wait()
        told.seek(0)
        return "" if status == 0 else f"exit status {status}: {told.read()[-300:]}"


def measure(folder: Path, command: Command) -> dict[str, object]:
    """What a command takes."""
    made = folder / command.makes
    if command.makes and made.is_dir():
        shutil.rmtree(made)
    elif command.makes:
        made.unlink(missing_ok=True)
    if command.before:
        command.before(folder)
    failed: list[str] = []
    with Memory(EVERY) as memory:
        spent = timed(lambda: failed.append(_run(folder, command.arguments, command.visit)))
    return {
        "clock": spent.clock,
        "processor": spent.processor,
        "peak": memory.together,
        "failed": failed[0],
    }


def table(found: dict[str, dict[str, float]]) -> str:
    """Commands down; seconds and gigabytes across."""
    lines = [
        "| command | on the clock | of the processor | most memory |",
        "| --- | --: | --: | --: |",
    ]
    for name, each in found.items():
        lines.append(
            f"| {name} | {each['clock']:,.1f} s | {each['processor']:,.1f} s | "
            f"{each['peak'] / GIGA:.2f} GB |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=100_000)
    names = [each.name for each in commands()]
    again = [each.name for each in commands() if not each.changes]
    parser.add_argument("--only", nargs="+", choices=again, metavar="NAME", default=())
    given = parser.parse_args()
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    prepare(folder, given.size)
    path = folder / "figures.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if given.only and (missing := [name for name in names if name not in found]):
        parser.error(f"--only: not measured yet: {', '.join(missing)}; run it without --only first")
    for command in commands():
        wanted = command.name in given.only if given.only else command.name not in found
        if wanted:
            figures = measure(folder, command)
            print(f"{command.name}: {figures}", file=sys.stderr, flush=True)
            if figures.pop("failed"):
                sys.exit(1)
            found[command.name] = figures
            path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(table({name: found[name] for name in names if name in found}))


if __name__ == "__main__":
    main()
