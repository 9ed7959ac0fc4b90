"""Registers, read from files and from pymodbus' own server, over a socket of its own."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from solders.pubkey import Pubkey

from amalgam.metering.program import Meter
from amalgam.metering.sources.sunspec import RegisterFile, RegisterReading, SunSpecRegister, UnreadableError
from amalgam.scenarios.readings import ReadingsError
from amalgam.units import ENERGY, WATER, Measure
from tests.support.inverter import inverter, served, sunspec
from tests.support.node import NOON

DEVICE, OTHER = Pubkey([1] * 32), Pubkey([2] * 32)
METER = Meter(Pubkey([3] * 32), DEVICE, Pubkey([4] * 32), 5_000, 1_000, NOON, 0, retired=False)
COMMON = (1, 66, 0, 0, 0)
CYCLE = 2**32


# CSV


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "registers.csv"


def read(file: Path, text: str, meter: Meter = METER, measure: Measure = ENERGY) -> list[RegisterReading]:
    file.write_text(text)
    return asyncio.run(RegisterFile(file, measure).readings(meter))


def test_a_file_tells_what_is_newer_oldest_first(file: Path) -> None:
    text = (
        "read_at,register_kWh\n"
        f"{NOON},1.0\n"
        "2026-06-21T14:30:00+02:00,1.2\n"
        f"{NOON + 900},1.1009\n"  # what is not a whole Wh yet is left
    )
    assert read(file, text) == [(1_100, NOON + 900), (1_200, NOON + 1_800)]
    assert read(file, text, replace(METER, read_at=NOON + 900)) == [(1_200, NOON + 1_800)]
    assert read(file, text, replace(METER, read_at=NOON + 1_800)) == []


def test_a_file_of_several_meters(file: Path) -> None:
    text = f"register_Wh,device,read_at\n1500,{DEVICE},{NOON + 9}\n7,{OTHER},{NOON + 10}\n"
    assert read(file, text) == [(1_500, NOON + 9)]


def test_a_file_of_water(file: Path) -> None:
    text = f"read_at,register_m3\n{NOON + 1},1.25\n"
    assert read(file, text, measure=WATER) == [(1_250, NOON + 1)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "1:1: missing column for read_at; use the columns {}"),
        ("read_at\n", "1:1: missing column for register; use the columns {}"),
        ("read_at,register\n", "1:9: unknown column 'register'; use the columns {}"),
        ("read_at,register_m3\n", "1:9: unknown column 'register_m3'; use the columns {}"),
        ("read_at,register_Wh,register_kWh\n", "1:21: second column for register; keep one of them"),
        ("read_at,register_Wh\n1\n", "2:1: 1 fields in place of 2; give each row one field for each column"),
        (
            "read_at,register_Wh\n1,-1\n",
            "2:3: '-1' is not what a register shows; write digits, with a point before decimals",
        ),
        (
            "read_at,register_kWh\n1,18446744073709551.616\n",
            "2:3: '18446744073709551.616' is more than the chain can count; correct it or its unit",
        ),
        (
            "read_at,register_Wh\nnoon,1\n",
            "2:1: 'noon' is not a time; write it like 2026-06-22T00:15:00+02:00",
        ),
        (
            "read_at,register_Wh\n2026-06-21T12:00,1\n",
            "2:1: '2026-06-21T12:00' has no zone; append the zone's offset, like +02:00 or Z",
        ),
    ],
)
def test_a_file_that_is_amiss(file: Path, text: str, complaint: str) -> None:
    with pytest.raises(ReadingsError) as refused:
        read(file, text)
    columns = "read_at, register_Wh or register_kWh, and, of several meters, device"
    assert str(refused.value) == f"{file}:{complaint.format(columns)}"


# SunSpec


@contextmanager
def reading(words: list[int], base: int = 40_000) -> Iterator[Callable[..., SunSpecRegister]]:
    """A server with these registers: what makes a reader of it."""
    with served(words, base=base) as port:
        yield partial(SunSpecRegister, "127.0.0.1", port)


async def wh(words: list[int], meter: Meter = METER, *, base: int = 40_000, **options: int) -> int:
    with reading(words, base) as reader:
        before = int(time.time())
        ((register, read_at),) = await reader(**options).readings(meter)
        assert before <= read_at <= time.time()
        return register


@pytest.mark.parametrize("base", [0, 40_000, 50_000])
async def test_an_inverter(base: int) -> None:
    assert await wh(inverter(123_456_789), base=base) == 123_456_789


@pytest.mark.parametrize("number", [101, 102, 103])
async def test_every_inverter_model(number: int) -> None:
    assert await wh(sunspec((number, 50, 70_000, 0, 24))) == 70_000


@pytest.mark.parametrize("number", [201, 202, 203, 204])
async def test_every_meter_model(number: int) -> None:
    assert await wh(sunspec(COMMON, (number, 105, 70_001, 0, 38))) == 70_001


@pytest.mark.parametrize(("scale", "expected"), [(1, 1_234_560), (3, 123_456_000), (-1, 12_345), (-3, 123)])
async def test_scale_factors(scale: int, expected: int) -> None:
    assert await wh(inverter(123_456, scale), replace(METER, register=0)) == expected


async def test_one_of_several_models_has_to_be_named() -> None:
    both = sunspec((103, 50, 11_000, 0, 24), (203, 105, 22_000, 0, 38))
    assert await wh(both, model=103) == 11_000
    assert await wh(both, model=203) == 22_000
    with pytest.raises(UnreadableError) as refused:
        await wh(both)
    told = "several models, 103 (inverter), 203 (meter, exported); name one with --model"
    assert str(refused.value).endswith(f", unit 1: {told}")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([0, 0], "does not speak SunSpec; check the address, or --unit"),
        (
            inverter(0),
            "model 103 does not tell its energy now; wait until it does, or name another with --model",
        ),
        (
            inverter(1, -(2**15)),
            "model 103 does not tell its energy now; wait until it does, or name another with --model",
        ),
        (inverter(1, 11), "model 103 has a scale factor of 11; check it"),
        (
            sunspec(COMMON),
            "none of the models 101, 102, 103, 201, 202, 203, 204, but none with a register; "
            "name another unit with --unit, or model with --model",
        ),
    ],
)
async def test_what_cannot_be_read(words: list[int], complaint: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        await wh(words)
    assert str(refused.value).endswith(f", unit 1: {complaint}")


async def test_a_list_of_models_without_an_end() -> None:
    with pytest.raises(UnreadableError, match="refuses register 40054 "):
        await wh(sunspec((103, 50, 1, 0, 24), end=False))


async def test_an_inverter_that_does_not_answer() -> None:
    with reading(inverter(1)) as reader:
        gone = reader()
        with pytest.raises(UnreadableError, match="unit 7: "):
            await reader(unit=7).readings(METER)
    with pytest.raises(UnreadableError, match=r"unit 1: no answer; check the address and the network$"):
        await gone.readings(METER)


async def test_a_second_is_the_least_between_two_readings() -> None:
    with reading(inverter(5_000)) as reader:
        assert await reader().readings(replace(METER, read_at=int(time.time()) + 60)) == []


# The accumulator has 32 bits


def a_moment_ago(register: int, rated_power: int = 1_000_000) -> Meter:
    """A meter that reported an hour ago: 1 MW brings at most 1,050 kWh since then, and a little."""
    return replace(METER, register=register, rated_power=rated_power, read_at=int(time.time()) - 3_600)


@pytest.mark.parametrize("rounds", [0, 1, 5])
@pytest.mark.parametrize(("scale", "one"), [(0, 1), (1, 10), (3, 1_000)])
async def test_it_goes_round(rounds: int, scale: int, one: int) -> None:
    last = (rounds * CYCLE + CYCLE - 100) * one
    meter = a_moment_ago(last)
    assert await wh(inverter(CYCLE - 50, scale), meter) == last + 50 * one
    assert await wh(inverter(7, scale), meter) == last + 107 * one


async def test_it_goes_round_in_tenths_of_a_wh() -> None:
    meter = a_moment_ago(CYCLE // 10)  # 429,496,729 Wh, and .6
    assert await wh(inverter(25, -1), meter) == (CYCLE + 25) // 10


async def test_a_device_that_begins_anew_has_fallen_and_has_not_gone_round() -> None:
    assert await wh(inverter(7), a_moment_ago(2_000_000)) == 7
    assert await wh(inverter(7), a_moment_ago(3 * CYCLE + 2_000_000)) == 3 * CYCLE + 7


async def test_where_the_rating_leaves_room_for_a_round_it_is_not_guessed() -> None:
    a_gigawatt = replace(a_moment_ago(CYCLE - 100, 1_000_000_000), read_at=int(time.time()) - 3 * 3_600)
    assert await wh(inverter(7), a_gigawatt) == 7
