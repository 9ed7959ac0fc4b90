from anchorpy import Event

from tests.support.market import PROGRAM, Trading, pda
from tests.support.stage import SYSTEM_PROGRAM, System, changed

OFFER_BYTES = 112


async def test_opens_an_offer_account_at_the_payers_expense(trading: Trading) -> None:
    before = await trading.state()
    assert before["newcomer_offer"] is None

    events = await trading.run("open_offer", owner="newcomer")

    rent = await trading.rent(OFFER_BYTES)
    assert await trading.state() == changed(
        before,
        operator={"lamports": before["operator"]["lamports"] - rent},
        market={"sequence": 10},
        newcomer_offer={
            "lamports": rent,
            "program": PROGRAM,
            "size": OFFER_BYTES,
            "kind": "Offer",
            "market": trading["market"],
            "owner": trading["newcomer"],
            "price": 0,
            "amount": 0,
            "minimum_fill": 0,
            "expires_at": 0,
            "fee_bps": 0,
        },
    )
    accounts = {name: trading[of] for name, of in (("offer", "newcomer_offer"), ("owner", "newcomer"))}
    totals = {"energy_held": 0, "payment_held": 0, "sequence": 10}
    assert events == [Event("OfferOpened", {"market": trading["market"], **accounts, **totals})]


async def test_an_owner_has_several_by_number(trading: Trading) -> None:
    trading.accounts["last_offer"] = pda(b"offer", trading["market"], trading["owner"], bytes([255]))
    await trading.run("open_offer", nth="second_")
    await trading.run("open_offer", number=255, offer=trading["last_offer"])

    for nth in ("", "second_"):
        await trading.run("place_offer", nth=nth)
    await trading.run("place_offer", offer=trading["last_offer"])
    assert (await trading.state())["market"]["energy_held"] == 6_000


async def test_opens_it_once(trading: Trading) -> None:
    await trading.run("place_offer")
    for payer in ("operator", "owner", "thief"):
        async with trading.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
            await trading.run("open_offer", by=payer)

    await trading.run("open_offer", owner="newcomer", by="thief")
