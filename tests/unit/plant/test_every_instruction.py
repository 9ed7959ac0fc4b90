"""What several instructions have in common, and whole dispatches."""

import pytest

from tests.dispatching import REWARD, Dispatching

pytestmark = pytest.mark.embedded


async def test_a_whole_dispatch_in_figures(dispatching: Dispatching) -> None:
    """Alice delivers in full and beyond, bob half, the thief nothing: what each gets, by hand."""
    before = await dispatching.state()
    await dispatching.begin(alice=4_000, bob=3_000, thief=2_000)
    await dispatching.end(alice=4_400, bob=1_500)
    for owner in ("bob", "alice", "thief"):
        await dispatching.run("settle_commitment", of=owner)
    await dispatching.run("settle_dispatch")

    # Bonds at 99: 396, 297, 198. Of a shortfall of 3,500 Alice's 400 is replaced: of the bonds
    # forfeited, 891 - 396 - 148 = 347, it brings 39, and of the price 120.
    alice = 1_204 + 396 + 39 + 120
    bob = 451 + 148
    operator = 3_010 + 891 - alice - bob
    after = await dispatching.state()
    moved = {
        "alice_payment": alice - 396,
        "bob_payment": bob - 297,
        "thief_payment": -198,
        "operator_payment": operator,
        "alice_energy": -4_400,
        "bob_energy": -1_500,
        "operator_energy": 5_900,
        "energy_vault": 0,
        "payment_vault": -REWARD,
    }
    assert {name: after[name]["amount"] - before[name]["amount"] for name in moved} == moved
    assert (after["energy_vault"]["amount"], after["payment_vault"]["amount"]) == (0, 0)
