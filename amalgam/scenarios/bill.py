"""The bill of one house for the time that a village has lived, which adds up to its line on the chain."""

from datetime import timedelta
from typing import NamedTuple

from amalgam.billing.bills import bills, numbered
from amalgam.billing.document import Document, MeterUse, Statement
from amalgam.billing.period import Period
from amalgam.billing.posted import Posted, check_posted, lines_of
from amalgam.billing.settings import Billing
from amalgam.billing.usage import Usage, statement_of
from amalgam.readings.model import Counts, Direction
from amalgam.scenarios.village import COINS, Week
from amalgam.sharing.figures import Figures
from amalgam.sharing.settlement import Line


class Bill(NamedTuple):
    """A document, and the line on the chain that it adds up to."""

    document: Document
    line: Line


def bill(week: Week, billing: Billing) -> Bill:
    """The invoice of the house to which most is shared, of those without solar modules if there are any.

    Raises DifferenceError unless the bills of all houses add up to what is posted, to the Wh and base unit.
    """
    houses, _ = week.figures()
    readings = week.readings
    first, last = (readings.start(row).date() for row in (0, -1))
    period = Period(f"{first}/{last}", first, last + timedelta(days=1))
    statements = {
        figures.name: _statement(figures, counts)
        for figures, counts in zip(houses, readings.counts, strict=True)
    }
    posted = Posted(period.name, COINS.payment_decimals, 0, week.lines)
    check_posted(posted, lines_of(statements, billing.energy, period.name, COINS.payment_decimals))
    without = [each for each in houses if not each.produced]
    member = max(without or houses, key=lambda each: each.shared_in).name
    used = Usage(period, {member: statements[member]}, "")
    documents = bills(used, billing, posted, period.end, is_posted=True)
    line = next(each for each in week.lines if each.member == member)
    return Bill(numbered(documents, billing, {})[0], line)


def _statement(figures: Figures, counts: Counts) -> Statement:
    """A house's, whose only meter has its name, and counts in both directions."""
    drawn = MeterUse(
        figures.name,
        Direction.CONSUMED.value,
        figures.consumed,
        figures.own_use,
        figures.shared_in,
        figures.discharged,
        figures.bought,
    )
    given = MeterUse(
        figures.name,
        Direction.PRODUCED.value,
        figures.produced,
        figures.own_use,
        figures.shared_out,
        figures.charged,
        figures.sold,
    )
    values = counts.measured, counts.substituted + counts.filled
    return statement_of(figures, [drawn, given], values, counts.left_out)
