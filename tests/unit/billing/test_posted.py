"""Posted lines: the bills add up to them to the unit, or the first that differs is named."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amalgam.billing.posted import (
    DifferenceError,
    Posted,
    PostedError,
    check_posted,
    lines_of,
    load_posted,
)
from amalgam.sharing.settlement import Line
from tests.unit.billing.conftest import Compute

LINES = [Line("hut", 100, 0, 16, 0), Line("farm", 0, 100, 0, 16)]
OWN = Posted("2026-02", 2, 0, LINES)
CONTENT = {"period": "2026-02", "decimals": 2, "fee_bps": 0, "lines": [line._asdict() for line in LINES]}


def load(path: Path, content: Any) -> Posted:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return load_posted(path)


def test_a_file_of_lines(tmp_path: Path) -> None:
    found = load(tmp_path / "lines.json", CONTENT)
    assert found == OWN
    assert found.plain() == CONTENT
    assert found.sums == Line("All", 100, 100, 16, 16)
    assert found.tokens(16) == Decimal("0.16")
    check_posted(found, OWN)


def test_lines_are_compared_in_any_order() -> None:
    check_posted(Posted("2026-02", 2, 0, LINES[::-1]), OWN)


REMEDY = "; give the readings and the price of that posting, or post it anew"


@pytest.mark.parametrize(
    ("posted", "message"),
    [
        (
            Posted("2026-01", 2, 0, LINES),
            "the posted lines are of 2026-01, not of 2026-02; give those of it",
        ),
        (Posted("2026-02", 2, 0, LINES[:1]), "farm has no posted line; post it before the period is billed"),
        (
            Posted("2026-02", 2, 0, [*LINES, Line("eve", 0, 0, 0, 0)]),
            "a line of eve is posted, who has no readings; give them",
        ),
        (
            Posted("2026-02", 2, 0, [LINES[0]._replace(charge=17), LINES[1]._replace(credit=17)]),
            "hut: charge is posted as 17 base units, and is 16 by the readings" + REMEDY,
        ),
        (
            Posted("2026-02", 2, 0, [LINES[0], LINES[1]._replace(shared_out=99)]),
            "farm: shared_out is posted as 99 Wh, and is 100 by the readings" + REMEDY,
        ),
    ],
)
def test_the_first_line_that_differs_is_named(posted: Posted, message: str) -> None:
    with pytest.raises(DifferenceError) as refused:
        check_posted(posted, OWN)
    assert str(refused.value) == message


@given(st.sampled_from(range(len(LINES))), st.sampled_from(Line._fields[1:]), st.integers(1, 10**9))
def test_no_difference_is_too_small(index: int, name: str, more: int) -> None:
    lines = list(LINES)
    lines[index] = lines[index]._replace(**{name: getattr(lines[index], name) + more})
    with pytest.raises(DifferenceError, match=f"^{lines[index].member}: {name} is posted as "):
        check_posted(Posted("2026-02", 2, 0, lines), OWN)


def test_charges_are_rounded_up_and_credits_down_to_a_unit(compute: Compute) -> None:
    _, used, lines, _ = compute()
    for line in lines.lines:
        flows = used.statements[line.member].flows
        assert (line.shared_in, line.shared_out) == (flows["shared_in"], flows["shared_out"])
        assert line.charge == flows["shared_in"] * 163  # of 0.000001: nothing to round at six decimals
        assert line.credit == flows["shared_out"] * 163


def test_credits_are_less_the_fee_rounded_down(compute: Compute) -> None:
    billing, used, without, _ = compute()
    lines = lines_of(used.statements, billing.energy, "2026-02", decimals=2, fee_bps=333)
    for line, whole in zip(lines.lines, without.lines, strict=True):
        assert line.charge == -(-whole.charge // 10_000)
        assert line.credit == whole.credit * 9_667 // 10_000 // 10_000
    assert lines.credited(Decimal("0.163")) == Decimal("0.1575721")
    assert without.credited(Decimal("0.1630")) == Decimal("0.1630")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '{"period": 1,',
            "not JSON: Expecting property name enclosed in double quotes: line 1 column 14 (char 13); "
            "correct it",
        ),
        ([], "it is no object; write it as the head of amalgam/billing/posted.py has it"),
        ({}, "decimals is missing; add it"),
        (
            {**CONTENT, "price": 1},
            "price is not one of decimals, fee_bps, lines, period; remove or correct it",
        ),
        ({**CONTENT, "period": 2026}, "period is not a text; put it in quotes"),
        (
            {**CONTENT, "decimals": 19},
            "decimals = 19 is not a whole number within 0 to 18; correct it",
        ),
        (
            {**CONTENT, "fee_bps": 10_001},
            "fee_bps = 10001 is not a whole number within 0 to 10000; correct it",
        ),
        ({**CONTENT, "lines": {}}, "lines is not a list; write it in [ ]"),
        ({**CONTENT, "lines": [1]}, "lines[0] is no object; write it in { }"),
        (
            {**CONTENT, "lines": [LINES[0]._asdict(), {**LINES[1]._asdict(), "credit": -1}]},
            "lines[1]: credit = -1 is not a whole number within 0 to 18446744073709551615; correct it",
        ),
        (
            {**CONTENT, "lines": [{**LINES[0]._asdict(), "charge": True}]},
            "lines[0]: charge = True is not a whole number within 0 to 18446744073709551615; correct it",
        ),
        ({**CONTENT, "lines": [{"member": "hut"}]}, "lines[0]: charge is missing; add it"),
        ({**CONTENT, "lines": [LINES[0]._asdict()] * 2}, "member hut has two lines; keep one"),
    ],
)
def test_a_file_that_is_unusable_is_refused(tmp_path: Path, content: Any, message: str) -> None:
    path = tmp_path / "lines.json"
    with pytest.raises(PostedError) as refused:
        load(path, content)
    assert str(refused.value) == f"{path}: {message}"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PostedError) as refused:
        load_posted(tmp_path / "none.json")
    assert str(refused.value) == (
        f"{tmp_path / 'none.json'}: No such file or directory; give the path of a readable JSON file"
    )
