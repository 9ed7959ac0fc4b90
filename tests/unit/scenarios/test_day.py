"""A day of a community through all programs, on the real ones."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from amalgam import built
from amalgam.market.program import Side, proceeds_of
from amalgam.readings.community import community
from amalgam.readings.model import Readings
from amalgam.readings.read import read_files
from amalgam.scenarios.day import COIN, Day, live

_LATER = timedelta(days=10_000)  # a validator's clock is past the day of the readings, and only goes forward


def readings() -> Readings:
    found = community(read_files([built("community.csv")]))
    return replace(found, starts=found.starts + int(_LATER.total_seconds()))


@pytest.fixture
async def day(full_chain: Any) -> Day:
    async def travel_to(moment: int) -> None:
        full_chain.unix_timestamp = moment

    async with full_chain.client() as connection:
        return await live(readings(), connection, travel_to=travel_to)


@pytest.mark.embedded  # a second day, which a validator would have to go back for
async def test_each_pays_for_their_own_token_accounts(full_chain: Any, day: Day) -> None:
    rent = full_chain.account(day.households[0].coins).lamports
    funded = {full_chain.balance(household.address) + 2 * rent for household in day.households}
    assert funded == {full_chain.balance(day.households[0].device.pubkey())}


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
