"""A week of a village: two houses by hand, and two days of the real ones, on the real programs."""

import asyncio
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from solders.account import Account as ChainAccount
from solders.token.state import TokenAccount
from spl.token.constants import TOKEN_PROGRAM_ID

from amalgam import built
from amalgam.billing.posted import DifferenceError
from amalgam.billing.settings import load_billing
from amalgam.chain.embedded import EmbeddedChain
from amalgam.programs import Program
from amalgam.readings.community import community
from amalgam.readings.model import Reading, Readings
from amalgam.readings.read import read_files
from amalgam.scenarios.bill import bill
from amalgam.scenarios.chart import houses_figure, houses_png, week_figure, week_png
from amalgam.scenarios.replay import LedgerMismatchError
from amalgam.scenarios.village import COIN, PROGRAMS, Week, _spread, live
from amalgam.sharing.program import Line as SharingLine
from amalgam.sharing.settings import Settings, load_settings, settings_of
from amalgam.sharing.settlement import Line, Rule, digest
from amalgam.units import ENERGY

MIDNIGHT = datetime(2026, 6, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)
VILLAGE = {
    "key": {"kind": "dynamic"},
    "prices": {"bought": "0.32", "sold": "0.08", "shared": "0.16"},
    "battery": {"capacity": "2kWh", "efficiency": "90%"},
}
DAY = {  # (produced, consumed) Wh of the roof and of the flat, by hour of the day
    10: ((3_000, 500), (0, 700)),
    12: ((0, 0), (0, 100)),
    13: ((0, 200), (0, 0)),
    19: ((0, 300), (0, 150)),
}
TWO_DAYS = 192  # quarter-hours
SOURCES = ("own roof", "shared by neighbours", "own in the battery", "bought in the market", "grid")
FILE = built("sonnental-bills.toml")
TOKEN_ACCOUNT_BYTES, AMOUNT_OFFSET = 165, 64


class Chain(EmbeddedChain):
    """With the three programs, whose clock follows the readings."""

    def __init__(self) -> None:
        super().__init__()
        for program in PROGRAMS:
            self.add_program(program.program_id, program.code)

    async def travel_to(self, moment: int) -> None:
        self.unix_timestamp = moment

    async def live(self, readings: Readings, settings: Settings, **others: Any) -> Week:
        return await live(readings, settings, self.client(), travel_to=self.travel_to, **others)


def village(**changes: Any) -> Settings:
    content = {key: value for key, value in (VILLAGE | changes).items() if value is not None}
    return settings_of(Path("village.toml"), content)


