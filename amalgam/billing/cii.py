"""A document as XML by EN 16931, in the syntax of UN/CEFACT's Cross Industry Invoice (D16B).

An invoice is type 380 and its correction 381; a credit note, which the community issues in its member's name,
is a self-billed invoice, 389, and its correction 261. Amounts of corrections are not negative, as the norm
has it. Of who is outside the scope of VAT (category O) no VAT identifier may be told (BR-O-02 to BR-O-04).
"""

from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

from amalgam.billing.document import Document, Item, Kind, Reference, VatSum
from amalgam.billing.money import money
from amalgam.billing.settings import Party
from amalgam.billing.words import word

_PROFILE = "urn:cen.eu:en16931:2017"
_NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
_TYPES = {  # UNTDID 1001, of documents and of their corrections
    Kind.INVOICE: ("380", "381"),
    Kind.CREDIT: ("389", "261"),
    Kind.REVERSE_CHARGE: ("389", "261"),
}
_UNITS = {"kWh": "KWH", "month": "MON", "piece": "C62"}  # UN/ECE recommendation 20
_TRANSFER = "58"  # SEPA, of UNTDID 4461

_Node = ElementTree.Element


def xml(document: Document) -> bytes:
    """The document as UTF-8."""
    root = ElementTree.Element("rsm:CrossIndustryInvoice")
    for prefix, name in _NAMESPACES.items():
        root.set(f"xmlns:{prefix}", name)
    context = _add(root, "rsm:ExchangedDocumentContext")
    _add(_add(context, "ram:GuidelineSpecifiedDocumentContextParameter"), "ram:ID", _PROFILE)
    head = _add(root, "rsm:ExchangedDocument")
    _add(head, "ram:ID", document.number)
    _add(head, "ram:TypeCode", _TYPES[document.kind][document.is_correction])
    _add_date(_add(head, "ram:IssueDateTime"), document.issued)
    transaction = _add(root, "rsm:SupplyChainTradeTransaction")
    for index, item in enumerate(document.items, 1):
        _add_line(transaction, index, item, document)
    agreement = _add(transaction, "ram:ApplicableHeaderTradeAgreement")
    tells_vat_id = all(item.rate.category != "O" for item in document.items)
    _add_party(agreement, "ram:SellerTradeParty", document.seller, tells_vat_id)
    _add_party(agreement, "ram:BuyerTradeParty", document.buyer, tells_vat_id)
    delivery = _add(transaction, "ram:ApplicableHeaderTradeDelivery")
    delivered = _add(_add(delivery, "ram:ActualDeliverySupplyChainEvent"), "ram:OccurrenceDateTime")
    _add_date(delivered, document.last)
    _add_settlement(transaction, document)
    ElementTree.indent(root)
    return ElementTree.tostring(root, "utf-8", xml_declaration=True) + b"\n"


def _add(parent: _Node, tag: str, text: str | None = None, **attributes: str) -> _Node:
    node = ElementTree.SubElement(parent, tag, attributes)
    node.text = text
    return node


def _add_date(parent: _Node, day: date, kind: str = "udt") -> None:
    _add(parent, f"{kind}:DateTimeString", f"{day:%Y%m%d}", format="102")


