"""All words are there in all languages, and numbers and times are written as each language does."""

import re
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from amalgam.billing.words import Language
from amalgam.dashboard.areas import area
from amalgam.dashboard.page import Moment, Number, Who, text
from amalgam.dashboard.words import NAMES, RESOURCE_WORDS, Words, words
from amalgam.programs import Program
from amalgam.units import Resource
from tests.support.stage import ROOT

FIELD = re.compile(r"\{\w+\}")
PACKAGE = ROOT / "amalgam/dashboard"
USED = re.compile(r"""words\(\s*["'](\w+)["'][,)]""")


@pytest.mark.parametrize("key", words())
def test_a_word_is_there_three_times_with_the_same_fields(key: str) -> None:
    told = words()[key]
    assert len(told) == len(NAMES) == len(Language)
    assert all(each.strip() == each and each for each in told)
    assert len({tuple(sorted(FIELD.findall(each))) for each in told}) == 1


def test_a_resource_has_its_own_words() -> None:
    for told in RESOURCE_WORDS.values():
        assert len(told) == len(Resource)
        assert all(len(each) == len(Language) and all(each) for each in told)
    water = Words(Language.FR).of(Resource.WATER, "pool")
    assert (water, Words(Language.DE).of(Resource.WASTE, "pool")) == ("Réservoir", "Behandlungsanlage")


def test_no_area_has_a_word_that_another_has() -> None:
    counts: dict[str, int] = {}
    for program in Program:
        for key in area(program).WORDS:
            counts[key] = counts.get(key, 0) + 1
    assert {key for key, count in counts.items() if count > 1} == set()


def test_the_words_that_are_used_are_there_and_the_others_are_not() -> None:
    sources = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html")]
    texts = "\n".join(path.read_text("utf-8") for path in sources)
    assert set(USED.findall(texts)) - set(words()) == set()
    assert [
        key for key in words() if len(re.findall(rf"""["']{key}["']""", texts)) < 2 and key not in BUILT
    ] == []


BUILT = {"as_csv", "as_xlsx", "day", "week", "month", "year", "market", "vpp", "sharing"}  # of parts


@pytest.mark.parametrize(
    ("language", "number", "share", "time"),
    [
        ("en", "1,234.500\u00a0kWh", "−12.5%", "2026-06-21 14:00:00"),
        ("de", "1.234,500\u00a0kWh", "−12,5\u00a0%", "21.06.2026 14:00:00"),
        ("fr", "1\u202f234,500\u00a0kWh", "−12,5\u00a0%", "21/06/2026 14:00:00"),
    ],
)
def test_cells_are_written_as_a_language_does(language: str, number: str, share: str, time: str) -> None:
    words = Words(Language(language), ZoneInfo("Europe/Vienna"))
    assert text(Number(1_234_500, 3, "kWh", 3), words) == number
    assert text(Number(-1_250, 2, "%", None), words) == share
    assert text(Moment(1_782_043_200), words) == time
    assert text(Moment(0), words) == "–"
    assert text(Number(2**64 - 1, 0), words).replace("\u202f", "").replace(",", "").replace(".", "") == str(
        2**64 - 1
    )


def test_nothing_is_lost_where_all_places_are_shown() -> None:
    words = Words(Language.EN)
    assert text(Number(135_000, 6, "tokens", None), words) == "0.135\u00a0tokens"
    assert text(Number(120_000_000, 6, "tokens", None), words) == "120\u00a0tokens"
    assert Number(1, 3).exact == Decimal("0.001")


def test_who_has_no_name_is_known_by_the_ends_of_the_address() -> None:
    words = Words(Language.EN)
    assert text(Who("BDzuW2p8AJ2Ht29vqnrzKm6ekpSPUhNKYGqpTCi5a4ut", None), words) == "BDzu…a4ut"
    assert text(Who("BDzuW2p8AJ2Ht29vqnrzKm6ekpSPUhNKYGqpTCi5a4ut", "School"), words) == "School"
