"""Where a post repeats words that somebody wrote before: marked, never coded twice.

A quotation is known by its marks (lines that begin with ``>``, ``[quote]…[/quote]``, a
``<blockquote>``, "Ana wrote:") or because it is letter for letter eight words or more of an
earlier post of the thread by somebody else. Whose words they are is told by the mark or by
the earlier post that holds them; where neither does, by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

RUN = 8  # words; fewer in a row may be chance

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_MARKED = re.compile(r"^[ \t]*>.*(?:\n[ \t]*>.*)*", re.MULTILINE)
_BB_OPEN = re.compile(
    r"\[quote(?:\s*=\s*[\"']?(?P<who>[^\[\]\"',;\n]{1,80})(?=[\]\"',;])[^\]\n]{0,200}"
    r"|\s[^\[\]\n]{0,200})?\]",
    re.IGNORECASE,
)
_BB_CLOSE = re.compile(r"\[/quote\]", re.IGNORECASE)
_WROTE = re.compile(
    r"^[ \t]*(?P<on>(?:On|Le)\s[^\n]{4,80}?[,>:]?\s)?(?P<who>[^\n:>][^\n:]{0,60}?)\s"
    r"(?:wrote|a écrit)\s?:[ \t]*",
    re.MULTILINE,
)
_QUOTED = re.compile(r"\s*(?:\"[^\"]+\"|“[^”]+”|«[^»]+»)")
_FEWEST_KNOWN = 3  # words of a marked quotation by which an earlier post is known
_BLOCKS = frozenset(
    {
        *("p", "div", "br", "li", "ul", "ol", "tr", "table", "blockquote", "pre", "section"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "article", "header"),
    }
)
_TAGGED = re.compile(
    r"</?(?:p|br|div|blockquote|b|i|em|strong|a|li|ul|span)(?=[\s/>])[^<>]*>", re.IGNORECASE
)
_UNREAD = frozenset({"script", "style", "head", "title", "template"})

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation inside a post: its span, and who is named as its writer."""

    start: int
    end: int
    who: str = ""


def words_of(text: str) -> list[tuple[str, int, int]]:
    """The words of a text as they are compared, with their places."""
    return [(m[0].replace("’", "'"), m.start(), m.end()) for m in _WORD.finditer(text)]


# ── HTML ────────────────────────────────────────────────────────────────────────────────


