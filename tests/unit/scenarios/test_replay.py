"""The replay: what each surplus, deficit and afternoon does, in numbers worked out by hand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from solders.account import Account
from solders.token.state import TokenAccount
from spl.token.constants import TOKEN_PROGRAM_ID

from amalgam import built
from amalgam.battery.program import PROGRAM_ID
from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.errors import AssertionRefused
from amalgam.readings.model import Reading, Readings
from amalgam.scenarios.replay import (
    Flows,
    IntervalReport,
    LedgerMismatchError,
    MemberReport,
    Report,
    _LedgeredPool,
    replay,
)
from amalgam.units import ENERGY, WASTE, WATER, Measure

HALF_DAY = timedelta(hours=12)
MONDAY = datetime(2026, 6, 22, 6, tzinfo=timezone(timedelta(hours=2)))
TOKEN_ACCOUNT_BYTES, AMOUNT_OFFSET = 165, 64
BeginInterval = Callable[[datetime], None]


class Chain(EmbeddedChain):
    """An embedded chain with the program, whose clock can follow readings."""

    def __init__(self) -> None:
        super().__init__()
        self.add_program(PROGRAM_ID, built("energy_allocation.so"))

    def follow(self, start: datetime) -> None:
        self.unix_timestamp = int(start.timestamp())

    async def replay(self, readings: Readings, begin_interval: BeginInterval | None = None) -> Report:
        report = await replay(
            readings,
            self.client(),
            capacity=1_000,
            efficiency_bps=9_000,
            begin_interval=begin_interval or self.follow,
        )
        return replace(report, seconds=0)


@pytest.fixture
def chain() -> Chain:
    return Chain()


def half_days(*intervals: dict[str, tuple[int, int]]) -> Readings:
    """Readings of (generated, consumed) Wh from Monday 06:00 on, then 18:00, and so on."""
    readings = tuple(
        Reading(MONDAY + number * HALF_DAY, member, generated, consumed)
        for number, interval in enumerate(intervals)
        for member, (generated, consumed) in interval.items()
    )
    return Readings.of(ENERGY, HALF_DAY, readings)


async def test_every_flow_is_settled(chain: Chain) -> None:
    """Capacity 1,000 Wh, efficiency 90 %, so an allocation limit of 500 Wh for each of the two."""
    readings = half_days(
        # Monday 06:00. The inn has no balance. The hut's surplus of 800 is credited with 720.
        {"inn": (0, 50), "hut": (900, 100)},
        # 18:00. Nobody has drawn anything last evening: no allocation. The hut draws 200, leaving 520.
        {"inn": (0, 60), "hut": (0, 200)},
        # Tuesday 06:00. The inn: 20 is credited with 18. Room for 462: 514 of the hut's 700 fill the battery.
        {"inn": (30, 10), "hut": (700, 0)},
        # 18:00. The hut allocates 200 of its 982, and draws 350, 200 from it. The inn gets its 18 of 30.
        {"inn": (0, 30), "hut": (0, 350)},
        # Wednesday 06:00. The inn: 5 is credited with 4. The hut draws 132, leaving 500.
        {"inn": (5, 0), "hut": (0, 132)},
        # 18:00. The hut allocates 350; the inn drew 18, but has a balance of 4. The hut draws 50 of its own.
        {"inn": (0, 0), "hut": (0, 50)},
        # Thursday 06:00.
        {"inn": (0, 0), "hut": (0, 0)},
        # 18:00. Both release what is left, 300 and 4. The hut allocates 50, as last evening drew.
        {"inn": (0, 0), "hut": (0, 0)},
    )
    assert await chain.replay(readings) == Report(
        measure=ENERGY,
        capacity=1_000,
        efficiency_bps=9_000,
        allocation_limit=500,
        allocation_lifetime_s=86_400,
        interval_s=43_200,
        members=(
            MemberReport(
                "inn",
                Flows(
                    produced=35,
                    consumed=150,
                    used_directly=10,
                    deposited=25,
                    lost=3,
                    drawn=18,
                    not_taken=0,
                    not_given=122,
                ),
                balance=4,
                allocated=0,
            ),
            MemberReport(
                "hut",
                Flows(
                    produced=1_600,
                    consumed=832,
                    used_directly=100,
                    deposited=1_314,
                    lost=132,
                    drawn=732,
                    not_taken=186,
                    not_given=0,
                ),
                balance=450,
                allocated=50,
            ),
        ),
        intervals=(
            # start, (generated, consumed, used directly, deposited, lost, drawn, not taken, not given), state
            IntervalReport(MONDAY, Flows(900, 150, 100, 800, 80, 0, 0, 50), 720, 0),
            IntervalReport(MONDAY + 1 * HALF_DAY, Flows(0, 260, 0, 0, 0, 200, 0, 60), 520, 0),
            IntervalReport(MONDAY + 2 * HALF_DAY, Flows(730, 10, 10, 534, 54, 0, 186, 0), 1_000, 0),
            IntervalReport(MONDAY + 3 * HALF_DAY, Flows(0, 380, 0, 0, 0, 368, 0, 12), 632, 0),
            IntervalReport(MONDAY + 4 * HALF_DAY, Flows(5, 132, 0, 5, 1, 132, 0, 0), 504, 0),
            IntervalReport(MONDAY + 5 * HALF_DAY, Flows(0, 50, 0, 0, 0, 50, 0, 0), 150, 304),
            IntervalReport(MONDAY + 6 * HALF_DAY, Flows(), 150, 304),
            IntervalReport(MONDAY + 7 * HALF_DAY, Flows(), 404, 50),
        ),
        total=Flows(1_635, 982, 110, 1_339, 135, 750, 186, 122),
        available=404,
        allocated=50,
        vault=454,
        supply=454,
        instructions={
            "initialize_mint": 1,
            "initialize": 1,
            "open_member": 2,
            "create_token_account": 2,
            "mint_to": 4,
            "deposit_energy": 4,
            "withdraw_energy": 4,
            "burn": 4,
            "allocate": 4,
            "consume": 2,
            "deallocate": 2,
        },
        transactions=20,
        readings=16,
        seconds=0,
    )


async def test_what_has_expired_is_released_and_then_drawn(chain: Chain) -> None:
    idle = {"hut": (0, 0)}
    # The hut stores 900 and draws 200 on Monday, so it allocates 200 on Tuesday. Wednesday has no readings.
    week = half_days({"hut": (1_000, 0)}, {"hut": (0, 200)}, idle, idle, idle, idle, {"hut": (0, 100)})
    wednesday = (MONDAY + 4 * HALF_DAY).date()
    kept = [
        reading for start, interval in week.intervals() for reading in interval if start.date() != wednesday
    ]

    report = await chain.replay(Readings.of(ENERGY, HALF_DAY, kept))

    assert (report.available, report.allocated) == (600, 0)
    assert (report.instructions["allocate"], report.instructions["deallocate"]) == (1, 1)
    assert "consume" not in report.instructions


async def test_a_full_battery_takes_no_more(chain: Chain) -> None:
    """1,112 Wh is the most that 1,000 Wh of room allow: 1,112 x 0.9 = 1,000.8."""
    report = await chain.replay(half_days({"hut": (5_000, 0)}, {"hut": (5_000, 0)}))
    assert report.total == Flows(10_000, 0, 0, deposited=1_112, lost=112, not_taken=8_888)
    assert (report.available, report.vault, report.supply) == (1_000, 1_000, 1_000)


async def test_a_surplus_that_charging_would_lose_is_not_taken(chain: Chain) -> None:
    """1 Wh would be credited with 0, which the program refuses."""
    report = await chain.replay(half_days({"hut": (1, 0)}, {"hut": (2, 0)}))
    assert report.total == Flows(3, 0, 0, deposited=2, lost=1, not_taken=1)
    assert report.stored == 1


async def test_nobody_draws_on_anothers_balance(chain: Chain) -> None:
    report = await chain.replay(half_days({"hut": (500, 0), "inn": (0, 0)}, {"hut": (0, 0), "inn": (0, 100)}))
    assert report.total.not_given == 100
    assert [member.balance for member in report.members] == [450, 0]


async def test_an_allocation_stays_within_the_limit(chain: Chain) -> None:
    """Of three members each may allocate 333 Wh, however much last evening drew."""
    idle = {"inn": (0, 0), "mill": (0, 0)}
    report = await chain.replay(
        half_days(
            {"hut": (1_112, 0), **idle},
            {"hut": (0, 400), **idle},
            {"hut": (0, 0), **idle},
            {"hut": (0, 0), **idle},
        )
    )
    assert report.allocation_limit == 333
    assert (report.available, report.allocated) == (267, 333)


@pytest.mark.parametrize(
    ("hour", "allocated_wh"),
    [
        pytest.param(16, 0, id="before 17:00"),
        pytest.param(17, 100, id="from 17:00"),
        pytest.param(23, 100, id="to 24:00"),
        pytest.param(24, 0, id="after 24:00"),
    ],
)
async def test_an_allocation_is_what_the_evening_drew(chain: Chain, hour: int, allocated_wh: int) -> None:
    """The hut stores in the morning, draws 100 Wh in one hour of the day, and allocates at 15:00 the next."""
    midnight = MONDAY.replace(hour=0)
    readings = tuple(
        Reading(midnight + timedelta(hours=h), "hut", 500 if h == 8 else 0, 100 if h == hour else 0)
        for h in range(24 + 16)
    )
    report = await chain.replay(Readings.of(ENERGY, timedelta(hours=1), readings))
    assert [interval.allocated for interval in report.intervals] == [0] * 39 + [allocated_wh]


@pytest.mark.parametrize(
    ("measure", "hour", "allocated"),
    [
        pytest.param(WATER, 5, 0, id="water before 06:00"),
        pytest.param(WATER, 6, 100, id="water from 06:00"),
        pytest.param(WATER, 23, 100, id="water to 24:00"),
        pytest.param(WASTE, 1, 100, id="waste at any time"),
    ],
)
async def test_an_allocation_of_water_and_of_waste_is_what_the_day_drew(
    chain: Chain, measure: Measure, hour: int, allocated: int
) -> None:
    """The hut deposits at midnight, draws 100 in one hour of the day, and allocates at the next midnight."""
    midnight = MONDAY.replace(hour=0)
    readings = tuple(
        Reading(midnight + timedelta(hours=h), "hut", 500 if h == 0 else 0, 100 if h == hour else 0)
        for h in range(25)
    )
    report = await chain.replay(Readings.of(measure, timedelta(hours=1), readings))
    assert report.measure is measure
    assert [interval.allocated for interval in report.intervals] == [0] * 24 + [allocated]


async def test_the_clock_follows_the_readings(chain: Chain) -> None:
    starts: list[datetime] = []
    await chain.replay(half_days({"hut": (0, 0)}, {"hut": (0, 0)}), starts.append)
    assert starts == [MONDAY, MONDAY + HALF_DAY]


EVENINGS = half_days({"hut": (500, 0)}, {"hut": (0, 100)}, {"hut": (0, 0)}, {"hut": (0, 0)})


async def test_a_clock_that_stands_still_is_noticed(chain: Chain) -> None:
    chain.follow(MONDAY)
    with pytest.raises(LedgerMismatchError) as mismatch:
        await chain.replay(EVENINGS, lambda _: None)
    on_chain = int(MONDAY.timestamp()) + 86_400
    in_ledger = on_chain + 3 * 43_200
    expected = f"member hut's allocation_expiry is {on_chain} on the chain, {in_ledger} in the ledger"
    assert str(mismatch.value) == expected


async def test_what_is_to_come_is_told_before_it_is_sent(chain: Chain) -> None:
    told: list[object] = []

    def begin_interval(start: datetime) -> None:
        chain.follow(start)
        told.append(start)

    report = await replay(
        EVENINGS,
        chain.client(),
        capacity=1_000,
        efficiency_bps=9_000,
        begin_interval=begin_interval,
        plan_interval=lambda: told.append("planned"),
        begin=told.append,
    )
    starts = [each.start for each in report.intervals]
    set_up = 4  # the mint, the pool, the member and their tokens
    assert told == [*["planned"] * len(starts), report.transactions - set_up, *starts]


@pytest.mark.parametrize(
    ("measure", "pool"),
    [(ENERGY, "battery"), (WATER, "reservoir"), (WASTE, "treatment plant")],
)
async def test_a_mismatch_is_told_in_words_of_the_resource(
    chain: Chain, measure: Measure, pool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger that forgets an operation counts fewer events than the chain."""

    send = _LedgeredPool._send

    async def forgetful(pool: _LedgeredPool, share: Any, steps: dict[str, int], *others: Any) -> None:
        await send(pool, share, steps, *others)
        pool.instructions.subtract(steps.keys())

    monkeypatch.setattr(_LedgeredPool, "_send", forgetful)
    readings = replace(half_days({"hut": (500, 0)}, {"hut": (0, 0)}), measure=measure)
    with pytest.raises(LedgerMismatchError) as mismatch:
        await chain.replay(readings)
    assert str(mismatch.value) == f"the {pool}'s sequence is 3 on the chain, 2 in the ledger"


