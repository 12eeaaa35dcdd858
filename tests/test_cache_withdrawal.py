"""What is forgotten in a cache stays forgotten, whoever writes meanwhile or afterwards."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import portalocker
import pytest

from reflect_analysis import _waiting, language, provenance
from reflect_analysis import cache as cache_module
from reflect_analysis._forgotten import MONTH, Forgotten, load_forgotten
from reflect_analysis.cache import LOCK, MANY_TEXTS, MEMORY_OF, MOST_SMALL, Cache, entry_key
from reflect_analysis.language import parse
from reflect_analysis.provenance import begun, text_hash
from reflect_analysis.scale.coders import KEEP_NOTHING


def key(text):
    return entry_key(text_hash(text), "m")


def there(folder, *texts, kind="parses"):
    """Which of the texts have an entry."""
    return [text for text in texts if Cache(folder).get_many(kind, [key(text)])]


def keep(folder, *texts):
    """One pack a text."""
    for text in texts:
        Cache(folder).put_many("parses", {key(text): text.encode()})


class Meanwhile:
    """Another one, who goes on until it waits for the lock, and to its end when it has it."""

    def __init__(self, monkeypatch):
        self._patch, self._stands = monkeypatch, threading.Event()
        self._other = threading.Thread()

    def start(self, action):
        def lock(file, seconds, wait=cache_module.take_lock):
            if threading.current_thread() is not self._other:
                return wait(file, seconds)
            try:
                return portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)
            except portalocker.AlreadyLocked:
                self._stands.set()
                return wait(file, 60)

        def act():
            try:
                action()
            finally:
                self._stands.set()

        self._other = threading.Thread(target=act)
        self._patch.setattr(cache_module, "take_lock", lock)
        self._other.start()
        assert self._stands.wait(60)

    def end(self):
        self._other.join(60)
        assert not self._other.is_alive()


@pytest.fixture
def meanwhile(monkeypatch):
    return Meanwhile(monkeypatch)


def once(monkeypatch, owner, name, first):
    """Do something else just before a function does its work for the first time."""
    real, done = getattr(owner, name), []

    def changed(*args):
        if not done:
            done.append(args)
            first()
        return real(*args)

    monkeypatch.setattr(owner, name, changed)
    return done


# ── at the same time ──


def test_what_another_makes_one_pack_meanwhile_brings_nothing_back(
    tmp_path, monkeypatch, meanwhile
):
    texts = [str(i) for i in range(MOST_SMALL - 1)]
    keep(tmp_path, *texts)
    # The packs are listed; before any is rewritten another's write would make one of all.
    listed = once(
        monkeypatch,
        cache_module,
        "_forget_all",
        lambda: meanwhile.start(lambda: keep(tmp_path, "other")),
    )
    assert Cache(tmp_path).forget([text_hash("3")]) == 1
    assert listed
    meanwhile.end()
    assert there(tmp_path, *texts, "other") == [text for text in [*texts, "other"] if text != "3"]


def test_of_two_that_forget_in_one_pack_none_brings_back_what_the_other_removed(
    tmp_path, monkeypatch, meanwhile
):
    Cache(tmp_path).put_many("parses", {key(text): b"v" for text in "abc"})
    counts = []
    # The first has read the pack and is about to write it without its own text.
    written = once(
        monkeypatch,
        cache_module,
        "_write_pack",
        lambda: meanwhile.start(lambda: counts.append(Cache(tmp_path).forget([text_hash("b")]))),
    )
    counts.append(Cache(tmp_path).forget([text_hash("a")]))
    assert written
    meanwhile.end()
    assert counts == [1, 1]
    assert there(tmp_path, *"abc") == ["c"]


RACE = """
import random, sys
from pathlib import Path
from reflect_analysis import cache as module
from reflect_analysis.cache import Cache, entry_key
from reflect_analysis.provenance import text_hash
module.TO_KEEP = 60.0  # on a machine that does much else too
folder, number = Path(sys.argv[1]), sys.argv[2]
chance, cache, mine, gone = random.Random(int(number)), Cache(folder), [], []
print("ready", flush=True)
sys.stdin.readline()
for i in range(40):
    texts = [f"{number}-{i}-{j}" for j in range(3)]
    entries = {entry_key(text_hash(text), "m"): text.encode() * 50 for text in texts}
    cache.put_many("parses", entries, remember=True)
    mine += texts
    if i % 4 == 3:
        now = chance.sample(mine, 3)
        cache.forget(map(text_hash, now))
        mine = [text for text in mine if text not in now]
        gone += now
