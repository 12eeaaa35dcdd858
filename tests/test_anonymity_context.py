"""Names and places are found by what stands around them; ordinary words are left alone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from reflect_analysis.anonymity import check_anonymity, find_by_presidio, mark_cleared
from reflect_analysis.anonymity.engine import _email_recogniser
from reflect_analysis.cache import Cache
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.errors import NotClearedError


def check(*texts, language="en", **options):
    documents = [Document(f"r{n}", text, language=language) for n, text in enumerate(texts)]
    return check_anonymity(Corpus(tuple(documents)), **options)


def words(report):
    return [(finding.kind, report.words_of(finding)) for finding in report]


NAMED = [
    ("My mentor Thandeka told me to wait.", "name", "Thandeka"),
    ("I asked O'Brien in the office.", "name", "O'Brien"),
    ("i asked shelby if she could stay late", "name", "shelby"),
    ("my co-teacher ngozi said it was fine", "name", "ngozi"),
    ("her name is saoirse and she is three", "name", "saoirse"),
    ("April said that she would come.", "name", "April"),
    ("Hope's group came over and sat with mine.", "name", "Hope"),
    ("I told Will that it will be fine.", "name", "Will"),
    ("We covered the floor, Grace and I.", "name", "Grace"),
    ("Mrs. Papadopoulos called about her son.", "name", "Papadopoulos"),
    ("Take care,\nClementine", "name", "Clementine"),
    ("I met Oluwaseun Adebayo-Clarke there.", "name", "Oluwaseun Adebayo-Clarke"),
    ("I drove to Lillooet in the snow.", "town", "Lillooet"),
    ("we live in prince rupert now", "town", "prince rupert"),
    ("In Hope there is one centre.", "town", "Hope"),
    ("I work at Kinder Cabin on Fridays.", "centre", "Kinder Cabin"),
    ("We toured Bright Pebbles Child Care Society.", "centre", "Bright Pebbles Child Care Society"),
    ("at busy beavers daycare we sing", "centre", "busy beavers daycare"),
    ("The Caterpillar Room has eight children.", "room", "Caterpillar Room"),
    ("in the ladybug room we nap", "room", "ladybug room"),
    ("My licence number is ECE 204 417 now.", "licence number", "ECE 204 417"),
    ("Employee no. 88213 was late.", "licence number", "88213"),
    ("My grandmother is 97 and sings.", "age", "97"),
    ("he is ninety-two years old", "age", "ninety-two years old"),
    ("call two five zero five five five oh one four four", "phone", "two five zero"),
    ("dm me on insta muddy_boots_ece please", "handle", "muddy_boots_ece"),
    ("She was born at home on the 2nd of July, 1957.", "date of birth", "2nd of July, 1957"),
    ("She asked for my S.I.N., which is 111-222-334.", "SIN", "111-222-334"),
    ("My SIN is 046.454.286 on the form.", "SIN", "046.454.286"),
    ("I live on RR 2, Site 14.", "street address", "RR 2, Site 14"),
]


@pytest.mark.parametrize(("text", "kind", "name"), NAMED)
def test_a_name_or_place_is_found_by_what_stands_around_it(text, kind, name):
    found = words(check(text))
    assert any(k == kind and name in word for k, word in found), found


ORDINARY = [
    "Today we had circle time for two hours, then loose parts until 11:30.",
    "Every April we plant beans; in May the children dig, with hope and grace.",
    "Will you help me? May I ask? Hope is a word for it.",
    "Vygotsky (1978) and Malaguzzi helped me; so did Bowlby and Dr. Seuss.",
    "We read Robert Munsch and The Very Hungry Caterpillar on Halloween.",
    "We moved to British Columbia from Ontario before Christmas.",
    "On Family Day, St. Patrick's Day and Mother's Day we bake.",
    "The Toddler Room and the Staff Room share a door. The room is empty.",
    "There were 95 children and 92 minutes of sun; 90 percent of us are women.",
    "ECEBC, the CCRR and Licensing met on Zoom about the Early Learning Framework.",
    "The Early Childhood Educators of BC and the Ministry of Education wrote to us.",
    "Room to grow, time to think: P07 and [Name] said so.",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_months_holidays_and_theorists_are_no_findings(text):
    assert words(check(text)) == []


FRENCH = [
    ("Je m'appelle Geneviève Arsenault.", "Geneviève Arsenault"),
    ("Ma collègue Solange est en congé.", "Solange"),
    ("Je travaille au CPE Les Petits Sabots.", "CPE Les Petits Sabots"),
    ("J'habite à Rimouski depuis mai.", "Rimouski"),
    ("Mme Thibodeau est venue lundi.", "Thibodeau"),
]


@pytest.mark.parametrize(("text", "name"), FRENCH)
def test_french_names_and_places_are_found_by_lists_and_cues(text, name):
    assert name in [word for _, word in words(check(text, language="fr"))]


def test_ordinary_french_holds_no_finding():
    text = "Au printemps, les enfants jouent dehors. En juin, Montessori et Piaget attendent."
    assert words(check(text, language="fr")) == []


def test_a_full_name_and_a_centre_need_a_reason_and_a_single_name_and_a_town_do_not():
    report = check("Ottilie Brandt met Kelechi at Bright Pebbles Preschool in Kitimat.")
    assert {(f.kind, f.direct) for f in report} == {
        ("name", True),
        ("name", False),
        ("centre", True),
        ("town", False),
    }


# ── names that the study knows ──────────────────────────────────────────────────────────


def test_known_names_are_found_whole_and_in_parts_and_kept_nowhere():
    report = check("then wintergreen quill came; so did Quill.", known=["Wintergreen Quill"])
    assert [word for _, word in words(report)] == ["wintergreen quill", "Quill"]
    assert all(finding.direct for finding in report)
    assert report.runs[-1].settings["known names"] == 1
    assert "uill" not in repr(report.runs) + repr(report) + "".join(f.why for f in report)


def test_a_known_name_that_is_a_word_needs_its_capital():
    report = check("I have hope. We gave it to Hope today.", known=["Hope"])
    assert [(f.start, f.direct) for f in report] == [(27, True)]


def test_one_string_is_no_list_of_known_names():
    with pytest.raises(TypeError, match="put it in a list"):
        check("We read.", known="Maria")


# ── beside the texts ────────────────────────────────────────────────────────────────────


def beside():
    case = Case("P01", {"name": "Wintergreen Quill", "role": "ECE", "town": "Kitimat"})
    document = Document(
        "r1",
        "We read with Wintergreen.",
        case_id="P01",
        attributes={"email": "jo@example.ca", "comment": "ask Ottilie Brandt", "session": 2},
        source="in/Gwendolyn Ashworth - reflection.docx",
    )
    return Corpus((document,), (case,))


def test_direct_identifiers_in_columns_and_file_names_are_findings_with_their_place():
    report = check_anonymity(beside())
    assert {(f.id.split(":")[0], f.kind, report.words_of(f)) for f in report.beside} == {
        ("P01[case attribute name]", "name", "Wintergreen Quill"),
        ("r1[attribute email]", "e-mail", "jo@example.ca"),
        ("r1[attribute comment]", "name", "Ottilie Brandt"),
        ("r1[file name]", "name", "Gwendolyn Ashworth"),
    }
    assert [report.words_of(f) for f in report.in_texts] == ["Wintergreen"]


def test_what_stands_beside_a_text_keeps_it_from_being_cleared(tmp_path):
    corpus = beside()
    report = check_anonymity(corpus)
    with pytest.raises(NotClearedError) as caught:
        mark_cleared(corpus, report, by="lead", note="anonymised at source")
    assert "r1[attribute email]:0-13:e-mail" in str(caught.value)
    assert "jo@example.ca" not in str(caught.value)
    report.to_csv(tmp_path / "found.csv")
    reasons = {finding.id: "made up" for finding in report.direct}
    assert not mark_cleared(corpus, report, by="a", note="b", reasons=reasons).uncleared()


def test_a_report_on_other_columns_is_refused():
    corpus = beside()
    other = Corpus((Document("r1", corpus.documents[0].text, case_id="P01"),), (Case("P01"),))
    with pytest.raises(NotClearedError, match="other texts"):
        mark_cleared(corpus, check_anonymity(other, recognisers=[]), by="a", note="b")


# ── presidio ────────────────────────────────────────────────────────────────────────────


def test_presidio_finds_what_it_knows_and_the_second_time_by_the_cache(tmp_path, monkeypatch):
    texts = "Write to jo@example.ca or 4111 1111 1111 1111.", "SIN 130-692-544, call 604 555 1234"
    corpus = Corpus(tuple(Document(f"r{n}", text) for n, text in enumerate(texts)))
    found = list(find_by_presidio(corpus, cache=Cache(tmp_path)))
    assert {finding.kind for finding in found} >= {"e-mail", "bank card", "SIN", "phone"}
    monkeypatch.setattr("reflect_analysis.anonymity.engine._engine", None)
    assert list(find_by_presidio(corpus, cache=Cache(tmp_path))) == found


def test_the_check_opens_no_socket(tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a socket was opened")

    recogniser = _email_recogniser()  # made before: asyncio may want a pair of sockets at import
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path))
    assert recogniser.validate_result("jo@example.co.uk")
    report = check("Write to jo@example.ca; see https://example.ca/x and www.example.org.")
    assert [kind for kind, _ in words(report)] == ["e-mail", "URL", "URL"]


# ── the benchmark ───────────────────────────────────────────────────────────────────────


def test_the_benchmark_measures_a_file_and_shows_no_words_unless_asked(tmp_path):
    line = (
        '{"id": "x1", "text": "Then Kelechi left Monday.", "spans": '
        '[{"start": 5, "end": 12, "kind": "name", "direct": false}]}'
    )
    path = tmp_path / "a file.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    root = Path(__file__).parents[1]
    run = subprocess.run(
        [sys.executable, root / "benchmarks" / "identifiers.py", "--data", path],
        capture_output=True,
        encoding="utf-8",
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        cwd=root,
    )
    assert "recall, all           1 of    1  1.000" in run.stdout
    assert "Kelechi" not in run.stdout
