"""Write community.csv: a week of quarter-hour meter readings of a village community, from published models.

    python examples/make_community.py

Consumption: BDEW's standard load profiles of 2025 for households (H25), trade (G25) and farms (L25), as
demandlib implements them, scaled to each member's yearly consumption. Such a profile is the mean of many
customers, so half of it is varied at random, keeping its mean, to give each member a course of its own.

Generation: pvlib's PVWatts chain (14 % system losses) under Ineichen's clear sky for Wildpoldsried, Bavaria,
dimmed by clouds after Kasten and Czeplak (Solar Energy 24, 1980), split into beam and diffuse light after
Erbs, Klein and Duffie (Solar Energy 28, 1982).

What the models leave open is invented: the members, the week's cloud cover, air and wind, and the variation,
which comes from a fixed seed. Nothing is measured and nothing is fetched. The same versions of demandlib and
pvlib write the same bytes.

Columns: timestamp (start of the interval, ISO 8601 with the offset), member, generated_Wh, consumed_Wh.
"""

import csv
import io
import random
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from demandlib.bdew import G25, H25, L25
from pvlib import irradiance
from pvlib.location import Location
from pvlib.modelchain import ModelChain
from pvlib.pvsystem import PVSystem
from pvlib.temperature import TEMPERATURE_MODEL_PARAMETERS

OUTPUT = Path(__file__).with_name("community.csv")
SEED = 2026
VILLAGE = Location(latitude=47.768, longitude=10.397, altitude=724, tz="Europe/Berlin", name="Wildpoldsried")
QUARTER_HOURS = pd.date_range("2026-06-22", periods=7 * 96, freq="15min", tz=VILLAGE.tz)  # Monday to Sunday
CLOUD_COVER_OKTAS = (2, 6, 8, 7, 4, 8, 1)  # one a day; 8 is overcast
AIR_TEMPERATURE_C = 20
WIND_SPEED_M_S = 2
PROFILE_KWH = 1_000_000  # a year's energy of demandlib's profiles of 2025


class Member(NamedTuple):
    """A customer: its load profile and, where it has one, its solar plant."""

    name: str
    profile: type
    consumption_kwh: int  # a year
    peak_kw: float = 0  # of the solar modules
    tilt_deg: int = 0
    azimuth_deg: int = 180  # clockwise from north


MEMBERS = (
    Member("house-01", H25, 2_000),
    Member("house-02", H25, 2_600, 2.0, 35, 180),
    Member("house-03", H25, 2_900),
    Member("house-04", H25, 3_200, 4.2, 30, 200),
    Member("house-05", H25, 3_500, 5.6, 40, 165),
    Member("house-06", H25, 3_800),
    Member("house-07", H25, 4_100, 7.4, 35, 225),
    Member("house-08", H25, 4_600, 8.2, 25, 95),
    Member("house-09", H25, 5_200, 9.6, 20, 270),
    Member("house-10", H25, 6_000, 6.4, 45, 180),
    Member("shop", G25, 9_000, 5.0, 10, 180),
    Member("farm", L25, 12_000, 10.0, 30, 135),
)


def weather(rng: random.Random) -> pd.DataFrame:
    """Irradiance in W/m², taken at the middle of each interval; air and wind as the solar cells feel them."""
    middles = QUARTER_HOURS + pd.Timedelta(minutes=7.5)
    passing_cloud = 0.0
    transmission: list[float] = []
    for quarter_hour in range(len(middles)):
        passing_cloud = 0.7 * passing_cloud + 0.3 * (rng.random() - 0.5)
        cover = CLOUD_COVER_OKTAS[quarter_hour // 96] / 8 + passing_cloud
        transmission.append(1 - 0.75 * min(max(cover, 0.0), 1.0) ** 3.4)
    ghi = VILLAGE.get_clearsky(middles)["ghi"] * transmission
    split = irradiance.erbs(ghi, VILLAGE.get_solarposition(middles)["zenith"], middles)
    return split[["dni", "dhi"]].assign(ghi=ghi, temp_air=AIR_TEMPERATURE_C, wind_speed=WIND_SPEED_M_S)


def generated_wh(member: Member, sky: pd.DataFrame) -> list[int]:
    """Energy of each quarter-hour at the inverter's output, in Wh."""
    if not member.peak_kw:
        return [0] * len(QUARTER_HOURS)
    peak_w = member.peak_kw * 1000
    system = PVSystem(
        surface_tilt=member.tilt_deg,
        surface_azimuth=member.azimuth_deg,
        module_parameters={"pdc0": peak_w, "gamma_pdc": -0.0035},
        inverter_parameters={"pdc0": peak_w},
        temperature_model_parameters=TEMPERATURE_MODEL_PARAMETERS["sapm"]["close_mount_glass_glass"],
    )
    power_w = ModelChain.with_pvwatts(system, VILLAGE).run_model(sky).results.ac
    return [round(power / 4) for power in power_w]


def consumed_wh(member: Member, rng: random.Random) -> list[int]:
    """Energy of each quarter-hour that the member takes, in Wh."""
    power_kw = member.profile(QUARTER_HOURS) * (member.consumption_kwh / PROFILE_KWH)
    # 4x³ of a uniform x averages 1 and is mostly small, seldom large: the kettle and the oven.
    return [round(power * 250 * (0.5 + 0.5 * 4 * rng.random() ** 3)) for power in power_kw]


def community_csv() -> str:
    """The whole file, ordered by time and then by member."""
    rng = random.Random(SEED)  # noqa: S311 - weather, not secrets
    sky = weather(rng)
    columns = [zip(generated_wh(member, sky), consumed_wh(member, rng), strict=True) for member in MEMBERS]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["timestamp", "member", "generated_Wh", "consumed_Wh"])
    for start, *energies in zip(QUARTER_HOURS, *columns, strict=True):
        for member, (generated, consumed) in zip(MEMBERS, energies, strict=True):
            writer.writerow([start.isoformat(), member.name, generated, consumed])
    return text.getvalue()


if __name__ == "__main__":
    OUTPUT.write_bytes(community_csv().encode())
