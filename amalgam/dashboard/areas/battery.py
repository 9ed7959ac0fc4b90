"""Batteries, reservoirs and treatment plants, and their members."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from solders.pubkey import Pubkey

from amalgam.battery.program import Battery, Member
from amalgam.dashboard.page import (
    Chart,
    Figure,
    Flows,
    Level,
    Look,
    Moment,
    Number,
    Section,
    Table,
    rate,
    ratio,
    share,
)
from amalgam.dashboard.recent import FLOW_S
from amalgam.dashboard.words import Words
from amalgam.units import MEASURES

WORDS = {
    "loss": ("Loss", "Verlust", "Perte"),
    "drawn": ("Drawn", "Entnommen insgesamt", "Retiré au total"),
    "cycles": ("Full cycles", "Vollzyklen", "Cycles complets"),
    "available": ("Available", "Verfügbar", "Disponible"),
    "reserved": ("Reserved", "Reserviert", "Réservé"),
    "free": ("Free", "Frei", "Libre"),
    "capacity": ("Capacity", "Kapazität", "Capacité"),
    "efficiency": ("Credited of deposits", "Gutschrift auf Einlagen", "Crédité des dépôts"),
    "limit": ("Reservation limit", "Grenze je Reservierung", "Limite de réservation"),
    "lifetime": ("Reservations last", "Dauer einer Reservierung", "Durée d’une réservation"),
    "flow_in": ("Flowing in", "Zufluss", "Entrée"),
    "flow_out": ("Flowing out", "Abfluss", "Sortie"),
    "flow": ("Flow", "Fluss", "Flux"),
    "members": ("Members", "Mitglieder", "Membres"),
    "chart": (
        "{what}: the last two hours",
        "{what}: die letzten zwei Stunden",
        "{what} : les deux dernières heures",
    ),
}

# What the history sums up: by the column, events, a field of theirs, and a factor.
FLOWS: Flows = {
    "deposited": (("EnergyDeposited", "credit", 1),),
    "lost": (("EnergyDeposited", "amount", 1), ("EnergyDeposited", "credit", -1)),
    "consumed": (("EnergyConsumed", "amount", 1),),
    "withdrawn": (("EnergyWithdrawn", "amount", 1),),
}
LEVEL = ("available", "allocated")  # fields of an event: their sum is what is stored after it


def sections(look: Look) -> Iterator[Section]:
    """A section for each battery, with its members."""
    for address, pool in sorted(look.snapshot.of(Battery).items(), key=lambda each: str(each[0])):
        members = [each for each in look.snapshot.of(Member).values() if each.battery == address]
        yield _section(look, address, pool, members)


def of_member(look: Look, owner: Pubkey) -> Iterator[Section]:
    """A section for each battery that an owner is a member of."""
    for member in look.snapshot.of(Member).values():
        pool = look.snapshot.accounts.get(member.battery)
        if member.owner != owner or not isinstance(pool, Battery):
            continue
        words = look.words
        amount = partial(look.amount, pool.resource)
        yield Section(
            key=f"battery-{member.battery}",
            title=words.of(pool.resource, "pool"),
            about=look.who(member.battery),
            figures=[
                Figure("balance", words("balance"), amount(member.balance), is_main=True),
                Figure("available", words("available"), amount(member.balance - member.allocated)),
                Figure("reserved", words("reserved"), amount(member.allocated)),
                Figure("until", words("until"), Moment(member.allocation_expiry if member.allocated else 0)),
                Figure("limit", words("limit"), amount(pool.allocation_limit_of(member))),
                Figure("state", words("state"), words("paused" if pool.paused else "running")),
            ],
            level=_level(member.balance - member.allocated, member.allocated, member.balance),
        )


def _section(look: Look, address: Pubkey, pool: Battery, members: Sequence[Member]) -> Section:
    words, flow = look.words, look.recent.flow(address)
    amount = partial(look.amount, pool.resource)
    title = words.of(pool.resource, "level")
    return Section(
        key=f"battery-{address}",
        title=words.of(pool.resource, "pool"),
        about=look.who(address),
        figures=[
            Figure("level", title, share(pool.stored, pool.capacity), is_main=True),
            Figure("stored", words("stored"), amount(pool.stored), is_main=True),
            Figure("available", words("available"), amount(pool.available)),
            Figure("reserved", words("reserved"), amount(pool.allocated), is_main=True),
            Figure("free", words("free"), amount(pool.free_capacity)),
            Figure("capacity", words("capacity"), amount(pool.capacity)),
            Figure("flow_in", words("flow_in"), rate(pool.resource, flow.into, flow.seconds), is_main=True),
            Figure("flow_out", words("flow_out"), rate(pool.resource, flow.out, flow.seconds), is_main=True),
            Figure("efficiency", words("efficiency"), ratio(pool.efficiency_bps)),
            Figure("limit", words("limit"), amount(pool.allocation_limit)),
            Figure("lifetime", words("lifetime"), look.duration(pool.allocation_lifetime)),
            Figure("state", words("state"), words("paused" if pool.paused else "running")),
        ],
        tables=[
            Table(
                "members",
                words("members"),
                [words(each) for each in ("member", "balance", "available", "reserved", "until")],
                {
                    str(each.owner): (
                        look.who(each.owner),
                        amount(each.balance),
                        amount(each.balance - each.allocated),
                        amount(each.allocated),
                        Moment(each.allocation_expiry if each.allocated else 0),
                    )
                    for each in members
                },
            )
        ],
        note=words("flow_note", minutes=FLOW_S // 60),
        level=_level(pool.available, pool.allocated, pool.capacity),
        chart=Chart(
            address,
            words("chart", what=title),
            [words("stored"), words("reserved")],
            MEASURES[pool.resource].unit,
            words("time"),
        ),
    )


def _level(available: int, reserved: int, whole: int) -> Level:
    if not whole:
        return Level(0, 0)
    return Level(available * 10_000 // whole, reserved * 10_000 // whole)


def key_figures(words: Words, pool: Battery, sums: Mapping[str, int]) -> Sequence[Figure]:
    """Of a window, of what went in and out: what is lost, and how often the capacity went through."""
    drawn = sums["consumed"] + sums["withdrawn"]
    return [
        Figure("loss", words("loss"), share(sums["lost"], sums["deposited"] + sums["lost"])),
        Figure("drawn", words("drawn"), Number(drawn, 3, MEASURES[pool.resource].unit, 3)),
        Figure(
            "cycles", words("cycles"), Number(drawn * 100 // pool.capacity if pool.capacity else 0, 2, "", 2)
        ),
    ]
