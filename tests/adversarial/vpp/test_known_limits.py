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

from tests.support.dispatching import AMOUNT, BOND, ENDS, REWARD, Dispatching
from tests.support.stage import TOKEN_PROGRAM, Token

pytestmark = pytest.mark.embedded


@pytest.mark.parametrize("frozen", ["energy_vault", "alice_energy"])
async def test_who_can_freeze_energy_takes_the_bonds(dispatching: Dispatching, frozen: str) -> None:
    """The operator is also the energy mint's freeze authority: alice is kept from delivering, for good."""
    before = await dispatching.state()
    await dispatching.begin(alice=AMOUNT)
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
    lost = before["alice_payment"]["amount"] - after["alice_payment"]["amount"]
    assert (gained - REWARD, lost) == (BOND, BOND)


@pytest.mark.parametrize(("sybil", "share", "kept"), [(0, 160, 0), (5_000, 71, 89)])
async def test_the_operator_takes_of_the_pool_at_no_cost(
    dispatching: Dispatching, sybil: int, share: int, kept: int
) -> None:
    """The thief is the operator's second key: all that it delivers comes back to the operator."""
    before = await dispatching.state()
    owners = ("alice", "bob", "thief") if sybil else ("alice", "bob")
    amounts = dict(zip(("alice", "bob", "thief"), (4_000, 1_000, sybil), strict=True))
    deliveries = dict(zip(("alice", "bob", "thief"), (4_400, 600, sybil * 11 // 10), strict=True))
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
    assert events["alice"]["share"] == share  # for 400 Wh that replace bob's
    assert gained == {"energy": 5_000, "payment": 1_506 + kept}  # REWARD was paid before


@pytest.mark.parametrize(("short", "surplus", "paid"), [(4_000, 4_000, 808), (3_000, 5_000, 809)])
async def test_falling_short_and_delivering_too_much_gains_a_base_unit(
    empty_dispatching: Dispatching, short: int, surplus: int, paid: int
) -> None:
    """Alice and the rival are one person. Bonds are rounded up: one of 1 Wh is worth more for each Wh.

    Of what bob and the thief forfeit, 1 base unit each, the person has a share, for the same 8,000 Wh.
    """
    there = empty_dispatching
    await there.start(price=100, bond_price=1, tolerance_bps=10_000, target=8_002)
    await there.run("open_commitment", of="rival")
    await there.begin(alice=4_000, rival=4_000, bob=1, thief=1)
    await there.end(alice=short, rival=surplus)
    events = [(await there.run("settle_commitment", of=of))[0].data for of in ("alice", "rival")]
    assert sum(event[name] for event in events for name in ("reward", "bond", "share")) == paid


async def test_a_delegate_takes_what_somebody_settles_there(dispatching: Dispatching) -> None:
    """alice once let the thief spend from an old account of hers; the thief settles her commitment to it."""
    await dispatching.make_tokens("alice_old", "alice", mint="payment_mint")
    old, thief = dispatching["alice_old"], dispatching["thief"]
    allow = ApproveParams(TOKEN_PROGRAM, old, thief, dispatching["alice"], 10**9)
    await dispatching.send(approve(allow), signers=["alice"])
    await dispatching.begin(alice=AMOUNT)
    await dispatching.end(alice=AMOUNT)
    await dispatching.run("settle_commitment", of="alice", destination=old)
    take = TransferParams(TOKEN_PROGRAM, old, dispatching["thief_payment"], thief, BOND)
    await dispatching.send(transfer(take), signers=["thief"])


async def test_a_commitment_cannot_be_withdrawn(dispatching: Dispatching) -> None:
    await dispatching.begin(alice=AMOUNT)
    async with dispatching.refused("dispatch has not ended"):
        await dispatching.run("settle_commitment", of="alice")
