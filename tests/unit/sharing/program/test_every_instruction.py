"""What holds for all instructions: who may do what, and that communities sum to zero, whatever happens."""

from random import Random
from typing import Any

import pytest

from tests.support.sharing import DAY, ENDS, FEE_BPS, OBJECTION_TIME, PARTICIPANTS, SETTLES, Sharing
from tests.support.stage import NOON

AUTHORITYS = {
    **{name: {} for name in ("pause", "propose_authority", "set_policy", "set_credit_limit")},
    **{name: {} for name in ("deposit_reserve", "withdraw_reserve")},
    **{name: {} for name in ("begin_period", "post_line", "close_period")},
    "admit": {"of": "newcomer"},
}
EVERYBODY = (*PARTICIPANTS, "newcomer", "rival")
RICH = 10**12


@pytest.mark.parametrize("instruction", AUTHORITYS)
@pytest.mark.parametrize("somebody_else", ["rival", "owner", "thief"])
async def test_the_authority_alone(sharing: Sharing, instruction: str, somebody_else: str) -> None:
    await sharing.run("open_participant", of="newcomer")
    async with sharing.refused("signer is not the authority"):
        await sharing.run(instruction, by=somebody_else, **AUTHORITYS[instruction])


async def test_two_communities_do_not_touch(sharing: Sharing) -> None:
    """The rival's goes through all of it: no byte of the operator's changes."""
    before = await sharing.raw()
    await sharing.start(at="rival")
    at = {"at": "rival"}
    for owner in PARTICIPANTS:
        await sharing.run("post_line", of=owner, by="rival", **at)
    await sharing.run("raise_objection", **at)
    await sharing.run("close_period", by="rival", **at)
    sharing.travel_to(SETTLES)
    for owner in PARTICIPANTS:
        await sharing.run("settle_line", of=owner, **at)
    await sharing.run("withdraw", **at, amount=1)
    await sharing.run("withdraw_reserve", by="rival", **at)

    after = await sharing.raw()
    own = (
        "community",
        "vault",
        "period",
        *(f"{owner}_{kind}" for owner in PARTICIPANTS for kind in ("participant", "line")),
    )
    assert {name: after[name] for name in own} == {name: before[name] for name in own}


@pytest.fixture
async def rich(empty_sharing: Sharing) -> Sharing:
    """A community of five, who all have plenty of tokens, and no period."""
    await empty_sharing.start(prepaid=0)
    await empty_sharing.run("withdraw_period")
    for owner in ("newcomer", "rival"):
        await empty_sharing.run("open_participant", of=owner)
        await empty_sharing.run("admit", of=owner)
        await empty_sharing.run("open_line", of=owner)
    for owner in ("operator", *EVERYBODY):
        await empty_sharing.make_tokens(f"{owner}_rich", owner, RICH, mint="payment_mint")
        empty_sharing.accounts[f"{owner}_payment"] = empty_sharing[f"{owner}_rich"]
    return empty_sharing


@pytest.mark.embedded
@pytest.mark.parametrize("seed", range(6))
async def test_random_periods_sum_to_zero_exactly(rich: Sharing, seed: int) -> None:
    """Whoever prepays and whoever gets loans, with what settles in any order that is allowed."""
    random = Random(seed)  # noqa: S311 (no secret)
    at = ENDS
    for _ in range(4):
        at = await one_random_period(rich, random, at)


