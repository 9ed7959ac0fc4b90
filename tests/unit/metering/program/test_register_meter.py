import pytest
from anchorpy import Event

from tests.support.metering import PROGRAM, REGISTER, Metered
from tests.support.stage import NOON, SYSTEM_PROGRAM, U64_MAX, System, changed

METER_BYTES = 144
GIGAWATT = 1_000_000_000


async def test_believes_a_device_from_now_on(metered: Metered) -> None:
    metered.travel_to(NOON + 4_000)
    before = await metered.state()
    assert before["newcomer_meter"] is None

    events = await metered.run("register_meter", of="newcomer", rated_power=800, register=12)

    rent = await metered.rent(METER_BYTES)
    assert await metered.state() == changed(
        before,
        operator={"lamports": before["operator"]["lamports"] - rent},
        issuer={"meter_count": 4, "sequence": 5},
        newcomer_meter={
            "lamports": rent,
            "program": PROGRAM,
            "size": METER_BYTES,
            "kind": "Meter",
            "issuer": metered["issuer"],
            "device": metered["newcomer_device"],
            "owner": metered["newcomer"],
            "rated_power": 800,
            "register": 12,
            "read_at": NOON + 4_000,
            "minted": 0,
            "retired": False,
        },
    )
    assert events == [
        Event(
            "MeterRegistered",
            {
                "issuer": metered["issuer"],
                "meter": metered["newcomer_meter"],
                "device": metered["newcomer_device"],
                "owner": metered["newcomer"],
                "rated_power": 800,
                "register": 12,
                "read_at": NOON + 4_000,
                "minted": 0,
                "meter_count": 4,
                "sequence": 5,
            },
        )
    ]


async def test_what_was_before_is_not_minted(metered: Metered) -> None:
    """The register may be that of years, and the device must not claim the time before."""
    metered.travel_to(NOON + 7_200)
    await metered.run("register_meter", of="newcomer", register=U64_MAX - 50)
    async with metered.refused("reading is not newer than the latest"):
        await metered.run("report", of="newcomer", register=U64_MAX, read_at=NOON + 7_200)

    metered.travel_to(NOON + 7_236)
    await metered.run("report", of="newcomer", register=U64_MAX, read_at=NOON + 7_236)
    assert (await metered.state())["newcomer_tokens"]["amount"] == 50


async def test_one_owner_has_any_number_of_devices(metered: Metered) -> None:
    await metered.run(
        "register_meter",
        device="owner_new_device",
        owner="owner",
        meter=metered["owner_new_meter"],
        register=0,
    )
    metered.travel_to(NOON + 7_200)

    await metered.run("report")
    second = {"by": "owner_new_device", "meter": metered["owner_new_meter"]}
    await metered.run("report", **second, register=1_000, read_at=NOON + 7_200)
    assert (await metered.state())["owner_tokens"]["amount"] == 5_000


async def test_a_device_is_registered_once_with_an_issuer(metered: Metered) -> None:
    for owner in ("owner", "thief"):
        async with metered.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
            await metered.run("register_meter", owner=owner)
    await metered.run("retire_meter")
    async with metered.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await metered.run("register_meter")

    await metered.run("register_meter", of="newcomer")


@pytest.mark.parametrize("rated_power", [1, GIGAWATT])
async def test_accepts_the_ends_of_the_range(metered: Metered, rated_power: int) -> None:
    await metered.run("register_meter", of="newcomer", rated_power=rated_power)

    assert (await metered.state())["newcomer_meter"]["rated_power"] == rated_power


@pytest.mark.parametrize(
    ("rated_power", "message"),
    [
        (0, "rated power must be positive"),
        (GIGAWATT + 1, "rated power exceeds a gigawatt"),
        (U64_MAX, "rated power exceeds a gigawatt"),
    ],
)
async def test_refuses_a_rating_that_makes_no_sense(metered: Metered, rated_power: int, message: str) -> None:
    async with metered.refused(message):
        await metered.run("register_meter", of="newcomer", rated_power=rated_power)

    await metered.run("register_meter", of="newcomer", register=REGISTER)


async def test_refuses_one_meter_more_than_it_can_count(metered: Metered) -> None:
    await metered.forge("issuer", meter_count=U64_MAX)
    async with metered.refused("attempt to add with overflow"):
        await metered.run("register_meter", of="newcomer")

    await metered.forge("issuer", meter_count=U64_MAX - 1)
    await metered.run("register_meter", of="newcomer")
