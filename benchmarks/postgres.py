"""A throw-away PostgreSQL server: for the tests and for the figures of `benchmarks/project.py`.

It runs in a temporary folder, listens on the loopback address alone, asks for a password, and
leaves nothing behind. PostgreSQL refuses to run as root: root starts it as another user.

    python benchmarks/postgres.py            says where the binaries are, or installs them
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

USER = "reflect"
NEEDED = ("initdb", "pg_ctl", "postgres")
_PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # Fedora, Red Hat
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "C:/Program Files/PostgreSQL/*/bin",
)
_PATIENCE = 120  # seconds for one command of the server
_SORTS_BY_ICU = 15  # since this version
_ROOT_RUNS_AS = ("postgres", "nobody")


class NoPostgres(Exception):  # noqa: N818  # a reason to skip, not a fault
    """Why no server can be started here."""


class Server:
    """A server in a temporary folder.

    Parameters
    ----------
    durable : bool
        Whether commits wait for the disk; tests of what is in the tables need not.

    Raises
    ------
    NoPostgres
        If it cannot be started; the message says why.
    """

    def __init__(self, *, durable: bool = True) -> None:
        self._bin = binaries()
        self._as = _other_user()
        self._password = secrets.token_hex(8)
        # Not pytest's folder: that one is closed to the user as whom root starts the server.
        self._home = Path(tempfile.mkdtemp(prefix="reflect-postgres-"))
        self._data = self._home / "data"
        self.port = _free_port()
        self._settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "port": str(self.port),
            "max_connections": "100",
        }
        if not durable:
            self._settings["fsync"] = "off"  # commits reach the system, which outlives a kill
        try:
            self._make()
            self.start()
        except BaseException:
            self.remove()
            raise

    def _make(self) -> None:
        words = self._home / "password.txt"
        words.write_text(self._password, encoding="utf-8")
        if self._as is not None:
            for path in (self._home, words):
                shutil.chown(path, user=self._as)
        self._run("initdb", "--no-sync", "--encoding=UTF8", *self._order(), f"--username={USER}",
                  "--auth=scram-sha-256", f"--pwfile={words}", str(self._data))  # fmt: skip
        words.unlink()
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in self._settings.items())

    def _order(self) -> Sequence[str]:
        """Text is sorted as on a real server, by a language's rules, where that is possible."""
        told = self._run("initdb", "--version")
        found = re.search(r"\d+", told)
        if found is None or int(found.group()) < _SORTS_BY_ICU:
            return ("--locale=C",)
        return ("--locale=C", "--locale-provider=icu", "--icu-locale=en-US")

    def start(self) -> None:
        """Start it, and wait until it answers; after a kill it recovers by itself."""
        log = self._home / "server.log"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(log), "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; ``"immediate"`` is a kill: nothing is written to the end."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", mode, "stop")

    def remove(self) -> None:
        """Stop it and delete its folder."""
        with contextlib.suppress(NoPostgres):
            self.stop("immediate")
        shutil.rmtree(self._home, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        """The URL of a database of it, with the password."""
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> list[list[object]]:
        """Run one statement, outside a transaction."""
        import pg8000.native

        connection = pg8000.native.Connection(
            USER, "127.0.0.1", database, self.port, self._password
        )
        try:
            return connection.run(statement) or []
        finally:
            connection.close()

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a fresh database, deleted afterwards."""
        name = f"study_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs; its words, or `NoPostgres` with them."""
        path = self._bin / (f"{program}.exe" if os.name == "nt" else program)
        # A file, not a pipe: the server inherits it and would hold a pipe open.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as told:
            try:
                done = subprocess.run(
                    [str(path), *arguments],
                    stdin=subprocess.DEVNULL, stdout=told, stderr=told, check=False,
                    timeout=_PATIENCE, cwd=self._home,
                    env={**os.environ, "LC_ALL": "C", "PGPASSWORD": self._password},
                    user=self._as, group=None if self._as is None else self._as_group(),
                )  # fmt: skip
            except (OSError, subprocess.SubprocessError) as error:
                raise NoPostgres(f"{program}: {error}") from error
            told.seek(0)
            words = told.read()
        if done.returncode:
            raise NoPostgres(f"{program} ended with {done.returncode}: {words.strip()[-500:]}")
        return words

    def _as_group(self) -> int:
        import pwd

        return pwd.getpwnam(str(self._as)).pw_gid


def binaries() -> Path:
    """The folder with PostgreSQL's programs.

    Raises
    ------
    NoPostgres
        If there is none.
    """
    path = shutil.which("postgres")
    # Those of the search path first, then the newest.
    found = [Path(path).resolve().parent] if path else []
    for pattern in _PLACES:
        anchor = Path(Path(pattern).anchor)
        if anchor.is_dir():
            found += sorted(anchor.glob(str(Path(pattern).relative_to(anchor))), reverse=True)
    suffix = ".exe" if os.name == "nt" else ""
    for folder in found:
        if all((folder / f"{name}{suffix}").is_file() for name in NEEDED):
            return folder
    raise NoPostgres("PostgreSQL is not installed (Debian, Ubuntu: apt-get install postgresql)")


def _other_user() -> str | None:
    """As whom root starts the server; `None` for who is not root."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    import pwd

    for name in _ROOT_RUNS_AS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise NoPostgres("PostgreSQL refuses to run as root, and there is no other user here")


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def install() -> Path:
    """The binaries; installed first where they are missing, root asks, and apt-get is there.

    Raises
    ------
    NoPostgres
        If they are missing and cannot be installed.
    """
    with contextlib.suppress(NoPostgres):
        return binaries()
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return binaries()
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for asked in (["update"], ["install", "--yes", "--no-install-recommends", "postgresql"]):
        command = ["apt-get", *asked]
        done = subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL)
    if done.returncode:
        raise NoPostgres(f"apt-get {' '.join(asked)} ended with {done.returncode}")
    return binaries()


def main() -> int:
    """Say where the binaries are; 1 where there are none."""
    try:
        print(f"PostgreSQL: {install()}")
    except NoPostgres as reason:
        print(f"PostgreSQL: not tested. {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
