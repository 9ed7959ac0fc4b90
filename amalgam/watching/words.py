"""Alarms in a line each, in German, French and English."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from amalgam.billing.words import Language, number
from amalgam.units import MEASURES, utc
from amalgam.watching.alarms import Alarm, Kind, Quantity

_LANGUAGES = (Language.DE, Language.FR, Language.EN)
_MEASURES = {measure.base_unit: measure for measure in MEASURES}
_Words = Mapping[str, tuple[str, str, str]]
THINGS: _Words = MappingProxyType(
    {
        "battery": ("Speicher", "Batterie", "Battery"),
        "reservoir": ("Wasserspeicher", "Réservoir", "Reservoir"),
        "treatment plant": ("Behandlungsanlage", "Station de traitement", "Treatment plant"),
        "member": ("Mitglied", "Membre", "Member"),
        "issuer": ("Aussteller", "Émetteur", "Issuer"),
        "meter": ("Zähler", "Compteur", "Meter"),
        "market": ("Markt", "Marché", "Market"),
        "offer": ("Angebot", "Offre", "Offer"),
        "auction": ("Auktion", "Enchère", "Auction"),
        "plant": ("Kraftwerk", "Centrale", "Plant"),
        "dispatch": ("Abruf", "Appel", "Dispatch"),
        "commitment": ("Zusage", "Engagement", "Commitment"),
        "community": ("Gemeinschaft", "Communauté", "Community"),
        "period": ("Abrechnung", "Période", "Period"),
        "source": ("Quelle", "Source", "Source"),
        "ledger": ("Konto", "Registre", "Ledger"),
    }
)
LINES: _Words = MappingProxyType(
    {
        Kind.LOW: (
            "unter {limit}: {stored} von {capacity} gespeichert",
            "sous {limit} : {stored} stockés sur {capacity}",
            "below {limit}: {stored} of {capacity} stored",
        ),
        Kind.FULL: (
            "voll, ab {limit}: {stored} von {capacity} gespeichert",
            "pleine, dès {limit} : {stored} stockés sur {capacity}",
            "full, from {limit} on: {stored} of {capacity} stored",
        ),
        Kind.PAUSED: ("angehalten", "en pause", "paused"),
        Kind.SILENT: (
            "schweigt; letzte Meldung {last_report}",
            "muet ; dernier relevé {last_report}",
            "silent; last report {last_report}",
        ),
        Kind.MISMATCH: (
            "Prüfung stimmt nicht: {found}",
            "l’audit ne concorde pas : {found}",
            "audit does not agree: {found}",
        ),
        Kind.ALLOCATION_EXPIRES: (
            "Reservierung von {allocated} verfällt {at}",
            "la réservation de {allocated} expire {at}",
            "the allocation of {allocated} expires {at}",
        ),
        Kind.OFFER_EXPIRES: (
            "{offered} angeboten, verfällt {at}",
            "{offered} offerts, expire {at}",
            "{offered} offered, expires {at}",
        ),
        Kind.GATE_CLOSES: (
            "nimmt Aufträge bis {at}; bisher {orders}",
            "prend des ordres jusqu’à {at} ; {orders} à présent",
            "takes orders until {at}; {orders} so far",
        ),
        Kind.AUCTION_LAPSES: (
            "nicht abgerechnet, verfällt {at}; Aufträge: {orders}",
            "non réglée, caduque {at} ; ordres : {orders}",
            "not cleared, lapses {at}; orders: {orders}",
        ),
        Kind.COMMITMENTS_CLOSE: (
            "nimmt Zusagen bis {at}; {committed} von {target} zugesagt",
            "prend des engagements jusqu’à {at} ; {committed} engagés sur {target}",
            "takes commitments until {at}; {committed} of {target} committed",
        ),
        Kind.DELIVERY_ENDS: (
            "Lieferung endet {at}; {delivered} von {committed} geliefert",
            "la livraison finit {at} ; {delivered} livrés sur {committed}",
            "delivery ends {at}; {delivered} of {committed} delivered",
        ),
        Kind.OBJECTIONS_END: (
            "Einspruch möglich bis {at}; Einsprüche: {objections}",
            "objections jusqu’à {at} ; objections : {objections}",
            "objections end {at}; objections: {objections}",
        ),
        Kind.POSTING_LAPSES: (
            "nicht fertig gebucht, verfällt {at}; {posted} von {participants} Zeilen",
            "saisie incomplète, caduque {at} ; {posted} lignes sur {participants}",
            "not all posted, lapses {at}; {posted} of {participants} lines",
        ),
        Kind.UNREAD: (
            "antwortet nicht; zuletzt gelesen {last_read}",
            "ne répond pas ; lu pour la dernière fois {last_read}",
            "does not answer; last read {last_read}",
        ),
    }
)
KIND_NAMES: _Words = MappingProxyType(
    {
        Kind.LOW: ("Niedriger Stand", "Niveau bas", "Low"),
        Kind.FULL: ("Voll", "Pleine", "Full"),
        Kind.PAUSED: ("Angehalten", "En pause", "Paused"),
        Kind.SILENT: ("Zähler schweigt", "Compteur muet", "Meter silent"),
        Kind.MISMATCH: ("Prüfung stimmt nicht", "Audit en désaccord", "Audit does not agree"),
        Kind.ALLOCATION_EXPIRES: ("Reservierung verfällt", "Réservation expire", "Allocation expires"),
        Kind.OFFER_EXPIRES: ("Angebot verfällt", "Offre expire", "Offer expires"),
        Kind.GATE_CLOSES: ("Auktion schließt", "L’enchère ferme", "Auction closes"),
        Kind.AUCTION_LAPSES: ("Auktion verfällt", "L’enchère devient caduque", "Auction lapses"),
        Kind.COMMITMENTS_CLOSE: ("Zusagen schließen", "Les engagements ferment", "Commitments close"),
        Kind.DELIVERY_ENDS: ("Lieferung endet", "La livraison finit", "Delivery ends"),
        Kind.OBJECTIONS_END: ("Einspruchsfrist endet", "Les objections finissent", "Objections end"),
        Kind.POSTING_LAPSES: ("Buchung verfällt", "La saisie devient caduque", "Posting lapses"),
        Kind.UNREAD: ("Keine Antwort", "Pas de réponse", "No answer"),
    }
)
VALUE_NAMES: _Words = MappingProxyType(
    {
        "stored": ("Gespeichert", "Stocké", "Stored"),
        "available": ("Frei", "Disponible", "Available"),
        "allocated": ("Reserviert", "Réservé", "Allocated"),
        "capacity": ("Kapazität", "Capacité", "Capacity"),
        "charge": ("Ladestand", "État de charge", "State of charge"),
        "power": ("Mittlere Leistung, 15 min", "Puissance moyenne, 15 min", "Mean power, 15 min"),
    }
)
_OVER = ("Vorbei", "Terminé", "Over")


def in_language(words: _Words, key: str, language: Language) -> str:
    """One of the words above."""
    return words[key][_LANGUAGES.index(language)]


def line(alarm: Alarm, language: Language = Language.EN) -> str:
    """An alarm in one line."""
    values = {name: _text(each, language) for name, each in alarm.values.items()}
    told = in_language(LINES, alarm.kind, language).format(**values)
    return f"{in_language(THINGS, alarm.thing, language)} {alarm.name}{_colon(language)} {told}"


def ended(alarm: Alarm, language: Language = Language.EN) -> str:
    """The same once it is over."""
    return f"{_OVER[_LANGUAGES.index(language)]}{_colon(language)} {line(alarm, language)}"


def _colon(language: Language) -> str:
    return "\u202f:" if language is Language.FR else ":"


def _text(quantity: Quantity, language: Language) -> str:
    value, unit = quantity
    if isinstance(value, str):
        return value
    if unit == "Unix s":
        return utc(value)
    if unit == "bps":
        percent = Decimal(f"{Decimal(value).scaleb(-2).normalize():f}")
        return f"{number(language, percent)}\u00a0%"
    if unit in _MEASURES:
        return f"{number(language, Decimal(value).scaleb(-3), 3)}\u00a0{_MEASURES[unit].unit}"
    return number(language, Decimal(value))
