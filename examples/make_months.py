"""Write readings of June and July 2026: the week of community.csv, again and again.

python examples/make_months.py FOLDER

2026-06.csv               June
2026-06-corrected.csv     the same, in which a meter is read anew: house-01 drew 1 kWh more
2026-07.csv               July
"""

import csv
import sys
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path

WEEK = Path(__file__).with_name("community.csv")
QUARTER = timedelta(minutes=15)
CORRECTED = "2026-06-24T12:00:00+02:00", "house-01"  # at noon there is energy to share
MORE_WH = 1000

Row = tuple[str, str, int, int]


def week() -> tuple[list[str], list[list[Row]]]:
    """The week's columns, and its rows for each quarter-hour of the clock from Monday on."""
    with WEEK.open(newline="") as file:
        titles, *rows = csv.reader(file)
    quarters: dict[str, list[Row]] = {}
    for time, member, produced, consumed in rows:
        quarters.setdefault(time, []).append((time, member, int(produced), int(consumed)))
    return titles, list(quarters.values())


def month(quarters: list[list[Row]], first: datetime, end: datetime) -> list[Row]:
    """The rows of a month, whose days are as those of the week."""
    skipped = first.weekday() * 96
    again = cycle(quarters[skipped:] + quarters[:skipped])
    count = (end - first) // QUARTER
    return [
        ((first + index * QUARTER).isoformat(), *row[1:])
        for index, rows in zip(range(count), again, strict=False)
        for row in rows
    ]


def corrected(rows: list[Row]) -> list[Row]:
    """With the value that was read anew."""
    return [(*row[:3], row[3] + MORE_WH) if row[:2] == CORRECTED else row for row in rows]


def main(folder: Path) -> None:
    """Write all files into a folder, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    titles, quarters = week()
    june, july, august = (datetime.fromisoformat(f"2026-{number:02}-01T00:00+02:00") for number in (6, 7, 8))
    files = {
        "2026-06.csv": month(quarters, june, july),
        "2026-06-corrected.csv": corrected(month(quarters, june, july)),
        "2026-07.csv": month(quarters, july, august),
    }
    for name, rows in files.items():
        with (folder / name).open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([titles, *rows])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
