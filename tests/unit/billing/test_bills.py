"""Documents: lines add up to sums, VAT is of the sums, and corrections add up to the corrected bill."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amalgam.billing.bills import bills, corrections, in_force, numbered
from amalgam.billing.document import (
    Document,
    Item,
    Kind,
    MeterUse,
    Reference,
    Statement,
    Vat,
    as_json,
    document,
    plain,
)
from amalgam.billing.money import money
from amalgam.billing.posted import lines_of
from amalgam.billing.settings import Billing
from amalgam.billing.usage import Usage
from tests.unit.billing.conftest import COMMUNITY, FEBRUARY, ISSUED, Compute, computing, rows, vat_of, written

DUE = date(2026, 3, 15)
STANDARD, REDUCED = Vat("S", 2000), Vat("S", 1000)
PROPERTY = settings(max_examples=100, deadline=None)
February = tuple[Billing, Usage, list[Document]]


@pytest.fixture(scope="module")
def february(tmp_path_factory: pytest.TempPathFactory) -> February:
    billing, used, _, documents = computing(written(tmp_path_factory.mktemp("three")))()
    return billing, used, documents


def of(documents: list[Document], member: str, kind: Kind = Kind.INVOICE) -> Document:
    (found,) = (each for each in documents if (each.member, each.kind) == (member, kind))
    return found


def test_the_invoice_of_a_member_with_two_meters(compute: Compute) -> None:
    _, used, lines, documents = compute()
    hut = of(documents, "hut")
    meters = [each for each in used.statements["hut"].meters if each.direction == "consumed"]
    (line,) = (each for each in lines.lines if each.member == "hut")
    charge = int((Decimal(line.charge) / 10**4).quantize(Decimal(1), rounding="ROUND_HALF_UP"))
    free = 163
    discount = int((Decimal(charge - free) * 3 / 100).quantize(Decimal(1), rounding="ROUND_HALF_UP"))
    energy = [item for item in hut.items if item.what == "energy"]
    assert [(item.meter, item.quantity, item.price, item.rate) for item in energy] == [
        (each.meter, Decimal(each.shared).scaleb(-3), Decimal("0.163"), STANDARD) for each in meters
    ]
    assert sum(item.net for item in energy) == charge
    fee = Decimal("0.90")
    assert hut.items[2:] == (
        Item("free", "", Decimal("-10.000"), "kWh", Decimal("0.163"), -free, STANDARD),
        Item("discount", "", Decimal(-1), "piece", money(discount), -discount, STANDARD),
        Item("basic_fee", "", Decimal(1), "month", Decimal("2.505"), 251, REDUCED),
        Item("meter_fee", "AT-1", Decimal(1), "month", fee, 90, REDUCED),
        Item("meter_fee", "AT-2", Decimal(1), "month", fee, 90, REDUCED),
    )
    days = (hut.issued, hut.due, hut.first, hut.last)
    assert days == (ISSUED, DUE, FEBRUARY.first, FEBRUARY.last)
    assert (hut.number, hut.seller.id, hut.buyer.id, hut.settled, hut.refers_to) == (
        "",
        "issuer",
        "hut",
        0,
        None,
    )


def test_each_kind_of_document(compute: Compute) -> None:
    _, used, lines, documents = compute()
    assert [(each.member, each.kind) for each in documents] == [
        ("hut", Kind.INVOICE),
        ("house", Kind.INVOICE),
        ("house", Kind.CREDIT),
        ("mill", Kind.INVOICE),
        ("mill", Kind.REVERSE_CHARGE),
    ]
    house, mill = of(documents, "house", Kind.CREDIT), of(documents, "mill", Kind.REVERSE_CHARGE)
    assert [(each.seller.id, each.buyer.id, each.sign) for each in (house, mill)] == [
        ("house", "issuer", -1),
        ("mill", "issuer", -1),
    ]
    assert [item.rate for item in house.items + mill.items] == [Vat("O", 0), Vat("AE", 0)]
    assert (house.vat, mill.vat) == (0, 0)
    assert house.items[0].quantity == Decimal(used.statements["house"].flows["shared_out"]).scaleb(-3)
    assert lines.sums.shared_in == lines.sums.shared_out


def test_a_member_who_owes_vat_is_credited_with_it(compute: Compute) -> None:
    text = COMMUNITY.replace('"reverse-charge"', '"standard"')
    mill = of(compute(text)[3], "mill", Kind.CREDIT)
    assert [item.rate for item in mill.items] == [STANDARD]
    assert money(mill.vat) == vat_of(money(mill.net), 20)


def test_a_rate_of_zero_is_exempt(compute: Compute) -> None:
    text = COMMUNITY.replace('fees_vat = "10%"', 'fees_vat = "0%"\nexemption = "No business"')
    hut = of(compute(text)[3], "hut")
    assert hut.exemption == "No business"
    assert [(each.rate, each.vat > 0) for each in hut.vat_sums] == [(STANDARD, True), (Vat("E", 0), False)]


def test_fees_and_free_energy_are_of_each_month(compute: Compute) -> None:
    winter = rows(date(2026, 1, 1), date(2026, 3, 29))
    hut = of(compute(readings=winter, of="2026-Q1")[3], "hut")
    found = {item.what: (item.quantity, item.net) for item in hut.items}
    assert found["free"] == (Decimal("-30.000"), -489)
    assert found["basic_fee"] == (Decimal(3), 752)
    assert found["meter_fee"] == (Decimal(3), 270)


def test_free_energy_is_no_more_than_there_is(compute: Compute) -> None:
    hut = of(compute(COMMUNITY.replace('free = "10kWh"', 'free = "10000kWh"'))[3], "hut")
    assert sum(item.net for item in hut.items if item.rate == STANDARD) == 0
    assert "discount" not in [item.what for item in hut.items]


def test_what_is_settled_on_the_chain_is_not_to_be_paid_again(compute: Compute) -> None:
    for each in compute(is_posted=True)[3]:
        assert each.settled == sum(item.net for item in each.items if item.what in ("energy", "delivered"))
        assert each.payable == each.gross - each.settled


ITEMS = st.lists(
    st.builds(
        Item,
        st.just("energy"),
        st.just(""),
        st.just(Decimal(1)),
        st.just("kWh"),
        st.just(Decimal(1)),
        st.integers(-(10**6), 10**8),
        st.builds(Vat, st.just("S"), st.sampled_from([500, 1000, 1900])),
    ),
    max_size=8,
)


@PROPERTY
@given(items=ITEMS)
def test_sums_are_those_of_the_lines_and_vat_of_each_rate(items: list[Item], february: February) -> None:
    whole = replace(february[2][0], items=tuple(items))
    rates = {item.rate for item in items}
    assert [each.rate for each in whole.vat_sums] == sorted(rates, key=lambda rate: -rate.rate_bps)
    assert sum(each.net for each in whole.vat_sums) == whole.net == sum(item.net for item in items)
    for each in whole.vat_sums:
        assert money(each.vat) == vat_of(money(each.net), each.rate.rate_bps // 100)
    assert whole.gross == whole.net + sum(each.vat for each in whole.vat_sums)


def test_json_has_all_of_a_document(compute: Compute) -> None:
    for each in compute()[3]:
        written = json.loads(as_json(plain(each)))
        assert document(written) == replace(each, statement=None)
        assert (written["net"], written["vat"], written["gross"]) == (each.net, each.vat, each.gross)


# Corrections


def recomputed(compute: Compute, more_wh: int) -> list[Document]:
    text = rows(FEBRUARY.first, FEBRUARY.end).splitlines(keepends=True)
    noon = next(index for index, line in enumerate(text) if line.startswith("2026-02-12T12:00:00+01:00,AT-2"))
    start, _, consumed = text[noon].rpartition(",")
    text[noon] = f"{start},{int(consumed) + more_wh}\n"
    return compute(readings="".join(text))[3]


def test_a_correction_takes_back_what_differs_and_puts_the_right_one_in_its_place(compute: Compute) -> None:
    billing, _, _, documents = compute(is_posted=True)
    old = numbered(documents, billing, {})
    assert [each.number for each in old] == [
        "R2026-00001",
        "R2026-00002",
        "G2026-00001",
        "R2026-00003",
        "G2026-00002",
    ]
    now = recomputed(compute, 500)
    issued, due = date(2026, 4, 1), date(2026, 4, 15)
    made = corrections(old, now, issued, due, is_posted=False)
    hut, new = made[:2]
    reference = Reference("R2026-00001", ISSUED)
    assert hut == replace(
        old[0],
        number="",
        is_correction=True,
        refers_to=reference,
        issued=issued,
        due=due,
        statement=None,
    )
    assert new == replace(of(now, "hut"), refers_to=reference, issued=issued, due=due, settled=old[0].settled)
    assert new.gross > hut.gross
    taken = {"R2026-": 3, "G2026-": 2}
    assert [each.number for each in numbered(made[:2], billing, taken)] == ["K2026-00001", "R2026-00004"]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(changes=st.lists(st.integers(-80, 5000), min_size=1, max_size=3))
def test_corrections_add_up_to_the_corrected_bill(changes: list[int], compute: Compute) -> None:
    billing, _, _, documents = compute()
    all_of_them = numbered(documents, billing, {})
    now = documents
    for more_wh in changes:
        now = recomputed(compute, more_wh)
        made = corrections(in_force(all_of_them), now, ISSUED, DUE, is_posted=False)
        taken = {"R2026-": len(all_of_them), "G2026-": len(all_of_them), "K2026-": len(all_of_them)}
        all_of_them += numbered(made, billing, taken)
    for member in ("hut", "house", "mill"):
        assert owed(all_of_them, member) == owed(now, member)
    assert [(each.member, each.kind, each.items) for each in in_force_by_slot(all_of_them)] == [
        (each.member, each.kind, each.items) for each in in_force_by_slot(now)
    ]
    numbers = [each.number for each in all_of_them]
    assert len(set(numbers)) == len(numbers)


def owed(documents: list[Document], member: str) -> int:
    return sum(each.sign * each.payable for each in documents if each.member == member)


def in_force_by_slot(documents: list[Document]) -> list[Document]:
    return sorted(in_force(documents), key=lambda each: (each.member, each.kind))


def test_nothing_is_made_of_bills_that_are_right(compute: Compute) -> None:
    billing, _, _, documents = compute()
    assert corrections(numbered(documents, billing, {}), documents, ISSUED, DUE, is_posted=False) == []


def test_what_is_there_no_more_is_taken_back_and_what_is_new_is_added(compute: Compute) -> None:
    billing, _, _, documents = compute()
    old = numbered(documents, billing, {})
    gone = corrections(old[1:], documents[1:-1], ISSUED, DUE, is_posted=False)
    assert [(each.member, each.is_correction) for each in gone] == [("mill", True)]
    new = corrections(old[1:], documents, ISSUED, DUE, is_posted=False)
    assert [(each.member, each.is_correction, each.refers_to) for each in new] == [("hut", False, None)]


# Any community's energy


@st.composite
def usages(draw: st.DrawFn, like: Usage) -> Usage:
    """Other amounts in the place of the community's, of which the same is shared in and out."""
    first, second, mill = (draw(st.integers(0, 10**7)) for _ in range(3))
    house = draw(st.integers(0, first + second + mill))
    shared = {
        "hut": [("AT-1", "consumed", first), ("AT-2", "consumed", second)],
        "house": [("AT-3", "produced", house)],
        "mill": [("AT-4", "consumed", mill), ("AT-4", "produced", first + second + mill - house)],
    }
    return replace(like, statements={name: _with(like, name, amounts) for name, amounts in shared.items()})


