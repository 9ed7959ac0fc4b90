"""A PostgreSQL server of the tests' own, as an unprivileged user, in a folder of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

_SETTINGS = "-c fsync=off -c listen_addresses= -c max_connections=40 -c shared_buffers=16MB"


class Postgres:
    """A server that listens on a socket in `folder` alone."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self._programs, self._numbers = folder, programs, count()
        self._run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "amalgam", "-E", "UTF8", "-N")
        self.start()

    def start(self) -> None:
        options = f"{_SETTINGS} -c unix_socket_directories={self.folder}"
        self._run(
            "pg_ctl",
            "-D",
            str(self.folder / "data"),
            "-w",
            "-o",
            options,
            "-l",
            str(self.folder / "log"),
            "start",
        )

    def stop(self) -> None:
        """At once, as if it had been killed; connections break."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "immediate", "stop")

    def new_database(self) -> str:
        """The URL of an empty one."""
        name = f"books{next(self._numbers)}"
        self._run("createdb", "-h", str(self.folder), "-U", "amalgam", name)
        return f"postgresql://amalgam@/{name}?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        """As nobody in particular: PostgreSQL refuses to run as root."""
        unprivileged = []
        if os.getuid() == 0:
            unprivileged = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        command = [*unprivileged, str(self._programs / program), *arguments]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)


@contextmanager
def postgres_server() -> Generator[Postgres]:
    """Skips where PostgreSQL is not installed; CI installs it."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not versions:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="amalgam-postgres-"))
    if os.getuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
    server = Postgres(folder, versions[-1].parent)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
