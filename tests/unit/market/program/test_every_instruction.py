"""What several instructions have in common, each refusal beside the same instruction's success."""

from typing import Any

import pytest

from tests.support.market import (
    BID,
    CLOSES_AT,
    DEFAULT_ARGUMENTS,
    EXPIRES_AT,
    INTERVAL,
    SLOTS,
    STARTS_AT,
    WITHOUT_EVENT,
    Trading,
)
from tests.support.stage import SYSTEM_PROGRAM, U64_MAX

OF_AUTHORITY = ("set_policy", "pause", "resume", "propose_authority", "collect_fees")
OF_OFFER = ("place_offer", "fill_offer", "cancel_offer", "release_expired")
OF_AUCTION = ("place_order", "cancel_order", "settle_order", "clear_auction")
WITH_EVENT = sorted({*DEFAULT_ARGUMENTS} - {"initialize", *WITHOUT_EVENT})

# How each differs from its defaults to succeed, once it is `ready`
CHANGES: dict[str, dict[str, Any]] = {
    "open_offer": {"owner": "newcomer"},
    "open_order": {"owner": "newcomer"},
    "open_clearing": {"by": "newcomer"},
    "return_rent": {"amount": 0},
    "place_offer": {"by": "thief"},
    "place_order": {"by": "thief", "side": BID},
    "open_auction": {"starts_at": STARTS_AT + INTERVAL},
}
COUNTED = ("count_order", "clear_auction", "settle_order")


async def ready(trading: Trading, instruction: str, at: str = "operator") -> None:
    """Bring about what an instruction needs: an offer that the neighbour has half taken, and orders."""
    match instruction:
        case "resume":
            await trading.run("pause", at=at, by=at)
        case "accept_authority":
            await trading.run("propose_authority", at=at, by=at)
        case "release_expired":
            trading.travel_to(EXPIRES_AT)
        case "propose_price":
            trading.travel_to(CLOSES_AT)
    if instruction in COUNTED:
        trading.travel_to(CLOSES_AT)
        await trading.run("propose_price", at=at)
    if instruction in ("clear_auction", "settle_order"):
        clearing = f"owner_{'rival_' if at == 'rival' else ''}clearing"
        for owner in ("owner", "neighbour"):
            await trading.run("count_order", of=owner, at=at, clearing=trading[clearing])
    if instruction == "settle_order":
        await trading.run("clear_auction", at=at)


async def trade(trading: Trading, at: str) -> None:
    await trading.run("place_offer", at=at)
    await trading.run("fill_offer", at=at)
    await trading.run("place_order", at=at)
    await trading.run("place_order", at=at, by="neighbour", side=BID)


@pytest.fixture
async def trading(trading: Trading) -> Trading:
    """The operator's market has offers and orders, and so has the rival's, of the same mints."""
    await trade(trading, "operator")
    await trading.start(at="rival")
    await trade(trading, "rival")
    return trading


@pytest.mark.parametrize("instruction", OF_AUTHORITY)
async def test_refuses_whoever_is_not_the_authority(trading: Trading, instruction: str) -> None:
    await ready(trading, instruction)
    await trading.run("propose_authority", proposed="newcomer")

    for signer in ("rival", "owner", "thief", "newcomer"):  # the newcomer is only proposed
        async with trading.refused("signer is not the authority"):
            await trading.run(instruction, by=signer)
    await trading.run("accept_authority")
    async with trading.refused("signer is not the authority"):
        await trading.run(instruction)
    await trading.run(instruction, by="newcomer")


@pytest.mark.parametrize("instruction", OF_OFFER)
async def test_refuses_another_markets_offer(trading: Trading, instruction: str) -> None:
    if instruction == "place_offer":
        await trading.run("cancel_offer")
    await ready(trading, instruction)
    async with trading.refused("offer belongs to another market"):
        await trading.run(instruction, offer=trading["owner_rival_offer"])

    await trading.run(instruction)