class _Plain(HTMLParser):
    """The text of a body in HTML, and where its block quotations stand."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.length = 0
        self.quotes: list[Span] = []
        self._open: list[int] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  # as the parser calls it
        self._unread += tag in _UNREAD
        if tag in _BLOCKS:
            self._break("\n" if tag in ("br", "li", "tr") else "\n\n")
        if tag == "blockquote":
            self._open.append(self.length)

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in _UNREAD and self._unread > 0
        if tag == "blockquote" and self._open:
            start = self._open.pop()
            if not self._open:
                self.quotes.append((start, self.length))
        if tag in _BLOCKS:
            self._break("\n\n" if tag not in ("br", "li", "tr") else "")

    def handle_data(self, data: str) -> None:
        words = re.sub(r"\s+", " ", data)
        if self._unread or (words == " " and self._ends_line()):
            return
        self._add(words.lstrip() if self._ends_line() else words)

    def _ends_line(self) -> bool:
        return not self.parts or self.parts[-1].endswith("\n")

    def _break(self, marks: str) -> None:
        if self.parts and not "".join(self.parts[-2:]).endswith(marks or "\n"):
            self._add(marks if not self._ends_line() else marks[1:])

    def _add(self, text: str) -> None:
        if text:
            self.parts.append(text)
            self.length += len(text)

    def close(self) -> None:
        super().close()
        if self._open:
            self.quotes.append((self._open[0], self.length))


def plain_body(body: str) -> tuple[str, list[Span]]:
    r"""A body as text, and the spans of block quotations; what is no HTML stays as it is.

    Examples
    --------
    >>> plain_body("<blockquote>We waited.</blockquote><p>So did I &amp; Ben.</p>")
    ('We waited.\n\nSo did I & Ben.', [(0, 10)])
    >>> plain_body("3 < 4 > 2")
    ('3 < 4 > 2', [])
    """
    if not _TAGGED.search(body):
        return body.strip(), []
    parser = _Plain()
    parser.feed(body)
    parser.close()
    whole = "".join(parser.parts)
    text = whole.strip()
    shift = len(whole) - len(whole.lstrip())
    spans = (_within(text, start - shift, end - shift) for start, end in parser.quotes)
    return text, [span for span in spans if span[0] < span[1]]


def _within(text: str, start: int, end: int) -> Span:
    """A span inside a text, without the blanks at its ends."""
    start, end = max(start, 0), min(end, len(text))
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


# ── marks ───────────────────────────────────────────────────────────────────────────────


def known_member(who: str, names: Iterable[str]) -> str:
    """The longest of some names that stands, as words, in "Ana L. <ana@…>"; else ``""``.

    Examples
    --------
    >>> known_member("3 May, Ana L. <ana@example.org>", ["Ana", "Ana L.", "Ben"])
    'Ana L.'
    """
    told = f" {_plain_name(who)} "
    found = [name for name in names if _plain_name(name) and f" {_plain_name(name)} " in told]
    return max(found, key=len, default="")


def _plain_name(name: str) -> str:
    return " ".join(re.findall(r"\w+", name.casefold()))


def marked_quotes(
    text: str, blocks: Iterable[Span] = (), *, members: Collection[str] = ()
) -> list[Quote]:
    r"""The quotations that a post marks, in their order, none inside another.

    Parameters
    ----------
    text : str
    blocks : iterable of (int, int)
        Block quotations of HTML.
    members : collection of str
        Names in the thread: "Ana wrote: …" quotes a member, "my director wrote: …" does not.

    Examples
    --------
    >>> marked_quotes("Ana wrote:\n> We waited.\n\nSo did I.")
    [Quote(start=0, end=23, who='Ana')]
    """
    found = [Quote(start, end) for start, end in blocks]
    found += [Quote(*_within(text, *m.span())) for m in _MARKED.finditer(text)]
    found += _bracketed(text)
    return _disjoint([*_named(text, found, members), *found])


def _bracketed(text: str) -> Iterator[Quote]:
    """``[quote=Ana]…[/quote]``, the outermost; one that is never closed goes to the end."""
    tags = sorted(
        [*_BB_OPEN.finditer(text), *_BB_CLOSE.finditer(text)], key=lambda match: match.start()
    )
    depth, first = 0, None
    for tag in tags:
        opens = not tag[0].startswith("[/")
        first = tag if opens and depth == 0 else first
        depth = depth + 1 if opens else max(depth - 1, 0)
        if first and depth == 0:
            yield Quote(first.start(), tag.end(), (first["who"] or "").strip())
            first = None
    if first:
        yield Quote(first.start(), len(text), (first["who"] or "").strip())


def _named(text: str, marked: Sequence[Quote], members: Collection[str]) -> Iterator[Quote]:
    """What follows "Ana wrote:", with that line.

    It is a marked quotation, words in quotation marks, under "On … wrote:" of a mail all the
    rest, else the paragraph below.
    """
    for found in _WROTE.finditer(text):
        who = found["who"].strip(" ,@")
        gap = re.compile(r"\s*").match(text, found.end())
        after = gap.end() if gap else found.end()
        below = next((q for q in marked if q.start <= after < q.end), None)
        inside = next((q for q in marked if q.start < found.start() < q.end), None)
        quoted = _QUOTED.match(text, found.end())
        if inside:
            if not inside.who:
                yield Quote(inside.start, inside.end, who)
        elif below:
            yield Quote(found.start(), below.end, who)
        elif found["on"]:
            yield Quote(found.start(), len(text), who)
        elif not known_member(who, members):
            continue
        elif quoted:
            yield Quote(found.start(), quoted.end(), who)
        elif text[found.end() : after].count("\n") == 1:
            end = text.find("\n\n", after)
            yield Quote(found.start(), len(text) if end < 0 else end, who)


def _disjoint(quotes: Iterable[Quote]) -> list[Quote]:
    """Quotations without those that begin inside another; the named and the longer first."""
    kept: list[Quote] = []
    for quote in sorted(quotes, key=lambda q: (q.start, -q.end, not q.who)):
        if quote.start >= quote.end:
            continue
        if not kept or quote.start >= kept[-1].end:
            kept.append(quote)
        elif quote.end > kept[-1].end:
            kept[-1] = Quote(kept[-1].start, quote.end, kept[-1].who)
    return kept


# ── words of earlier posts ──────────────────────────────────────────────────────────────


class Earlier:
    """The posts of a thread that came before, found by their words.

    ``add`` after each post; ``runs`` and ``holder`` ask about the next one.
    """

    def __init__(self) -> None:
        self._words: list[list[str]] = []
        self._joined: list[str] = []
        self._triples: dict[tuple[str, ...], list[int]] = {}
        self._writers: list[str] = []
        self._shingles: dict[tuple[str, ...], list[tuple[int, int]]] = {}

    def add(self, text: str, writer: str) -> None:
        """One more post that can be quoted."""
        words = [word for word, _, _ in words_of(text)]
        for at in range(len(words) - RUN + 1):
            places = self._shingles.setdefault(tuple(words[at : at + RUN]), [])
            if len(places) < RUN:  # a signature under every post needs no longer list
                places.append((len(self._words), at))
        firsts = zip(*(words[n:] for n in range(_FEWEST_KNOWN)), strict=False)
        for triple in dict.fromkeys(firsts):
            self._triples.setdefault(triple, []).append(len(self._words))
        self._words.append(words)
        self._joined.append(f" {' '.join(words)} ")
        self._writers.append(writer)

    def runs(self, text: str, writer: str) -> Iterator[Quote]:
        """Runs of eight words or more that somebody else wrote before."""
        words = words_of(text)
        plain = [word for word, _, _ in words]
        at = 0
        while at <= len(plain) - RUN:
            length, who = self._longest(plain, at, writer)
            if length:
                yield Quote(words[at][1], words[at + length - 1][2], who)
            at += length or 1

    def _longest(self, plain: Sequence[str], at: int, writer: str) -> tuple[int, str]:
        best = (0, "")
        for post, start in self._shingles.get(tuple(plain[at : at + RUN]), ()):
            if self._writers[post] == writer:
                continue
            theirs, length = self._words[post], RUN
            while (
                at + length < len(plain)
                and start + length < len(theirs)
                and plain[at + length] == theirs[start + length]
            ):
                length += 1
            best = max(best, (length, self._writers[post]), key=lambda found: found[0])
        return best

    def holder(self, passage: str) -> str:
        """Who wrote a marked passage first; ``""`` where no earlier post holds it."""
        wanted = [word for word, _, _ in words_of(passage)]
        needle = f" {' '.join(wanted)} "
        if len(wanted) < _FEWEST_KNOWN:  # then a whole post
            return self._writers[self._joined.index(needle)] if needle in self._joined else ""
        posts = self._triples.get(tuple(wanted[:_FEWEST_KNOWN]), ())
        return next((self._writers[n] for n in posts if needle in self._joined[n]), "")
