"""Several coders at once, with small numbers; benchmarks/project.py has the full ones."""

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("think", [100, 0])
def test_coders_who_write_at_once_lose_and_double_nothing_and_see_no_error(
    benchmark, tmp_path, think
):
    told = benchmark(
        *("load", "--coders", 4, "--seconds", 3, "--think-ms", think),
        *("--url", tmp_path / "my study.reflect"),
    )
    assert "0 lost, 0 doubled, 0 errors" in told


@pytest.mark.parametrize("think", [100, 0])
def test_the_same_on_a_server(benchmark, postgres_url, think):
    told = benchmark(
        *("load", "--coders", 4, "--seconds", 3, "--think-ms", think, "--url", postgres_url)
    )
    assert "0 lost, 0 doubled, 0 errors" in told


def test_a_large_study_opens_shows_a_document_and_is_merged(benchmark):
    told = benchmark("open", "--documents", 200, "--codings", 4000)
    assert "8000 codings of 8000" in told
