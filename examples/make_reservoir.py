"""Write reservoir.csv: a week of hourly readings of a hamlet with a rainwater pond, from published figures.

    python examples/make_reservoir.py

Consumption: what rain can serve of the 127 L that a person in Germany used a day in 2018 by BDEW, the water
industry: toilets 34 L, laundry 15 L, cleaning and gardens 8 L. Over the day it follows the hourly likelihoods
of water use in Roberts' 2004 Residential End Use Measurement Study (Yarra Valley Water, 2005), as the eWater
Urban Developer tabulates them.

Inflow: the rain on each roof, of which a tiled one sheds 80 % (the runoff coefficient of DIN 1989-100). The
long-term mean of July in Kempten is 140 mm, as the Allgäuer Zeitung's monthly reviews state it: 31.6 mm in a
week.

Evaporation: 5.03 mm a day in July from the open Grimnitzsee near Berlin (Bindemann, 1921). From the pond's
12 m², which it fills a metre deep, that is 0.42 m³ in the week, 2.3 % of the 18.5 m³ that the members
deposit: a replay through 12 m³ credits 97.7 % of them, unless told otherwise.

What the figures leave open is invented: the members, the hours of rain, and how each member's use varies
around its mean, which comes from a fixed seed. Nothing is measured and nothing is fetched.

Columns: timestamp (start of the interval, ISO 8601 with the offset), member, inflow_L, consumed_L.
"""

import csv
import io
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

OUTPUT = Path(__file__).with_name("reservoir.csv")
SEED = 2026
MONDAY = datetime(2026, 7, 6, tzinfo=timezone(timedelta(hours=2)))
HOURS = [MONDAY + timedelta(hours=hour) for hour in range(7 * 24)]
LITRES_A_PERSON_AND_DAY = 34 + 15 + 8
LIKELIHOODS = (  # of use in each hour of the day, from 00:00 on
    *(200, 100, 50, 30, 30, 30, 90, 270, 600, 500, 480, 430),
    *(390, 290, 250, 230, 240, 280, 450, 400, 330, 340, 310, 240),
)
RUNOFF = 0.8
WEEK_RAIN_MM = 140 * 7 / 31
SHOWERS = (  # day of the week from 0, first hour, hours, and share of the week's rain
    (0, 16, 2, 0.20),
    (1, 3, 6, 0.25),
    (3, 18, 1, 0.25),
    (5, 9, 8, 0.30),
)


class Member(NamedTuple):
    """A household or a farm: how many use its water, and the area of its roofs in plan."""

    name: str
    people: int
    roof_m2: int


MEMBERS = (
    Member("house-01", 1, 90),
    Member("house-02", 2, 110),
    Member("house-03", 4, 120),
    Member("house-04", 3, 100),
    Member("house-05", 5, 140),
    Member("flat-01", 2, 0),
    Member("flat-02", 3, 30),
    Member("farm", 6, 420),
)


def rain_mm() -> list[float]:
    """Of each hour of the week."""
    hourly = [0.0] * len(HOURS)
    for day, first, hours, share in SHOWERS:
        for hour in range(first, first + hours):
            hourly[day * 24 + hour] += WEEK_RAIN_MM * share / hours
    return hourly


def inflow_l(member: Member) -> list[int]:
    """What the member's roofs shed in each hour: 1 mm on 1 m² is 1 L."""
    return [round(rain * member.roof_m2 * RUNOFF) for rain in rain_mm()]


def consumed_l(member: Member, rng: random.Random) -> list[int]:
    """What the member uses in each hour; 4x³ of a uniform x averages 1 and is mostly small, seldom large."""
    daily = member.people * LITRES_A_PERSON_AND_DAY
    means = [daily * LIKELIHOODS[start.hour] / sum(LIKELIHOODS) for start in HOURS]
    return [round(mean * 4 * rng.random() ** 3) for mean in means]


def reservoir_csv() -> str:
    """The whole file, ordered by time and then by member."""
    rng = random.Random(SEED)  # noqa: S311 - household habits, not secrets
    columns = [zip(inflow_l(member), consumed_l(member, rng), strict=True) for member in MEMBERS]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["timestamp", "member", "inflow_L", "consumed_L"])
    for start, *volumes in zip(HOURS, *columns, strict=True):
        for member, (inflow, consumed) in zip(MEMBERS, volumes, strict=True):
            writer.writerow([start.isoformat(), member.name, inflow, consumed])
    return text.getvalue()


if __name__ == "__main__":
    OUTPUT.write_bytes(reservoir_csv().encode())
