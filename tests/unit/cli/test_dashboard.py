"""`amalgam dashboard` as people run it, in a town with a battery."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from amalgam.units import Resource
from tests.guides.guide import blocks
from tests.unit.cli.conftest import NOBODY, Town, TownNode

KEY = ".config/amalgam/dashboard.key"
_PATIENCE_S = 60  # on a loaded machine


@pytest.fixture
def town_node(lone_town_node: TownNode) -> TownNode:
    return lone_town_node


@contextmanager
def running(town: Town, *arguments: object) -> Generator[str]:
    """The command, until Ctrl-C, which ends it well: where it serves."""
    command = [
        sys.executable,
        "-m",
        "amalgam",
        "dashboard",
        "--output",
        "json",
        "--port",
        "0",
        *map(str, arguments),
    ]
    environment = os.environ | {"HOME": str(town.home), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield json.loads(line)["address"]
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")


def page(address: str, path: str, wanted: str) -> str:
    """A page, as soon as there is something on it."""
    end = time.monotonic() + _PATIENCE_S
    while wanted not in (text := httpx.get(f"{address}{path}", timeout=60).text):
        assert time.monotonic() < end, text
        time.sleep(0.05)
    return text


def test_it_serves_what_the_cluster_and_the_books_say(town: Town) -> None:
    town.deposit("owner", 1_000)
    books = town.home / "books.sqlite"
    town.lines("books", "sync", "--books", books)
    limits = town.home / "alarms.toml"
    limits.write_text(f'[names]\n"{town["owner"]}" = "Rosa & Karl"\n')
    stored = f'data-value="battery-{town.battery}.stored"><bdi>0.900\u00a0kWh'
    with running(town, "--alarms", limits, "--books", books, "--zone", "Europe/Vienna") as address:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address)
        assert "Rosa &amp; Karl" in page(address, "/en", stored)
        assert "From the books." in page(address, f"/en/history?of={town.battery}", "0.900")
        with httpx.stream("GET", f"{address}/en/events", timeout=60) as stream:
            assert '"full":true' in next(stream.iter_lines())
    methods = len(town.node.asked)
    with running(town, "--from-books", "--books", books) as address:
        page(address, "/en", stored)
    assert len(town.node.asked) == methods
    assert (town.home / KEY).stat().st_mode & 0o777 == 0o600


def test_chosen_ledgers_alone(town: Town) -> None:
    other = town.begin(Resource.WATER)
    with running(town, "--ledger", town.battery) as address:
        assert f"battery-{other}" not in page(address, "/en", f"battery-{town.battery}")


def test_links_open_members_pages(town: Town) -> None:
    asked = ("dashboard", "--links", "--output", "json", "--ledger", town.battery)
    found = json.loads(town.run(*asked, "--address", "https://energy.example/").stdout)
    assert {each["owner"] for each in found} == {str(town["owner"]), str(town["neighbour"])}
    again = json.loads(town.run(*asked).stdout)
    (link,) = [each["link"] for each in found if each["owner"] == str(town["owner"])]
    assert link.startswith(f"https://energy.example/member/{town['owner']}/")
    path = link.removeprefix("https://energy.example")
    assert f"http://127.0.0.1:8000{path}" in [each["link"] for each in again]
    with running(town, "--address", "https://energy.example") as address:
        assert f"battery-{town.battery}.balance" in page(address, f"/en{path}", "battery-")
        assert httpx.get(f"{address}/en{path}x", timeout=60).status_code == 404
        at = {"host": "energy.example"}
        assert httpx.get(f"{address}/en", headers=at, timeout=60).status_code == 200
        assert httpx.get(f"{address}/en", headers={"host": "evil.example"}, timeout=60).status_code == 421


def test_links_change_with_the_key(town: Town) -> None:
    def links() -> str:
        return town.run("dashboard", "--links", "--output", "json").stdout

    before = links()
    assert links() == before
    (town.home / KEY).unlink()
    assert links() != before


def refused(town: Town, *arguments: object) -> tuple[int, str]:
    result = town.run("dashboard", *arguments)
    assert result.stdout == ""
    return result.exit_code, result.stderr


def test_a_key_that_cannot_be_used_is_refused(town: Town, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"short")
    key.chmod(0o600)
    told = (
        f"amalgam: {key} has no key of 32 bytes; name another file with --link-key, and one is made there\n"
    )
    assert refused(town, "--links", "--link-key", key) == (2, told)
    key.write_bytes(bytes(32))
    key.chmod(0o640)
    told = f"amalgam: {key} can be read by others, who could make links; run: chmod 600 {key}\n"
    assert refused(town, "--links", "--link-key", key) == (2, told)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--from-books"], "--from-books: which books? name a file or a database with --books"),
        (
            ["--books", "mysql://host/books"],
            "--books: mysql is no database for books; name a file, or postgresql://HOST/NAME",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(town: Town, arguments: list[str], told: str) -> None:
    assert refused(town, *arguments) == (2, f"amalgam: {told}\n")


def test_a_port_in_use_is_refused(town: Town) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = f"amalgam: 127.0.0.1:{port}: Address already in use; choose others with --host and --port\n"
        assert refused(town, "--port", port) == (1, told)


def test_a_ledger_that_is_not_there_is_said(town: Town) -> None:
    code, told = refused(town, "--links", "--ledger", NOBODY)
    assert (code, told) == (
        3,
        f"amalgam: there is no battery, issuer, market, plant or community at {NOBODY}; check the address, "
        "and the cluster that --url names\n",
    )


@pytest.mark.slow
def test_the_guide_works_as_written(town: Town) -> None:
    """Each of its commands: what serves is asked for its page, and then interrupted."""
    served = 0
    names = {"$BATTERY": str(town.battery), "$OWNER": str(town["owner"])}
    town.deposit("owner", 1_000)
    for block in blocks("dashboard", "sh"):
        for name, address in names.items():
            block = block.replace(name, address)
        if "<<TOML\n" in block:
            content, block = block.partition("<<TOML\n")[2].split("TOML\n")
            (town.home / "alarms.toml").write_text(content)
        for line in block.splitlines():
            _, *command = shlex.split(line, comments=True)
            command = [
                str(town.home / each) if each.endswith((".toml", ".sqlite")) else each for each in command
            ]
            if command[0] == "dashboard" and "--links" not in command:
                with running(town, *command[1:]) as address:
                    text = page(address, "/en", f"battery-{town.battery}")
                    served += 1
                assert ("School battery" in text) == ("--alarms" in command)
            else:
                assert town.lines(*command)
    assert served == 5