def _with(like: Usage, name: str, amounts: list[tuple[str, str, int]]) -> Statement:
    statement = like.statements[name]
    flows = {
        f"shared_{way}": sum(amount for _, direction, amount in amounts if direction == of_it)
        for way, of_it in (("in", "consumed"), ("out", "produced"))
    }
    meters = tuple(
        MeterUse(meter, direction, amount, 0, amount, 0, 0) for meter, direction, amount in amounts
    )
    return replace(statement, flows={**statement.flows, **flows}, meters=meters)


@PROPERTY
@given(data=st.data(), price=st.decimals("0.0001", "2", places=4))
def test_bills_add_up_to_what_is_charged_and_credited(
    data: st.DataObject, price: Decimal, february: February
) -> None:
    billing, like, _ = february
    used = data.draw(usages(like))
    lines = lines_of(used.statements, price, "2026-02")
    for each in lines.lines:
        exact = price * each.shared_in * 1000, price * each.shared_out * 1000
        assert 0 <= each.charge - exact[0] < 1
        assert 0 <= exact[1] - each.credit < 1
    assert lines.sums.shared_in == lines.sums.shared_out
    assert lines.sums.charge >= lines.sums.credit
    documents = bills(used, billing, lines, ISSUED, is_posted=True)
    by_name = {each.member: each for each in lines.lines}
    for each in documents:
        line = by_name[each.member]
        units = line.charge if each.kind is Kind.INVOICE else line.credit
        rounded = (Decimal(units) / 10**6).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
        assert money(each.settled) == rounded
        energy = [item for item in each.items if item.what in ("energy", "delivered")]
        assert sum(item.net for item in energy) == each.settled
        assert each.gross == sum(item.net for item in each.items) + each.vat
