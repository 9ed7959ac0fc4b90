"""What members have used in a period: meter by meter it adds up, and the battery keeps what was before."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from amalgam.billing.document import MeterUse
from amalgam.billing.usage import UsageError
from amalgam.readings.policies import Gaps
from amalgam.sharing.account import Flows
from tests.unit.billing.conftest import COMMUNITY, FEBRUARY, USES, Compute, rows

DAYS = 28


def test_each_members_energy_comes_from_somewhere_and_goes_somewhere(compute: Compute) -> None:
    _, used, _, _ = compute()
    assert list(used.statements) == ["hut", "house", "mill"]
    assert used.missing == ""
    for statement in used.statements.values():
        flows = statement.flows
        assert set(flows) == {each.name for each in fields(Flows)}
        assert flows["consumed"] == (
            flows["own_use"] + flows["shared_in"] + flows["discharged"] + flows["bought"]
        )
        assert flows["produced"] == flows["own_use"] + flows["shared_out"] + flows["charged"] + flows["sold"]
    hours = 24 * sum(range(1, DAYS + 1))
    hut = used.statements["hut"].flows
    assert (hut["produced"], hut["consumed"]) == (
        0,
        2 * hours + DAYS * (7 * (300 + 77) + 17 * (101 + 33)),
    )
    assert hut["shared_in"] > 0


def test_meters_add_up_to_their_members_flows(compute: Compute) -> None:
    _, used, _, _ = compute()
    for statement in used.statements.values():
        flows = statement.flows
        for direction, names in (
            ("consumed", ("consumed", "own_use", "shared_in", "discharged", "bought")),
            ("produced", ("produced", "own_use", "shared_out", "charged", "sold")),
        ):
            uses = [each for each in statement.meters if each.direction == direction]
            amounts = [name.name for name in fields(MeterUse)][2:]
            sums = [sum(getattr(each, name) for each in uses) for name in amounts]
            assert sums == [flows[name] for name in names]
            for each in uses:
                assert each.total == each.own_use + each.shared + each.battery + each.grid
    first, second = (each for each in used.statements["hut"].meters if each.direction == "consumed")
    assert (first.meter, second.meter) == ("AT-1", "AT-2")
    assert first.total > second.total > 0
    assert first.shared > second.shared > 0


def test_figures_are_rounded_for_people(compute: Compute) -> None:
    house = compute()[1].statements["house"]
    flows = house.flows
    supplied = 1 - Decimal(flows["bought"]) / flows["consumed"]
    assert house.self_sufficiency == supplied.quantize(Decimal("0.0001"))
    need, surplus = flows["consumed"] - flows["own_use"], flows["produced"] - flows["own_use"]
    saved = (
        Decimal("0.30") * (need - flows["bought"])
        - Decimal("0.08") * (surplus - flows["sold"])
        - Decimal("0.163") * (flows["shared_in"] - flows["shared_out"])
    )
    assert house.savings == (saved / 10).quantize(Decimal(1), rounding="ROUND_HALF_UP")
    assert house.co2_g == round(Decimal(need - flows["bought"]) / 10)
    assert compute()[1].statements["hut"].self_consumption is None
    assert (house.measured, house.substituted, house.left_out) == (2 * DAYS * 24, 0, 0)


def test_the_battery_has_what_was_stored_before_the_period(compute: Compute) -> None:
    alone = compute(readings=rows(FEBRUARY.first, FEBRUARY.end))[1].statements["house"]
    longer = compute(readings=rows(date(2026, 1, 30), date(2026, 3, 2)))[1]
    after = longer.statements["house"]
    assert longer.missing == ""
    assert after.flows["consumed"] == alone.flows["consumed"]
    assert after.flows["shared_out"] == alone.flows["shared_out"]
    assert after.flows["discharged"] > alone.flows["discharged"]


def test_a_day_of_23_hours_is_whole(compute: Compute) -> None:
    march = rows(date(2026, 3, 1), date(2026, 4, 1)).splitlines()
    without_the_last_hour = "\n".join(march[: -len(USES)])  # it is 1 April by then, in summer time
    used = compute(readings=without_the_last_hour, of="2026-03")[1]
    assert used.missing == ""
    assert used.statements["mill"].measured == 2 * (31 * 24 - 1)


def test_what_is_not_there_is_told(compute: Compute) -> None:
    used = compute(readings=rows(date(2026, 2, 3), date(2026, 2, 27)))[1]
    assert used.missing == "from 2026-02-03 00:00 to 2026-02-27 00:00"


def test_intervals_that_are_left_out_are_counted_and_values_that_are_filled(compute: Compute) -> None:
    gap = "2026-02-12T10:00:00+01:00,AT-2"
    text = "".join(
        line
        for line in rows(FEBRUARY.first, FEBRUARY.end).splitlines(keepends=True)
        if not line.startswith(gap)
    )
    left_out = compute(readings=text, gaps=Gaps.LEAVE_OUT)[1]
    assert left_out.missing == ""
    mill = left_out.statements["mill"]
    assert (mill.measured, mill.substituted, mill.left_out) == (2 * (DAYS * 24 - 1), 0, 1)
    hut = compute(readings=text, gaps=Gaps.PREVIOUS_DAY)[1].statements["hut"]
    assert (hut.measured, hut.substituted, hut.left_out) == (4 * DAYS * 24 - 2, 2, 0)


@pytest.mark.parametrize(
    ("text", "readings", "of", "message"),
    [
        (COMMUNITY, None, "2026-03", "no readings of 2026-03; give files of it, or choose another period"),
        (
            COMMUNITY.replace('"AT-2"', '"AT-9"'),
            None,
            "2026-02",
            "meter AT-9 of hut has no readings; give them, or remove it",
        ),
        (
            COMMUNITY,
            rows(FEBRUARY.first, date(2026, 2, 2)).replace("generated_Wh,consumed_Wh", "inflow_L,consumed_L"),
            "2026-02",
            "{folder}/other.csv: it is of water; only energy is billed",
        ),
    ],
)
def test_what_cannot_be_billed_is_refused(
    compute: Compute, folder: Path, text: str, readings: str | None, of: str, message: str
) -> None:
    with pytest.raises(UsageError) as refused:
        compute(text, readings, of=of)
    assert str(refused.value) == message.format(folder=folder)
