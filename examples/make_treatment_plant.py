"""Write treatment_plant.csv: four weeks of weighings at a valley's composting plant, from published figures.

    python examples/make_treatment_plant.py

Deliveries: in Germany in 2020 each inhabitant gave 64 kg to the biowaste bin and 64 kg of garden and park
waste to separate collection, by the waste statistics of the federal ministry of the environment (BMUV). Each
village's bins are emptied every other week, on its own weekday; garden waste comes on Saturdays.

Treatment: on working days, 250 a year, each village has a share of the plant's throughput that treats in a
year what the village delivers in a year, less what is sorted out.

Sorted out on arrival are 3 %: so much that is no biowaste Germany's biowaste ordinance admits in a delivery
(BioAbfV, as amended in 2022). A replay credits 97 %, unless told otherwise.

What the figures leave open is invented: the villages, their days, and how each delivery varies around its
mean, which comes from a fixed seed. Nothing is measured and nothing is fetched.

Columns: timestamp (start of the day, ISO 8601 with the offset), member, delivered_kg, treatment_kg. The
latter is what the share of the throughput allows: a replay tells how much of it found waste to treat.
"""

import csv
import io
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

OUTPUT = Path(__file__).with_name("treatment_plant.csv")
SEED = 2026
FIRST = datetime(2026, 6, 1, tzinfo=timezone(timedelta(hours=2)))  # a Monday
DAYS = [FIRST + timedelta(days=day) for day in range(28)]
BIN_KG = 64  # an inhabitant and year
GARDEN_KG = 64
SORTED_OUT = 0.03
WORKING_DAYS = 250  # a year
SATURDAY = 5


class Village(NamedTuple):
    """Inhabitants, and when their bins are emptied: a day of two weeks, counted from the first Monday."""

    name: str
    inhabitants: int
    round_day: int


VILLAGES = (
    Village("oberdorf", 1_100, 0),
    Village("hofen", 1_900, 1),
    Village("muehlen", 2_400, 3),
    Village("sonnau", 800, 7),
    Village("neukirch", 3_100, 9),
    Village("weiler", 450, 11),
)


def delivered_kg(village: Village, rng: random.Random) -> list[int]:
    """What comes in from the village each day, each load within 30 % of its mean."""
    masses: list[int] = []
    for day, start in enumerate(DAYS):
        mean = 0.0
        if day % 14 == village.round_day:
            mean += BIN_KG * village.inhabitants / 26
        if start.weekday() == SATURDAY:
            mean += GARDEN_KG * village.inhabitants / 52
        masses.append(round(mean * rng.uniform(0.7, 1.3)))
    return masses


def treatment_kg(village: Village) -> list[int]:
    """The village's share of each day's throughput."""
    yearly = (BIN_KG + GARDEN_KG) * village.inhabitants * (1 - SORTED_OUT)
    return [round(yearly / WORKING_DAYS) if start.weekday() < SATURDAY else 0 for start in DAYS]


def treatment_plant_csv() -> str:
    """The whole file, ordered by time and then by village."""
    rng = random.Random(SEED)  # noqa: S311 - loads, not secrets
    columns = [zip(delivered_kg(each, rng), treatment_kg(each), strict=True) for each in VILLAGES]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["timestamp", "member", "delivered_kg", "treatment_kg"])
    for start, *masses in zip(DAYS, *columns, strict=True):
        for village, (delivered, treatment) in zip(VILLAGES, masses, strict=True):
            writer.writerow([start.isoformat(), village.name, delivered, treatment])
    return text.getvalue()


if __name__ == "__main__":
    OUTPUT.write_bytes(treatment_plant_csv().encode())
