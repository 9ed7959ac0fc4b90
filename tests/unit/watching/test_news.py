"""What there is to tell is told once, whatever flaps, ends or is restarted, and kept until it is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from amalgam.billing.words import Language
from amalgam.watching.alarms import Alarm, Kind, Quantity
from amalgam.watching.news import Known, News, NewsFile, NewsFileError
from tests.unit.watching.test_alarms import BATTERY, MARKET, NOW

LOW = Alarm(
    kind=Kind.LOW,
    address=BATTERY,
    thing="battery",
    ledger=BATTERY,
    name="School",
    since=NOW,
    values={
        "stored": Quantity(5, "Wh"),
        "capacity": Quantity(100, "Wh"),
        "limit": Quantity(1_000, "bps"),
    },
)
PAUSED = Alarm(Kind.PAUSED, MARKET, "market", MARKET, "Village", NOW, {})
HOLD = 300
EMPTY = Known(outboxes={"mail": []})


def test_what_begins_and_ends_is_told_once_each() -> None:
    known = EMPTY.after([LOW], NOW, HOLD)
    assert known == Known([LOW], {}, {"mail": [News(LOW, False, NOW)]})
    known = known.told("mail", 1)
    lower = replace(LOW, values={**LOW.values, "stored": Quantity(4, "Wh")})
    known = known.after([replace(lower, since=NOW + 60)], NOW + 60, HOLD)
    assert known == Known([lower], {}, {"mail": []})
    known = known.after([], NOW + 120, HOLD)
    assert known == Known([lower], {lower.key: NOW + 120}, {"mail": []})
    assert known.certain == []
    known = known.after([], NOW + 120 + HOLD - 1, HOLD)
    assert known.outboxes == {"mail": []}
    known = known.after([], NOW + 120 + HOLD, HOLD)
    assert known == Known([], {}, {"mail": [News(lower, True, NOW + 120)]})


def test_what_flaps_is_not_told_again() -> None:
    known = EMPTY.after([PAUSED], NOW, HOLD).told("mail", 1)
    for turn in range(50):
        known = known.after([] if turn % 2 else [replace(PAUSED, since=NOW + turn)], NOW + 60 * turn, HOLD)
    assert known == Known([PAUSED], {PAUSED.key: NOW + 60 * 49}, {"mail": []})


def test_a_new_target_is_told_of_what_is_under_way_and_one_that_is_gone_of_nothing() -> None:
    known = EMPTY.after([LOW, PAUSED], NOW, HOLD).told("mail", 2)
    known = known.having(["mail", "webhook"], NOW + 9)
    news = [News(LOW, False, NOW + 9), News(PAUSED, False, NOW + 9)]
    assert known.outboxes == {"mail": [], "webhook": news}
    assert known.having(["mail"], NOW + 9).outboxes == {"mail": []}


def test_what_nobody_could_be_told_stays_in_order() -> None:
    known = EMPTY.after([LOW], NOW, HOLD).after([], NOW + 60, 60).after([], NOW + 120, 60)
    known = known.after([LOW], NOW + 300, 60)
    news = [News(LOW, False, NOW), News(LOW, True, NOW + 60), News(LOW, False, NOW + 300)]
    assert known.outboxes["mail"] == news
    assert known.told("mail", 2).outboxes["mail"] == news[2:]


def test_as_json() -> None:
    found = News(LOW, True, NOW + 5).plain(Language.EN)
    assert found.pop("id") == News(LOW, True, NOW + 5).plain(Language.DE)["id"]
    assert found == {
        "event": "ended",
        "at": NOW + 5,
        "kind": "low",
        "address": str(BATTERY),
        "thing": "battery",
        "ledger": str(BATTERY),
        "name": "School",
        "since": NOW,
        "values": {
            "stored": {"value": 5, "unit": "Wh"},
            "capacity": {"value": 100, "unit": "Wh"},
            "limit": {"value": 1_000, "unit": "bps"},
        },
        "line": "Over: Battery School: below 10\u00a0%: 0.005\u00a0kWh of 0.100\u00a0kWh stored",
    }
    others = [News(LOW, False, NOW + 5), News(LOW, True, NOW + 6), News(PAUSED, True, NOW + 5)]
    assert len({each.plain(Language.EN)["id"] for each in others}) == 3


def test_a_restart_knows_what_was_told(tmp_path: Path) -> None:
    path = tmp_path / "state" / "alarms.json"
    file = NewsFile(path)
    assert file.known == Known()
    known = EMPTY.after([LOW, PAUSED], NOW, HOLD).after([LOW], NOW + 5, HOLD)
    file.keep(known)
    assert NewsFile(path).known == known
    assert [each.name for each in path.parent.iterdir()] == ["alarms.json"]
    written = path.stat().st_mtime_ns
    file.keep(known)
    assert path.stat().st_mtime_ns == written


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 2}', '{"version": 1, "alarms": [{}]}'])
def test_a_file_that_is_something_else(tmp_path: Path, content: str) -> None:
    path = tmp_path / "alarms.json"
    path.write_text(content)
    with pytest.raises(NewsFileError) as refusal:
        NewsFile(path)
    told = "does not tell what was told; remove it, and what is under way is told again"
    assert str(refusal.value) == f"{path} {told}"
    assert path.read_text() == content


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    path = tmp_path / "state" / "alarms.json"
    with pytest.raises(NewsFileError) as refusal:
        NewsFile(path)
    assert str(refusal.value) == f"{path} keeps what was told: Not a directory; make it readable"


def test_what_cannot_be_written_is_said_and_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "alarms.json"
    file = NewsFile(path)
    file.keep(EMPTY)
    before = path.read_text()
    (tmp_path / "alarms.json.part").mkdir()
    with pytest.raises(NewsFileError) as refusal:
        file.keep(EMPTY.after([LOW], NOW, HOLD))
    assert str(refusal.value) == f"{path} keeps what was told: Is a directory; make it writable"
    assert (path.read_text(), file.known) == (before, EMPTY)
