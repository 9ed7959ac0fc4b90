"""Communities that share, their participants and periods."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from solders.pubkey import Pubkey

from amalgam.dashboard.page import Cell, Figure, Flows, Look, Moment, Number, Section, Table, ratio
from amalgam.dashboard.words import Words
from amalgam.sharing.program import Community, Line, Participant, Period, State
from amalgam.units import Resource

WORDS = {
    "prepaid": ("Prepaid", "Vorausbezahlt", "Prépayé"),
    "reserve": ("Reserve", "Rücklage", "Réserve"),
    "participants": ("Participants", "Teilnehmer", "Participants"),
    "owed": ("Owed", "Geschuldet", "Dû"),
    "credit_limit": ("Credit limit", "Kreditrahmen", "Limite de crédit"),
    "settled_until": ("Settled until", "Abgerechnet bis", "Réglé jusqu’au"),
    "periods": ("Periods", "Abrechnungen", "Périodes"),
    "shared": ("Shared", "Geteilt", "Partagé"),
    "charges": ("Charges", "Belastungen", "Débits"),
    "credits": ("Credits", "Gutschriften", "Crédits"),
    "objections": ("Objections", "Einwände", "Objections"),
    "period_unused": ("not yet begun", "noch nicht begonnen", "pas commencée"),
    "period_posting": ("lines are posted", "Zeilen werden gebucht", "lignes en saisie"),
    "period_closed": ("open to objections", "Einwände möglich", "ouverte aux objections"),
    "period_due": ("to be settled", "abzurechnen", "à régler"),
    "period_settled": ("settled", "abgerechnet", "réglée"),
    "period_withdrawn": ("withdrawn", "zurückgezogen", "retirée"),
    "sharing": ("Sharing community", "Gemeinschaft", "Communauté"),
    "fee_at_most": ("Fee at most", "Gebühr höchstens", "Frais au plus"),
    "lines": ("Lines", "Zeilen", "Lignes"),
    "shared_in": ("Received", "Bezogen", "Reçu"),
    "shared_out": ("Given", "Geliefert", "Donné"),
    "charge": ("Charge", "Belastung", "Débit"),
    "credit": ("Credit", "Gutschrift", "Crédit"),
}

FLOWS: Flows = {"shared": (("PeriodClosed", "shared", 1),)}
LEVEL = ()


def sections(look: Look) -> Iterator[Section]:
    """A section for each community, with its participants and periods."""
    for address, community in sorted(look.snapshot.of(Community).items(), key=lambda each: str(each[0])):
        words = look.words
        paid = partial(look.payment, community.payment_mint)
        participants = [each for each in look.snapshot.of(Participant).values() if each.community == address]
        periods = [each for each in look.snapshot.of(Period).values() if each.community == address]
        yield Section(
            key=f"sharing-{address}",
            title=words("sharing"),
            about=look.who(address),
            figures=[
                Figure("prepaid", words("prepaid"), paid(community.prepaid), is_main=True),
                Figure("reserve", words("reserve"), paid(community.reserve)),
                Figure("fee", words("fee_at_most"), ratio(community.fee_bps)),
                Figure("settled_until", words("settled_until"), Moment(community.settled_until)),
                Figure("state", words("state"), words("paused" if community.paused else "running")),
            ],
            tables=[_participants(look, community, participants), _periods(look, community, periods)],
        )


def of_member(look: Look, owner: Pubkey) -> Iterator[Section]:
    """A section for each community that an owner has an account in."""
    for participant in look.snapshot.of(Participant).values():
        community = look.snapshot.accounts.get(participant.community)
        if participant.owner != owner or not isinstance(community, Community):
            continue
        words, paid = look.words, partial(look.payment, community.payment_mint)
        yield Section(
            key=f"sharing-{participant.community}",
            title=words("sharing"),
            about=look.who(participant.community),
            figures=[
                Figure("balance", words("balance"), paid(participant.funds), is_main=True),
                Figure("owed", words("owed"), paid(participant.owed)),
                Figure("limit", words("credit_limit"), paid(participant.credit_limit)),
            ],
            tables=[_lines(look, community, participant)],
        )


def _participants(look: Look, community: Community, participants: Iterable[Participant]) -> Table:
    words, paid = look.words, partial(look.payment, community.payment_mint)
    return Table(
        "participants",
        words("participants"),
        [words(each) for each in ("member", "balance", "owed", "credit_limit")],
        {
            str(each.owner): (
                look.who(each.owner),
                paid(each.funds),
                paid(each.owed),
                paid(each.credit_limit),
            )
            for each in participants
            if each.is_admitted
        },
    )


def _periods(look: Look, community: Community, periods: Iterable[Period]) -> Table:
    words, paid = look.words, partial(look.payment, community.payment_mint)
    columns = ("from", "to", "state", "shared", "charges", "credits", "objections")
    return Table(
        "periods",
        words("periods"),
        [words(each) for each in columns],
        {
            f"{each.starts_at:020}-{each.number:03}": (
                Moment(each.starts_at),
                Moment(each.ends_at),
                words(_state(each, look.now)),
                look.amount(Resource.ENERGY, each.shared_in),
                paid(each.charges),
                paid(each.credits),
                Number(each.objection_count),
            )
            for each in periods
        },
    )


def _state(period: Period, now: int) -> str:
    match period.state:
        case State.UNUSED:
            return "period_unused"
        case State.POSTING:
            return "period_posting"
        case State.CLOSED:
            return "period_closed" if now < period.settles_at else "period_due"
        case State.SETTLED:
            return "period_settled"
        case State.WITHDRAWN:
            return "period_withdrawn"


def _lines(look: Look, community: Community, participant: Participant) -> Table:
    words, paid = look.words, partial(look.payment, community.payment_mint)
    rows: dict[str, tuple[Cell, ...]] = {}
    for address, line in look.snapshot.of(Line).items():
        period = look.snapshot.accounts.get(line.period)
        if line.participant != participant.address or not isinstance(period, Period):
            continue
        if line.run != period.run:  # of an earlier period with the same account
            continue
        rows[f"{period.starts_at:020}-{address}"] = (
            Moment(period.starts_at),
            Moment(period.ends_at),
            words(_state(period, look.now)),
            look.amount(Resource.ENERGY, line.shared_in),
            look.amount(Resource.ENERGY, line.shared_out),
            paid(line.charge),
            paid(line.credit),
        )
    columns = ("from", "to", "state", "shared_in", "shared_out", "charge", "credit")
    return Table("lines", words("lines"), [words(each) for each in columns], rows)


def key_figures(words: Words, _: Community, sums: Mapping[str, int]) -> Sequence[Figure]:  # noqa: ARG001
    """Of a window: none beside the sums."""
    return ()
