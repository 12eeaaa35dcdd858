"""Runs, fingerprints, the methods paragraph."""

from datetime import UTC, datetime

from reflect_analysis.provenance import describe_methods, fingerprint, merge_runs, new_run

AT = datetime(2025, 5, 1, tzinfo=UTC)


def test_equal_content_gives_equal_fingerprints():
    assert fingerprint({"b": (1, 2), "a": {"x"}}) == fingerprint({"a": {"x"}, "b": [1, 2]})
    assert fingerprint("a", "b") != fingerprint("ab")


def test_a_run_is_kept_once_when_chains_meet():
    read, code = (
        new_run("read", "texts were read", at=AT),
        new_run("code", "they were coded", at=AT),
    )
    assert merge_runs((read, code), (read,)) == (read, code)


def test_the_methods_paragraph_tells_the_runs_in_order():
    runs = [new_run("read", "12 texts were read", at=AT), new_run("code", "they were coded", at=AT)]
    told = describe_methods(runs)
    assert told.startswith("12 texts were read. They were coded. The work was done with")


def test_the_settings_make_another_run():
    one = new_run("code", "coded", at=AT, settings={"threshold": 0.5})
    two = new_run("code", "coded", at=AT, settings={"threshold": 0.6})
    assert one.id != two.id
