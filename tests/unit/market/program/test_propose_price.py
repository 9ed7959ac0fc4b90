import pytest

from tests.support.market import BID, CLOSES_AT, Trading
from tests.support.stage import U64_MAX, changed


@pytest.fixture
async def trading(trading: Trading) -> Trading:
    """The owner has offered, the neighbour has bid, and the gate has just closed."""
    await trading.run("place_order")
    await trading.run("place_order", by="neighbour", side=BID)
    trading.travel_to(CLOSES_AT)
    return trading


@pytest.mark.parametrize("price", [0, 1, 250_000, U64_MAX])
async def test_begins_a_count(trading: Trading, price: int) -> None:
    before = await trading.state()

    assert await trading.run("propose_price", price=price) == []

    proposed = {"auction": trading["auction"], "price": price}
    assert await trading.state() == changed(before, owner_clearing=proposed)


async def test_begins_again_from_nothing(trading: Trading) -> None:
    sums = ("counted", "demand_above", "demand_at", "supply_below", "supply_at", "price_below", "price_above")
    for price, counted in (
        (250_000, [2, 0, 2_000, 0, 2_000, 0, 0]),
        (249_999, [2, 2_000, 0, 0, 0, 0, 250_000]),
        (250_001, [2, 0, 0, 2_000, 0, 250_000, 0]),
    ):
        await trading.run("propose_price", price=price)
        await trading.run("count_order")
        await trading.run("count_order", of="neighbour", clearing=trading["owner_clearing"])
        before = await trading.state()
        assert [before["owner_clearing"][name] for name in sums] == counted

        await trading.run("propose_price", price=7)

        assert await trading.state() == changed(before, owner_clearing={"price": 7, **dict.fromkeys(sums, 0)})


@pytest.mark.embedded
async def test_waits_until_the_gate_closes(trading: Trading) -> None:
    trading.travel_to(CLOSES_AT - 1)
    async with trading.refused("gate is open"):
        await trading.run("propose_price")

    trading.travel_to(CLOSES_AT)
    await trading.run("propose_price")


async def test_no_proposal_stands_in_the_way_of_another(trading: Trading) -> None:
    await trading.run("propose_price", by="thief", price=1)
    await trading.run("propose_price", by="neighbour", price=2)

    await trading.clear(250_000, ["owner", "neighbour"])


async def test_proposes_with_ones_own_count(trading: Trading) -> None:
    async with trading.refused("clearing belongs to another owner"):
        await trading.run("propose_price", by="thief", of="owner")

    await trading.run("propose_price", by="thief")


async def test_proposes_nothing_for_a_cleared_auction(trading: Trading) -> None:
    await trading.clear(250_000, ["owner", "neighbour"])
    for proposer in ("owner", "neighbour"):
        async with trading.refused("auction is cleared already"):
            await trading.run("propose_price", by=proposer)

    await trading.run("settle_order")