def day(hours: dict[int, Any] = DAY) -> Readings:
    """The roof's and the flat's of a day, or of as many as there are hours of."""
    return Readings.of(
        ENERGY,
        HOUR,
        [
            Reading(MIDNIGHT + hour * HOUR, name, *amounts)
            for hour in range(24 * (max(hours) // 24 + 1))
            for name, amounts in zip(("roof", "flat"), hours.get(hour, ((0, 0), (0, 0))), strict=True)
        ],
    )


async def test_an_evening_by_hand() -> None:
    """The roof shares 700 Wh of its surplus of 2,500; of the 1,800 left 1,620 are credited.

    At 13:00 it draws 200 of them. At 17:00 both expect to need what they have needed: the roof offers 1,220
    of its 1,420 at 0.12, halfway between what the grid pays and the price of a shared kWh; the flat bids for
    100 at 0.24, halfway between that and what the grid takes. As more is offered than bid for, 0.12 is the
    price.
    """
    week = await Chain().live(day(), village())
    sums = week.account.flows.sums()
    assert {each.name: getattr(sums, each.name).tolist() for each in fields(sums)} == {
        "produced": [3_000, 0],
        "consumed": [1_000, 950],
        "own_use": [500, 0],
        "shared_out": [700, 0],
        "shared_in": [0, 700],
        "charged": [1_800, 0],
        "discharged": [500, 100],
        "sold": [0, 0],
        "bought": [0, 150],
    }
    assert week.from_market.sum(axis=0).tolist() == [0, 100]
    assert [(each.order_count, each.price, each.volume) for each in week.auctions] == [(2, 120_000, 100)]
    assert (week.sold, week.earned) == ([100, 0], [12_000, -12_000])
    assert week.lines == [Line("roof", 0, 700, 0, 112_000), Line("flat", 700, 0, 112_000, 0)]
    assert (week.lost, week.account.balances.tolist()) == (180, [1_020, 0])
    # With the grid alone the roof would have got 0.20 and paid 0.16, and has got 0.124; the flat would have
    # paid 0.304, and has paid 0.172.
    houses, all_ = week.figures()
    assert [each.savings for each in houses] == [Fraction(84, 1_000), Fraction(132, 1_000)]
    assert all_.savings == Fraction(216, 1_000)
    stored = dict(zip(range(24), week.account.stored.tolist(), strict=True))
    assert [stored[hour] for hour in (9, 10, 13, 17, 18, 19)] == [0, 1_620, 1_420, 1_420, 1_420, 1_020]


async def test_what_waits_for_its_buyer_takes_room_in_the_battery() -> None:
    """After the auction the flat has 100 Wh in its wallet: of 2,000 Wh of room so much less is free."""
    week = await Chain().live(day({**DAY, 18: ((9_000, 0), (0, 0)), 19: ((0, 0), (0, 0))}), village())
    assert week.account.balances.tolist() == [1_900, 100]
    assert week.account.stored.max() == week.capacity == 2_000


async def test_without_anyone_in_need_there_is_no_auction() -> None:
    week = await Chain().live(day({10: ((3_000, 500), (0, 700))}), village())
    assert (week.auctions, week.earned) == ([], [0, 0])


async def test_who_has_bought_too_much_bids_for_less() -> None:
    """On the second day the flat needs 600 Wh, of the 1,000 that it bought for the first: it bids for 200."""
    noon = 12
    hours = {10: DAY[10], noon: ((0, 0), (0, 1_000)), 24 + 10: DAY[10], 24 + noon: ((0, 0), (0, 600))}
    week = await Chain().live(day(hours), village())
    assert [each.volume for each in week.auctions] == [1_000, 200]
    assert week.from_market.sum(axis=0).tolist() == [0, 600]
    assert week.account.balances.tolist() == [800, 600]


async def test_what_is_bought_is_not_offered() -> None:
    """On the second day the flat needs nothing of the 1,000 Wh that it has bought, and the roof lacks 800."""
    noon = 12
    hours = {10: DAY[10], noon: ((0, 0), (0, 1_000)), 20: ((0, 620), (0, 0)), 24 + noon: ((0, 800), (0, 0))}
    week = await Chain().live(day(hours), village())
    assert [each.volume for each in week.auctions] == [1_000]
    assert week.account.balances.tolist() == [0, 1_000]


def test_prices_are_spread_and_the_largest_comes_first() -> None:
    assert _spread({0: 100, 1: 300, 2: 300}, 80, 160) == {1: 100, 2: 120, 0: 140}
    assert _spread({0: 100, 1: 300, 2: 300}, 320, 160) == {1: 280, 2: 240, 0: 200}


async def test_power_bounds_what_all_charge_and_what_all_draw() -> None:
    """At 19:00 the roof takes all 250 W of what it lacks, and none is left for what the flat has bought."""
    battery = VILLAGE["battery"] | {"charge": "1kW", "discharge": "250W"}
    week = await Chain().live(day(), village(battery=battery))
    sums = week.account.flows.sums()
    assert (sums.charged.tolist(), sums.sold.tolist()) == ([1_000, 0], [800, 0])
    assert (sums.discharged.tolist(), sums.bought.tolist()) == ([450, 0], [50, 250])
    assert week.account.balances.tolist() == [350, 100]


async def test_a_line_that_differs_is_noticed() -> None:
    """Somebody has got past all rules before the lines are settled."""
    chain = Chain()

    async def travel_to(moment: int) -> None:
        chain.unix_timestamp = moment
        if moment > (MIDNIGHT + 25 * HOUR).timestamp():
            forge_line(chain)

    with pytest.raises(LedgerMismatchError) as mismatch:
        await live(day(), village(), chain.client(), travel_to=travel_to)
    assert str(mismatch.value) == "flat's shared_in is 701 on the chain, 700 by the readings"


def forge_line(chain: Chain) -> None:
    """Have the flat's line say more than was shared."""
    for address, held in chain.accounts_of(Program.ENERGY_SHARING.program_id):
        with suppress(ValueError):
            if SharingLine.from_bytes(held.data).shared_in == 700:
                data = held.data.replace((700).to_bytes(8, "little"), (701).to_bytes(8, "little"))
                chain.set_account(address, ChainAccount(held.lamports, data, held.owner))


async def test_what_the_rule_is_follows_from_the_file() -> None:
    readings, settings = day(), village()
    week = await Chain().live(readings, settings)
    rule = Rule(settings.key, {}, settings.battery, price=160_000, fee_bps=0)
    assert week.digest == digest(readings, rule)
    assert week.digest != digest(readings, replace(rule, price=160_001))


@pytest.mark.parametrize("missing", ["battery", "prices"])
async def test_a_village_needs_a_battery_and_prices(missing: str) -> None:
    with pytest.raises(ValueError, match=r"^a village needs a battery and prices; add both to its file$"):
        await Chain().live(day(), village(**{missing: None}))


@pytest.mark.parametrize(
    ("change_wh", "complaint"),
    [
        pytest.param(-1, "the vault holds 1019, the battery stores 1020", id="tokens missing"),
        pytest.param(1, "the vault is 1021 on the chain, 1020 in the ledger", id="tokens from nowhere"),
    ],
)
async def test_a_chain_that_differs_is_noticed(change_wh: int, complaint: str) -> None:
    """Of the 1,620 Wh that the roof has stored it uses 600, and nobody bids for the rest."""
    chain = Chain()

    def step(start: datetime) -> None:
        if start == MIDNIGHT + 23 * HOUR:
            forge_vault(chain, change_wh)

    hours = {10: DAY[10], 13: DAY[13], 14: ((0, 400), (0, 0))}
    with pytest.raises(LedgerMismatchError) as mismatch:
        await chain.live(day(hours), village(), step=step)
    assert str(mismatch.value) == complaint


def forge_vault(chain: Chain, change_wh: int) -> None:
    """Put more or fewer tokens in the battery's vault, the only account with 1,020, past all rules."""
    accounts = [
        each for each in chain.accounts_of(TOKEN_PROGRAM_ID) if len(each[1].data) == TOKEN_ACCOUNT_BYTES
    ]
    ((address, held),) = (each for each in accounts if TokenAccount.from_bytes(each[1].data).amount == 1_020)
    amount = 1_020 + change_wh
    data = held.data[:AMOUNT_OFFSET] + amount.to_bytes(8, "little") + held.data[AMOUNT_OFFSET + 8 :]
    chain.set_account(address, ChainAccount(held.lamports, data, TOKEN_PROGRAM_ID))


# Two days of the village that comes with the package


@pytest.fixture(scope="module")
def week() -> Week:
    readings = community(read_files([built("community.csv")]))
    names = ("starts", "offsets", "produced", "consumed", "quality")
    short = replace(readings, **{name: getattr(readings, name)[:TWO_DAYS] for name in names})
    return asyncio.run(Chain().live(short, load_settings(FILE)))


def test_energy_in_is_energy_out(week: Week) -> None:
    """In each interval, for each house; and what was stored is used, lost or left."""
    flows = week.account.flows
    assert (flows.produced == flows.own_use + flows.shared_out + flows.charged + flows.sold).all()
    assert (flows.consumed == flows.own_use + flows.shared_in + flows.discharged + flows.bought).all()
    assert (flows.shared_in.sum(axis=1) == flows.shared_out.sum(axis=1)).all()
    assert min(getattr(flows, each.name).min() for each in fields(flows)) == 0
    left = int(week.account.balances.sum())
    assert flows.charged.sum() == flows.discharged.sum() + week.lost + left
    assert week.account.stored[-1] == left
    assert week.account.stored.max() == week.capacity == 100_000


def test_everybody_has_a_part(week: Week) -> None:
    houses, _ = week.figures()
    without = [each.name for each in houses if not each.produced]
    assert without == ["house-01", "house-03", "house-06"]
    market = dict(zip(week.readings.members, week.from_market.sum(axis=0).tolist(), strict=True))
    for each in houses:
        assert each.shared_in > 0
        assert each.savings is not None
        assert each.savings > 0
    for name in without:
        assert market[name] > 0


def test_the_lines_on_the_chain_are_what_was_shared(week: Week) -> None:
    sums = week.account.flows.sums()
    shared = zip(week.readings.members, sums.shared_in.tolist(), sums.shared_out.tolist(), strict=True)
    assert [each[:3] for each in week.lines] == [*shared]
    for line in week.lines:
        assert (line.charge, line.credit) == (line.shared_in * 160, line.shared_out * 160)  # 0.16 a kWh


def test_what_is_sold_is_what_is_bought(week: Week) -> None:
    """Buyers pay up to a whole base unit and sellers get down to one, each of them."""
    volume = sum(each.volume for each in week.auctions)
    assert len(week.auctions) == 2
    assert volume == sum(week.sold) >= week.from_market.sum() > 0
    kept = -sum(week.earned)
    assert 0 <= kept <= sum(each.order_count for each in week.auctions)
    for auction in week.auctions:
        assert 80_000 < auction.price < 320_000  # between what the grid pays and takes


def test_the_bill_is_of_who_gets_most_and_adds_up_to_the_line(week: Week) -> None:
    document, line = bill(week, load_billing(FILE))
    houses, _ = week.figures()
    assert line == next(each for each in week.lines if each.member == "house-06")
    assert line.shared_in == max(each.shared_in for each in houses if not each.produced)
    energy, discount = document.items
    assert (energy.what, energy.quantity) == ("energy", Decimal(line.shared_in).scaleb(-3))
    charge = Decimal(line.charge) / COIN
    assert Decimal(energy.net) / 100 == charge.quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    assert document.settled == energy.net
    assert (discount.what, document.net) == ("discount", energy.net + discount.net)
    assert (document.number, document.language, document.payable) == (
        "R2026-00001",
        "en",
        document.gross - document.settled,
    )
    assert (document.first.isoformat(), document.last.isoformat()) == ("2026-06-22", "2026-06-23")
    statement = document.statement
    assert statement is not None
    assert statement.flows["consumed"] == sum(
        statement.flows[name] for name in ("own_use", "shared_in", "discharged", "bought")
    )


def test_a_bill_that_does_not_add_up_is_refused(week: Week) -> None:
    lines = [line._replace(charge=line.charge + (line.member == "farm")) for line in week.lines]
    with pytest.raises(DifferenceError, match=r"^farm: charge is posted as \d+ base units, and is \d+ by "):
        bill(replace(week, lines=lines), load_billing(FILE))


# Pictures: what their axes show, without a look at pixels


def test_the_picture_of_a_week(week: Week) -> None:
    figure = week_figure(week)
    flow, level = figure.axes
    told = [
        (axes.get_title(loc="left"), axes.get_ylabel(), [text.get_text() for text in legends(axes)])
        for axes in (flow, level)
    ]
    assert told == [
        (
            "What is consumed, and from where",
            "Mean power (kW)",
            [*SOURCES, "into the battery", "to the grid"],
        ),
        ("State of charge of the battery", "Energy (kWh)", ["capacity, 100 kWh"]),
    ]
    _, village = week.figures()
    assert village.self_sufficiency is not None
    part = round(float(100 * village.self_sufficiency))
    assert figure.get_suptitle() == f"Sonnental: {part} % of what it consumes is its own"
    by_hour = week.account.flows.consumed.sum(axis=1).reshape(-1, 4).sum(axis=1) / 1_000
    tops = [band.get_paths()[0].vertices[:, 1].max() for band in flow.collections[:5]]
    assert max(tops) == pytest.approx(by_hour.max())
    assert flow.yaxis.get_major_formatter()(-10.0, 0) == "10"


def legends(axes: Any) -> list[Any]:
    """The labels of all legends of axes, above and within them."""
    children = [child for child in axes.get_children() if hasattr(child, "legend_handles")]
    return [text for legend in children for text in legend.get_texts()]


def test_the_picture_of_the_houses(week: Week) -> None:
    (axes,) = houses_figure(week, "EUR").axes
    labels = [each.get_text() for each in axes.get_yticklabels()]
    assert labels[:3] == ["house-01, no modules", "house-02", "house-03, no modules"]
    widths = np.array([[bar.get_width() for bar in bars] for bars in axes.containers])
    assert widths.sum(axis=0) == pytest.approx([100] * 12)
    flows = week.account.flows.sums()
    assert widths[1] == pytest.approx(100 * flows.shared_in / flows.consumed)
    houses, _ = week.figures()
    told = [each.get_text() for each in axes.texts if each.get_text().endswith("EUR")]
    assert told == [
        f"{each.consumed / 1_000:,.1f} kWh, saves {float(each.savings or 0):z,.2f} EUR" for each in houses
    ]


def test_pictures_are_png(week: Week) -> None:
    assert all(each.startswith(b"\x89PNG") for each in (week_png(week), houses_png(week, "EUR")))
