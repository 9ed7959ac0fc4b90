"""Virtual power plants and their dispatches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from solders.pubkey import Pubkey

from amalgam.dashboard.page import Figure, Flows, Look, Moment, Number, Section, Table, share
from amalgam.dashboard.words import Words
from amalgam.units import Resource
from amalgam.vpp.program import Commitment, Dispatch, Plant

WORDS = {
    "dispatches": ("Dispatches", "Abrufe", "Appels"),
    "dispatch": ("Dispatch", "Abruf", "Appel"),
    "target": ("Target", "Ziel", "Objectif"),
    "commitments": ("Commitments", "Zusagen", "Engagements"),
    "bond": ("Bond", "Kaution", "Caution"),
    "dispatch_commits": ("takes commitments", "nimmt Zusagen an", "reçoit des engagements"),
    "dispatch_delivers": ("takes deliveries", "nimmt Lieferungen an", "reçoit des livraisons"),
    "dispatch_ended": ("ended, to be settled", "beendet, abzurechnen", "terminé, à régler"),
    "dispatch_settled": ("settled", "abgerechnet", "réglé"),
    "dispatch_cancelled": ("cancelled", "abgesagt", "annulé"),
    "dispatch_unused": ("not yet announced", "noch nicht angekündigt", "pas encore annoncé"),
    "fulfilment": ("Delivered of commitments", "Erfüllte Zusagen", "Engagements tenus"),
    "vpp": ("Virtual power plant", "Virtuelles Kraftwerk", "Centrale virtuelle"),
}

FLOWS: Flows = {
    "committed": (("EnergyCommitted", "amount", 1),),
    "delivered": (("EnergyDelivered", "amount", 1),),
}
LEVEL = ()


def sections(look: Look) -> Iterator[Section]:
    """A section for each virtual power plant, with its dispatches."""
    for address, plant in sorted(look.snapshot.of(Plant).items(), key=lambda each: str(each[0])):
        words = look.words
        dispatches = [each for each in look.snapshot.of(Dispatch).values() if each.plant == address]
        committed = sum(each.committed for each in dispatches)
        credited = sum(each.credited for each in dispatches)
        yield Section(
            key=f"vpp-{address}",
            title=words("vpp"),
            about=look.who(address),
            figures=[
                Figure("committed", words("committed"), look.amount(Resource.ENERGY, committed)),
                Figure("fulfilment", words("fulfilment"), share(credited, committed), is_main=True),
                Figure("held", words("held"), look.amount(Resource.ENERGY, plant.energy_held)),
                Figure("paid", words("payment_held"), look.payment(plant.payment_mint, plant.payment_held)),
                Figure("state", words("state"), words("paused" if plant.paused else "running")),
            ],
            tables=[_dispatches(look, plant, dispatches)],
        )


def of_member(look: Look, owner: Pubkey) -> Iterator[Section]:
    """A section for each plant that an owner has committed to."""
    for address, plant in look.snapshot.of(Plant).items():
        own = [
            each
            for each in look.snapshot.of(Commitment).values()
            if each.plant == address and each.owner == owner and each.active
        ]
        if own:
            yield Section(
                key=f"vpp-{address}",
                title=look.words("vpp"),
                about=look.who(address),
                tables=[_commitments(look, plant, own)],
            )


def _dispatches(look: Look, plant: Plant, dispatches: Iterable[Dispatch]) -> Table:
    words = look.words
    columns = ("dispatch", "state", "from", "to", "target", "price", "committed", "delivered")
    return Table(
        "dispatches",
        words("dispatches"),
        [words(each) for each in columns],
        {
            f"{each.number:03}": (
                Number(each.number),
                words(_state(each, look.now)),
                Moment(each.starts_at),
                Moment(each.ends_at),
                look.amount(Resource.ENERGY, each.target),
                look.price(plant.payment_mint, each.price),
                look.amount(Resource.ENERGY, each.committed),
                look.amount(Resource.ENERGY, each.credited + each.surplus),
            )
            for each in dispatches
        },
    )


def _state(dispatch: Dispatch, now: int) -> str:
    if not dispatch.announcement:
        return "dispatch_unused"
    if not dispatch.active:
        return "dispatch_cancelled" if dispatch.cancelled else "dispatch_settled"
    if now < dispatch.starts_at:
        return "dispatch_commits"
    return "dispatch_delivers" if now < dispatch.ends_at else "dispatch_ended"


def _commitments(look: Look, plant: Plant, own: Iterable[Commitment]) -> Table:
    words = look.words
    dispatches = look.snapshot.of(Dispatch)
    return Table(
        "commitments",
        words("commitments"),
        [words(each) for each in ("dispatch", "from", "to", "committed", "delivered", "bond", "state")],
        {
            f"{each.number:03}": (
                Number(found.number),
                Moment(found.starts_at),
                Moment(found.ends_at),
                look.amount(Resource.ENERGY, each.amount),
                look.amount(Resource.ENERGY, each.delivered),
                look.payment(plant.payment_mint, each.bond),
                words(_state(found, look.now)),
            )
            for each in own
            if (found := dispatches.get(each.dispatch))
        },
    )


def key_figures(words: Words, _: Plant, sums: Mapping[str, int]) -> Sequence[Figure]:
    """Of a window: what was delivered of what was committed in it."""
    return [Figure("fulfilment", words("fulfilment"), share(sums["delivered"], sums["committed"]))]