print(*gone)
"""


def test_four_processes_write_make_one_and_forget_at_once(tmp_path):
    others = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(tmp_path), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    assert [other.stdout.readline() for other in others] == ["ready\n"] * 4
    for other in others:
        other.stdin.write("go\n")
        other.stdin.flush()
    gone = {text for other in others for text in other.communicate(timeout=120)[0].split()}
    texts = {f"{n}-{i}-{j}" for n in range(4) for i in range(40) for j in range(3)}
    keys = {key(text): text for text in texts}
    assert len(gone) == 4 * 30
    assert {keys[k] for k in Cache(tmp_path).get_many("parses", keys)} == texts - gone


def test_who_dies_while_it_forgets_holds_nobody_up_and_its_forgetting_can_be_done_again(tmp_path):
    keep(tmp_path, "a", "b")
    code = f"""
import os
from pathlib import Path
from reflect_analysis import cache
cache._forget_all = lambda *_: os._exit(9)
cache.Cache(Path({str(tmp_path)!r})).forget([{text_hash("a")!r}])
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    keep(tmp_path, "c")
    assert there(tmp_path, *"abc") == ["a", "b", "c"]
    assert Cache(tmp_path).forget([text_hash("a")]) == 1
    assert there(tmp_path, *"abc") == ["b", "c"]


# ── one who holds it and does not go on ──


@pytest.fixture
def holder(tmp_path):
    """Another one, who has the lock and was stopped."""
    with (tmp_path / LOCK).open("ab") as file:
        portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)
        yield lambda: portalocker.unlock(file)


@pytest.fixture
def clock(monkeypatch):
    """A clock that only waiting moves; how long was waited each time."""
    waited = []
    monkeypatch.setattr(_waiting.time, "monotonic", lambda: sum(waited))
    monkeypatch.setattr(_waiting.time, "sleep", waited.append)
    return waited


def test_who_keeps_something_waits_for_seconds_and_goes_on_without(tmp_path, holder, clock):
    keep(tmp_path, "a")
    assert cache_module.TO_KEEP <= sum(clock) < 2 * cache_module.TO_KEEP
    assert set(clock) == {_waiting.PAUSE}
    assert there(tmp_path, "a") == []
    holder()
    keep(tmp_path, "a")
    assert there(tmp_path, "a") == ["a"]


def test_who_keeps_many_things_waits_for_one_who_was_stopped_once(tmp_path, holder, clock):
    keep(tmp_path, "a")
    waited = len(clock)
    keep(tmp_path, "b", "c")
    assert len(clock) == waited
    keep(tmp_path / "another", "b")
    assert there(tmp_path / "another", "b") == ["b"]
    holder()
    keep(tmp_path, "a")
    with (tmp_path / LOCK).open("ab") as file:
        portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)
        keep(tmp_path, "b")
    assert len(clock) > 1.5 * waited


def test_who_forgets_waits_longer_and_says_what_to_do(tmp_path, holder, clock):
    with pytest.raises(OSError, match="another process holds it: end it, or delete") as told:
        Cache(tmp_path).forget([text_hash("a")])
    assert told.value.filename == str(tmp_path / LOCK)
    assert sum(clock) >= cache_module.TO_FORGET > cache_module.TO_KEEP
    holder()
    assert Cache(tmp_path).forget([text_hash("a")]) == 0


# ── afterwards ──


