"""What several instructions have in common, each refusal beside the same instruction's success."""

import pytest

from tests.support.metering import DEFAULT_ARGUMENTS, WITHOUT_EVENT, Metered
from tests.support.stage import NOON, U64_MAX, changed

OF_AUTHORITY = (
    *("register_meter", "replace_device", "retire_meter", "return_rent"),
    *("pause", "resume", "propose_authority"),
)
OF_METER = ("report", "replace_device", "retire_meter", "return_rent")


@pytest.fixture
async def metered(empty_metered: Metered) -> Metered:
    """The rival has an issuer too, with the same devices; the newcomer is proposed as authority."""
    await empty_metered.start(at="rival", now=NOON)
    await empty_metered.start()
    await empty_metered.run("propose_authority", proposed="newcomer")
    await empty_metered.send(empty_metered.payment(empty_metered["owner_meter"], 1_000))
    return empty_metered


async def prepare(metered: Metered, instruction: str) -> dict[str, str]:
    """Bring about what an instruction needs: how it is to differ from its defaults to succeed."""
    if instruction == "resume":
        await metered.run("pause")
    return {"of": "newcomer"} if instruction == "register_meter" else {}


@pytest.mark.parametrize("instruction", OF_AUTHORITY)
async def test_refuses_whoever_is_not_the_authority(metered: Metered, instruction: str) -> None:
    changes = await prepare(metered, instruction)

    for signer in ("rival", "owner", "thief", "newcomer"):  # the newcomer is only proposed
        async with metered.refused("signer is not the authority"):
            await metered.run(instruction, by=signer, **changes)
    await metered.run("accept_authority")
    async with metered.refused("signer is not the authority"):
        await metered.run(instruction, **changes)
    await metered.run(instruction, by="newcomer", **changes)


@pytest.mark.parametrize("instruction", OF_METER)
async def test_refuses_another_issuers_meter(metered: Metered, instruction: str) -> None:
    async with metered.refused("meter belongs to another issuer"):
        await metered.run(instruction, meter=metered["owner_rival_meter"])

    await metered.run(instruction)


@pytest.mark.parametrize(
    ("slot", "wrong", "message"),
    [
        ("meter", "neighbour_meter", "signer is not the device of the meter"),
        ("mint", "rival_mint", "mint is not of this issuer"),
        ("destination", "owner_rival_tokens", "destination holds another mint"),
        ("destination", "neighbour_tokens", "destination belongs to another owner"),
    ],
)
async def test_a_report_refuses_what_does_not_belong_together(
    metered: Metered, slot: str, wrong: str, message: str
) -> None:
    for register in (1_000_000, 1_000_100):  # also if nothing is to be minted
        async with metered.refused(message):
            await metered.run("report", register=register, **{slot: metered[wrong]})

    await metered.run("report")


@pytest.mark.parametrize("instruction", sorted({*DEFAULT_ARGUMENTS} - {"initialize", "pause", "report"}))
async def test_a_pause_stops_nothing_but_reports(metered: Metered, instruction: str) -> None:
    changes = {"of": "newcomer"} if instruction == "register_meter" else {}
    await metered.run("pause")

    events = await metered.run(instruction, **changes)

    assert [event.data["sequence"] for event in events] == ([] if instruction in WITHOUT_EVENT else [7])


@pytest.mark.parametrize("instruction", sorted({*DEFAULT_ARGUMENTS} - {"initialize", *WITHOUT_EVENT}))
async def test_refuses_one_event_more_than_it_can_count(metered: Metered, instruction: str) -> None:
    changes = await prepare(metered, instruction)
    await metered.forge("issuer", sequence=U64_MAX)
    async with metered.refused("attempt to add with overflow"):
        await metered.run(instruction, **changes)

    await metered.forge("issuer", sequence=U64_MAX - 1)
    await metered.run(instruction, **changes)


@pytest.mark.parametrize("resource", ["ENERGY", "WATER", "WASTE"])
async def test_the_resource_makes_no_difference_to_the_rules(empty_metered: Metered, resource: str) -> None:
    await empty_metered.run("initialize", resource=resource)
    await empty_metered.run("register_meter")
    await empty_metered.make_tokens("owner_tokens", "owner")
    empty_metered.travel_to(DEFAULT_ARGUMENTS["report"]["read_at"])
    before = await empty_metered.state()

    await empty_metered.run("report")

    after = await empty_metered.state()
    moved = ("mint", "owner_tokens", "issuer", "owner_meter")
    assert after == changed(before, **{name: after[name] for name in moved})
    assert (after["issuer"]["resource"], after["mint"]["supply"]) == (resource, 4_000)
