import pytest
from anchorpy import Event

from tests.support.metering import RISE, Metered
from tests.support.stage import changed


async def test_retires_a_meter_which_stays(metered: Metered) -> None:
    await metered.run("report")
    before = await metered.state()

    events = await metered.run("retire_meter")

    assert await metered.state() == changed(before, issuer={"sequence": 6}, owner_meter={"retired": True})
    assert events == [
        Event(
            "MeterRetired",
            {
                "issuer": metered["issuer"],
                "meter": metered["owner_meter"],
                "minted": RISE,
                "meter_count": 3,
                "sequence": 6,
            },
        )
    ]


@pytest.mark.parametrize("instruction", ["report", "replace_device", "retire_meter"])
async def test_nothing_comes_of_a_retired_meter(metered: Metered, instruction: str) -> None:
    await metered.run("retire_meter")
    async with metered.refused("meter is retired"):
        await metered.run(instruction)

    await metered.run(instruction, of="neighbour")
