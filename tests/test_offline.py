"""The whole main job opens no connection and asks no name server, whatever stands in the texts."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys

import pytest

# What a user runs, in a process that hears of every socket: an audit hook also sees what
# compiled packages do, and cannot be taken off again.
GUARDED = """
import json, os, sys

heard = []
FORBIDDEN = ("socket.connect", "socket.getaddrinfo", "socket.gethostby", "socket.sendto",
             "socket.getnameinfo", "urllib.Request", "http.client.connect", "ftplib.connect")

def listen(event, arguments):
    if event.startswith(FORBIDDEN):
        heard.append(event)
        raise OSError(f"the network is forbidden here: {event}")

sys.addaudithook(listen)
source, book, out = sys.argv[1:4]

import reflect_analysis as ra

corpus = ra.read_corpus(source)
found = ra.check_anonymity(corpus)
reasons = {finding.id: "composed for a test" for finding in found.findings}
corpus = ra.mark_cleared(corpus, found, by="lead", note="composed", reasons=reasons)
codebook = ra.read_codebook(book)
segments = ra.segment(corpus, by="sentence")
codings = ra.code_segments(ra.RuleCoder(codebook), segments, codebook)
topics = ra.fit_topics(ra.segment(corpus, by="document"), random_state=0)
report = ra.write_report(
    out, corpus=corpus, codebook=codebook, codings=codings, topics=topics, findings=found,
    alignment=ra.align(topics, codebook) if topics.rows else None,
)
print(json.dumps({
    "heard": heard, "findings": len(found), "codings": len(codings), "engine": topics.engine,
    "documents": len(corpus), "files": len(report.share),
}))
"""
BOOK = """\
title: Small
groups: [{id: g, name: Group}]
codes:
  - {id: belonging, name: Belonging, group: g, definition: Part of it., patterns: [not alone]}
  - {id: time, name: Time, group: g, definition: Too little time., patterns: [no time]}
"""
OPENINGS = ("The children", "My partner", "A new colleague", "The whole room", "Our small group")
DOINGS = ("asked for more paint", "walked down to the creek", "told me a story", "slept late",
          "planted beans in the yard")  # fmt: skip
ENDS = (
    "and I was not alone with it: write to jo@example.org.",
    "but there was no time; see https://example.org/a/page?x=1 for more.",
    "as www.example.ca/room said, and I was not alone.",
)


@pytest.fixture
def folder(tmp_path):
    source = tmp_path / "the texts"
    source.mkdir()
    texts = [f"{a} {b} {c}" for a in OPENINGS for b in DOINGS for c in ENDS][:30]
    with (source / "texts.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "participant", "text"])
        writer.writerows([f"r{n}", f"P{n % 9}", text] for n, text in enumerate(texts))
    page = '<html><body><h1>Spring</h1><p>See <a href="https://example.org">us</a>, or '
    page += 'jo@example.org. <img src="https://example.org/a.png"></p></body></html>'
    (source / "page.html").write_text(page, encoding="utf-8")
    (source / "note.md").write_text(
        "A note.\n\n![x](https://example.org/x.png)\n", encoding="utf-8"
    )
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    return tmp_path


def test_the_main_job_opens_no_connection(folder):
    # Empty caches and a home of its own: what an earlier run fetched is not there to be found.
    home = folder / "home"
    home.mkdir()
    places = dict.fromkeys(("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA"), str(home))
    environment = {**os.environ, **places, "REFLECT_CACHE": str(folder / "cache")}
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "TLDEXTRACT_CACHE"):
        environment.pop(name, None)
    arguments = map(str, (folder / "the texts", folder / "book.yaml", folder / "report"))
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["heard"] == []
    assert told["documents"] >= 30
    assert told["findings"] >= 30
    assert told["codings"] >= 20
    assert told["files"] >= 3
    assert told["engine"] != "terms"


def test_the_guard_hears_a_connection():
    """Else the test above could not fail."""
    code = GUARDED.partition("import reflect_analysis")[0].replace(
        "source, book, out = sys.argv[1:4]",
        "import socket\n"
        "try:\n    socket.getaddrinfo('example.org', 80)\nexcept OSError:\n    print(heard)",
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert done.stdout.strip() == "['socket.getaddrinfo']"
