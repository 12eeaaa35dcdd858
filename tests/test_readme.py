"""README's Python blocks run, in order, and print what README shows."""

import doctest
import re
from pathlib import Path

# The smallest picture: one grey pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c6360000000020001e221bc33000000"
    "0049454e44ae426082"
)
README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_python_blocks_print_what_readme_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```pycon\n(.*?)```", README, flags=re.DOTALL)
    assert len(blocks) >= 4
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "README.md", None, 0)
    told: list[str] = []
    result = doctest.DocTestRunner(optionflags=flags).run(test, out=told.append)
    assert result.failed == 0, "".join(told)


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


def test_the_smallest_files_that_readme_shows_are_read(tmp_path):
    import reflect_analysis as ra

    fenced = re.findall(r"^```\w*\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)
    block = next(text for text in fenced if "# stories.yaml" in text)
    parts = re.split(r"^# ([a-z]+\.[a-z]+).*\n", block, flags=re.MULTILINE)[1:]
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        path = tmp_path / ("pictures" if name == "stories.yaml" else ".") / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.strip() + "\n", encoding="utf-8")
    (tmp_path / "pictures" / "kettle.png").write_bytes(PIXEL)
    corpus = ra.read_corpus(tmp_path)
    kinds = sorted((document.kind, document.case_id) for document in corpus if document.case_id)
    assert kinds == [("photo-voice", "P01"), ("reflection", "P01")]
    assert corpus.case("P01").quotes == "yes"
    assert [turn.case_id for turn in corpus.document("M1").turns] == [None, "P01"]
    assert sum(document.case_id is None for document in corpus) == 2
