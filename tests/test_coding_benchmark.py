"""benchmarks/coding.py: that it runs on files that nobody tuned it on, whatever they lack."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("coding")


class Constant:
    """Says the same of every sentence."""

    def fit(self, texts, y, *, contexts):
        self.codes_ = tuple(sorted(set(y)))
        return self

    def predict_proba(self, texts, contexts):
        return np.tile(np.arange(1.0, len(self.codes_) + 1), (len(texts), 1))


def run(benchmark, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["coding.py", *map(str, arguments)])
    benchmark.main()


@pytest.mark.parametrize("confidence", ["[2, 1]", ""])
def test_a_stratum_of_confidence_without_a_sentence_is_a_dash(
    benchmark, monkeypatch, tmp_path, capsys, confidence
):
    lines = ["sentence,context,y,confidence"]
    lines += [f'one {i},,{"ab"[i % 2]},"{confidence}"' for i in range(6)]
    path = tmp_path / "some sentences.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(sys.modules["_cered"], "_coder", lambda *_: Constant())
    run(benchmark, monkeypatch, "--train", path, "--test", path, "--seeds", 0, 1)
    told = capsys.readouterr().out
    assert "  all: 0.500 (0.500 – 0.500)" in told
    assert "confidence ≥ 3: –" in told
    assert "nan" not in told


def test_the_speed_of_the_rules_is_a_command(benchmark, monkeypatch):
    asked = []
    monkeypatch.setattr(sys.modules["_rule_speed"], "main", asked.append)
    run(benchmark, monkeypatch, "speed", "--reflections", 50)
    run(benchmark, monkeypatch, "speed")
    assert asked == [50, 10_000]
