import pytest
from anchorpy import Event

from tests.support.metering import HOUR, MOST, RATED_POWER, REGISTER, RISE, Metered
from tests.support.stage import I64_MAX, NOON, U64_MAX, changed


async def test_mints_the_registers_rise_to_the_owner(metered: Metered) -> None:
    before = await metered.state()

    events = await metered.run("report", register=REGISTER + RISE)

    assert await metered.state() == changed(
        before,
        mint={"supply": RISE},
        owner_tokens={"amount": RISE},
        issuer={"minted": RISE, "sequence": 5},
        owner_meter={"register": REGISTER + RISE, "read_at": NOON + HOUR, "minted": RISE},
    )
    assert events == [
        Event(
            "EnergyReported",
            {
                "issuer": metered["issuer"],
                "meter": metered["owner_meter"],
                "register": REGISTER + RISE,
                "read_at": NOON + HOUR,
                "amount": RISE,
                "meter_minted": RISE,
                "minted": RISE,
                "meter_count": 3,
                "sequence": 5,
            },
        )
    ]


async def test_adds_to_what_is_there(metered: Metered) -> None:
    await metered.run("report", of="neighbour", register=REGISTER + 1_000)
    await metered.run("report", register=REGISTER + RISE)
    metered.travel_to(NOON + 2 * HOUR)
    before = await metered.state()

    events = await metered.run("report", register=REGISTER + RISE + 300, read_at=NOON + 2 * HOUR)

    assert await metered.state() == changed(
        before,
        mint={"supply": 1_000 + RISE + 300},
        owner_tokens={"amount": RISE + 300},
        issuer={"minted": 1_000 + RISE + 300, "sequence": 7},
        owner_meter={
            **{"register": REGISTER + RISE + 300, "read_at": NOON + 2 * HOUR},
            "minted": RISE + 300,
        },
    )
    assert [(event.data["amount"], event.data["meter_minted"], event.data["minted"]) for event in events] == [
        (300, RISE + 300, 1_000 + RISE + 300)
    ]


async def test_a_register_that_stands_still_is_a_reading_and_mints_nothing(metered: Metered) -> None:
    before = await metered.state()

    events = await metered.run("report", register=REGISTER)

    assert await metered.state() == changed(
        before, issuer={"sequence": 5}, owner_meter={"read_at": NOON + HOUR}
    )
    assert events[0].data["amount"] == 0


@pytest.mark.embedded
@pytest.mark.parametrize(("rise", "calls"), [(0, 0), (1, 1)])
async def test_calls_the_token_program_only_where_something_is_minted(
    metered: Metered, rise: int, calls: int
) -> None:
    await metered.run("report", register=REGISTER + rise)

    assert metered.calls("MintTo") == calls


async def test_lost_reports_lose_nothing_and_repeated_ones_double_nothing(metered: Metered) -> None:
    """Of three readings the second is lost, and the third is sent again and again."""
    await metered.run("report", register=REGISTER + 100, read_at=NOON + 600)
    third = {"register": REGISTER + 300, "read_at": NOON + 1_800}
    await metered.run("report", **third)
    for _ in range(2):
        async with metered.refused("reading is not newer than the latest"):
            await metered.run("report", **third)
    async with metered.refused("reading is not newer than the latest"):  # the second, late
        await metered.run("report", register=REGISTER + 200, read_at=NOON + 1_200)

    assert (await metered.state())["owner_tokens"]["amount"] == 300


async def test_any_token_account_of_the_owner_is_a_destination(metered: Metered) -> None:
    await metered.make_tokens("owner_savings", "owner")

    await metered.run("report", destination=metered["owner_savings"])

    state = await metered.state()
    assert (state["owner_savings"]["amount"], state["owner_tokens"]["amount"]) == (RISE, 0)


async def test_takes_as_much_as_the_rated_power_allows_and_not_one_more(metered: Metered) -> None:
    async with metered.refused("register has risen faster than the rated power"):
        await metered.run("report", register=REGISTER + MOST + 1)

    await metered.run("report", register=REGISTER + MOST)
    metered.travel_to(NOON + 2 * HOUR)
    for seconds in (1, HOUR - 1):
        async with metered.refused("register has risen faster than the rated power"):
            await metered.run("report", register=REGISTER + 2 * MOST, read_at=NOON + HOUR + seconds)
    await metered.run("report", register=REGISTER + 2 * MOST, read_at=NOON + 2 * HOUR)

    assert (await metered.state())["owner_tokens"]["amount"] == 2 * MOST


