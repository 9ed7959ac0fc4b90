"""A day of a community through all programs, on the real ones."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from amalgam import built
from amalgam.cli import app
from amalgam.day import COIN, Day, live
from amalgam.embedded import EmbeddedChain
from amalgam.energy_market import Side, proceeds_of
from amalgam.program_id import Program
from amalgam.readings import load_readings


@pytest.fixture
async def day() -> Day:
    chain = EmbeddedChain()
    for program in Program:
        chain.add_program(program.program_id, program.code)

    async def travel_to(moment: int) -> None:
        chain.unix_timestamp = moment

    return await live(load_readings(built("community.csv")), chain.client(), travel_to=travel_to)


async def test_every_token_and_every_payment_is_found(day: Day) -> None:
    assert day.violations == []
    assert day.minted == sum(each.metered for each in day.households) == 259_068
    assert day.minted == day.held + day.consumed + day.lost
    for hour in day.hours:
        held = hour.stored + hour.in_wallets + hour.in_market + hour.delivered
        assert hour.minted == held + hour.consumed + hour.lost
    assert sum(each.paid for each in day.households) + day.operator_paid + day.fees == 0

    assert day.volume == sum(each.sold for each in day.households)
    assert day.volume == sum(each.bought for each in day.households)
    asks = [price for side, price, _ in day.book if side is Side.OFFER]
    assert day.price == min(asks) == 135_000
    (seller,) = [each for each in day.households if each.sold]
    assert seller.paid == proceeds_of(seller.sold, day.price) - day.fees

    delivered = sum(each.delivered for each in day.households)
    assert delivered == day.hours[-1].delivered == 16_000
    assert day.operator_paid == -delivered * 4 * COIN // 10_000


def test_the_demo_prints_the_statement_and_draws_the_day(tmp_path: Path) -> None:
    picture = tmp_path / "day.png"
    done = CliRunner().invoke(app, ["demo", "--all", "--picture", str(picture)])
    assert done.exit_code == 0, done.output
    words = " ".join(done.stdout.split())
    assert "minted 259.068 kWh = held 226.093 kWh + consumed 28.025 kWh + lost in charging 4.950 kWh" in words
    assert "payments sum to zero" in words
    assert "Reservoir" in words
    assert "Treatment plant" in words
    assert picture.read_bytes().startswith(b"\x89PNG")
