"""Registers, read from files and from pymodbus' own server, over a socket of its own."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from solders.pubkey import Pubkey

from amalgam.csv_rows import ReadingsError
from amalgam.metering.program import Meter
from amalgam.metering.sources import sunspec as source
from amalgam.metering.sources.csv_file import RegisterFile
from amalgam.metering.sources.protocol import Found, OlderRow, RegisterReading, UnreadableError
from amalgam.metering.sources.sunspec import ModelChoice, SunSpecRegister, model_choice
from amalgam.units import ENERGY, WATER, Measure
from tests.support.inverter import answering, inverter, mapped, named, served, sunspec
from tests.support.node import NOON

DEVICE, OTHER = Pubkey([1] * 32), Pubkey([2] * 32)
METER = Meter(Pubkey([3] * 32), DEVICE, Pubkey([4] * 32), 5_000, 1_000, NOON, 0, retired=False)
COMMON = (1, 66, 0, 0, 0)
CYCLE = 2**32


# CSV


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "registers.csv"


def found(file: Path, text: str | bytes, meter: Meter = METER, measure: Measure = ENERGY) -> Found:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return asyncio.run(RegisterFile(file, measure).read(meter))


def read(file: Path, text: str, meter: Meter = METER, measure: Measure = ENERGY) -> Sequence[RegisterReading]:
    return found(file, text, meter, measure).readings


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
        (
            "read_at;register_Wh\n1;2\n",
            "1:1: semicolons between fields; "
            "save the file with commas between fields and points before decimals",
        ),
    ],
)
def test_a_file_that_is_amiss(file: Path, text: str, complaint: str) -> None:
    with pytest.raises(ReadingsError) as refused:
        read(file, text)
    columns = "read_at, register_Wh or register_kWh, and, of several meters, device"
    assert str(refused.value) == f"{file}:{complaint.format(columns)}"


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("1", "3:1: 1 field in place of 2; give each row one field for each column"),
        ("1,-1", "3:3: '-1' is not what a register shows; write digits, with a point before decimals"),
        (
            "1, unavailable",
            "3:4: 'unavailable' is not what a register shows; write digits, with a point before decimals",
        ),
        (
            "1,18446744073709551.616",
            "3:3: '18446744073709551.616' is more than the chain can count; correct it or its unit",
        ),
        ("noon,1", "3:1: 'noon' is not a time; write it like 2026-06-22T00:15:00+02:00"),
        (
            "2026-06-21T12:00,1",
            "3:1: '2026-06-21T12:00' has no zone; append the zone's offset, like +02:00 or Z",
        ),
        ('1,"2', "3:1: malformed CSV (unexpected end of data); check quotes and line ends from this row on"),
        (b"1,\xff", "3:3: byte 0xff is not UTF-8; save the file as UTF-8"),
    ],
)
def test_a_row_that_is_amiss_is_told_and_the_others_are_read(
    file: Path, row: str | bytes, complaint: str
) -> None:
    row = row.encode() if isinstance(row, str) else row
    text = b"\n".join([b"read_at,register_kWh", b"%d,1.1" % (NOON + 1), row, b"", b"%d,1.2" % (NOON + 2)])
    readings, older, unreadable = found(file, text)
    assert (readings, older) == ([(1_100, NOON + 1), (1_200, NOON + 2)], [])
    assert list(map(str, unreadable)) == [f"{file}:{complaint}"]
    assert [error.line for error in unreadable] == [3]


def test_rows_that_are_not_newer_than_the_latest_report_are_told(file: Path) -> None:
    text = f"read_at,register_Wh\n{NOON},1000\n{NOON + 1},1001\n{NOON - 1},999\n"
    older = [OlderRow(2, RegisterReading(1_000, NOON)), OlderRow(4, RegisterReading(999, NOON - 1))]
    assert found(file, text) == ([(1_001, NOON + 1)], older, [])


def test_another_devices_rows_are_not_looked_at(file: Path) -> None:
    text = f"read_at,register_Wh,device\nnoon,unavailable,{OTHER}\n{NOON + 1},1001,{DEVICE}\n"
    assert found(file, text) == ([(1_001, NOON + 1)], [], [])


# SunSpec


@contextmanager
def reading(words: list[int], base: int = 40_000) -> Iterator[Callable[..., SunSpecRegister]]:
    """A server with these registers: what makes a reader of it."""
    with served(words, base=base) as port:
        yield partial(SunSpecRegister, "127.0.0.1", port)


async def wh(words: list[int], meter: Meter = METER, *, base: int = 40_000, **options: Any) -> int:
    with reading(words, base) as reader:
        before = int(time.time())
        ((register, read_at),) = (await reader(**options).read(meter)).readings
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


@pytest.mark.parametrize("number", [111, 112, 113])
async def test_every_inverter_model_in_floating_point(number: int) -> None:
    assert await wh(sunspec(COMMON, (number, 60, 16_777_215.0, 0, 32))) == 16_777_215
    assert await wh(sunspec(COMMON, (number, 60, 1_000.75, 0, 32))) == 1_000  # what is no whole Wh is left


async def test_what_a_generator_has_injected() -> None:
    assert await wh(sunspec(COMMON, (701, 153, 2**40 + 7, 0, 19))) == 2**40 + 7
    assert await wh(sunspec(COMMON, (701, 153, 2**40, 3, 19))) == 2**40 * 1_000
    assert await wh(sunspec(COMMON, (701, 153, 0, 0, 19)), replace(METER, register=0)) == 0


@pytest.mark.parametrize(("scale", "expected"), [(1, 1_234_560), (3, 123_456_000), (-1, 12_345), (-3, 123)])
async def test_scale_factors(scale: int, expected: int) -> None:
    assert await wh(inverter(123_456, scale), replace(METER, register=0)) == expected


async def complaint_of(words: list[int], **options: Any) -> str:
    """Why a device is not read, without its name."""
    with pytest.raises(UnreadableError) as refused:
        await wh(words, **options)
    return str(refused.value).partition(", unit 1: ")[2]


async def test_one_of_several_models_has_to_be_chosen() -> None:
    both = sunspec((103, 50, 11_000, 0, 24), (203, 105, 22_000, 0, 38))
    assert await wh(both, model=ModelChoice(103)) == 11_000
    assert await wh(both, model=ModelChoice(203)) == 22_000
    assert await complaint_of(both) == (
        "several models, 103@40002 (inverter), 203@40054 (meter, exported); "
        "choose one, like --model 103@40002"
    )


async def test_of_models_of_one_number_none_is_taken_silently() -> None:
    twice = named(
        sunspec(COMMON, (203, 105, 1_001_000, 0, 38), (203, 105, 1_500_000, 0, 38)), "Acme", "M1", "007"
    )
    for choice in (None, ModelChoice(203)):
        assert await complaint_of(twice, model=choice) == (
            "several models, 203@40070 (meter, exported of Acme M1 007), "
            "203@40177 (meter, exported of Acme M1 007); choose one, like --model 203@40070"
        )
    assert await wh(twice, model=ModelChoice(203, 40_070)) == 1_001_000
    assert await wh(twice, model=ModelChoice(203, 40_177)) == 1_500_000


def test_how_a_model_is_written() -> None:
    assert model_choice("203") == (203, None)
    assert model_choice("203@40070") == (203, 40_070)
    assert (str(ModelChoice(203)), str(ModelChoice(203, 40_070))) == ("203", "203@40070")
    with pytest.raises(
        ValueError, match="'x' is not a model; write it like 203, or 203@40070 with its address"
    ):
        model_choice("x")
    with pytest.raises(
        ValueError, match=r"model 120 is not one of 101, 102, 103, 111, .*, which tell an energy"
    ):
        model_choice("120")


NOT_NOW = "model {} does not tell its energy now; wait until it does, or name another with --model"
NUMBERS = "101, 102, 103, 111, 112, 113, 201, 202, 203, 204, 701"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            [0, 0],
            "does not speak SunSpec: [0, 0] at 40000, exception 2 at 50000, exception 2 at 0; "
            "check the address, or --unit",
        ),
        (inverter(0), NOT_NOW.format("103@40070")),
        (inverter(1, -(2**15)), NOT_NOW.format("103@40070")),
        (sunspec((113, 60, float("nan"), 0, 32)), NOT_NOW.format("113@40002")),
        (sunspec((113, 60, float("inf"), 0, 32)), NOT_NOW.format("113@40002")),
        (sunspec((113, 60, -1.0, 0, 32)), NOT_NOW.format("113@40002")),
        (sunspec((701, 153, 2**64 - 1, 0, 19)), NOT_NOW.format("701@40002")),
        (sunspec((701, 153, 5, -(2**15), 19)), NOT_NOW.format("701@40002")),
        (inverter(1, 11), "model 103@40070 has a scale factor of 11; check the device"),
        (
            inverter(2**32 - 1, 10),
            "model 103@40070 tells more than the chain can count; check the device",
        ),
        (
            sunspec(COMMON, (103, 10, 0, 0, 0)),
            "model 103@40070 has 10 registers, too few; check the device",
        ),
        (
            sunspec(COMMON, (120, 26, 0, 0, 0)),
            f"it has none of the models {NUMBERS}, but 1@40002, 120@40070; name another unit with --unit",
        ),
        (
            sunspec(),
            f"it has none of the models {NUMBERS}, but none at all; name another unit with --unit",
        ),
    ],
)
async def test_what_cannot_be_read(words: list[int], complaint: str) -> None:
    assert await complaint_of(words) == complaint


async def test_a_chosen_model_that_is_not_there() -> None:
    assert await complaint_of(inverter(1), model=ModelChoice(103, 40_072)) == (
        "it has no model 103@40072, but 1@40002, 103@40070; "
        "name another unit with --unit, or model with --model"
    )


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param([], id="nothing, which is answered with an exception"),
        pytest.param([0xFFFF], id="an end without its length"),
        pytest.param([0] * 60, id="zeros"),
        pytest.param([0x8000] * 60, id="an absent meter"),
        pytest.param([160, 60_000, 0, 0], id="a model that runs past the last register"),
        pytest.param([5, 0] * 300, id="no end"),
    ],
)
async def test_what_follows_its_models_does_not_matter(behind: list[int]) -> None:
    words = sunspec(COMMON, (103, 50, 1_001_000, 0, 24), end=False)
    assert await wh(words + behind) == 1_001_000


async def test_a_map_up_to_the_last_register() -> None:
    words = sunspec((103, 50, 1_001_000, 0, 24), (160, 65_536 - 50_000 - 56, 0, 0, 0), end=False)
    assert await wh(words, base=50_000) == 1_001_000


@pytest.mark.parametrize("code", [5, 6, 10, 11])
async def test_a_device_that_is_busy_is_not_taken_to_have_no_more_models(code: int) -> None:
    words = sunspec(COMMON, (203, 105, 1_001_000, 0, 38), (203, 105, 1_500_000, 0, 38))
    answers = mapped(words, 40_000, 2)
    with answering(lambda at, count: code if at == 40_177 else answers(at, count)) as port:
        with pytest.raises(UnreadableError) as refused:
            await SunSpecRegister("127.0.0.1", port).read(METER)
    assert str(refused.value) == (
        f"127.0.0.1:{port}, unit 1: refuses register 40177 with exception {code}; check the device"
    )


@pytest.mark.parametrize("base", [50_000, 0])
async def test_silence_does_not_end_the_search(monkeypatch: pytest.MonkeyPatch, base: int) -> None:
    monkeypatch.setattr(source, "_TIMEOUT_S", 0.5)
    with answering(mapped(inverter(1_001_000), base, None)) as port:
        ((register, _),) = (await SunSpecRegister("127.0.0.1", port).read(METER)).readings
    assert register == 1_001_000


# What is chosen stays chosen


@pytest.fixture
def known(tmp_path: Path) -> Path:
    return tmp_path / "meter.json"


def pair(first: int = 1_001_000, second: int = 1_500_000, serial: str = "007") -> list[int]:
    """Two meters of one number in one device."""
    words = sunspec(COMMON, (203, 105, first, 0, 38), (203, 105, second, 0, 38))
    return named(words, "Acme", "M1", serial)


async def test_a_choice_is_kept(known: Path) -> None:
    assert await wh(pair(), model=ModelChoice(203, 40_177), known=known) == 1_500_000
    assert await wh(pair(), known=known) == 1_500_000
    assert await wh(pair(second=1_500_001), known=known, base=40_000) == 1_500_001
    assert list(known.parent.iterdir()) == [known]


async def test_models_behind_that_tell_no_energy_do_not_matter(known: Path) -> None:
    words = pair()[:-2]
    assert await wh(words, model=ModelChoice(203, 40_177), known=known) == 1_500_000
    assert await wh([*words, 160, 2, 7, 7], known=known) == 1_500_000


@pytest.mark.parametrize(
    ("words", "model", "change"),
    [
        (pair(serial="008"), None, "it is Acme M1 008, and was Acme M1 007"),
        (inverter(9_000_000), None, "203@40070 of 105 registers is gone, 203@40177 of "),
        (pair()[:-2] + sunspec((103, 50, 1, 0, 24))[2:], None, "103@40284 of 50 registers is new"),
        ([*pair()[: 2 + 68 + 107], 0xFFFF, 0], None, "203@40177 of 105 registers is gone"),
        (pair(), ModelChoice(203, 40_177), "--model names 203@40177"),
    ],
)
def test_a_device_that_has_changed_is_refused(
    known: Path, words: list[int], model: ModelChoice | None, change: str
) -> None:
    asyncio.run(wh(pair(), model=ModelChoice(203, 40_070), known=known))
    kept = known.read_bytes()
    complaint = asyncio.run(complaint_of(words, model=model, known=known))
    assert complaint.startswith(f"not as it was when model 203@40070 was chosen: {change}")
    assert complaint.endswith(
        f"; check the device; to choose again, remove {known} and name the model with --model"
    )
    assert known.read_bytes() == kept


def test_a_choice_that_cannot_be_read_or_kept(known: Path) -> None:
    known.write_text('{"chosen": []}')
    assert asyncio.run(complaint_of(pair(), known=known)) == (
        f"{known} does not tell the model that was chosen; remove it to choose anew"
    )
    missing = known.parent / "missing" / "meter.json"
    assert asyncio.run(complaint_of(inverter(1), known=missing)).startswith(
        f"{missing} keeps the chosen model: "
    )


async def test_an_inverter_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_TIMEOUT_S", 0.2)
    with answering(lambda *_: None) as port:
        with pytest.raises(UnreadableError) as silent:
            await SunSpecRegister("127.0.0.1", port, unit=7).read(METER)
    told = "no answer at 40000, no answer at 50000, no answer at 0"
    assert str(silent.value) == (
        f"127.0.0.1:{port}, unit 7: does not speak SunSpec: {told}; check the address, or --unit"
    )
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(UnreadableError, match=r"unit 1: no answer; check the address and the network$"):
            await SunSpecRegister(*nobody.getsockname()).read(METER)


async def test_a_second_is_the_least_between_two_readings() -> None:
    with reading(inverter(5_000)) as reader:
        assert await reader().read(replace(METER, read_at=int(time.time()) + 60)) == ([], (), ())


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