@pytest.mark.parametrize("remember", [True, False])
def test_who_began_before_keeps_nothing_of_the_text_and_all_of_others(tmp_path, remember):
    cache = Cache(tmp_path)
    cache.forget([text_hash("withdrawn")])
    entries = {key("withdrawn"): b"1", key("another"): b"2"}
    cache.put_many("parses", entries, remember=remember)
    assert cache.get_many("parses", entries, remember=remember) == {key("another"): b"2"}
    assert cache.get_many("parses", entries) == {key("another"): b"2"}


def test_what_was_made_of_many_texts_goes_with_any_and_who_began_before_does_not_keep_it(tmp_path):
    cache, many = Cache(tmp_path), entry_key(MANY_TEXTS, "fits")
    cache.put_many("labels", {many: b"1"})
    assert cache.forget([]) == 0
    cache.put_many("labels", {many: b"1"})
    assert cache.get_many("labels", [many]) == {many: b"1"}
    cache.forget([text_hash("any")])
    assert cache.get_many("labels", [many]) == {}
    cache.put_many("labels", {many: b"1"}, remember=True)
    assert cache.get_many("labels", [many], remember=True) == {}


def test_a_process_that_has_the_text_still_does_not_bring_it_back(tmp_path):
    code = f"""
import sys
from pathlib import Path
from reflect_analysis.corpus import Document
document = Document("r1", "withdrawn")
print("read", flush=True)
sys.stdin.readline()
from reflect_analysis.cache import Cache, entry_key
Cache(Path({str(tmp_path)!r})).put_many("parses", {{entry_key(document.sha256, "m"): b"late"}})
"""
    for command, expected in (("forget", []), ("nothing", ["withdrawn"])):
        with subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as late:
            assert late.stdout.readline() == "read\n"
            if command == "forget":
                Cache(tmp_path).forget([text_hash("withdrawn")])  # before there is any folder
            late.communicate("go\n", timeout=60)
        assert late.returncode == 0
        # The second one began later: somebody gave the text again.
        assert there(tmp_path, "withdrawn") == expected


def test_a_parse_of_a_forgotten_text_is_made_and_given_and_not_kept(tmp_path):
    cache = Cache(tmp_path)
    text = "A text that is forgotten, and asked for by who began before."
    cache.forget([text_hash(text)])
    assert parse([text], language="xx", cache=cache)[0].text == text
    assert not list(tmp_path.glob("parses/*"))


