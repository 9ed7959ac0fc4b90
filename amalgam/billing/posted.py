"""Lines that are posted on the chain, and whether a period's bills add up to them.

    {"period": "2026-06", "decimals": 6, "fee_bps": 200, "lines": [
      {"member": "house-01", "shared_in": 17479, "shared_out": 0, "charge": 2796640, "credit": 0}]}

Amounts are Wh and base units of the payment token, of which a whole one is one of the currency. A charge is
the price of what is shared in, rounded up to a base unit, and a credit that of what is shared out, less the
community's fee in basis points, rounded down: what remains is the community's. `amalgam statement lines`
writes such a file of a period that is settled.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

from amalgam import AmalgamError
from amalgam.billing.document import Statement
from amalgam.readings.toml_keys import check_keys, text
from amalgam.sharing.account import BPS
from amalgam.sharing.settlement import Line, charge_of, credit_of

DECIMALS = 6  # of a payment token, unless posted lines say otherwise
_MOST_DECIMALS = 18


class PostedError(AmalgamError):
    """The file of posted lines is unusable. The message names the place and the remedy."""


class DifferenceError(AmalgamError):
    """Posted lines are others than the bills'. The message names the first one."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Lines of a period, in units of 10 ** -decimals of the currency."""

    period: str
    decimals: int
    fee_bps: int  # of what is shared out, the community's
    lines: Sequence[Line]

    @property
    def sums(self) -> Line:
        """Of all members."""
        lines = self.lines
        return Line(
            "All",
            sum(line.shared_in for line in lines),
            sum(line.shared_out for line in lines),
            sum(line.charge for line in lines),
            sum(line.credit for line in lines),
        )

    def tokens(self, units: int) -> Decimal:
        """An amount of base units in the currency."""
        return Decimal(units).scaleb(-self.decimals)

    def credited(self, price: Decimal) -> Decimal:
        """What is credited of a price: less the fee."""
        return (price * (BPS - self.fee_bps) / BPS).normalize() if self.fee_bps else price

    def plain(self) -> dict[str, Any]:
        """For JSON, as the head has it."""
        lines = [line._asdict() for line in self.lines]
        return {"period": self.period, "decimals": self.decimals, "fee_bps": self.fee_bps, "lines": lines}


def lines_of(
    statements: Mapping[str, Statement],
    price: Decimal,
    period: str,
    decimals: int = DECIMALS,
    fee_bps: int = 0,
) -> Posted:
    """What has to be posted of each member, at a price a kWh, of which the community keeps a fee."""
    units = Fraction(price) * 10**decimals
    lines = [
        Line(
            member,
            shared_in := statement.flows["shared_in"],
            shared_out := statement.flows["shared_out"],
            charge_of(shared_in, units),
            credit_of(shared_out, units, fee_bps),
        )
        for member, statement in statements.items()
    ]
    return Posted(period, decimals, fee_bps, lines)


def load_posted(path: Path) -> Posted:
    """Read a file of posted lines. Raises PostedError."""
    try:
        return _posted(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise PostedError(f"{path}: {error.strerror}; give the path of a readable JSON file") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise PostedError(f"{path}: not JSON: {error}; correct it") from None
    except ValueError as error:
        raise PostedError(f"{path}: {error}") from None


def _posted(content: Any) -> Posted:
    keys = {"period", "decimals", "fee_bps", "lines"}
    if not isinstance(content, dict):
        raise ValueError("it is no object; write it as the head of amalgam/billing/posted.py has it")
    told = cast(dict[str, Any], content)
    check_keys(told, keys, keys)
    lines: Any = told["lines"]
    if not isinstance(lines, list):
        raise ValueError("lines is not a list; write it in [ ]")
    found = [_line(f"lines[{index}]", each) for index, each in enumerate(cast(list[Any], lines))]
    names = [line.member for line in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"member {twice} has two lines; keep one")
    decimals, fee_bps = _whole(told, "decimals", _MOST_DECIMALS), _whole(told, "fee_bps", BPS)
    return Posted(text(told, "period"), decimals, fee_bps, found)


def _line(place: str, content: Any) -> Line:
    if not isinstance(content, dict):
        raise ValueError(f"{place} is no object; write it in {{ }}")
    told = cast(dict[str, Any], content)
    try:
        check_keys(told, {*Line._fields}, {*Line._fields})
        return Line(text(told, "member"), *(_whole(told, each, 2**64 - 1) for each in Line._fields[1:]))
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None


def _whole(told: dict[str, Any], key: str, most: int) -> int:
    value: Any = told[key]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(f"{key} = {value!r} is not a whole number within 0 to {most}; correct it")
    return value


def check_posted(posted: Posted, own: Posted) -> None:
    """Compare posted lines with the bills' own. Raises DifferenceError, which names the first difference."""
    if posted.period != own.period:
        raise DifferenceError(
            f"the posted lines are of {posted.period}, not of {own.period}; give those of it"
        )
    found = {line.member: line for line in posted.lines}
    for line in own.lines:
        if line.member not in found:
            raise DifferenceError(f"{line.member} has no posted line; post it before the period is billed")
        _compare(found[line.member], line)
    names = {line.member for line in own.lines}
    for line in posted.lines:
        if line.member not in names:
            raise DifferenceError(f"a line of {line.member} is posted, who has no readings; give them")


def _compare(posted: Line, own: Line) -> None:
    for name, theirs, ours in zip(Line._fields, posted, own, strict=True):
        if theirs != ours:
            unit = "Wh" if name.startswith("shared") else "base units"
            raise DifferenceError(
                f"{own.member}: {name} is posted as {theirs} {unit}, and is {ours} by the readings; "
                "give the readings and the price of that posting, or post it anew"
            )


def by_member(lines: Iterable[Line]) -> dict[str, Line]:
    """Lines by their members' names."""
    return {line.member: line for line in lines}
