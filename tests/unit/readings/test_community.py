"""What is missing, and what is told twice: done as it was chosen, counted, and never guessed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amalgam.csv_rows import ReadingsError
from amalgam.readings.community import Gap, Meter, community, gathered
from amalgam.readings.model import Counts, Direction, Reading, Readings
from amalgam.readings.policies import Duplicates, Gaps
from amalgam.readings.read import read_files
from amalgam.readings.survey import survey
from amalgam.units import ENERGY

HOUR = timedelta(hours=1)
MIDNIGHT = datetime(2026, 6, 22, tzinfo=UTC)
HEADER = "timestamp,member,generated_Wh,consumed_Wh\n"


def row(hour: int, made: object, used: object, member: str = "hut", quality: str = "") -> str:
    time = (MIDNIGHT + hour * HOUR).isoformat()
    return f"{time},{member},{made},{used}" + (f",{quality}" if quality else "") + "\n"


@pytest.fixture
def gappy(tmp_path: Path) -> Path:
    """Three days of hours; of the second day, 01:00 is not there, and at 02:00 the production."""
    path = tmp_path / "gappy.csv"
    rows = [row(hour, 100 + hour, 200 + hour) for hour in range(72) if hour != 25]
    path.write_text(HEADER + "".join(rows).replace(row(26, 126, 226), row(26, "", 226)))
    return path


def test_a_gap_is_refused_unless_something_is_chosen(gappy: Path) -> None:
    with pytest.raises(ReadingsError) as refused:
        community(read_files([gappy]))
    assert str(refused.value) == (
        "gap: no value of 'hut' (produced) at 2026-06-23 01:00 UTC, 3 values missing in all; "
        "choose --gaps zero, previous-day or leave-out, or give the values"
    )


@pytest.mark.parametrize(
    ("gaps", "produced", "consumed", "counts"),
    [
        (Gaps.ZERO, [124, 0, 0, 127], [224, 0, 226, 227], Counts(141, 0, 3)),
        (Gaps.PREVIOUS_DAY, [124, 101, 102, 127], [224, 201, 226, 227], Counts(141, 0, 3)),
        (Gaps.LEAVE_OUT, [124, 127, 128, 129], [224, 227, 228, 229], Counts(140, 0, 0, 0, 2)),
    ],
)
def test_a_gap_is_treated_as_chosen(
    gappy: Path, gaps: Gaps, produced: list[int], consumed: list[int], counts: Counts
) -> None:
    readings = community(read_files([gappy]), gaps=gaps)
    assert readings.produced[24:28, 0].tolist() == produced
    assert readings.consumed[24:28, 0].tolist() == consumed
    assert readings.counts == (counts,)
    assert len(readings.starts) == 72 - counts.left_out


def test_what_is_filled_counts_as_substituted(gappy: Path) -> None:
    readings = community(read_files([gappy]), gaps=Gaps.ZERO)
    assert np.flatnonzero(readings.quality[:, 0]).tolist() == [25, 26]


def test_a_gap_of_a_day_takes_the_day_before_it_again_and_again(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_text(HEADER + "".join(row(hour, hour, 0) for hour in range(96) if hour // 24 not in (1, 2)))
    readings = community(read_files([path]), gaps=Gaps.PREVIOUS_DAY)
    assert readings.produced[24:72, 0].tolist() == [*range(24), *range(24)]


def test_a_gap_on_the_first_day_has_no_day_before_it(tmp_path: Path) -> None:
    path = tmp_path / "first.csv"
    path.write_text(HEADER + row(0, 1, 1) + row(1, 1, 1) + row(3, 1, 1))
    with pytest.raises(
        ReadingsError, match=r"^gap: no value of 'hut' .* there is no day before it; choose --gaps"
    ):
        community(read_files([path]), gaps=Gaps.PREVIOUS_DAY)


def test_if_every_interval_lacks_something_none_can_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "each.csv"
    path.write_text(HEADER + row(0, "", 1) + row(1, 1, ""))
    with pytest.raises(ReadingsError, match="each interval has one"):
        community(read_files([path]), gaps=Gaps.LEAVE_OUT)


@pytest.mark.parametrize(("duplicates", "kept"), [(Duplicates.FIRST, 5), (Duplicates.LAST, 7)])
@pytest.mark.parametrize("together", [True, False])
def test_a_duplicate_is_treated_as_chosen(
    tmp_path: Path, duplicates: Duplicates, kept: int, together: bool
) -> None:
    """In one file, or in two, as of months that overlap."""
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    first, second = row(0, 1, 1) + row(1, 5, 1), row(1, 7, 1) + row(2, 1, 1)
    if together:
        paths = paths[:1]
        paths[0].write_text(HEADER + first + second)
    else:
        paths[0].write_text(HEADER + first)
        paths[1].write_text(HEADER + second)
    readings = community(read_files(paths), duplicates=duplicates)
    assert readings.produced[:, 0].tolist() == [1, kept, 1]
    assert readings.counts == (Counts(measured=6, duplicates=2),)
    with pytest.raises(ReadingsError) as refused:
        community(read_files(paths))
    place = f"{paths[0]}:4:1" if together else f"{paths[1]}:2:1"
    assert str(refused.value) == (
        f"{place}: a second value of 'hut' at 2026-06-22 01:00 UTC; "
        "keep one of them, or choose --duplicates first or last"
    )


def test_a_value_that_is_missing_is_no_duplicate(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_text(HEADER + row(0, 1, 1) + row(1, "", "") + row(1, 5, 6))
    readings = community(read_files([path]))
    assert readings.produced[:, 0].tolist() == [1, 5]


def test_qualities_are_read_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "told.csv"
    header = HEADER.replace("\n", ",quality\n")
    told = [("measured", 1), ("substituted", 2), ("missing", 3), ("Substituted", 4)]
    path.write_text(
        header + "".join(row(hour, made, 0, quality=word) for hour, (word, made) in enumerate(told))
    )
    readings = community(read_files([path]), gaps=Gaps.ZERO)
    assert readings.produced[:, 0].tolist() == [1, 2, 0, 4]
    assert readings.quality[:, 0].tolist() == [0, 1, 1, 1]
    assert readings.counts == (Counts(measured=2, substituted=4, filled=2),)


def test_meters_of_a_member_are_added_up_and_others_left_away(tmp_path: Path) -> None:
    path = tmp_path / "meters.csv"
    rows = [
        row(hour, 1, 10, "north") + row(hour, 2, 20, "south") + row(hour, 4, 40, "else") for hour in (0, 1)
    ]
    path.write_text(HEADER + "".join(rows))
    readings = community(
        read_files([path]),
        assign=lambda meter: None if meter.name == "else" else Meter("farm", meter.direction),
    )
    assert (readings.members, readings.produced.tolist(), readings.consumed.tolist()) == (
        ("farm",),
        [[3], [3]],
        [[30], [30]],
    )
    with pytest.raises(ReadingsError, match="none of its meters is a member's"):
        community(read_files([path]), assign=lambda _: None)


def test_files_of_different_resources_are_refused(tmp_path: Path) -> None:
    energy, water = tmp_path / "energy.csv", tmp_path / "water.csv"
    energy.write_text(HEADER + row(0, 1, 1) + row(1, 1, 1))
    water.write_text(energy.read_text().replace("generated_Wh,consumed_Wh", "inflow_L,consumed_L"))
    with pytest.raises(ReadingsError) as refused:
        community(read_files([energy, water]))
    assert str(refused.value) == f"{water}: it is of water, and {energy} of energy; replay them apart"


def test_intervals_that_do_not_divide_others_are_refused(tmp_path: Path) -> None:
    ten, fifteen = tmp_path / "ten.csv", tmp_path / "fifteen.csv"
    for path, minutes in ((ten, 10), (fifteen, 15)):
        times = [(MIDNIGHT + number * timedelta(minutes=minutes)).isoformat() for number in range(6)]
        path.write_text(HEADER + "".join(f"{time},{path.stem},1,1\n" for time in times))
    with pytest.raises(ReadingsError) as refused:
        community(read_files([ten, fifteen]), gaps=Gaps.ZERO)
    assert str(refused.value) == (
        f"{ten}: intervals of 10 min do not divide those of 15 min; "
        "give files whose intervals divide the longest one"
    )


def test_a_survey_tells_what_is_there_and_what_is_missing(gappy: Path) -> None:
    found = survey(read_files([gappy]))
    assert [
        (each.meter, each.direction, each.measured, each.missing, each.base_units) for each in found.found
    ] == [
        ("hut", "produced", 70, 2, sum(100 + hour for hour in range(72)) - 125 - 126),
        ("hut", "consumed", 71, 1, sum(200 + hour for hour in range(72)) - 225),
    ]
    at = int((MIDNIGHT + 25 * HOUR).timestamp())
    assert [(file, length, gap) for file, length, gap in found.gaps] == [
        (str(gappy), 3600, Gap(Meter("hut", Direction.PRODUCED), at, 2)),
        (str(gappy), 3600, Gap(Meter("hut", Direction.CONSUMED), at, 1)),
    ]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.decimals(0, 50, places=5), min_size=2, max_size=30))
def test_whole_wh_add_up_to_all_but_a_part_of_one(tmp_path: Path, amounts: list) -> None:
    """Each sum so far is the exact one, rounded down."""
    path = tmp_path / "fine.csv"
    path.write_text(HEADER + "".join(row(hour, f"{amount:f}", 0) for hour, amount in enumerate(amounts)))
    produced = community(read_files([path])).produced[:, 0]
    exact = [int(sum(amounts[: count + 1])) for count in range(len(amounts))]
    assert np.cumsum(produced).tolist() == exact


def test_readings_can_be_made_in_python() -> None:
    readings = [Reading(MIDNIGHT + n * HOUR, name, n, 2 * n) for n in (1, 0) for name in ("inn", "hut")]
    made = Readings.of(ENERGY, HOUR, readings)
    assert (made.members, made.produced.tolist(), made.start(1)) == (
        ("inn", "hut"),
        [[0, 0], [1, 1]],
        MIDNIGHT + HOUR,
    )
    with pytest.raises(ValueError, match=r"^no reading of 'hut' at 2026-06-22 01:00:00"):
        Readings.of(ENERGY, HOUR, readings[:1] + readings[2:])


def test_no_files_are_refused() -> None:
    with pytest.raises(ReadingsError, match=r"^no files of readings; give at least one$"):
        gathered([], duplicates=Duplicates.REFUSE)
