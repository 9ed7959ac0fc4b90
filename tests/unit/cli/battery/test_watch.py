"""A battery followed live, by three who watch at once: a program, a pipe and a person at a terminal."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from solders.pubkey import Pubkey

from amalgam.units import Resource
from tests.unit.cli.conftest import Town

AMALGAM = Path(sys.executable).with_name("amalgam")


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


class Watcher:
    """`amalgam battery watch`, or another pool's, in a process of its own."""

    def __init__(
        self,
        town: Town,
        *options: str,
        group: str = "battery",
        pool: Pubkey | None = None,
        terminal: bool = False,
    ) -> None:
        address = str(pool or town.battery)
        command = [AMALGAM, group, "watch", address, "--interval", "1s", *options]
        environment = os.environ | {"HOME": str(town.home), "COLUMNS": "160", "LINES": "40", "TERM": "xterm"}
        self._reader, writer = pty.openpty() if terminal else os.pipe()
        self.process = subprocess.Popen(command, stdout=writer, stderr=subprocess.PIPE, env=environment)
        os.close(writer)
        self._bytes = b""

    def __enter__(self) -> "Watcher":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        os.close(self._reader)

    def read(self, expected: str) -> None:
        """Read on until this has come."""
        while expected not in self.output:
            assert select.select([self._reader], [], [], 30)[0], f"{expected!r} never came: {self.output!r}"
            self._bytes += os.read(self._reader, 10_000)

    @property
    def output(self) -> str:
        """So far, without a terminal's controls."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._bytes.decode(errors="ignore"))

    def interrupt(self) -> tuple[int, bytes]:
        """Press Ctrl-C, and read to the end: the exit code, and stderr."""
        self.process.send_signal(signal.SIGINT)
        with suppress(OSError):  # as a terminal says that nobody writes to it any more
            while more := os.read(self._reader, 10_000):
                self._bytes += more
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


def test_watch(town: Town) -> None:
    town.deposit("owner", 1_000)
    with (
        Watcher(town, "--output", "json") as for_programs,
        Watcher(town) as for_pipes,
        Watcher(town, terminal=True) as for_people,
    ):
        for_people.read("Events     4")
        until(lambda: town.node.methods().count("getTransaction") == 3 * 4)  # all know what was before
        town.lines("deposit", town.battery, "2kWh", by="neighbour")
        town.lines("member", "open", town.battery, town["newcomer"])
        for_programs.read("MemberOpened")
        for_pipes.read("opened member 3")
        for_people.read("Events     6")
        assert [each.interrupt() for each in (for_programs, for_pipes, for_people)] == [(0, b"")] * 3

    deposit, opening = map(json.loads, for_programs.output.splitlines())
    assert (deposit["event"], deposit["sequence"], deposit["unit"]) == ("Deposited", 5, "Wh")
    assert (deposit["owner"], deposit["amount"], deposit["credit"]) == (str(town["neighbour"]), 2_000, 1_800)
    assert (opening["event"], opening["owner"]) == ("MemberOpened", str(town["newcomer"]))
    assert for_pipes.output.splitlines() == [
        f"5  2026-06-21 12:00:00 UTC  {town['neighbour']}  deposited 2.000 kWh: 1.800 kWh credited, "
        "0.200 kWh lost; balance 1.800 kWh",
        f"6  2026-06-21 12:00:00 UTC  {town['newcomer']}  opened member 3, {town['newcomer']}",
    ]
    for shown in (
        "Stored     0.900 kWh (4 %): 0.900 kWh available, 0.000 kWh allocated",
        "Stored     2.700 kWh (14 %): 2.700 kWh available, 0.000 kWh allocated",
        "deposited 1.000 kWh: 0.900 kWh credited",  # what was before
        "deposited 2.000 kWh: 1.800 kWh credited",
    ):
        assert shown in for_people.output


def test_a_treatment_plant_in_its_own_words(town: Town) -> None:
    plant = town.begin(Resource.WASTE)
    with Watcher(town, group="treatment-plant", pool=plant, terminal=True) as for_people:
        for_people.read("Events           2")
        town.lines("deposit", plant, "40kg", by="owner")
        for_people.read("Events           3")
        assert for_people.interrupt() == (0, b"")
    for shown in (
        f"Treatment plant  {plant}",
        "Stored           0.036 t (0 %): 0.036 t available, 0.000 t allocated",
        "deposited 0.040 t: 0.036 t credited, 0.004 t sorted out; balance 0.036 t",
    ):
        assert shown in for_people.output


@pytest.mark.parametrize(
    ("interval", "complaint"),
    [
        ("0s", "'0s' is not at least 1 s, in whole seconds; round it"),
        ("often", "'often' is not a duration; write it like 90m, 24h or 7d"),
    ],
)
def test_not_an_interval(town: Town, interval: str, complaint: str) -> None:
    assert town.refusal("battery", "watch", town.battery, "--interval", interval) == (
        2,
        f"Invalid value for --interval: {complaint}",
    )


def test_a_node_that_has_forgotten_all(town: Town) -> None:
    town.forget(1, 2, 3)
    assert town.refusal("battery", "watch", town.battery) == (
        3,
        f"there is no event of battery {town.battery} on {town.cluster}; "
        "this node has forgotten them; try another",
    )
