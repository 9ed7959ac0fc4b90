"""Each alarm beside the same state just inside its limit, and its line in three languages."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from solders.pubkey import Pubkey

from amalgam.battery.program import Battery, Member, member_address
from amalgam.billing.words import Language
from amalgam.market.program import CLEARING_PERIOD, Auction, Market, Offer, offer_address
from amalgam.metering.program import Issuer, Meter, meter_address
from amalgam.programs import Program
from amalgam.sharing.program import POSTING_TIME, Community, Period, State
from amalgam.units import Resource
from amalgam.vpp.program import Commitment, Dispatch, Plant
from amalgam.watching.alarms import KINDS, Alarm, Kind, Limits, Quantity, alarms, thing_of, unread
from amalgam.watching.settings import AlarmSettingsError, load_limits
from amalgam.watching.snapshot import Snapshot
from amalgam.watching.words import KIND_NAMES, LINES, THINGS, VALUE_NAMES, ended, line

NOW = 1_782_129_600  # 2026-06-22 12:00:00 UTC
HOUR = 3_600
DEFAULTS = Limits()


def key(name: str) -> Pubkey:
    return Pubkey(sha256(name.encode()).digest())


WHO, MINT, DEVICE = key("who"), key("mint"), key("device")
BATTERY, ISSUER, MARKET, PLANT, COMMUNITY = map(key, ("battery", "issuer", "market", "plant", "community"))
MEMBER, METER, OFFER = (
    member_address(BATTERY, WHO),
    meter_address(ISSUER, DEVICE),
    offer_address(MARKET, WHO, 0),
)
AUCTION, DISPATCH, COMMITMENT, PERIOD = map(key, ("auction", "dispatch", "commitment", "period"))


def record(kind: type[Any], **values: Any) -> Any:
    """An account of a kind, with zeros for what is not told."""
    zeros: dict[Any, Any] = {Pubkey: WHO, bool: False, int: 0, Resource: Resource.ENERGY, State: State.UNUSED}
    return kind(**{name: zeros[each] for name, each in get_type_hints(kind).items()} | values)


HALF_FULL = record(Battery, capacity=300_000, available=150_000, member_count=1)
QUIET: dict[Pubkey, Any] = {
    BATTERY: HALF_FULL,
    MEMBER: record(Member, battery=BATTERY),
    ISSUER: record(Issuer),
    METER: record(Meter, issuer=ISSUER, device=DEVICE, read_at=NOW - HOUR + 1),
    MARKET: record(Market),
    OFFER: record(Offer, market=MARKET, amount=5_000, expires_at=NOW + HOUR + 1),
    AUCTION: record(Auction, market=MARKET, order_count=3, closes_at=NOW + HOUR + 1),
    PLANT: record(Plant),
    DISPATCH: record(
        Dispatch, plant=PLANT, active=True, target=9_000, committed=4_000, starts_at=NOW + HOUR + 1
    ),
    COMMITMENT: record(
        Commitment, plant=PLANT, dispatch=DISPATCH, active=True, amount=4_000, delivered=1_500
    ),
    COMMUNITY: record(Community),
    PERIOD: record(Period, community=COMMUNITY, state=State.CLOSED, closed_at=NOW, objection_time=HOUR + 1),
}


def found(changes: dict[Pubkey, Any], limits: Limits = DEFAULTS, **others: Any) -> list[Alarm]:
    """The alarms of the quiet state with changes of it."""
    accounts = {at: replace(each, **changes.get(at, {})) for at, each in QUIET.items()}
    return alarms(Snapshot(7, NOW, accounts, others.pop("violations", {})), limits, NOW, **others)


def test_nothing_is_wrong_just_inside_every_limit() -> None:
    assert found({}) == []


EACH = [
    (
        Kind.LOW,
        BATTERY,
        {"available": 29_999},
        NOW,
        "Battery {}: below 10 %: 29.999 kWh of 300.000 kWh stored",
    ),
    (
        Kind.FULL,
        BATTERY,
        {"available": 285_000},
        NOW,
        "Battery {}: full, from 95 % on: 285.000 kWh of 300.000 kWh stored",
    ),
    (Kind.PAUSED, BATTERY, {"paused": True}, NOW, "Battery {}: paused"),
    (Kind.PAUSED, MARKET, {"paused": True}, NOW, "Market {}: paused"),
    (Kind.PAUSED, ISSUER, {"paused": True}, NOW, "Issuer {}: paused"),
    (Kind.PAUSED, PLANT, {"paused": True}, NOW, "Plant {}: paused"),
    (Kind.PAUSED, COMMUNITY, {"paused": True}, NOW, "Community {}: paused"),
    (
        Kind.SILENT,
        METER,
        {"read_at": NOW - HOUR},
        NOW,
        "Meter {}: silent; last report 2026-06-22 11:00:00 UTC",
    ),
    (
        Kind.ALLOCATION_EXPIRES,
        MEMBER,
        {"allocated": 1_250, "allocation_expiry": NOW + HOUR},
        NOW,
        "Member {}: the allocation of 1.250 kWh expires 2026-06-22 13:00:00 UTC",
    ),
    (
        Kind.OFFER_EXPIRES,
        OFFER,
        {"expires_at": NOW + 600},
        NOW + 600 - HOUR,
        "Offer {}: 5.000 kWh offered, expires 2026-06-22 12:10:00 UTC",
    ),
    (
        Kind.GATE_CLOSES,
        AUCTION,
        {"closes_at": NOW + HOUR},
        NOW,
        "Auction {}: takes orders until 2026-06-22 13:00:00 UTC; 3 so far",
    ),
    (
        Kind.AUCTION_LAPSES,
        AUCTION,
        {"closes_at": NOW + 1 - CLEARING_PERIOD},
        NOW + 1 - HOUR,
        "Auction {}: not cleared, lapses 2026-06-22 12:00:01 UTC; orders: 3",
    ),
    (
        Kind.COMMITMENTS_CLOSE,
        DISPATCH,
        {"starts_at": NOW + HOUR},
        NOW,
        "Dispatch {}: takes commitments until 2026-06-22 13:00:00 UTC; 4.000 kWh of 9.000 kWh committed",
    ),
    (
        Kind.OBJECTIONS_END,
        PERIOD,
        {"objection_time": HOUR, "objection_count": 2},
        NOW,
        "Period {}: objections end 2026-06-22 13:00:00 UTC; objections: 2",
    ),
    (
        Kind.POSTING_LAPSES,
        PERIOD,
        {
            "state": State.POSTING,
            "begun_at": NOW + HOUR - POSTING_TIME,
            "posted_count": 4,
            "participant_count": 12,
        },
        NOW,
        "Period {}: not all posted, lapses 2026-06-22 13:00:00 UTC; 4 of 12 lines",
    ),
]


@pytest.mark.parametrize(
    ("kind", "address", "change", "since", "told"), EACH, ids=lambda each: str(each)[:20]
)
def test_each_alarm(kind: Kind, address: Pubkey, change: dict[str, Any], since: int, told: str) -> None:
    (alarm,) = found({address: change})
    assert (alarm.kind, alarm.address, alarm.since) == (kind, address, since)
    assert alarm.thing == thing_of(QUIET[address])
    assert line(alarm).replace("\u00a0", " ") == told.format(alarm.name)
    assert found({address: change}, Limits(low_bps=0)) == ([] if kind is Kind.LOW else [alarm])


def test_a_delivery_that_ends_is_the_commitments() -> None:
    (alarm,) = found({DISPATCH: {"ends_at": NOW + HOUR}})
    assert alarm == Alarm(
        kind=Kind.DELIVERY_ENDS,
        address=COMMITMENT,
        thing="commitment",
        ledger=PLANT,
        name=f"{str(WHO)[:4]}…{str(WHO)[-4:]}",
        since=NOW,
        values={
            "at": Quantity(NOW + HOUR, "Unix s"),
            "delivered": Quantity(1_500, "Wh"),
            "committed": Quantity(4_000, "Wh"),
        },
    )
    assert line(alarm).endswith(
        ": delivery ends 2026-06-22 13:00:00 UTC; 1.500\u00a0kWh of 4.000\u00a0kWh delivered"
    )
    assert found({DISPATCH: {"ends_at": NOW + HOUR}, COMMITMENT: {"delivered": 4_000}}) == []
    assert found({DISPATCH: {"ends_at": NOW + HOUR, "active": False}}) == []


@pytest.mark.parametrize(
    "changes",
    [
        {BATTERY: {"available": 0, "member_count": 0}},  # nobody waits for it
        {BATTERY: {"available": 30_000}},
        {BATTERY: {"available": 284_999}},
        {BATTERY: {"resource": Resource.WASTE, "available": 0}},  # nothing to be treated
        {METER: {"read_at": 0, "retired": True}},
        {MEMBER: {"allocated": 0, "allocation_expiry": NOW + 5}},
        {MEMBER: {"allocated": 9, "allocation_expiry": NOW}},  # over
        {OFFER: {"amount": 0, "expires_at": NOW + 5}},
        {AUCTION: {"closes_at": NOW + 5, "order_count": 0}},
        {AUCTION: {"closes_at": NOW + 5, "cleared": True}},
        {DISPATCH: {"starts_at": NOW + 5, "committed": 9_000}},
        {PERIOD: {"state": State.SETTLED, "objection_time": 5}},
        {PERIOD: {"state": State.WITHDRAWN, "objection_time": 5}},
    ],
)
def test_what_is_no_alarm(changes: dict[Pubkey, Any]) -> None:
    assert found(changes) == []


def test_meters_are_not_silent_while_nobody_takes_reports() -> None:
    (alarm,) = found({METER: {"read_at": 0}, ISSUER: {"paused": True}})
    assert (alarm.kind, alarm.address) == (Kind.PAUSED, ISSUER)


def test_what_an_audit_has_found() -> None:
    (alarm,) = found({}, violations={BATTERY: ["the vault holds 5, the battery stores 9", "another"]})
    told = "the vault holds 5, the battery stores 9; another"
    assert (alarm.kind, alarm.values) == (Kind.MISMATCH, {"found": Quantity(told, "")})
    assert line(alarm) == f"Battery {alarm.name}: audit does not agree: {told}"
    (alarm,) = found({}, violations={WHO: ["event 2 comes after event 0"]})  # which the books make nothing of
    assert (alarm.thing, alarm.ledger) == ("ledger", WHO)
    assert line(alarm).startswith("Ledger ")


def test_a_reservoir_is_told_in_its_own_words_and_units() -> None:
    (alarm,) = found({BATTERY: {"resource": Resource.WATER, "available": 1_000}})
    assert line(alarm) == f"Reservoir {alarm.name}: below 10\u00a0%: 1.000\u00a0m³ of 300.000\u00a0m³ stored"


def test_names_are_of_accounts_devices_or_owners() -> None:
    names = {BATTERY: "School", WHO: "House 3", DEVICE: "Roof"}
    changes = {
        BATTERY: {"available": 0},
        METER: {"read_at": 0},
        MEMBER: {"allocated": 1, "allocation_expiry": NOW + 1},
    }
    assert [each.name for each in found(changes, Limits(names=names))] == ["School", "Roof", "House 3"]
    del names[DEVICE]
    assert found(changes, Limits(names=names))[1].name == "House 3"
    names[METER] = "Meter of the roof"
    assert found(changes, Limits(names=names))[1].name == "Meter of the roof"


@pytest.mark.parametrize(
    ("kind", "begins", "goes_on", "is_over"),
    [(Kind.LOW, 29_999, 35_999, 36_000), (Kind.FULL, 285_000, 279_000, 278_999)],
)
def test_a_charge_at_its_limit_does_not_flap(kind: Kind, begins: int, goes_on: int, is_over: int) -> None:
    before = found({BATTERY: {"available": begins}})
    assert [each.kind for each in before] == [kind]
    earlier = [replace(each, since=NOW - 500) for each in before]
    (alarm,) = found({BATTERY: {"available": goes_on}}, before=earlier)
    assert (alarm.kind, alarm.since, alarm.values["stored"]) == (kind, NOW - 500, Quantity(goes_on, "Wh"))
    assert found({BATTERY: {"available": goes_on}}) == []
    assert found({BATTERY: {"available": is_over}}, before=earlier) == []


def test_a_source_that_does_not_answer() -> None:
    assert unread("devnet", NOW - HOUR + 1, DEFAULTS, NOW) == []
    (alarm,) = unread("devnet", NOW - HOUR, DEFAULTS, NOW)
    assert (alarm.kind, alarm.since) == (Kind.UNREAD, NOW)
    assert line(alarm) == "Source devnet: does not answer; last read 2026-06-22 11:00:00 UTC"


def test_several_are_told_in_order() -> None:
    everything = {address: change for _, address, change, *_ in EACH[:1] + EACH[7:10]}
    assert [each.kind for each in found(everything)] == [
        *(Kind.LOW, Kind.SILENT, Kind.ALLOCATION_EXPIRES, Kind.OFFER_EXPIRES)
    ]


# Words


def test_there_are_words_for_every_kind_and_every_thing() -> None:
    assert set(LINES) == set(KIND_NAMES) == set(Kind)
    kinds = {kind.__name__.lower() for program in Program for kind in program.module.ACCOUNTS}
    told = {"order", "clearing", "participant", "line"}  # of which there is no alarm
    assert set(THINGS) == (kinds - told) | {"reservoir", "treatment plant", "ledger", "source"}
    assert set(KINDS) == {type(each) for each in Snapshot(0, 0, QUIET).ledgers.values()}
    assert {*(each for kinds in KINDS.values() for each in kinds), Kind.UNREAD} == set(Kind)
    for words in (*LINES.values(), *THINGS.values(), *KIND_NAMES.values(), *VALUE_NAMES.values()):
        assert len(words) == 3
        assert len({tuple(sorted(part.split("}")[0] for part in each.split("{")[1:])) for each in words}) == 1
        assert all(words)


def test_a_line_in_three_languages() -> None:
    (alarm,) = found({BATTERY: {"available": 1_500}}, Limits(names={BATTERY: "School"}, low_bps=1_250))
    told = {language: line(alarm, language).replace("\u00a0", " ") for language in Language}
    assert told == {
        Language.EN: "Battery School: below 12.5 %: 1.500 kWh of 300.000 kWh stored",
        Language.DE: "Speicher School: unter 12,5 %: 1,500 kWh von 300,000 kWh gespeichert",
        Language.FR: "Batterie School\u202f: sous 12,5 % : 1,500 kWh stockés sur 300,000 kWh",
    }
    assert ended(alarm, Language.DE) == f"Vorbei: {line(alarm, Language.DE)}"
    assert ended(alarm, Language.FR) == f"Terminé\u202f: {line(alarm, Language.FR)}"
    assert ended(alarm) == f"Over: {line(alarm)}"


# The file


def test_a_file_of_limits(tmp_path: Path) -> None:
    path = tmp_path / "alarms.toml"
    path.write_text("")
    assert load_limits(path) == Limits()
    path.write_text(f"""
