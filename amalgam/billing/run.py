"""A run: all documents of a period, and the files that they are written as."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from amalgam.billing import cii, tables
from amalgam.billing.document import Document, as_json, plain
from amalgam.billing.pdf import Setter
from amalgam.billing.posted import Posted
from amalgam.billing.settings import Billing
from amalgam.sharing.settings import Settings

FORMAT = 1  # of run.json
CONTENT = "run.json"


class State(StrEnum):
    """What a run is."""

    PREVIEW = "preview"
    FINAL = "final"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Run:
    """All documents of a period.

    Attributes:
        community: Its name.
        period: As it is written.
        issued: The date on the documents.
        terms: How energy is shared and what each member pays and gets, as `terms_of` has it.
        lines: What is charged and credited for shared energy.
        is_posted: Whether these lines are posted, and equal to those of the readings.
        policies: For gaps and duplicates, by name.
        missing: Of what the readings are, if that is not the whole period.
    """

    state: State
    community: str
    period: str
    issued: date
    terms: dict[str, Any]
    lines: Posted
    is_posted: bool
    policies: dict[str, str]
    missing: str
    documents: Sequence[Document]


def terms_of(settings: Settings, billing: Billing) -> dict[str, Any]:
    """What a correction has in common with what it corrects: how energy is shared, and its price."""
    return {
        "key": repr(settings.key),
        "factors_bps": dict(settings.factors_bps),
        "currency": billing.currency,
        "exemption": billing.exemption,
        "members": {name: customer.terms.plain() for name, customer in billing.customers.items()},
    }


def plain_run(run: Run) -> dict[str, Any]:
    """The run for JSON."""
    documents = [plain(document) for document in run.documents]
    return (
        {"format": FORMAT}
        | {
            name: getattr(run, name)
            for name in (
                "state",
                "community",
                "period",
                "issued",
                "policies",
                "missing",
                "is_posted",
                "terms",
            )
        }
        | {"lines": run.lines.plain(), "documents": documents}
    )


def files(run: Run) -> Iterator[tuple[str, bytes]]:
    """The files of a run, by name: each document as PDF, and as XML once it has a number; then tables."""
    setter = Setter()
    for index, document in enumerate(run.documents, 1):
        name = document.number or f"{index:04}-{document.kind}"
        yield f"{name}.pdf", setter.pdf(document)
        if document.number:
            yield f"{name}.xml", cii.xml(document)
    yield "documents.csv", tables.csv(tables.documents(run.documents))
    yield "items.csv", tables.csv(tables.items(run.documents))
    yield "energy.csv", tables.csv(tables.energy(run.documents))
    yield "bills.xlsx", tables.workbook(run.documents, run.issued)
    yield CONTENT, as_json(plain_run(run)).encode()
