"""What stands on the page, in English, German and French, and numbers and times as these write them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from amalgam.billing.words import Language
from amalgam.billing.words import number as written
from amalgam.dashboard.areas import area
from amalgam.programs import Program
from amalgam.units import Resource

_SPACE = "\u00a0"  # between a number and its unit: no line ends there
_TIMES = MappingProxyType(
    {Language.EN: "%Y-%m-%d %H:%M:%S", Language.DE: "%d.%m.%Y %H:%M:%S", Language.FR: "%d/%m/%Y %H:%M:%S"}
)
NAMES = MappingProxyType({Language.EN: "English", Language.DE: "Deutsch", Language.FR: "Français"})
_LANGUAGES = (Language.EN, Language.DE, Language.FR)
Entries = Mapping[str, tuple[str, str, str]]
_SHARED: Entries = MappingProxyType(
    {
        # The page
        "title": ("Energy community", "Energiegemeinschaft", "Communauté d’énergie"),
        "skip": ("Skip to the content", "Zum Inhalt springen", "Aller au contenu"),
        "areas": ("Areas", "Bereiche", "Rubriques"),
        "languages": ("Languages", "Sprachen", "Langues"),
        "now": ("Now", "Jetzt", "Maintenant"),
        "history": ("History", "Verlauf", "Historique"),
        "wall": ("Wall display", "Wandanzeige", "Affichage mural"),
        "wall_leave": ("Whole page", "Ganze Seite", "Page entière"),
        "of_member": ("Your part", "Ihr Anteil", "Votre part"),
        "connecting": ("Connecting …", "Verbindet …", "Connexion …"),
        "as_of": ("As of {time}, slot {slot}", "Stand {time}, Slot {slot}", "État du {time}, slot {slot}"),
        "fresh": ("Up to date", "Aktuell", "À jour"),
        "never": (
            "Nothing could be read yet: {reason}",
            "Noch nichts gelesen: {reason}",
            "Rien n’a encore pu être lu : {reason}",
        ),
        "lost": (
            "No answer since {time}; the values are older. {reason}",
            "Keine Antwort seit {time}; die Werte sind älter. {reason}",
            "Pas de réponse depuis {time} ; les valeurs sont plus anciennes. {reason}",
        ),
        "page_lost": (
            "This page has lost its server, and tries again. The values are older.",
            "Diese Seite hat ihren Server verloren und versucht es wieder. Die Werte sind älter.",
            "Cette page a perdu son serveur et réessaie. Les valeurs sont plus anciennes.",
        ),
        "without_script": (
            "Without JavaScript this page shows one moment; load it again for the next.",
            "Ohne JavaScript zeigt diese Seite einen Augenblick; laden Sie sie für den nächsten neu.",
            "Sans JavaScript cette page montre un instant ; rechargez-la pour le suivant.",
        ),
        "nothing": (
            "There is nothing here yet.",
            "Hier ist noch nichts.",
            "Il n’y a encore rien ici.",
        ),
        "not_found": (
            "There is no such page.",
            "Diese Seite gibt es nicht.",
            "Cette page n’existe pas.",
        ),
        "unusable": (
            "This address cannot be used: {reason}",
            "Diese Adresse ist unbrauchbar: {reason}",
            "Cette adresse est inutilisable : {reason}",
        ),
        "failed": (
            "The page could not be made; try again.",
            "Die Seite konnte nicht erstellt werden; versuchen Sie es wieder.",
            "La page n’a pas pu être créée ; réessayez.",
        ),
        "to_start": ("To the start", "Zur Startseite", "Vers l’accueil"),
        "download": ("Download “{what}”", "„{what}“ herunterladen", "Télécharger « {what} »"),
        "as_csv": ("CSV", "CSV", "CSV"),
        "as_xlsx": ("Excel", "Excel", "Excel"),
        "read_only": (
            "This page only reads: it has no key and sends nothing.",
            "Diese Seite liest nur: Sie hat keinen Schlüssel und sendet nichts.",
            "Cette page ne fait que lire : elle n’a pas de clé et n’envoie rien.",
        ),
        # Areas
        "alarms": ("Alarms", "Alarme", "Alarmes"),
        "no_alarms": ("No alarms", "Keine Alarme", "Aucune alarme"),
        # Areas
        "stored": ("Stored", "Gespeichert", "Stocké"),
        "state": ("State", "Zustand", "État"),
        "running": ("in operation", "in Betrieb", "en service"),
        "paused": ("paused", "angehalten", "en pause"),
        "flow_note": (
            "Mean of the last {minutes} minutes seen.",
            "Mittel der letzten {minutes} gesehenen Minuten.",
            "Moyenne des {minutes} dernières minutes vues.",
        ),
        "member": ("Member", "Mitglied", "Membre"),
        "balance": ("Balance", "Guthaben", "Solde"),
        "until": ("Until", "Bis", "Jusqu’au"),
        "resource": ("Resource", "Ressource", "Ressource"),
        "metered": ("Metered", "Gemessen", "Mesuré"),
        "held": ("Energy held", "Energie in Verwahrung", "Énergie détenue"),
        "payment_held": ("Payments held", "Zahlungen in Verwahrung", "Paiements détenus"),
        "fee": ("Fee", "Gebühr", "Frais"),
        "price": ("Price", "Preis", "Prix"),
        "amount": ("Amount", "Menge", "Quantité"),
        "committed": ("Committed", "Zugesagt", "Engagé"),
        "delivered": ("Delivered", "Geliefert", "Livré"),
        "from": ("From", "Von", "Du"),
        "to": ("To", "Bis", "Au"),
        # History
        "by": ("Span", "Zeitraum", "Période"),
        "day": ("Day", "Tag", "Jour"),
        "week": ("Week", "Woche", "Semaine"),
        "month": ("Month", "Monat", "Mois"),
        "year": ("Year", "Jahr", "Année"),
        "date": ("Date", "Datum", "Date"),
        "show": ("Show", "Anzeigen", "Afficher"),
        "earlier": ("Earlier", "Früher", "Plus tôt"),
        "later": ("Later", "Später", "Plus tard"),
        "of": ("Of", "Von", "De"),
        "begins": ("From", "Ab", "Dès"),
        "deposited": ("Credited", "Gutgeschrieben", "Crédité"),
        "withdrawn": ("Withdrawn", "Entnommen", "Retiré"),
        "level_end": ("Stored at the end", "Gespeichert am Ende", "Stocké à la fin"),
        "from_books": ("From the books.", "Aus den Büchern.", "Des livres."),
        "since_start": (
            "Without books this page knows only what it has seen since {time}: "
            "name books with --books for what was before.",
            "Ohne Bücher kennt diese Seite nur, was sie seit {time} gesehen hat: "
            "Mit --books kommt dazu, was vorher war.",
            "Sans livres, cette page ne connaît que ce qu’elle a vu depuis {time} : "
            "nommez des livres avec --books pour le passé.",
        ),
        "total": ("Total", "Summe", "Total"),
        "time": ("Time", "Zeit", "Heure"),
        # Alarms
        "alarm": ("Alarm", "Alarm", "Alarme"),
        "since": ("Since", "Seit", "Depuis"),
        # Units
        "tokens": ("tokens", "Token", "jetons"),
        "base_units": ("base units", "Basiseinheiten", "unités de base"),
        "s": ("s", "s", "s"),
        "min": ("min", "min", "min"),
        "h": ("h", "h", "h"),
        "d": ("d", "d", "j"),
    }
)
# By Resource: what holds it, what becomes of it, and what is lost on the way in.
RESOURCE_WORDS: Mapping[str, tuple[tuple[str, str, str], ...]] = MappingProxyType(
    {
        "resource": (
            ("Energy", "Energie", "Énergie"),
            ("Water", "Wasser", "Eau"),
            ("Waste", "Abfall", "Déchets"),
        ),
        "pool": (
            ("Battery", "Speicher", "Batterie"),
            ("Reservoir", "Wasserspeicher", "Réservoir"),
            ("Treatment plant", "Behandlungsanlage", "Station de traitement"),
        ),
        "level": (
            ("State of charge", "Ladezustand", "État de charge"),
            ("Water stored", "Gespeichertes Wasser", "Eau stockée"),
            ("Waste awaiting treatment", "Abfall vor der Behandlung", "Déchets en attente"),
        ),
        "consumed": (
            ("Consumed", "Verbraucht", "Consommé"),
            ("Consumed", "Verbraucht", "Consommée"),
            ("Treated", "Behandelt", "Traités"),
        ),
        "lost": (
            ("Lost", "Verlust", "Perdu"),
            ("Evaporated", "Verdunstet", "Évaporée"),
            ("Sorted out", "Aussortiert", "Triés"),
        ),
        "metered": (
            ("Generated", "Erzeugt", "Produit"),
            ("Inflow", "Zufluss", "Apport"),
            ("Delivered", "Angeliefert", "Livrés"),
        ),
    }
)


@cache
def words() -> Entries:
    """All words, those of each area too."""
    found = dict(_SHARED)
    for program in Program:
        found |= area(program).WORDS
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """A language, and the zone of its times."""

    language: Language
    zone: tzinfo = UTC

    def __call__(self, key: str, **values: object) -> str:
        """What a key is, with values put in."""
        return words()[key][_LANGUAGES.index(self.language)].format(**values)

    @property
    def zone_name(self) -> str:
        """As browsers know it."""
        return str(self.zone)

    def of(self, resource: Resource, key: str) -> str:
        """What a key is of a resource."""
        return RESOURCE_WORDS[key][resource][_LANGUAGES.index(self.language)]

    def number(self, value: Decimal, places: int | None, unit: str = "") -> str:
        """A number with so many places, or all that it has, and its unit."""
        text = written(self.language, value, places)
        if unit == "%" and self.language is Language.EN:
            return f"{text}%"
        return f"{text}{_SPACE}{unit}" if unit else text

    def time(self, unix_timestamp: int) -> str:
        """A time, in s."""
        return f"{datetime.fromtimestamp(unix_timestamp, self.zone):{_TIMES[self.language]}}"
