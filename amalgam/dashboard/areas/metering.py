"""Issuers and their meters."""

from collections.abc import Iterator, Mapping, Sequence

from solders.pubkey import Pubkey

from amalgam.dashboard.page import Figure, Flows, Look, Moment, Section, Table, rate
from amalgam.dashboard.recent import FLOW_S
from amalgam.dashboard.words import Words
from amalgam.metering.program import Issuer, Meter

WORDS = {
    "metered_all": ("Metered in all", "Gemessen insgesamt", "Mesuré au total"),
    "meter": ("Meter", "Zähler", "Compteur"),
    "register": ("Register", "Zählerstand", "Index"),
    "read_at": ("Last reading", "Letzte Ablesung", "Dernier relevé"),
    "retired": ("retired", "stillgelegt", "retiré"),
    "meters": ("Meters", "Zähler", "Compteurs"),
}

FLOWS: Flows = {"metered": (("EnergyReported", "amount", 1),)}
LEVEL = ()


def sections(look: Look) -> Iterator[Section]:
    """A section for each issuer, with its meters."""
    for address, issuer in sorted(look.snapshot.of(Issuer).items(), key=lambda each: str(each[0])):
        words, flow = look.words, look.recent.flow(address)
        meters = {at: each for at, each in look.snapshot.of(Meter).items() if each.issuer == address}
        metered = words.of(issuer.resource, "metered")
        yield Section(
            key=f"metering-{address}",
            title=words("meters"),
            about=look.who(address),
            figures=[
                Figure("flow", metered, rate(issuer.resource, flow.into, flow.seconds), is_main=True),
                Figure("minted", words("metered_all"), look.amount(issuer.resource, issuer.minted)),
                Figure("resource", words("resource"), words.of(issuer.resource, "resource")),
                Figure("state", words("state"), words("paused" if issuer.paused else "running")),
            ],
            tables=[_table(look, issuer, meters)],
            note=words("flow_note", minutes=FLOW_S // 60),
        )


def of_member(look: Look, owner: Pubkey) -> Iterator[Section]:
    """A section for each issuer that an owner has meters of."""
    for address, issuer in look.snapshot.of(Issuer).items():
        meters = {
            at: each
            for at, each in look.snapshot.of(Meter).items()
            if each.issuer == address and each.owner == owner
        }
        if meters:
            yield Section(
                key=f"metering-{address}",
                title=look.words("meters"),
                about=look.who(address),
                tables=[_table(look, issuer, meters)],
            )


def _table(look: Look, issuer: Issuer, meters: Mapping[Pubkey, Meter]) -> Table:
    words = look.words
    return Table(
        "meters",
        words("meters"),
        [words(each) for each in ("meter", "member", "register", "metered", "read_at", "state")],
        {
            str(at): (
                look.who(each.device),
                look.who(each.owner),
                look.amount(issuer.resource, each.register),
                look.amount(issuer.resource, each.minted),
                Moment(each.read_at),
                words("retired" if each.retired else "running"),
            )
            for at, each in meters.items()
        },
    )


def key_figures(words: Words, _: Issuer, sums: Mapping[str, int]) -> Sequence[Figure]:  # noqa: ARG001
    """Of a window: none beside the sums."""
    return ()