def test_a_parse_in_memory_goes_when_another_process_forgets_its_text(tmp_path, monkeypatch):
    monkeypatch.setattr(language, "_memory", language._Memory(1000))
    cache, text = Cache(tmp_path), "A text that a notebook holds, and that somebody withdraws."
    parse([text], language="xx", cache=cache)
    assert language._memory.size
    code = f"""
from pathlib import Path
from reflect_analysis.cache import Cache
Cache(Path({str(tmp_path)!r})).forget([{text_hash(text)!r}])
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
    parse(["Another one."], language="xx", cache=cache)
    assert [name for _, name in language._memory._kept] == [text_hash("Another one.")]
    parse([text], language="xx", cache=cache)
    assert language._memory.forget([text_hash(text)]) == 0


def test_a_parse_stays_in_memory_where_nothing_was_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(language, "_memory", language._Memory(1000))
    for number in range(2):
        parse([f"Text {number}."], language="xx", cache=Cache(tmp_path / str(number)))
    parse(["Text 0."], language="xx", cache=Cache(tmp_path / "0"))
    assert len(language._memory._kept) == 2


def test_when_a_process_began_is_the_earlier_time_where_its_clock_was_set(monkeypatch):
    monkeypatch.setattr(provenance, "_BEGUN", (5000.0, 100.0))
    monkeypatch.setattr(time, "monotonic", lambda: 160.0)
    for now, expected in ((5060.0, 5000.0), (1060.0, 1000.0), (9060.0, 5000.0)):
        monkeypatch.setattr(time, "time", lambda now=now: now)
        assert begun() == expected


def test_the_folder_holds_no_hash_of_what_was_forgotten_and_its_salt_is_its_own(tmp_path):
    kept = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        keep(folder, "withdrawn")
        Cache(folder).forget([text_hash("withdrawn")])
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert not [p for p in files if text_hash("withdrawn")[:16].encode() in p.read_bytes()]
        kept.append(json.loads((folder / MEMORY_OF).read_text(encoding="ascii")))
    assert kept[0]["salt"] != kept[1]["salt"]
    assert not set(kept[0]["at"]) & set(kept[1]["at"])


# ── what is remembered ──


def test_a_month_is_remembered_and_who_is_older_is_barred_from_all():
    known = Forgotten().adding([text_hash("a")], now=1000.0)
    later = known.adding([text_hash("b")], now=1001.0 + MONTH)
    assert [known.bars(text_hash("a"), at) for at in (999.0, 1000.0, 1001.0)] == [True, True, False]
    assert len(later.at) == 1
    assert later.bars(text_hash("a"), 1000.0)
    assert later.bars(text_hash("never"), 1000.0)
    assert not later.bars(text_hash("a"), 1002.0)
    assert later.bars(text_hash("b"), 1002.0)
    assert (known.last, Forgotten().last) == (1000.0, 0.0)


def test_a_time_to_come_is_taken_for_now_when_something_is_forgotten():
    wrong = Forgotten({"x": 0.0}, since=8000.0).adding([text_hash("a")], now=9000.0)
    known = wrong.adding([text_hash("b")], now=2000.0)
    assert known.last == 2000.0
    assert known.bars(text_hash("a"), 2000.0)
    assert not known.bars(text_hash("a"), 2001.0)
    assert known.since == 2000.0


def test_a_month_ends_with_the_next_thing_that_is_kept(tmp_path, monkeypatch):
    keep(tmp_path, "before")
    Cache(tmp_path).forget([text_hash("a")])
    place = tmp_path / MEMORY_OF
    at = load_forgotten(place).last
    for late, left in ((MONTH - 9999.0, 2), (MONTH + 9999.0, 0)):
        monkeypatch.setattr(cache_module.time, "time", lambda late=late: at + late)
        keep(tmp_path, "b")
        assert len(load_forgotten(place).at) == left
    assert load_forgotten(place).bars(text_hash("a"), at)
    assert there(tmp_path, "before", "b") == ["before", "b"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"salt": "g", "since": 0, "at": {}}'])
def test_of_a_broken_memory_only_its_age_is_known(tmp_path, content):
    place = tmp_path / MEMORY_OF
    place.write_text(content, encoding="ascii")
    os.utime(place, (5000, 5000))
    known = load_forgotten(place)
    assert known.bars(text_hash("any"), 4999.0)
    assert not known.bars(text_hash("any"), 5001.0)
    keep(tmp_path, "a")
    assert there(tmp_path, "a") == ["a"]
    Cache(tmp_path).forget([text_hash("a")])
    assert load_forgotten(place).bars(text_hash("a"), begun())


def test_a_memory_is_the_same_when_it_is_read_again(tmp_path):
    Cache(tmp_path).forget([text_hash("a")])
    known = load_forgotten(tmp_path / MEMORY_OF)
    (tmp_path / "again").write_text(known.to_json(), encoding="ascii")
    assert load_forgotten(tmp_path / "again") == known


# ── a disk that refuses ──


def refuse(monkeypatch, method, times, touched):
    """A file that another program has open, so often."""
    real, refused = getattr(Path, method), []

    def changed(path, *args, **settings):
        if touched(path) and len(refused) < times:
            refused.append(path)
            raise PermissionError(13, "in use", str(path))
        return real(path, *args, **settings)

    monkeypatch.setattr(Path, method, changed)
    return refused


@pytest.mark.parametrize(("method", "texts"), [("replace", ["a", "b"]), ("unlink", ["a"])])
def test_a_pack_that_is_open_for_a_moment_is_waited_for(tmp_path, monkeypatch, method, texts):
    monkeypatch.setattr(_waiting, "PATIENCE", 60.0)
    monkeypatch.setattr(_waiting, "PAUSE", 0.0)
    Cache(tmp_path).put_many("parses", {key(text): b"v" for text in texts})
    refused = refuse(monkeypatch, method, 3, lambda path: path.parent.name == "parses")
    assert Cache(tmp_path).forget([text_hash("a")]) == 1
    assert len(refused) == 3
    assert there(tmp_path, *texts) == texts[1:]


def test_a_pack_that_stays_open_is_told_after_all_others_were_rewritten(tmp_path, monkeypatch):
    monkeypatch.setattr(_waiting, "PATIENCE", 0.0)
    for kind in ("parses", "vectors"):
        Cache(tmp_path).put_many(kind, {key("a"): b"v"})
    refuse(monkeypatch, "unlink", 99, lambda path: path.parent.name == "parses")
    with pytest.raises(PermissionError):
        Cache(tmp_path).forget([text_hash("a")])
    assert there(tmp_path, "a", kind="vectors") == []
    monkeypatch.undo()
    assert Cache(tmp_path).forget([text_hash("a")]) == 1


@pytest.mark.parametrize("place", [f"parses/{0:032x}.part", "forgotten.json.part"])
def test_what_is_half_written_and_cannot_be_removed_is_told_by_forgetting_alone(
    tmp_path, monkeypatch, place
):
    keep(tmp_path, "a")
    (tmp_path / place).write_bytes(b"half")
    refuse(monkeypatch, "unlink", 99, lambda path: path.name == f"{0:032x}.part")
    refuse(monkeypatch, "replace", 99, lambda path: path.name == "forgotten.json.part")
    small = Cache(tmp_path, limit=0)
    small.put_many("parses", {key("b"): b"2"})
    assert there(tmp_path, "a", "b") == []  # the bound was kept
    with pytest.raises(PermissionError):
        Cache(tmp_path).forget([text_hash("a")])


def test_what_is_half_written_beside_the_memory_is_removed_too(tmp_path):
    for action in (lambda: keep(tmp_path, "a"), lambda: Cache(tmp_path).forget([])):
        tmp_path.joinpath("forgotten.part").write_text("half", encoding="ascii")
        action()
        assert not list(tmp_path.glob("*.part"))


def test_who_keeps_nothing_makes_no_folder_to_forget_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert KEEP_NOTHING.forget([text_hash("a")]) == 0
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_locked_costs_time_and_a_withdrawal_tells_it(tmp_path, monkeypatch):
    keep(tmp_path, "a")

    def unlockable(*_):
        raise portalocker.LockException("not supported")

    monkeypatch.setattr(portalocker, "lock", unlockable)
    keep(tmp_path, "b")
    assert there(tmp_path, "a", "b") == ["a"]
    with pytest.raises(OSError, match="cannot be locked here") as told:
        Cache(tmp_path).forget([text_hash("a")])
    assert told.value.filename == str(tmp_path / LOCK)


def test_a_folder_that_cannot_be_written_remembers_in_memory_what_is_not_forgotten(
    tmp_path, monkeypatch
):
    cache = Cache(tmp_path)
    cache.forget([text_hash("a")])
    refuse(monkeypatch, "open", 99, lambda path: path.name == LOCK)
    entries = {key("a"): b"1", key("b"): b"2"}
    cache.put_many("parses", entries, remember=True)
    assert cache.get_many("parses", entries, remember=True) == {key("b"): b"2"}
    with pytest.raises(PermissionError):
        cache.forget([text_hash("b")])


def test_where_no_folder_can_be_nothing_is_to_be_forgotten(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    assert Cache(blocked).forget([text_hash("a")]) == 0
    assert blocked.read_text(encoding="utf-8") == "not a folder"
