import pytest
from anchorpy import Event

from tests.support.metering import HOUR, PROGRAM, RATED_POWER, RISE, Metered
from tests.support.stage import NOON, SYSTEM_PROGRAM, U64_MAX, System, changed
from tests.unit.metering.program.test_register_meter import METER_BYTES


@pytest.fixture
async def metered(metered: Metered) -> Metered:
    """The owner has reported the first hour."""
    await metered.run("report")
    return metered


async def test_believes_another_device_from_where_its_register_stands(metered: Metered) -> None:
    before = await metered.state()

    events = await metered.run("replace_device", register=70)

    rent = await metered.rent(METER_BYTES)
    assert await metered.state() == changed(
        before,
        operator={"lamports": before["operator"]["lamports"] - rent},
        issuer={"meter_count": 4, "sequence": 6},
        owner_meter={"retired": True},
        owner_new_meter={
            "lamports": rent,
            "program": PROGRAM,
            "size": METER_BYTES,
            "kind": "Meter",
            "issuer": metered["issuer"],
            "device": metered["owner_new_device"],
            "owner": metered["owner"],
            "rated_power": RATED_POWER,
            "register": 70,
            "read_at": NOON + HOUR,
            "minted": 0,
            "retired": False,
        },
    )
    assert events == [
        Event(
            "DeviceReplaced",
            {
                "issuer": metered["issuer"],
                "meter": metered["owner_meter"],
                "replacement": metered["owner_new_meter"],
                "device": metered["owner_new_device"],
                "register": 70,
                "read_at": NOON + HOUR,
                "minted": RISE,
                "meter_count": 4,
                "sequence": 6,
            },
        )
    ]


async def test_from_then_on_only_the_new_device_reports(metered: Metered) -> None:
    await metered.run("replace_device", register=70)
    metered.travel_to(NOON + 2 * HOUR)

    async with metered.refused("meter is retired"):
        await metered.run("report", register=1_005_000, read_at=NOON + 2 * HOUR)
    new = {"by": "owner_new_device", "meter": metered["owner_new_meter"], "read_at": NOON + 2 * HOUR}
    async with metered.refused("register has fallen"):
        await metered.run("report", **new, register=69)
    await metered.run("report", **new, register=70 + 900)

    state = await metered.state()
    assert (state["owner_tokens"]["amount"], state["owner_new_meter"]["minted"]) == (RISE + 900, 900)


@pytest.mark.parametrize("register", [0, U64_MAX])
async def test_the_new_register_starts_wherever_it_stands(metered: Metered, register: int) -> None:
    await metered.run("replace_device", register=register)

    state = await metered.state()
    assert (state["owner_new_meter"]["register"], state["mint"]["supply"]) == (register, RISE)


async def test_a_device_is_replaced_once(metered: Metered) -> None:
    await metered.run("replace_device")

    again = {"device": "newcomer_device", "replacement": metered["newcomer_meter"]}
    async with metered.refused("meter is retired"):
        await metered.run("replace_device", **again)
    await metered.run("replace_device", **again, meter=metered["owner_new_meter"])


@pytest.mark.parametrize(
    ("device", "replacement"),
    [
        pytest.param("owner_device", "owner_meter", id="itself"),
        pytest.param("neighbour_device", "neighbour_meter", id="another's"),
    ],
)
async def test_refuses_a_device_that_was_registered_before(
    metered: Metered, device: str, replacement: str
) -> None:
    async with metered.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await metered.run("replace_device", device=device, replacement=metered[replacement])

    await metered.run("replace_device")


async def test_refuses_one_meter_more_than_it_can_count(metered: Metered) -> None:
    await metered.forge("issuer", meter_count=U64_MAX)
    async with metered.refused("attempt to add with overflow"):
        await metered.run("replace_device")

    await metered.forge("issuer", meter_count=U64_MAX - 1)
    await metered.run("replace_device")
