"""What those who can freeze, and the operator, gain in a dispatch, as the program's head says."""

import pytest
from spl.token.instructions import (
    ApproveParams,
    FreezeAccountParams,
    ThawAccountParams,
    TransferParams,
    approve,
    freeze_account,
    thaw_account,
    transfer,
)

from tests.support.stage import TOKEN_PROGRAM, Token
from tests.support.vpp import AMOUNT, BOND, ENDS, REWARD, Dispatching

pytestmark = pytest.mark.embedded


@pytest.mark.parametrize("frozen", ["energy_vault", "owner_energy"])
async def test_who_can_freeze_energy_takes_the_bonds(dispatching: Dispatching, frozen: str) -> None:
    """The operator is also the energy mint's freeze authority: the owner can deliver nothing, for good."""
    before = await dispatching.state()
    await dispatching.begin(owner=AMOUNT)
    where = (TOKEN_PROGRAM, dispatching[frozen], dispatching["energy_mint"], dispatching["operator"])
    await dispatching.send(freeze_account(FreezeAccountParams(*where)), signers=["operator"])
    async with dispatching.refused(Token.ACCOUNT_FROZEN, by=TOKEN_PROGRAM):
        await dispatching.run("deliver")
    dispatching.travel_to(ENDS)
    await dispatching.send(thaw_account(ThawAccountParams(*where)), signers=["operator"])
    await dispatching.run("settle_dispatch")
    await dispatching.run("settle_commitment")

    after = await dispatching.state()
    gained = after["operator_payment"]["amount"] - before["operator_payment"]["amount"]
    lost = before["owner_payment"]["amount"] - after["owner_payment"]["amount"]
    assert (gained - REWARD, lost) == (BOND, BOND)


@pytest.mark.parametrize(("sybil", "share", "kept"), [(0, 160, 0), (5_000, 71, 89)])
async def test_the_operator_takes_of_the_pool_at_no_cost(
    dispatching: Dispatching, sybil: int, share: int, kept: int
) -> None:
    """The thief is the operator's second key: all that it delivers comes back to the operator."""
    before = await dispatching.state()
    owners = ("owner", "neighbour", "thief") if sybil else ("owner", "neighbour")
    amounts = dict(zip(("owner", "neighbour", "thief"), (4_000, 1_000, sybil), strict=True))
    deliveries = dict(zip(("owner", "neighbour", "thief"), (4_400, 600, sybil * 11 // 10), strict=True))
    await dispatching.begin(**{of: amounts[of] for of in owners})
    await dispatching.end(**{of: deliveries[of] for of in owners})
    events = {of: (await dispatching.run("settle_commitment", of=of))[0].data for of in owners}
    await dispatching.run("settle_dispatch")

    after = await dispatching.state()
    gained = {
        kind: sum(
            after[f"{of}_{kind}"]["amount"] - before[f"{of}_{kind}"]["amount"] for of in ("operator", "thief")
        )
        for kind in ("energy", "payment")
    }
    assert events["owner"]["share"] == share  # for 400 Wh that replace the neighbour's
    assert gained == {"energy": 5_000, "payment": 1_506 + kept}  # REWARD was paid before


@pytest.mark.parametrize(("short", "surplus", "paid"), [(4_000, 4_000, 808), (3_000, 5_000, 809)])
async def test_falling_short_and_delivering_too_much_gains_a_base_unit(
    empty_dispatching: Dispatching, short: int, surplus: int, paid: int
) -> None:
    """The owner and the rival are one person. Bonds are rounded up: one of 1 Wh is worth more for each Wh.

    Of what the neighbour and the thief forfeit, 1 base unit each, that person has a share, for 8,000 Wh.
    """
    there = empty_dispatching
    await there.start(price=100, bond_price=1, tolerance_bps=10_000, target=8_002)
    await there.run("open_commitment", of="rival")
    await there.begin(owner=4_000, rival=4_000, neighbour=1, thief=1)
    await there.end(owner=short, rival=surplus)
    events = [(await there.run("settle_commitment", of=of))[0].data for of in ("owner", "rival")]
    assert sum(event[name] for event in events for name in ("reward", "bond", "share")) == paid


async def test_a_delegate_takes_what_somebody_settles_there(dispatching: Dispatching) -> None:
    """The thief, who may spend from the owner's old account, settles the owner's commitment to it."""
    await dispatching.make_tokens("owner_old", "owner", mint="payment_mint")
    old, thief = dispatching["owner_old"], dispatching["thief"]
    allow = ApproveParams(TOKEN_PROGRAM, old, thief, dispatching["owner"], 10**9)
    await dispatching.send(approve(allow), signers=["owner"])
    await dispatching.begin(owner=AMOUNT)
    await dispatching.end(owner=AMOUNT)
    await dispatching.run("settle_commitment", of="owner", destination=old)
    take = TransferParams(TOKEN_PROGRAM, old, dispatching["thief_payment"], thief, BOND)
    await dispatching.send(transfer(take), signers=["thief"])


async def test_a_commitment_cannot_be_withdrawn(dispatching: Dispatching) -> None:
    await dispatching.begin(owner=AMOUNT)
    async with dispatching.refused("dispatch has not ended"):
        await dispatching.run("settle_commitment", of="owner")
