"""What there is to tell: which alarms have begun and ended, and to whom that is still to be told.

It is kept in a file: a restart tells nothing again, and whom nobody could reach is told later.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from solders.pubkey import Pubkey

from amalgam import AmalgamError
from amalgam.billing.words import Language
from amalgam.watching.alarms import Alarm, Kind, Quantity
from amalgam.watching.words import ended, line

_VERSION = 1


class NewsFileError(AmalgamError):
    """The file of what was told cannot be read or written."""


class News(NamedTuple):
    """An alarm that has begun, or ended.

    Attributes:
        alarm: As it was when it began, or last.
        is_over: Whether it has ended.
        at: When that was seen, in Unix seconds.
    """

    alarm: Alarm
    is_over: bool
    at: int

    def line(self, language: Language) -> str:
        """The same in one line."""
        return (ended if self.is_over else line)(self.alarm, language)

    def plain(self, language: Language) -> dict[str, Any]:
        """The same as JSON has it. `id` is the same if it is told again."""
        alarm = plain(self.alarm)
        told = "ended" if self.is_over else "began"
        identity = f"{told} {self.alarm.kind} {self.alarm.address} {self.alarm.since} {self.at}"
        line = self.line(language)
        return {
            "id": sha256(identity.encode()).hexdigest()[:32],
            "event": told,
            "at": self.at,
            **alarm,
            "line": line,
        }


def plain(alarm: Alarm) -> dict[str, Any]:
    """An alarm as JSON has it."""
    return {
        "kind": str(alarm.kind),
        "address": str(alarm.address),
        "thing": alarm.thing,
        "ledger": str(alarm.ledger),
        "name": alarm.name,
        "since": alarm.since,
        "values": {name: {"value": value, "unit": unit} for name, (value, unit) in alarm.values.items()},
    }


def _alarm(told: Mapping[str, Any]) -> Alarm:
    return Alarm(
        Kind(told["kind"]),
        Pubkey.from_string(told["address"]),
        str(told["thing"]),
        Pubkey.from_string(told["ledger"]),
        str(told["name"]),
        int(told["since"]),
        {name: Quantity(each["value"], str(each["unit"])) for name, each in told["values"].items()},
    )


@dataclass(frozen=True, slots=True)
class Known:
    """The alarms that are under way, and what nobody has been told yet.

    Attributes:
        alarms: Those that have been told, or are to be.
        over_since: Of those that may be over, since when they were not there, in Unix seconds.
        outboxes: By target, what is still to be told, oldest first.
    """

    alarms: Sequence[Alarm] = ()
    over_since: Mapping[tuple[Kind, Pubkey], int] = field(default_factory=dict[tuple[Kind, Pubkey], int])
    outboxes: Mapping[str, Sequence[News]] = field(default_factory=dict[str, Sequence[News]])

    @property
    def certain(self) -> list[Alarm]:
        """Those that were there when it was last looked."""
        return [each for each in self.alarms if each.key not in self.over_since]

    def having(self, targets: Sequence[str], now: int) -> "Known":
        """The same with an outbox for each target; a new one is to be told of what is under way."""
        under_way = [News(each, False, now) for each in self.alarms]
        return replace(self, outboxes={each: self.outboxes.get(each, under_way) for each in targets})

    def after(self, alarms: Sequence[Alarm], now: int, hold_s: int) -> "Known":
        """The same once these are the alarms: what is new is to be told, and what was over long enough."""
        there = {each.key: each for each in alarms}
        known = {each.key: each for each in self.alarms}
        over_since = {key: self.over_since.get(key, now) for key in known if key not in there}
        over = {key for key, since in over_since.items() if now >= since + hold_s}
        news = [
            *(News(known[key], True, over_since[key]) for key in known if key in over),
            *(News(each, False, now) for key, each in there.items() if key not in known),
        ]
        return Known(
            [
                *(_going_on(each, there.get(key)) for key, each in known.items() if key not in over),
                *(each for key, each in there.items() if key not in known),
            ],
            {key: since for key, since in over_since.items() if key not in over},
            {target: [*outbox, *news] for target, outbox in self.outboxes.items()},
        )

    def told(self, target: str, count: int) -> "Known":
        """The same once a target was told the first so many."""
        return replace(self, outboxes={**self.outboxes, target: self.outboxes[target][count:]})


def _going_on(before: Alarm, now: Alarm | None) -> Alarm:
    return replace(now, since=before.since) if now else before


class NewsFile:
    """The file in which it is kept. Each change is written whole, or not at all."""

    def __init__(self, path: Path) -> None:
        """Read the file, or begin without one. Raises NewsFileError."""
        self._path = path
        self.known = self._read()

    def keep(self, known: Known) -> None:
        """Write it down, if it has changed. Raises NewsFileError."""
        if known == self.known:
            return
        part = self._path.with_name(f"{self._path.name}.part")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with part.open("w", encoding="utf-8") as file:
                file.write(json.dumps(_written(known)) + "\n")
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as error:
            raise NewsFileError(
                f"{self._path} keeps what was told: {error.strerror}; make it writable"
            ) from None
        self.known = known

    def _read(self) -> Known:
        try:
            return _known(json.loads(self._path.read_text("utf-8")))
        except FileNotFoundError:
            return Known()
        except OSError as error:
            raise NewsFileError(
                f"{self._path} keeps what was told: {error.strerror}; make it readable"
            ) from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise NewsFileError(
                f"{self._path} does not tell what was told; remove it, and what is under way is told again"
            ) from None


def _written(known: Known) -> dict[str, Any]:
    return {
        "version": _VERSION,
        "alarms": [plain(each) | {"over_since": known.over_since.get(each.key)} for each in known.alarms],
        "outboxes": {
            target: [{"alarm": plain(each.alarm), "is_over": each.is_over, "at": each.at} for each in outbox]
            for target, outbox in known.outboxes.items()
        },
    }


def _known(written: Any) -> Known:
    if written["version"] != _VERSION:
        raise ValueError("of another version")
    found = [(_alarm(each), each["over_since"]) for each in written["alarms"]]
    return Known(
        [alarm for alarm, _ in found],
        {alarm.key: int(since) for alarm, since in found if since is not None},
        {
            target: [News(_alarm(each["alarm"]), bool(each["is_over"]), int(each["at"])) for each in outbox]
            for target, outbox in written["outboxes"].items()
        },
    )