async def one_random_period(rich: Sharing, random: Random, starts_at: int) -> int:
    ends_at = max(starts_at + 30 * DAY, NOON)
    rich.travel_to(ends_at)
    lines = random_lines(random, 10 ** random.randint(1, 9))
    before = await state_of(rich)
    for owner, line in lines.items():
        lacking = line["charge"] - line["credit"] - position(before, owner)
        paid = max(random.choice((lacking, lacking + 1, lacking - 7, random.randint(0, 10**6))), 0)
        if paid:
            await rich.run("deposit", of=owner, amount=paid)
        await rich.run("set_credit_limit", of=owner, credit_limit=10**11)
    await rich.run("deposit_reserve", amount=10**10)
    before = await state_of(rich)

    await rich.run("begin_period", starts_at=starts_at, ends_at=ends_at)
    for owner in random.sample(EVERYBODY, 5):
        await rich.run("post_line", of=owner, **lines[owner])
    await rich.run("close_period")
    await take_out_all_that_is_free(rich, random)
    before = before | {"paid_out": await paid_out(rich, before)}
    rich.travel_to(ends_at + OBJECTION_TIME)
    payers = [owner for owner in EVERYBODY if lines[owner]["charge"] >= lines[owner]["credit"]]
    random.shuffle(payers)
    for owner in [*payers, *(owner for owner in EVERYBODY if owner not in payers)]:
        await rich.run("settle_line", of=owner)
        check_cover(await state_of(rich))

    after = await state_of(rich)
    fee = sum(line["charge"] - line["credit"] for line in lines.values())
    for owner, line in lines.items():
        was = position(before, owner) - before["paid_out"][owner]
        assert position(after, owner) == was + line["credit"] - line["charge"]
    lent = sum(after[f"{owner}_participant"]["owed"] for owner in EVERYBODY)
    owed = sum(before[f"{owner}_participant"]["owed"] for owner in EVERYBODY)
    assert after["community"]["reserve"] == before["community"]["reserve"] + fee - lent + owed
    assert (after["period"]["state"], after["community"]["reserve_pledged"]) == ("SETTLED", 0)
    return ends_at


def random_lines(random: Random, scale: int) -> dict[str, dict[str, int]]:
    """Of what members share at a price, of which the community keeps its fee."""
    price = random.choice((1, 299, 1_000, 100_000))
    out = [random.choice((0, random.randint(0, scale))) for _ in EVERYBODY]
    into, left = [], sum(out)
    for _ in EVERYBODY[1:]:
        into.append(random.randint(0, left))
        left -= into[-1]
    into.append(left)
    random.shuffle(into)
    return {
        owner: {
            **{"shared_in": got, "shared_out": gave, "charge": -(-got * price // 1_000)},
            "credit": gave * price * (10_000 - FEE_BPS) // 10_000_000,
        }
        for owner, got, gave in zip(EVERYBODY, into, out, strict=True)
    }


async def take_out_all_that_is_free(rich: Sharing, random: Random) -> None:
    """Everybody who feels like it: what is left has to do for all lines."""
    state = await state_of(rich)
    for owner in EVERYBODY:
        found = state[f"{owner}_participant"]
        free = found["funds"] - found["pledged"]
        if free and random.random() < 0.7:
            await rich.run("withdraw", of=owner, amount=free)
    free = state["community"]["reserve"] - state["community"]["reserve_pledged"]
    await rich.run("withdraw_reserve", amount=free)
    await rich.run("deposit_reserve", amount=free)


async def paid_out(rich: Sharing, before: dict[str, Any]) -> dict[str, int]:
    state = await state_of(rich)
    return {owner: position(before, owner) - position(state, owner) for owner in EVERYBODY}


def position(state: dict[str, Any], owner: str) -> int:
    found = state[f"{owner}_participant"]
    assert not (found["funds"] and found["owed"])
    return found["funds"] - found["owed"]


def check_cover(state: dict[str, Any]) -> None:
    """The vault has what balances, the reserve and the period under way come to, to the unit."""
    community, period = state["community"], state["period"]
    assert community["prepaid"] == sum(state[f"{owner}_participant"]["funds"] for owner in EVERYBODY)
    pot = period["collected"] - period["paid"] if community["run"] else 0
    assert pot >= 0
    assert state["vault"]["amount"] == community["prepaid"] + community["reserve"] + pot


async def state_of(rich: Sharing) -> dict[str, Any]:
    state = await rich.state()
    check_cover(state)
    return state
