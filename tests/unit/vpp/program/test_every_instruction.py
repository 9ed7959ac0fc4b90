"""What several instructions have in common, and whole dispatches to the last base unit."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import pytest

from amalgam.vpp.client import PowerPlantClient
from tests.support.stage import NOON, U64_MAX
from tests.support.vpp import AMOUNT, DEFAULT_ARGUMENTS, ENDS, HOUR, REWARD, WITHOUT_EVENT, Dispatching

OF_AUTHORITY = ("pause", "resume", "propose_authority", "announce", "cancel_dispatch")
EVERYBODY = ("owner", "neighbour", "newcomer", "thief", "rival")
RICH = 10**15


async def prepare(dispatching: Dispatching, instruction: str) -> dict[str, object]:
    """Bring about what an instruction needs: how it is to differ from its defaults to succeed."""
    match instruction:
        case "resume":
            await dispatching.run("pause")
        case "accept_authority":
            await dispatching.run("propose_authority")
        case "announce":
            await dispatching.run("cancel_dispatch")
        case "open_dispatch":
            return {"number": 1}
        case "open_commitment":
            return {"of": "newcomer"}
        case "deliver":
            await dispatching.begin(owner=AMOUNT)
        case "settle_commitment" | "settle_dispatch":
            await dispatching.begin(owner=AMOUNT)
            dispatching.travel_to(ENDS)
    return {}


@pytest.mark.parametrize("instruction", OF_AUTHORITY)
async def test_refuses_whoever_is_not_the_authority(dispatching: Dispatching, instruction: str) -> None:
    await prepare(dispatching, instruction)
    await dispatching.run("propose_authority", proposed="newcomer")
    for signer in ("rival", "owner", "thief", "newcomer"):  # the newcomer is only proposed
        async with dispatching.refused("signer is not the authority"):
            await dispatching.run(instruction, by=signer)

    await dispatching.run("accept_authority")
    async with dispatching.refused("signer is not the authority"):
        await dispatching.run(instruction)
    await dispatching.run(instruction, by="newcomer")


@pytest.mark.parametrize(
    "instruction", sorted({*DEFAULT_ARGUMENTS} - {"initialize", "open_payment_vault", *WITHOUT_EVENT})
)
async def test_refuses_one_event_more_than_it_can_count(dispatching: Dispatching, instruction: str) -> None:
    changes = await prepare(dispatching, instruction)
    await dispatching.forge("plant", sequence=U64_MAX)
    async with dispatching.refused("attempt to add with overflow"):
        await dispatching.run(instruction, **changes)

    await dispatching.forge("plant", sequence=U64_MAX - 1)
    (event,) = await dispatching.run(instruction, **changes)
    assert event.data["sequence"] == U64_MAX


async def test_a_whole_dispatch_in_figures(dispatching: Dispatching) -> None:
    """The owner delivers all and more, the neighbour half, the thief nothing: what each gets, by hand."""
    before = await dispatching.state()
    await dispatching.begin(owner=4_000, neighbour=3_000, thief=2_000)
    await dispatching.end(owner=4_400, neighbour=1_500)
    for owner in ("neighbour", "owner", "thief"):
        await dispatching.run("settle_commitment", of=owner)
    await dispatching.run("settle_dispatch")

    # The bonds are 396, 297 and 198. Of the 3,500 that are missing the owner's 400 are replaced, which brings
    # the owner 39 of the bonds forfeited for them, 891 - 396 - 148 = 347, and their price of 120.
    owner = 1_204 + 396 + 39 + 120
    neighbour = 451 + 148
    operator = 3_010 + 891 - owner - neighbour
    after = await dispatching.state()
    moved = {
        "owner_payment": owner - 396,
        "neighbour_payment": neighbour - 297,
        "thief_payment": -198,
        "operator_payment": operator,
        "owner_energy": -4_400,
        "neighbour_energy": -1_500,
        "operator_energy": 5_900,
        "energy_vault": 0,
        "payment_vault": -REWARD,
    }
    assert {name: after[name]["amount"] - before[name]["amount"] for name in moved} == moved
    assert (after["energy_vault"]["amount"], after["payment_vault"]["amount"]) == (0, 0)


@pytest.mark.embedded
async def test_falling_short_with_one_key_and_over_delivering_with_another_gains_nothing(
    dispatching: Dispatching,
) -> None:
    """The neighbour delivers 1,900 of 2,000; or 1,500, and the owner the 400 that the tolerance allows."""
    await dispatching.make_tokens("treasury", "operator", 2 * REWARD, mint="payment_mint")
    gains = []
    for delivered in ({"owner": 4_000, "neighbour": 1_900}, {"owner": 4_400, "neighbour": 1_500}):
        before = await dispatching.state()
        announcement = before["dispatch"]["announcement"]
        for owner, amount in (("owner", 4_000), ("neighbour", 2_000)):
            await dispatching.run("commit", of=owner, amount=amount, announcement=announcement)
        dispatching.travel_to(NOON + HOUR)
        await dispatching.end(**delivered)
        for owner in ("owner", "neighbour"):
            await dispatching.run("settle_commitment", of=owner)
        after = await dispatching.state()
        both = ("owner_payment", "neighbour_payment")
        gains.append(sum(after[name]["amount"] - before[name]["amount"] for name in both))
        await dispatching.run("settle_dispatch")
        dispatching.travel_to(NOON)
        await dispatching.run("announce", source=dispatching["treasury"])

    apart, together = gains
    assert together <= apart


# Random dispatches, one after the other in the same accounts


@dataclass
class Part:
    """One participant's, and what it must bring, in exact fractions before any rounding."""

    amount: int
    bond: int
    delivered: int = 0

    @property
    def credited(self) -> int:
        return min(self.amount, self.delivered)

    @property
    def surplus(self) -> int:
        return self.delivered - self.credited


