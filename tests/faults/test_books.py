"""Faulted runs of `amalgam books sync`: killed at any step, between nodes that fail and lie.

A hundred, which take a minute; `FAULTED_RUNS=1000 pytest -s tests/faults/test_books.py` tries a thousand.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator
from copy import deepcopy
from enum import Enum, auto
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from amalgam.battery.program import member_address
from amalgam.books.database import Books, books_url
from amalgam.books.tables import blocks, event_accounts, events, queue, transactions
from amalgam.chain.events import fetch
from tests.faults.faulty import Fault, FaultyNode
from tests.support.book_chain import TOO_MANY, BookChain
from tests.support.postgres import Postgres, postgres_server

RUNS = int(os.environ.get("FAULTED_RUNS", "100"))
SEED = 20_261_129
FAULT_SHARE = 0.03  # of all requests
LIE_SHARE = 0.15  # of what can be lied about
LOUD = [
    Fault.CUT,
    Fault.LOST_ANSWER,
    Fault.BUSY,
    Fault.BROKEN,
    Fault.GARBAGE,
    Fault.TRUNCATED,
    Fault.UNHEALTHY,
]
MOST_STEPS = 250  # of a run, about
MOST_RUNS = 60  # until all is read
FILLED = 20  # times, with one story: a longer one would only take longer to read
MANY = 50  # runs, in which every lie is to be expected


class Lie(Enum):
    """What is wrong with an answer."""

    SHUFFLED = auto()  # a list
    REPEATED = auto()
    BEHIND = auto()  # without the newest
    FORGOTTEN = auto()  # without the oldest, or a transaction
    OMITTED = auto()  # without some
    ANOTHER = auto()  # transaction than the one asked for
    CUT_OFF = auto()  # log
    MOVED = auto()  # to another block


LIES = {
    "getSignaturesForAddress": [Lie.SHUFFLED, Lie.REPEATED, Lie.BEHIND, Lie.FORGOTTEN, Lie.OMITTED],
    "getTransaction": [Lie.FORGOTTEN, Lie.ANOTHER, Lie.CUT_OFF, Lie.MOVED],
}


class LyingNode(FaultyNode):
    """Fails loudly, and lies too."""

    def __init__(self, story: BookChain, random: Random) -> None:
        super().__init__(story.chain, lambda _: faulted(random))
        self._random = random
        self.lies = Counter[Lie]()
        self._told: dict[str, Any] | None = None  # another transaction

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        answer = super().answer(request)
        result = answer.get("result")
        if not result or request["method"] not in LIES or self._random.random() >= LIE_SHARE:
            self._told = result if request["method"] == "getTransaction" else self._told
            return answer
        lie = self._random.choice(LIES[request["method"]])
        self.lies[lie] += 1
        answer["result"] = self._bent(lie, deepcopy(result))
        return answer

    def _bent(self, lie: Lie, result: Any) -> Any:
        is_list, half = isinstance(result, list), len(result) // 2
        match lie:
            case Lie.SHUFFLED:
                self._random.shuffle(result)
            case Lie.REPEATED:
                return [each for each in result for _ in range(2)]
            case Lie.BEHIND:
                return result[half:]
            case Lie.FORGOTTEN:
                return result[:half] if is_list else None
            case Lie.OMITTED:
                return [each for each in result if self._random.random() < 0.7]
            case Lie.ANOTHER:
                return self._told
            case Lie.CUT_OFF:
                logs = result["meta"]["logMessages"]
                result["meta"]["logMessages"] = [*logs[: len(logs) // 2], "Log truncated"]
            case Lie.MOVED:
                result["slot"] += 1
        return result


def faulted(random: Random) -> Fault | None:
    return random.choice(LOUD) if random.random() < FAULT_SHARE else None


class Worker:
    """Runs the command, one process after the other."""

    def __init__(self, home: Path) -> None:
        self._stderr = (home / "stderr").open("a+", encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.books_worker"],
            cwd=Path(__file__).parents[2],
            env=os.environ | {"HOME": str(home), "XDG_STATE_HOME": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
        )

    def run(self, place: str, urls: str, trouble: str = "none", at: int = 0) -> int:
        """The exit code, or less than 0 for a signal."""
        self._stderr.truncate(0)
        asked = {"place": place, "urls": urls, "trouble": trouble, "at": at}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        while not (answer := self._process.stdout.readline().strip()).lstrip("-").isdecimal():
            assert answer, self.said()  # what the command itself prints is passed over
        return int(answer)

    def said(self) -> str:
        """What the latest run has said on stderr."""
        self._stderr.seek(0)
        return self._stderr.read()

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._stderr.close()


@pytest.fixture
def worker(tmp_path: Path) -> Generator[Worker]:
    worker = Worker(tmp_path)
    yield worker
    worker.close()


@pytest.fixture(scope="session")
def postgres() -> Generator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def story() -> BookChain:
    return new_story()


def new_story() -> BookChain:
    story = BookChain()
    story.begin()
    story.allocate(3)
    story.allocate(TOO_MANY)  # whose log no node has
    story.fail()
    story.allocate()
    return story


def grow(story: BookChain, random: Random) -> None:
    for _ in range(random.randrange(1, 12)):
        random.choice([story.allocate, lambda: story.allocate(3), story.fail, lambda: story.deposit(7)])()


async def check(place: str, story: BookChain) -> None:
    """All that has landed is in the books, once, and nothing else."""
    books = Books(place)
    stored = [*books.story(story.battery), *books.story(story.issuer)]
    told = [*await fetch(story.connection, story.battery), *await fetch(story.connection, story.issuer)]
    assert stored == told
    (gap,) = books.gaps()
    assert (gap.ledger, gap.missing) == (story.battery, range(7, 7 + TOO_MANY))
    books.close()
    landed = story.landed()
    engine = sa.create_engine(books_url(place))
    with engine.connect() as connection:
        columns = (transactions.c.signature, transactions.c.slot, transactions.c.error.is_not(None))
        found = sorted(map(tuple, connection.execute(sa.select(*columns))))
        assert found == sorted(
            (str(each.transaction.signatures[0]), each.slot, each.err is not None) for each in landed
        )
        wires = set(connection.scalars(sa.select(transactions.c.wire)))
        assert wires == {bytes(each.transaction) for each in landed}
        times = dict(map(tuple, connection.execute(sa.select(blocks))))
        assert times == {each.slot: each.block_time for each in landed}
        number = sa.select(sa.func.count())
        assert connection.scalar(number.select_from(events)) == len(told)
        assert connection.scalar(number.select_from(queue)) == 0
        member = str(member_address(story.battery, story.address))
        of_member = connection.scalar(number.where(event_accounts.c.account == member))
        assert of_member == sum(hasattr(each.event, "member") for each in told)
    engine.dispose()


def trouble_of(random: Random, *, is_file: bool) -> tuple[str, int]:
    """What happens to a run, and at which of its steps, or bytes of a file."""
    kind = random.choice(["killed", "killed", "killed", "none", "disk full" if is_file else "database away"])
    if kind == "disk full":
        return kind, random.randrange(4_096, 400_000)
    return kind, random.randrange(1, MOST_STEPS)


class Troubled:
    """Fills books again and again, and counts what happens to each run."""

    def __init__(
        self, worker: Worker, random: Random, new_place: Callable[[], str], *, is_file: bool
    ) -> None:
        self._worker, self._random, self._new_place, self._is_file = worker, random, new_place, is_file
        self.faults, self.ends, self.troubles = Counter[Any](), Counter[int](), Counter[str]()
        self.runs = self.whole = 0

    async def tell(self, story: BookChain) -> None:
        """Fill books with a story, and with what is added to it."""
        random, place = self._random, ""
        with (
            LyingNode(story, random) as liar,
            FaultyNode(story.chain, lambda _: faulted(random)) as honest,
        ):
            for _ in range(FILLED):
                if not place or random.random() < 0.5:
                    place = self._new_place()
                self._fill(place, liar, honest)
                await check(place, story)
                self.whole += 1
                grow(story, random)
                if self.runs >= RUNS / 2:
                    break
            self.faults += liar.lies + liar.faults + honest.faults

    def _fill(self, place: str, liar: LyingNode, honest: FaultyNode) -> None:
        for _ in range(MOST_RUNS):
            before = liar.lies.total() + liar.faults.total() + honest.faults.total()
            trouble, at = trouble_of(self._random, is_file=self._is_file)
            end = self._worker.run(place, f"{liar.url},{honest.url}", trouble, at)
            assert end in (0, 4, -9), self._worker.said()
            assert "Traceback" not in self._worker.said()
            self.ends[end] += 1
            self.troubles[trouble] += 1
            after = liar.lies.total() + liar.faults.total() + honest.faults.total()
            self.runs += end == -9 or after > before or (trouble != "none" and end != 0)
            if end == 0:
                return
        raise AssertionError(f"not read in {MOST_RUNS} runs: {self._worker.said()}")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_nothing_is_lost_and_nothing_doubled(
    worker: Worker, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    if kind == "sqlite":
        numbers = count()
        new_place: Callable[[], str] = lambda: str(tmp_path / f"books-{next(numbers)}.sqlite")  # noqa: E731
    else:
        new_place = request.getfixturevalue("postgres").new_database
    found = Troubled(worker, Random(SEED), new_place, is_file=kind == "sqlite")  # noqa: S311
    while found.runs < RUNS / 2:
        await found.tell(new_story())
    assert {0, -9} <= found.ends.keys() <= {0, 4, -9}
    assert found.runs < MANY or found.faults.keys() >= set(Lie)
    print(
        f"{found.runs} faulted runs with {kind}: {found.whole} times whole; ends {dict(found.ends)}; "
        f"troubles {dict(found.troubles)}"
    )
    print({each.name: number for each, number in found.faults.items()})


async def test_a_database_that_is_away_is_waited_for(
    story: BookChain, worker: Worker, postgres: Postgres
) -> None:
    place = postgres.new_database()
    with FaultyNode(story.chain, lambda _: None) as node:
        assert worker.run(place, node.url) == 0
        story.allocate()
        postgres.stop()
        try:
            assert worker.run(place, node.url) == 4
        finally:
            postgres.start()
        assert "; run the same again once that is mended, it goes on" in worker.said()
        assert worker.run(place, node.url) == 0
    await check(place, story)