@pytest.mark.parametrize(
    ("change_wh", "complaint"),
    [
        pytest.param(-1, "the vault holds 349, the battery stores 350", id="tokens missing"),
        pytest.param(1, "the vault is 351 on the chain, 350 in the ledger", id="tokens from nowhere"),
    ],
)
async def test_a_vault_that_differs_is_noticed(chain: Chain, change_wh: int, complaint: str) -> None:
    def begin(start: datetime) -> None:
        chain.follow(start)
        if start == MONDAY + 3 * HALF_DAY:
            forge_vault(chain, change_wh)

    with pytest.raises(LedgerMismatchError) as mismatch:
        await chain.replay(EVENINGS, begin)
    assert str(mismatch.value) == complaint


def forge_vault(chain: EmbeddedChain, change_wh: int) -> None:
    """Put more or fewer tokens in the vault, the only token account that is not empty, past all rules."""
    accounts = [
        each for each in chain.accounts_of(TOKEN_PROGRAM_ID) if len(each[1].data) == TOKEN_ACCOUNT_BYTES
    ]
    ((address, vault),) = (each for each in accounts if TokenAccount.from_bytes(each[1].data).amount)
    amount = TokenAccount.from_bytes(vault.data).amount + change_wh
    data = vault.data[:AMOUNT_OFFSET] + amount.to_bytes(8, "little") + vault.data[AMOUNT_OFFSET + 8 :]
    chain.set_account(address, Account(vault.lamports, data, TOKEN_PROGRAM_ID))


async def test_a_refusal_ends_the_replay(chain: Chain) -> None:
    with pytest.raises(AssertionRefused, match=r"^efficiency exceeds 10000 basis points: "):
        await replay(EVENINGS, chain.client(), capacity=1, efficiency_bps=10_001, begin_interval=chain.follow)
