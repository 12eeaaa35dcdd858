"""README's Python blocks run, in order, and print what README shows."""

import re
from pathlib import Path

import pytest

# The smallest picture: one grey pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c6360000000020001e221bc33000000"
    "0049454e44ae426082"
)
README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_python_blocks_print_what_readme_shows(faults_of_page):
    assert faults_of_page(README) == ""


def test_every_command_that_readme_shows_exists():
    from typer.testing import CliRunner

    from reflect_analysis.cli import app

    commands = set(re.findall(r"^reflect-analysis ([\w-]+)", README, flags=re.MULTILINE))
    assert commands >= {"demo", "report", "check"}
    for command in commands:
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0, command


def test_every_file_that_readme_names_exists():
    root = Path(__file__).parent.parent
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (root / link).exists(), link


def test_the_codebook_that_its_readme_shows_can_be_read_and_finds_its_example(tmp_path):
    import reflect_analysis as ra

    guide = Path(__file__).parent.parent / "codebooks" / "README.md"
    (block,) = re.findall(r"```yaml\n(.*?)```", guide.read_text(encoding="utf-8"), flags=re.DOTALL)
    path = tmp_path / "book.yaml"
    path.write_text(block, encoding="utf-8")
    code = ra.read_codebook(path)["isolation"]
    coder = ra.RuleCoder(ra.read_codebook(path))
    scores = coder.predict_proba([*code.examples, *(c.text for c in code.counter_examples)])
    assert [float(row[0]) > 0 for row in scores.tolist()] == [True, False]


@pytest.fixture(scope="module")
def smallest(tmp_path_factory):
    """The corpus of the smallest files that README shows."""
    import reflect_analysis as ra

    folder = tmp_path_factory.mktemp("smallest")
    fenced = re.findall(r"^```\w*\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)
    block = next(text for text in fenced if "# stories.yaml" in text)
    parts = re.split(r"^# ([a-z]+(?:\.[a-z]+)+).*\n", block, flags=re.MULTILINE)[1:]
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        path = folder / ("pictures" if name == "stories.yaml" else ".") / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.strip() + "\n", encoding="utf-8")
    (folder / "pictures" / "kettle.png").write_bytes(PIXEL)
    return ra.read_corpus(folder)


def test_the_smallest_files_that_readme_shows_are_read(smallest):
    by_source: dict[str, list] = {}
    for document in smallest:
        by_source.setdefault(document.source, []).append((document.kind, document.case_id))
    assert by_source == {
        "forum.json": [("post", None), ("post", "P01")],
        "letter.rtf": [("reflection", None)],
        "meeting.md": [("transcript", None)],
        "note.html": [("reflection", "P01")],
        "page.txt": [("reflection", None)],
        "pictures/stories.yaml": [("photo-voice", "P01")],
        "survey.csv": [("reflection", "R_1")] * 2 + [("reflection", "R_2")],
        "talk.srt": [("transcript", None)],
        "talk.vtt": [("transcript", None)],
        "texts.csv": [("reflection", "P01")],
    }
    assert smallest.case("P01").quotes == "yes"


def test_who_speaks_is_told_once_for_all_transcripts(smallest):
    talks = [document for document in smallest if document.kind == "transcript"]
    assert len(talks) == 3
    for talk in talks:
        assert [(turn.case_id, turn.coded) for turn in talk.turns] == [(None, False), ("P01", True)]


def test_every_format_of_the_table_is_read_and_gives_the_same_letter(tmp_path):
    import docx
    import odfdo
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    import reflect_analysis as ra

    table = README.split("### What can be read")[1].split("The smallest of each")[0]
    wanted = set(re.findall(r"`(\.\w+)`", table.splitlines()[3])) - {".yaml"}
    letter = "I asked for help before I needed it."
    word = docx.Document()
    word.add_paragraph(letter)
    word.save(str(tmp_path / "a.docx"))
    office = odfdo.Document("text")
    office.body.clear()
    office.body.append(odfdo.Paragraph(letter))
    office.save(str(tmp_path / "b.odt"))
    with rc_context({"pdf.fonttype": 42}):
        page = Figure()
        page.text(0.1, 0.9, letter)
        page.savefig(tmp_path / "c.pdf")
    texts = {"txt": letter, "md": letter, "rtf": rf"{{\rtf1 {letter}}}", "html": f"<p>{letter}</p>"}
    for suffix, text in texts.items():
        (tmp_path / f"{suffix}.{suffix}").write_text(text, encoding="utf-8")
    corpus = ra.read_corpus(tmp_path)
    assert {document.text for document in corpus} == {letter}
    assert {Path(document.source).suffix for document in corpus} == wanted
