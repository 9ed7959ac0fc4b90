"""What a page shows, before a language's marks and a browser's elements: sections of figures and tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from solders.pubkey import Pubkey

from amalgam.dashboard.recent import Recent
from amalgam.dashboard.words import Words
from amalgam.units import MEASURES, Resource
from amalgam.watching.snapshot import Snapshot

_BEGIN, _END = 4, 4  # characters of an address that has no name


class Number(NamedTuple):
    """A number with its unit.

    Attributes:
        value: In units of the last decimal.
        decimals: Of `value`.
        unit: As people read it.
        places: That are shown; None for those that there are.
    """

    value: int
    decimals: int = 0
    unit: str = ""
    places: int | None = 0

    @property
    def exact(self) -> Decimal:
        """In `unit`."""
        return Decimal(self.value).scaleb(-self.decimals)


class Moment(NamedTuple):
    """A time, in Unix seconds; 0 for none."""

    unix_timestamp: int


class Who(NamedTuple):
    """Somebody or something, by its address and the name that is known of it."""

    address: str
    name: str | None

    @property
    def short(self) -> str:
        """For people."""
        return self.name or f"{self.address[:_BEGIN]}…{self.address[-_END:]}"


Flows = Mapping[str, Sequence[tuple[str, str, int]]]
Cell = str | Number | Moment | Who


class Figure(NamedTuple):
    """One number, under its name."""

    key: str
    label: str
    cell: Cell
    is_main: bool = False  # also on a wall


class Table(NamedTuple):
    """Rows by a key, in the order of the keys; `none` is said if there are none."""

    key: str
    caption: str
    columns: Sequence[str]
    rows: Mapping[str, Sequence[Cell]]
    none: str = ""


class Level(NamedTuple):
    """How full something is, in hundredths of a percent."""

    available: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page.

    Attributes:
        key: An HTML id.
        title: For people.
        about: Whose it is, beside the title.
        figures: In their order.
        tables: Likewise.
        note: About the figures.
        level: A bar.
        chart: The names of what the chart of the last two hours shows, and their unit.
    """

    key: str
    title: str
    about: Cell = ""
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    note: str = ""
    level: Level | None = None
    chart: "Chart | None" = None


class Chart(NamedTuple):
    """A chart of what `Recent` knows of a ledger."""

    ledger: Pubkey
    title: str
    names: Sequence[str]
    unit: str
    time: str


@dataclass(frozen=True, slots=True)
class Look:
    """What areas look at, and how they say it.

    Attributes:
        snapshot: What all programs hold.
        recent: What has changed lately.
        words: The language.
        names: Of owners, as the community calls them.
        decimals: Of mints, as far as they are known.
    """

    snapshot: Snapshot
    recent: Recent
    words: Words
    names: Mapping[Pubkey, str] = field(default_factory=dict[Pubkey, str])
    decimals: Mapping[Pubkey, int] = field(default_factory=dict[Pubkey, int])

    @property
    def now(self) -> int:
        """The chain's, in Unix seconds."""
        return self.snapshot.unix_timestamp

    def who(self, address: Pubkey) -> Who:
        """Whoever has an address."""
        return Who(str(address), self.names.get(address))

    def amount(self, resource: Resource, base_units: int) -> Number:
        """Of a resource."""
        return Number(base_units, 3, MEASURES[resource].unit, 3)

    def payment(self, mint: Pubkey, base_units: int) -> Number:
        """Of a mint's tokens."""
        decimals = self.decimals.get(mint)
        if decimals is None:
            return Number(base_units, 0, self.words("base_units"))
        return Number(base_units, decimals, self.words("tokens"), None)

    def price(self, mint: Pubkey, base_units: int) -> Number:
        """Of 1 kWh, in a mint's tokens."""
        paid = self.payment(mint, base_units)
        return paid._replace(unit=f"{paid.unit}/{MEASURES[Resource.ENERGY].unit}")

    def duration(self, seconds: int) -> Number:
        """In the largest unit that makes it a whole number."""
        for unit, length, least in (("d", 86_400, 2), ("h", 3_600, 1), ("min", 60, 1)):
            if seconds % length == 0 and seconds >= least * length:
                return Number(seconds // length, 0, self.words(unit))
        return Number(seconds, 0, self.words("s"))


def share(part: int, whole: int) -> Number:
    """A part of a whole, in percent with one place."""
    return Number(part * 10_000 // whole if whole else 0, 2, "%", 1)


def ratio(bps: int) -> Number:
    """A ratio in basis points, in percent."""
    return Number(bps, 2, "%", None)


@lru_cache(50_000)  # of a look most cells are as in the one before
def text(cell: Cell, words: Words) -> str:
    """A cell as people read it."""
    match cell:
        case str():
            return cell
        case Number():
            exact = cell.exact.normalize() if cell.places is None else cell.exact
            return words.number(exact, cell.places, cell.unit)
        case Moment():
            return words.time(cell.unix_timestamp) if cell.unix_timestamp else "–"
        case Who():
            return cell.short


def rate(resource: Resource, base_units: int, seconds: int) -> Number:
    """A mean flow, like kW of energy."""
    measure = MEASURES[resource]
    return Number(base_units * measure.flow_s // seconds if seconds else 0, 3, measure.flow_unit, 2)
