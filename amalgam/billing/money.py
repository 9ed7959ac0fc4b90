"""Money in whole cents, and whole amounts split without losing one.

Amounts are exact until a line of a bill needs them in cents: then a half is rounded away from zero, as
invoices are. Everything else is sums of these: the net of a rate is the sum of its lines, its VAT is rounded
once (EN 16931, BR-CO-17), and the total is the sum of both.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from amalgam.sharing import reference
from amalgam.sharing.account import BPS

_PER_CENT = 100


def cents(amount: Fraction) -> int:
    """Whole cents of an amount in the currency; a half is rounded away from zero."""
    whole = int(abs(amount) * _PER_CENT + Fraction(1, 2))
    return whole if amount >= 0 else -whole


def money(amount: int) -> Decimal:
    """An amount of cents in the currency."""
    return Decimal(amount).scaleb(-2)


def vat(net: int, rate_bps: int) -> int:
    """VAT in cents on a net amount in cents, at a rate in basis points."""
    return cents(Fraction(net * rate_bps, BPS * _PER_CENT))


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split a total, from 0 up, by weights: the largest remainders get what rounding down leaves.

    Of equal remainders the first gets it. Raises ValueError if there is something to split and no weight.
    """
    if total and not any(weights):
        raise ValueError(f"{total} cannot be split by weights of zero")
    return list(reference.split(total, dict(enumerate(weights))).values())


def cross(rows: Sequence[int], columns: Sequence[int]) -> list[list[int]]:
    """A table with these sums of rows and of columns, in proportion to both.

    Cells are rounded down; what is left of rows and columns is given out from the first of both on. Raises
    ValueError if the two do not have the same sum.
    """
    total = sum(rows)
    if total != sum(columns):
        raise ValueError(f"rows of {total} are not columns of {sum(columns)}")
    cells = [[row * column // total if total else 0 for column in columns] for row in rows]
    lacking = [column - sum(row[index] for row in cells) for index, column in enumerate(columns)]
    for index, row in enumerate(rows):
        left = row - sum(cells[index])
        for column, lacks in enumerate(lacking):
            given = min(left, lacks)
            cells[index][column] += given
            lacking[column] -= given
            left -= given
    return cells
