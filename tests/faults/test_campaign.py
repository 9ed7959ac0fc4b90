"""A thousand operations through nodes that fail all the time, by a process that is killed again and again."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

from amalgam.battery.program import EnergyAllocated, events
from amalgam.chain.journal import Journal, Outcome
from amalgam.chain.keys import write_keypair
from tests.faults.conftest import Pool
from tests.faults.faulty import Fault, FaultyNode

OPERATIONS = 1_000 if "CI" in os.environ else 100
SEED = 20_261_124
FAULT_SHARE = 0.15  # of all requests
KILL_SHARE = 0.004
KILLS = {"sendTransaction": 20, "getSignatureStatuses": 40}  # whatever chance says: at the so many-th
SENDING = [Fault.CUT, Fault.LOST_ANSWER, Fault.DROPPED, Fault.SLOW, Fault.EXPIRING]


class Trouble:
    """Decides what goes wrong: something with each operation, and now and then the worker's end."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._random = Random(SEED)  # noqa: S311
        self.worker: subprocess.Popen[bytes] | None = None
        self.kills = Counter[str]()
        self._asked = Counter[str]()
        self.faulted = set[int]()  # operations, by how much was allocated when something went wrong

    def choose(self, method: str) -> Fault | None:
        allocated = self._pool.allocated()
        self._asked[method] += 1
        certainly = KILLS.get(method) == self._asked[method]
        if self.worker is not None and (certainly or self._random.random() < KILL_SHARE):
            self.worker.kill()
            self.kills[method] += 1
        fault = None
        if self._random.random() < FAULT_SHARE:
            fault = self._random.choice([*Fault])
        elif method == "sendTransaction" and allocated not in self.faulted:
            fault = self._random.choice(SENDING)
        if fault is not None:
            self.faulted.add(allocated)
        return fault


def test_of_a_thousand_faulted_operations_none_is_lost_and_none_done_twice(
    pool: Pool, tmp_path: Path, journal_path: Path
) -> None:
    trouble = Trouble(pool)
    keypair = tmp_path / "owner.json"
    write_keypair(keypair, pool.owner)
    with FaultyNode(pool.chain, trouble.choose) as one, FaultyNode(pool.chain, trouble.choose) as other:
        command = [sys.executable, "-m", "tests.faults.worker", f"{one.url},{other.url}", str(keypair)]
        command += [str(journal_path), str(pool.battery), str(OPERATIONS)]
        runs = 0
        while trouble.worker is None or trouble.worker.returncode != 0:
            assert runs <= 200, "killed more often than the share says"
            trouble.worker = subprocess.Popen(command, cwd=Path(__file__).parents[2])
            trouble.worker.wait()
            assert trouble.worker.returncode in (0, -9)
            runs += 1
        faults = one.faults + other.faults

    assert pool.allocated() == sum(range(1, OPERATIONS + 1))
    done = [
        event.amount
        for landed in reversed(list(pool.chain.landed_newest_first()))
        for event in events(landed.meta.logs())
        if isinstance(event, EnergyAllocated)
    ]
    assert done == list(range(1, OPERATIONS + 1))
    journal = Journal(journal_path)
    assert journal.entries(outcome=Outcome.PENDING) == []
    assert len(journal.entries(outcome=Outcome.LANDED)) == OPERATIONS
    assert len(trouble.faulted) >= OPERATIONS
    assert faults.keys() == set(Fault)
    assert trouble.kills.keys() >= KILLS.keys()
    print(f"{sum(faults.values())} faults, {sum(trouble.kills.values())} kills, {runs} runs")
    print({fault.name: number for fault, number in faults.items()}, dict(trouble.kills))