[limits]
low = "0%"
full = "90%"
hysteresis = "1.5%"
silent = "20min"
ahead = "3d"
hold = "1min"
[names]
{BATTERY} = "School"
""")
    assert load_limits(path) == Limits(0, 9_000, 150, 1_200, 3 * 86_400, 60, {BATTERY: "School"})


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (
            "[limits",
            "not TOML: Expected ']' at the end of a table declaration (at end of document); correct it",
        ),
        (
            "[limit]",
            "limit is not one of language, ledgers, limits, mail, mqtt, names, webhook; remove or correct it",
        ),
        ("limits = 5", "limits is not a table; begin it with [limits]"),
        (
            '[limits]\nlo = "5%"',
            "lo is not one of ahead, full, hold, hysteresis, low, silent; remove or correct it",
        ),
        ("[limits]\nlow = 5", "low is not a text; put it in quotes"),
        ('[limits]\nlow = "5"', "low: '5' is not a percentage; write it like 95%"),
        ('[limits]\nfull = "0%"', "full: '0%' is not within 0.01% to 100%; correct it"),
        ('[limits]\nsilent = "5"', "silent: '5' is not a duration; write it like 90m, 24h or 7d"),
        ('[limits]\nlow = "91%"', "low and full overlap within their hysteresis; set them further apart"),
        ('[names]\nschool = "x"', "names: 'school' is no address; write it as amalgam shows it"),
        (
            f'[names]\n{WHO} = "a\\nb"',
            f"names.{WHO} = 'a\\nb' is no name; write 1 to 60 characters in quotes",
        ),
        (f'[names]\n{WHO} = ""', f"names.{WHO} = '' is no name; write 1 to 60 characters in quotes"),
        (f"[names]\n{WHO} = 5", f"names.{WHO} = 5 is no name; write 1 to 60 characters in quotes"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, content: str, error: str) -> None:
    path = tmp_path / "alarms.toml"
    path.write_text(content)
    with pytest.raises(AlarmSettingsError) as refusal:
        load_limits(path)
    assert str(refusal.value) == f"{path}: {error}"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AlarmSettingsError) as refusal:
        load_limits(tmp_path / "none.toml")
    told = f"{tmp_path}/none.toml: No such file or directory; give the path of a readable TOML file"
    assert str(refusal.value) == told