def _add_line(transaction: _Node, index: int, item: Item, document: Document) -> None:
    line = _add(transaction, "ram:IncludedSupplyChainTradeLineItem")
    _add(_add(line, "ram:AssociatedDocumentLineDocument"), "ram:LineID", str(index))
    product = _add(line, "ram:SpecifiedTradeProduct")
    _add(product, "ram:Name", word(document.language, item.what))
    if item.meter:
        _add(product, "ram:Description", item.meter)
    price = _add(_add(line, "ram:SpecifiedLineTradeAgreement"), "ram:NetPriceProductTradePrice")
    _add(price, "ram:ChargeAmount", f"{item.price:f}")
    delivery = _add(line, "ram:SpecifiedLineTradeDelivery")
    _add(delivery, "ram:BilledQuantity", f"{item.quantity:f}", unitCode=_UNITS[item.unit])
    settlement = _add(line, "ram:SpecifiedLineTradeSettlement")
    tax = _add(settlement, "ram:ApplicableTradeTax")
    _add(tax, "ram:TypeCode", "VAT")
    _add(tax, "ram:CategoryCode", item.rate.category)
    if item.rate.category != "O":
        _add(tax, "ram:RateApplicablePercent", _percent(item.rate.rate_bps))
    sums = _add(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation")
    _add(sums, "ram:LineTotalAmount", _money(item.net))


def _add_party(agreement: _Node, tag: str, party: Party, tells_vat_id: bool) -> None:
    node = _add(agreement, tag)
    _add(node, "ram:ID", party.id)
    _add(node, "ram:Name", party.name)
    address = _add(node, "ram:PostalTradeAddress")
    _add(address, "ram:PostcodeCode", party.postcode)
    _add(address, "ram:LineOne", party.street)
    _add(address, "ram:CityName", party.city)
    _add(address, "ram:CountryID", party.country)
    if party.email:
        contact = _add(node, "ram:URIUniversalCommunication")
        _add(contact, "ram:URIID", party.email, schemeID="EM")
    is_seller = tag == "ram:SellerTradeParty"
    for scheme, id in (("VA", party.vat_id), ("FC", party.tax_number if is_seller else "")):
        if id and tells_vat_id:
            _add(_add(node, "ram:SpecifiedTaxRegistration"), "ram:ID", id, schemeID=scheme)


def _add_settlement(transaction: _Node, document: Document) -> None:
    settlement = _add(transaction, "ram:ApplicableHeaderTradeSettlement")
    _add(settlement, "ram:PaymentReference", document.number)
    _add(settlement, "ram:InvoiceCurrencyCode", document.currency)
    payee = document.buyer if document.is_correction else document.seller
    if payee.iban and document.payable > 0:
        means = _add(settlement, "ram:SpecifiedTradeSettlementPaymentMeans")
        _add(means, "ram:TypeCode", _TRANSFER)
        _add(_add(means, "ram:PayeePartyCreditorFinancialAccount"), "ram:IBANID", payee.iban)
    for each in document.vat_sums:
        _add_tax(settlement, each, document)
    period = _add(settlement, "ram:BillingSpecifiedPeriod")
    _add_date(_add(period, "ram:StartDateTime"), document.first)
    _add_date(_add(period, "ram:EndDateTime"), document.last)
    terms = _add(settlement, "ram:SpecifiedTradePaymentTerms")
    _add_date(_add(terms, "ram:DueDateDateTime"), document.due)
    sums = _add(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    _add(sums, "ram:LineTotalAmount", _money(document.net))
    _add(sums, "ram:TaxBasisTotalAmount", _money(document.net))
    _add(sums, "ram:TaxTotalAmount", _money(document.vat), currencyID=document.currency)
    _add(sums, "ram:GrandTotalAmount", _money(document.gross))
    _add(sums, "ram:TotalPrepaidAmount", _money(document.settled))
    _add(sums, "ram:DuePayableAmount", _money(document.payable))
    if document.refers_to:
        _add_reference(settlement, document.refers_to)


def _add_tax(settlement: _Node, each: VatSum, document: Document) -> None:
    category = each.rate.category
    tax = _add(settlement, "ram:ApplicableTradeTax")
    _add(tax, "ram:CalculatedAmount", _money(each.vat))
    _add(tax, "ram:TypeCode", "VAT")
    reasons = {
        "E": document.exemption,
        "AE": word(document.language, "AE"),
        "O": word(document.language, "O"),
    }
    if category in reasons:
        _add(tax, "ram:ExemptionReason", reasons[category])
    _add(tax, "ram:BasisAmount", _money(each.net))
    _add(tax, "ram:CategoryCode", category)
    if category != "O":
        _add(tax, "ram:RateApplicablePercent", _percent(each.rate.rate_bps))


def _add_reference(settlement: _Node, reference: Reference) -> None:
    node = _add(settlement, "ram:InvoiceReferencedDocument")
    _add(node, "ram:IssuerAssignedID", reference.number)
    _add_date(_add(node, "ram:FormattedIssueDateTime"), reference.issued, "qdt")


def _money(cents: int) -> str:
    return f"{money(cents):f}"


def _percent(rate_bps: int) -> str:
    return f"{Decimal(rate_bps).scaleb(-2):f}"
