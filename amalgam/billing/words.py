"""What stands on bills, in German, French and English, and numbers and dates as these write them."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType


class Language(StrEnum):
    """Of a bill."""

    DE = "de"
    FR = "fr"
    EN = "en"


_LANGUAGES = tuple(Language)
_WORDS = MappingProxyType(
    {
        # Titles
        "invoice": ("Rechnung", "Facture", "Invoice"),
        "credit": ("Gutschrift", "Note de crédit", "Credit note"),
        "reverse-charge": ("Gutschrift", "Note de crédit", "Credit note"),
        "correction": ("Rechnungskorrektur", "Avoir", "Correction"),
        "preview": ("Vorschau", "Aperçu", "Preview"),
        # Heads
        "number": ("Nummer", "Numéro", "Number"),
        "date": ("Datum", "Date", "Date"),
        "period": ("Zeitraum", "Période", "Period"),
        "member": ("Mitglied", "Membre", "Member"),
        "due": ("Zahlbar bis", "Payable jusqu’au", "Due by"),
        "paid_by": ("Auszahlung bis", "Versement jusqu’au", "Paid out by"),
        "vat_id": ("USt-IdNr.", "N° TVA", "VAT no."),
        "tax_number": ("Steuernummer", "N° fiscal", "Tax no."),
        "refers_correction": (
            "Berichtigt {number} vom {date} vollständig.",
            "Annule entièrement {number} du {date}.",
            "Takes back {number} of {date} in full.",
        ),
        "refers_new": (
            "Ersetzt {number} vom {date} nach berichtigten Messwerten.",
            "Remplace {number} du {date} selon les relevés corrigés.",
            "Replaces {number} of {date}, with corrected readings.",
        ),
        # Lines
        "description": ("Leistung", "Prestation", "Item"),
        "quantity": ("Menge", "Quantité", "Quantity"),
        "price": ("Preis", "Prix", "Price"),
        "vat": ("USt.", "TVA", "VAT"),
        "amount": ("Betrag", "Montant", "Amount"),
        "energy": ("Energie aus der Gemeinschaft", "Énergie de la communauté", "Energy from the community"),
        "delivered": (
            "Energie an die Gemeinschaft",
            "Énergie livrée à la communauté",
            "Energy to the community",
        ),
        "free": ("Freimenge", "Énergie offerte", "Free energy"),
        "discount": ("Rabatt", "Remise", "Discount"),
        "basic_fee": ("Grundgebühr", "Frais de base", "Basic fee"),
        "meter_fee": ("Zählpunktgebühr", "Frais de compteur", "Meter fee"),
        "kWh": ("kWh", "kWh", "kWh"),
        "month": ("Mon.", "mois", "mo."),
        "piece": ("", "", ""),
        "net": ("Summe netto", "Total hors TVA", "Total without VAT"),
        "vat_of": ("{rate} USt. auf {net}", "TVA {rate} sur {net}", "VAT {rate} on {net}"),
        "gross": ("Gesamtbetrag", "Total", "Total"),
        "settled": ("In Token abgerechnet", "Réglé en jetons", "Settled in tokens"),
        "payable": ("Zu zahlen", "À payer", "To pay"),
        "paid_out": ("Auszahlung an Sie", "Versé à vous", "Paid to you"),
        # What is to be done, and what the law wants said
        "pay": (
            "Bitte überweisen Sie {amount} bis {date} auf {iban}, Verwendungszweck {number}.",
            "Merci de virer {amount} jusqu’au {date} sur {iban}, référence {number}.",
            "Please pay {amount} by {date} to {iban}, reference {number}.",
        ),
        "pay_without": (
            "Bitte zahlen Sie {amount} bis {date}, Verwendungszweck {number}.",
            "Merci de payer {amount} jusqu’au {date}, référence {number}.",
            "Please pay {amount} by {date}, reference {number}.",
        ),
        "get": (
            "Wir überweisen Ihnen {amount} bis {date} auf {iban}.",
            "Nous vous virons {amount} jusqu’au {date} sur {iban}.",
            "We pay {amount} by {date} to {iban}.",
        ),
        "get_without": (
            "Sie erhalten {amount} bis {date}.",
            "Vous recevez {amount} jusqu’au {date}.",
            "You get {amount} by {date}.",
        ),
        "not_yet": (
            "Dies ist eine Vorschau: Bitte zahlen Sie noch nichts.",
            "Ceci est un aperçu : ne payez rien encore.",
            "This is a preview: please pay nothing yet.",
        ),
        "nothing": ("Es ist nichts zu zahlen.", "Rien n’est à payer.", "There is nothing to pay."),
        "self_billing": (
            "Gutschrift des Leistungsempfängers.",
            "Autofacturation.",
            "Self-billing.",
        ),
        "AE": (
            "Steuerschuldnerschaft des Leistungsempfängers (Reverse Charge).",
            "Autoliquidation de la TVA par le preneur.",
            "Reverse charge: the recipient owes the VAT.",
        ),
        "O": (
            "Nicht steuerbar: Lieferung einer Privatperson.",
            "Hors champ de la TVA : livraison d’un particulier.",
            "Outside the scope of VAT: delivered by a private person.",
        ),
        # Statement
        "statement": ("Ihre Energie", "Votre énergie", "Your energy"),
        "from": ("Woher Ihr Strom kam", "D’où venait votre électricité", "Where your electricity came from"),
        "to": ("Wohin Ihr Strom ging", "Où allait votre électricité", "Where your electricity went"),
        "own_use": ("Eigenverbrauch", "Usage propre", "Own use"),
        "shared": ("Gemeinschaft", "Communauté", "Community"),
        "battery": ("Speicher", "Batterie", "Battery"),
        "grid": ("Netz", "Réseau", "Grid"),
        "meter": ("Zählpunkt", "Compteur", "Meter"),
        "total": ("Gesamt", "Total", "Total"),
        "consumed": ("Verbrauch", "Consommation", "Used"),
        "produced": ("Erzeugung", "Production", "Produced"),
        "self_sufficiency": ("Autarkie", "Autonomie", "Self-sufficiency"),
        "self_consumption": ("Eigennutzung", "Autoconsommation", "Self-consumption"),
        "savings": ("Ersparnis", "Économie", "Saved"),
        "savings_note": ("gegenüber dem Netz allein", "par rapport au réseau seul", "against the grid alone"),
        "self_sufficiency_note": (
            "des Verbrauchs nicht zugekauft",
            "de la consommation non achetée",
            "of use not bought",
        ),
        "self_consumption_note": (
            "der Erzeugung nicht verkauft",
            "de la production non vendue",
            "of production not sold",
        ),
        "co2_note": ("CO₂ vermieden", "de CO₂ évités", "of CO₂ avoided"),
        "peak": (
            "Höchste Leistung aus dem Netz: {peak} kW; mit dem Netz allein {baseline} kW.",
            "Puissance maximale du réseau : {peak} kW ; avec le réseau seul {baseline} kW.",
            "Highest power from the grid: {peak} kW; {baseline} kW with the grid alone.",
        ),
        "balance": (
            "Ihr Guthaben im Speicher am Ende: {balance} kWh.",
            "Votre solde dans la batterie à la fin : {balance} kWh.",
            "Your balance in the battery in the end: {balance} kWh.",
        ),
        "values": (
            "Messwerte: {measured} gemessen, {substituted} ersetzt; {left_out} Intervalle ausgelassen.",
            "Valeurs : {measured} mesurées, {substituted} substituées ; {left_out} intervalles omis.",
            "Values: {measured} measured, {substituted} substituted; {left_out} intervals left out.",
        ),
        "prices_note": (
            "Strom aus dem Netz verrechnet Ihr Lieferant. Die Ersparnis ist aus Energiepreisen gerechnet, "
            "ohne Gebühren und Umsatzsteuer.",
            "L’électricité du réseau est facturée par votre fournisseur. L’économie est calculée aux prix de "
            "l’énergie, sans frais ni TVA.",
            "Your supplier bills electricity from the grid. What is saved is reckoned in prices of energy, "
            "without fees and VAT.",
        ),
        "page": ("Seite {page} von {pages}", "Page {page} sur {pages}", "Page {page} of {pages}"),
    }
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MARKS = MappingProxyType({Language.DE: (".", ","), Language.FR: ("\u202f", ","), Language.EN: (",", ".")})


def word(language: Language, key: str, **values: object) -> str:
    """What a key is in a language, with values put in."""
    return _WORDS[key][_LANGUAGES.index(language)].format(**values)


def number(language: Language, value: Decimal, places: int | None = None) -> str:
    """A number, with so many decimals, or all that it has."""
    thousands, point = _MARKS[language]
    text = f"{abs(value):,f}" if places is None else f"{abs(value):,.{places}f}"
    sign = "−" if value < 0 and text.strip("0,.") else ""
    return sign + text.translate({ord(","): thousands, ord("."): point})


def amount(language: Language, cents: int, currency: str) -> str:
    """An amount of money, like 1.234,56 EUR."""
    return f"{number(language, Decimal(cents).scaleb(-2), 2)}\u00a0{currency}"


def percent(language: Language, part: Decimal, places: int) -> str:
    """A part of 1, like 87,5 %."""
    text = number(language, part * 100, places)
    return f"{text}%" if language is Language.EN else f"{text}\u00a0%"


def rate(language: Language, rate_bps: int) -> str:
    """A rate of VAT, like 20 % or 5,5 %."""
    part = Decimal(rate_bps).scaleb(-2).normalize()
    text = number(language, Decimal(f"{part:f}"))
    return f"{text}%" if language is Language.EN else f"{text}\u00a0%"


def day(language: Language, value: date) -> str:
    """A date, like 01.07.2026, 01/07/2026 or 1 July 2026."""
    match language:
        case Language.DE:
            return f"{value:%d.%m.%Y}"
        case Language.FR:
            return f"{value:%d/%m/%Y}"
        case Language.EN:
            return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
