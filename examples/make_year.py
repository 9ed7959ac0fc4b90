"""Write a year of the village of community.csv, for `amalgam size`.

    python examples/make_year.py year.csv

The models are those of make_community.py. What they leave open is invented and comes from a fixed seed: here
the cloud cover of each day, which is more in winter than in summer, and the air's temperature.
"""

import random
import sys
from pathlib import Path

import make_community as village
import numpy as np
import pandas as pd
import polars as pl
from pvlib import irradiance

SEED = 2026
YEAR = pd.date_range("2026-01-01", "2027-01-01", freq="15min", tz=village.VILLAGE.tz, inclusive="left")
COVER_SUMMER, COVER_WINTER, COVER_DEVIATION = 0.55, 0.8, 0.3  # of the sky; what days differ by
AIR_MEAN_C, AIR_SWING_C = 8, 10


def weather(rng: np.random.Generator) -> pd.DataFrame:
    """As in make_community.py, with the clouds and the air of each day of a year."""
    middles = YEAR + pd.Timedelta(minutes=7.5)
    day = np.asarray(middles.day_of_year)
    winter = (1 + np.cos(2 * np.pi * (day - 15) / 365)) / 2
    of_day = rng.normal(0, COVER_DEVIATION, 367)[day]
    cover = COVER_SUMMER + (COVER_WINTER - COVER_SUMMER) * winter + of_day
    passing = pd.Series(rng.uniform(-0.5, 0.5, len(middles))).ewm(alpha=0.3, adjust=False).mean().to_numpy()
    transmission = 1 - 0.75 * np.clip(cover + passing, 0, 1) ** 3.4
    ghi = village.VILLAGE.get_clearsky(middles)["ghi"] * transmission
    split = irradiance.erbs(ghi, village.VILLAGE.get_solarposition(middles)["zenith"], middles)
    air = AIR_MEAN_C + AIR_SWING_C * (1 - 2 * winter)
    return split[["dni", "dhi"]].assign(ghi=ghi, temp_air=air, wind_speed=village.WIND_SPEED_M_S)


def write_year(path: Path) -> None:
    """Write the whole file, ordered by time and then by member."""
    village.QUARTER_HOURS = YEAR
    sky, rng = weather(np.random.default_rng(SEED)), random.Random(SEED)  # noqa: S311 - weather, not secrets
    members = village.MEMBERS
    generated = np.array([village.generated_wh(member, sky) for member in members], np.int64)
    consumed = np.array([village.consumed_wh(member, rng) for member in members], np.int64)
    starts, names = (
        pl.Series([start.isoformat() for start in YEAR]),
        pl.Series([each.name for each in members]),
    )
    pl.DataFrame(
        {
            "timestamp": starts.gather(np.repeat(np.arange(len(YEAR)), len(members))),
            "member": names.gather(np.tile(np.arange(len(members)), len(YEAR))),
            "generated_Wh": generated.T.reshape(-1),
            "consumed_Wh": consumed.T.reshape(-1),
        }
    ).write_csv(path)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python examples/make_year.py FILE")
    write_year(Path(sys.argv[1]))