@pytest.mark.parametrize("instruction", ["place_offer", "cancel_offer"])
async def test_refuses_another_owners_offer(trading: Trading, instruction: str) -> None:
    if instruction == "place_offer":
        await trading.run("cancel_offer")
    for thief in ("thief", "neighbour"):
        async with trading.refused("offer belongs to another owner"):
            await trading.run(instruction, by=thief, of="owner")

    await trading.run(instruction)


@pytest.mark.parametrize("instruction", ["place_order", "cancel_order"])
async def test_refuses_another_markets_and_another_owners_order(trading: Trading, instruction: str) -> None:
    changes = {"by": "thief" if instruction == "place_order" else "owner"}
    owner = changes["by"]
    async with trading.refused("order belongs to another market"):
        await trading.run(instruction, **changes, order=trading[f"{owner}_rival_order"])
    async with trading.refused("order belongs to another owner"):
        await trading.run(instruction, **changes, order=trading["neighbour_order"])

    await trading.run(instruction, **changes)


@pytest.mark.parametrize("instruction", OF_AUCTION)
async def test_refuses_another_markets_auction(trading: Trading, instruction: str) -> None:
    changes = CHANGES.get(instruction, {})
    await ready(trading, instruction)
    async with trading.refused("auction belongs to another market"):
        await trading.run(instruction, **changes, auction=trading["rival_auction"])

    await trading.run(instruction, **changes)


@pytest.mark.parametrize("instruction", ["cancel_order", "settle_order", "count_order"])
async def test_refuses_an_order_of_another_auction(trading: Trading, instruction: str) -> None:
    await trading.run("open_auction", starts_at=STARTS_AT + INTERVAL)
    await trading.run("open_order", nth="second_")
    await trading.run("place_order", nth="second_", auction=trading["second_auction"])
    await ready(trading, instruction)
    async with trading.refused("order belongs to another auction"):
        await trading.run(instruction, order=trading["owner_second_order"])

    await trading.run(instruction)


async def test_refuses_another_markets_clearing(trading: Trading) -> None:
    await ready(trading, "propose_price")
    async with trading.refused("clearing belongs to another market"):
        await trading.run("propose_price", clearing=trading["owner_rival_clearing"])

    await trading.run("propose_price")


@pytest.mark.parametrize("instruction", ["count_order", "clear_auction"])
async def test_refuses_a_count_of_another_auction(trading: Trading, instruction: str) -> None:
    await ready(trading, instruction)
    await ready(trading, instruction, at="rival")
    async with trading.refused("clearing belongs to another auction"):
        await trading.run(instruction, clearing=trading["owner_rival_clearing"])

    await trading.run(instruction)


@pytest.mark.parametrize("instruction", WITH_EVENT)
async def test_refuses_one_event_more_than_it_can_count(trading: Trading, instruction: str) -> None:
    changes = CHANGES.get(instruction, {})
    await ready(trading, instruction)
    if instruction == "open_payment_vault":  # as if it were not open yet
        trading.put("payment_vault", b"", SYSTEM_PROGRAM)
    await trading.forge("market", sequence=U64_MAX)
    async with trading.refused("attempt to add with overflow"):
        await trading.run(instruction, **changes)

    await trading.forge("market", sequence=U64_MAX - 1)
    (event,) = await trading.run(instruction, **changes)
    assert event.data["sequence"] == U64_MAX


@pytest.mark.parametrize("instruction", sorted(WITHOUT_EVENT))
async def test_what_emits_nothing_changes_nothing_of_the_market(trading: Trading, instruction: str) -> None:
    await ready(trading, instruction)
    before = await trading.state()

    await trading.run(instruction, **CHANGES.get(instruction, {}))

    after = await trading.state()
    for name in ("market", "auction", "owner_order", "energy_vault", "payment_vault"):
        assert after[name] == before[name]


def test_every_instruction_is_looked_at() -> None:
    assert {*WITH_EVENT, *WITHOUT_EVENT, "initialize"} == set(SLOTS)