@pytest.fixture
async def rich(empty_dispatching: Dispatching) -> Dispatching:
    """A plant in which everybody takes part, with as many tokens as they need."""
    await empty_dispatching.start()
    await empty_dispatching.run("cancel_dispatch")
    for owner in ("newcomer", "rival"):
        await empty_dispatching.run("open_commitment", of=owner)
    for owner in ("operator", *EVERYBODY):
        for kind in ("energy", "payment"):
            await empty_dispatching.make_tokens(f"{owner}_{kind}_rich", owner, RICH, mint=f"{kind}_mint")
            empty_dispatching.accounts[f"{owner}_{kind}"] = empty_dispatching[f"{owner}_{kind}_rich"]
    return empty_dispatching


@pytest.mark.embedded
@pytest.mark.parametrize("seed", range(8))
async def test_random_dispatches_sum_to_zero_exactly(rich: Dispatching, seed: int) -> None:
    """Whoever takes part and however they deliver, in whichever order all are settled."""
    random = Random(seed)  # noqa: S311 (no secret)
    for _ in range(6):
        await one_random_dispatch(rich, random)


async def one_random_dispatch(rich: Dispatching, random: Random) -> None:
    rich.travel_to(NOON)
    before = await balances(rich)
    scale = 10 ** random.randint(1, 9)
    terms = {
        "target": random.randint(1, scale),
        "price": random.randint(1, random.choice((2, 1_000, 100_000))),
        "bond_price": random.randint(1, random.choice((2, 1_000, 100_000))),
        "tolerance_bps": random.choice((0, 1, 500, 1_000, 9_999, 10_000)),
    }
    await rich.run("announce", **terms)
    announcement = (await rich.state())["dispatch"]["announcement"]

    parts: dict[str, Part] = {}
    left = terms["target"]
    for owner in random.sample(EVERYBODY, random.randint(0, 5)):
        if left:
            amount = random.choice((1, left, random.randint(1, left), random.randint(1, left)))
            await rich.run("commit", of=owner, amount=amount, announcement=announcement)
            parts[owner] = Part(amount, bond=-(-amount * terms["bond_price"] // 1_000))
            left -= amount

    rich.travel_to(random.randint(NOON + HOUR, ENDS - 1))
    for _ in range(2):
        for owner, part in parts.items():
            most = part.amount * (10_000 + terms["tolerance_bps"]) // 10_000 - part.delivered
            short = min(most, max(part.amount - part.delivered, 0))
            amount = random.choice((0, most, short, random.randint(0, most)))
            if amount:
                await rich.run("deliver", of=owner, amount=amount)
                part.delivered += amount

    client = PowerPlantClient(rich.client, rich.fee_payer)
    assert (await client.audit(rich["plant"])).violations == []
    rich.travel_to(random.randint(ENDS, ENDS + HOUR))
    to_settle = ["operator", *parts]
    random.shuffle(to_settle)
    shares: dict[str, int] = {}
    for name in to_settle:
        if name == "operator":
            (settled,) = await rich.run("settle_dispatch")
        else:
            (event,) = await rich.run("settle_commitment", of=name)
            shares[name] = event.data["share"]
        assert (await client.audit(rich["plant"])).violations == []

    check(terms, parts, shares, settled.data["pool"], before, await balances(rich))


def check(
    terms: dict[str, int],
    parts: dict[str, Part],
    shares: dict[str, int],
    pool: int,
    before: dict[str, int],
    after: dict[str, int],
) -> None:
    """What everybody got, beside what the rules say in fractions."""
    everyone = parts.values()
    missing = sum(part.amount - part.credited for part in everyone)
    surplus = sum(part.surplus for part in everyone)
    replaced = min(missing, surplus)
    kept = {owner: part.bond * part.credited // part.amount for owner, part in parts.items()}
    forfeited = sum(part.bond for part in everyone) - sum(kept.values())
    exact = Fraction(replaced * terms["price"], 1_000)
    exact += Fraction(forfeited * replaced, missing) if missing else 0
    assert exact - 2 < pool <= exact
    assert sum(shares.values()) == pool

    gained = {name: after[name] - before[name] for name in after}
    for owner, part in parts.items():
        share = shares[owner]
        assert abs(share - Fraction(pool * part.surplus, surplus or 1)) < 1
        earned = part.credited * terms["price"] // 1_000
        assert gained[f"{owner}_payment"] == earned + kept[owner] - part.bond + share
        assert gained[f"{owner}_energy"] == -part.delivered
    assert gained["operator_energy"] == sum(part.delivered for part in everyone)
    assert -gained["operator_payment"] <= Fraction(terms["price"] * terms["target"], 1_000) + 1
    for kind in ("energy", "payment"):
        assert after[f"{kind}_vault"] == after[f"{kind}_held"] == 0
        assert sum(amount for name, amount in gained.items() if name.endswith(kind)) == 0


async def balances(dispatching: Dispatching) -> dict[str, int]:
    """Everybody's tokens, the vaults', and the plant's totals."""
    state = await dispatching.state()
    names = [f"{owner}_{kind}_rich" for owner in ("operator", *EVERYBODY) for kind in ("energy", "payment")]
    return {
        **{name.removesuffix("_rich"): state[name]["amount"] for name in names},
        **{name: state[name]["amount"] for name in ("energy_vault", "payment_vault")},
        **{name: state["plant"][name] for name in ("energy_held", "payment_held")},
    }
