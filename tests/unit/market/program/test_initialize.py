import pytest
from anchorpy import Event
from anchorpy.error import _LangErrorCode as Anchor

from tests.support.market import PROGRAM, Trading, pda
from tests.support.stage import I64_MAX, SYSTEM_PROGRAM, TOKEN_PROGRAM, U64_MAX, System, changed

MARKET_BYTES = 296
VAULT_BYTES = 165
TERAWATT_HOUR = 10**12


async def test_makes_a_market_and_its_energy_vault(empty_trading: Trading) -> None:
    trading = empty_trading
    before = await trading.state()
    assert (before["market"], before["energy_vault"]) == (None, None)

    events = await trading.run("initialize")

    after = await trading.state()
    bump = after["market"]["bump"]
    seeds = [b"market", *(bytes(trading[name]) for name in ("operator", "energy", "payment")), bytes([bump])]
    assert trading["market"] == type(PROGRAM).create_program_address(seeds, PROGRAM)
    market_rent, vault_rent = await trading.rent(MARKET_BYTES), await trading.rent(VAULT_BYTES)
    assert after == changed(
        before,
        operator={"lamports": before["operator"]["lamports"] - market_rent - vault_rent},
        market={
            "lamports": market_rent,
            "program": PROGRAM,
            "size": MARKET_BYTES,
            "kind": "Market",
            "creator": trading["operator"],
            "authority": trading["operator"],
            "pending_authority": trading["operator"],
            "energy_mint": trading["energy"],
            "payment_mint": trading["payment"],
            "energy_vault": trading["energy_vault"],
            "payment_vault": SYSTEM_PROGRAM,  # none: 32 zeros
            "energy_held": 0,
            "payment_held": 0,
            "fees": 0,
            "minimum_order": 100,
            "interval": 900,
            "gate_closure": 3_600,
            "sequence": 1,
            "fee_bps": 100,
            "paused": False,
            "bump": bump,
        },
        energy_vault={
            **(before["owner_energy"] or {}),
            "lamports": vault_rent,
            "program": TOKEN_PROGRAM,
            "owner": trading["market"],
            "amount": 0,
        },
    )
    assert events == [
        Event(
            "MarketInitialized",
            {
                "market": trading["market"],
                "authority": trading["operator"],
                "energy_mint": trading["energy"],
                "payment_mint": trading["payment"],
                "fee_bps": 100,
                "minimum_order": 100,
                "interval": 900,
                "gate_closure": 3_600,
                "energy_held": 0,
                "payment_held": 0,
                "sequence": 1,
            },
        )
    ]


@pytest.mark.parametrize(
    ("argument", "least", "most"),
    [
        ("fee_bps", 0, 500),
        ("minimum_order", 1, TERAWATT_HOUR),
        ("interval", 60, 86_400),
        ("gate_closure", 0, 604_800),
    ],
)
async def test_accepts_the_ends_of_each_range(
    empty_trading: Trading, argument: str, least: int, most: int
) -> None:
    await empty_trading.run("initialize", **{argument: least})
    await empty_trading.run("initialize", by="rival", **{argument: most})

    state = await empty_trading.state()
    assert (state["market"][argument], state["rival_market"][argument]) == (least, most)


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("fee_bps", 501, "fee exceeds 500 basis points"),
        ("fee_bps", 65_535, "fee exceeds 500 basis points"),
        ("minimum_order", 0, "minimum order must be positive"),
        ("minimum_order", TERAWATT_HOUR + 1, "minimum order exceeds a terawatt-hour"),
        ("minimum_order", U64_MAX, "minimum order exceeds a terawatt-hour"),
        ("interval", 59, "interval is below a minute"),
        ("interval", 0, "interval is below a minute"),
        ("interval", -900, "interval is below a minute"),
        ("interval", 86_401, "interval exceeds a day"),
        ("gate_closure", -1, "gate closure is negative"),
        ("gate_closure", 604_801, "gate closure exceeds a week"),
        ("gate_closure", I64_MAX, "gate closure exceeds a week"),
    ],
)
async def test_refuses_rules_that_make_no_sense(
    empty_trading: Trading, argument: str, value: int, message: str
) -> None:
    async with empty_trading.refused(message):
        await empty_trading.run("initialize", **{argument: value})

    await empty_trading.run("initialize")


@pytest.mark.parametrize("decimals", [0, 2, 4, 9])
async def test_counts_energy_in_watt_hours(empty_trading: Trading, decimals: int) -> None:
    trading = empty_trading
    await trading.make_mint("other", decimals=decimals)
    market = pda(b"market", trading["operator"], trading["other"], trading["payment"])
    other = {"energy_mint": trading["other"], "market": market, "energy_vault": pda(b"energy_vault", market)}
    async with trading.refused("energy mint must have 3 decimals"):
        await trading.run("initialize", **other)

    await trading.run("initialize")


@pytest.mark.parametrize("decimals", [0, 2, 9])
async def test_takes_payments_of_any_decimals(empty_trading: Trading, decimals: int) -> None:
    trading = empty_trading
    await trading.make_mint("coins", decimals=decimals)
    market = pda(b"market", trading["operator"], trading["energy"], trading["coins"])
    mint, vault = {"payment_mint": trading["coins"]}, pda(b"payment_vault", market)
    energy_vault = pda(b"energy_vault", market)
    trading.accounts |= {"coins_market": market, "coins_vault": vault, "coins_energy_vault": energy_vault}

    await trading.run("initialize", **mint, market=market, energy_vault=energy_vault)
    await trading.run("open_payment_vault", **mint, market=market, payment_vault=vault)

    state = await trading.state()
    assert (state["coins_market"]["payment_vault"], state["coins_vault"]["mint"]) == (vault, trading["coins"])


async def test_refuses_to_trade_a_mint_for_itself(empty_trading: Trading) -> None:
    trading = empty_trading
    market = pda(b"market", trading["operator"], trading["energy"], trading["energy"])
    same = {
        "payment_mint": trading["energy"],
        "market": market,
        "energy_vault": pda(b"energy_vault", market),
    }
    async with trading.refused("payment mint is the energy mint"):
        await trading.run("initialize", **same)

    await trading.run("initialize")


async def test_a_pair_has_one_market_of_each_creator(trading: Trading) -> None:
    async with trading.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await trading.run("initialize", fee_bps=0)

    await trading.run("initialize", by="rival")


async def test_nobody_makes_a_market_in_anothers_name(empty_trading: Trading) -> None:
    async with empty_trading.refused(Anchor.ConstraintSeeds):
        await empty_trading.run("initialize", by="thief", at="operator")

    await empty_trading.run("initialize", by="operator")
