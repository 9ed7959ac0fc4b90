from anchorpy import Event

from tests.support.market import PROGRAM, Trading
from tests.support.stage import SYSTEM_PROGRAM, System, changed

ORDER_BYTES = 136


async def test_opens_an_order_account_at_the_payers_expense(trading: Trading) -> None:
    before = await trading.state()
    assert before["newcomer_order"] is None

    events = await trading.run("open_order", owner="newcomer")

    rent = await trading.rent(ORDER_BYTES)
    assert await trading.state() == changed(
        before,
        operator={"lamports": before["operator"]["lamports"] - rent},
        market={"sequence": 10},
        newcomer_order={
            "lamports": rent,
            "program": PROGRAM,
            "size": ORDER_BYTES,
            "kind": "Order",
            "market": trading["market"],
            "owner": trading["newcomer"],
            "auction": SYSTEM_PROGRAM,  # none: 32 zeros
            "index": 0,
            "price": 0,
            "amount": 0,
            "side": "BID",
            "active": False,
        },
    )
    accounts = {name: trading[of] for name, of in (("order", "newcomer_order"), ("owner", "newcomer"))}
    totals = {"energy_held": 0, "payment_held": 0, "sequence": 10}
    assert events == [Event("OrderOpened", {"market": trading["market"], **accounts, **totals})]


async def test_an_owner_has_several_by_number(trading: Trading) -> None:
    await trading.run("open_order", nth="second_")

    for nth in ("", "second_"):
        await trading.run("place_order", nth=nth)
    assert (await trading.state())["auction"]["order_count"] == 2


async def test_opens_it_once(trading: Trading) -> None:
    await trading.run("place_order")
    for payer in ("operator", "owner", "thief"):
        async with trading.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
            await trading.run("open_order", by=payer)

    await trading.run("open_order", owner="newcomer", by="thief")