@pytest.mark.parametrize(
    ("rated_power", "seconds", "most"),
    [
        (1, HOUR, 1),  # 1.05
        (1, 1, 0),
        (1, 3_428, 0),  # 0.99983...
        (1, 3_429, 1),  # 1.00012...
        (100, 34, 0),  # 0.9916...
        (100, 35, 1),  # 1.02...
        (20, HOUR, 21),  # 21 exactly
        (19, HOUR, 19),  # 19.95
        (1_000_000_000, 1, 291_666),  # 291,666.67
        (1_000_000_000, HOUR, 1_050_000_000),
    ],
)
async def test_the_bound_is_exact(empty_metered: Metered, rated_power: int, seconds: int, most: int) -> None:
    await empty_metered.start(rated_power=rated_power)
    read_at = NOON + seconds

    assert most == rated_power * seconds * 105 // (100 * HOUR)
    async with empty_metered.refused("register has risen faster than the rated power"):
        await empty_metered.run("report", register=REGISTER + most + 1, read_at=read_at)
    await empty_metered.run("report", register=REGISTER + most, read_at=read_at)

    assert (await empty_metered.state())["owner_tokens"]["amount"] == most


async def test_what_is_refused_for_rounding_passes_later(metered: Metered) -> None:
    """At full load a Wh is complete every 0.72 s: read just before and just after, it seems too fast."""
    await metered.run("report", register=REGISTER, read_at=NOON + 1)
    second = {"register": REGISTER + 2}
    async with metered.refused("register has risen faster than the rated power"):
        await metered.run("report", **second, read_at=NOON + 2)

    await metered.run("report", **second, read_at=NOON + 3)
    assert (await metered.state())["owner_tokens"]["amount"] == 2


async def test_refuses_the_future_by_the_second(metered: Metered) -> None:
    for read_at in (NOON + HOUR + 1, I64_MAX):
        async with metered.refused("reading is in the future"):
            await metered.run("report", read_at=read_at)

    await metered.run("report", read_at=NOON + HOUR)


async def test_refuses_what_is_not_newer_by_the_second(metered: Metered) -> None:
    for read_at in (NOON, NOON - 1, 0, -1, -I64_MAX - 1):  # noon is when it was registered
        async with metered.refused("reading is not newer than the latest"):
            await metered.run("report", register=REGISTER, read_at=read_at)

    await metered.run("report", register=REGISTER, read_at=NOON + 1)


async def test_refuses_a_register_that_has_fallen(metered: Metered) -> None:
    for register in (REGISTER - 1, 0):
        async with metered.refused("register has fallen"):
            await metered.run("report", register=register)

    await metered.run("report", register=REGISTER + 1)


async def test_refuses_the_highest_registers(metered: Metered) -> None:
    for register in (U64_MAX, 2**63, 2**32):
        async with metered.refused("register has risen faster than the rated power"):
            await metered.run("report", register=register)


async def test_a_register_can_stand_at_its_end(empty_metered: Metered) -> None:
    await empty_metered.start(register=U64_MAX - RISE)

    await empty_metered.run("report", register=U64_MAX)

    assert (await empty_metered.state())["owner_tokens"]["amount"] == RISE


async def test_who_sends_it_does_not_matter_the_device_does(metered: Metered) -> None:
    for somebody_else in ("owner", "operator", "neighbour_device", "owner_new_device"):
        async with metered.refused("signer is not the device of the meter"):
            await metered.run("report", by=somebody_else)
    await metered.run("report", by="owner_device")


async def test_idle_time_counts_for_the_rating(metered: Metered) -> None:
    """A device that has been silent for a day may have worked all day."""
    metered.travel_to(NOON + 24 * HOUR)

    await metered.run("report", register=REGISTER + 24 * RATED_POWER, read_at=NOON + 24 * HOUR)

    assert (await metered.state())["mint"]["supply"] == 24 * RATED_POWER
