"""`amalgam demo --all`."""

import json
from pathlib import Path

from typer.testing import CliRunner

from amalgam.cli import app


def test_the_demo_prints_the_statement_and_draws_the_day(tmp_path: Path) -> None:
    picture = tmp_path / "day.png"
    done = CliRunner().invoke(app, ["demo", "--all", "--picture", str(picture)])
    assert done.exit_code == 0, done.output
    words = " ".join(done.stdout.split())
    assert "minted 259.068 kWh = held 226.093 kWh + consumed 28.025 kWh + lost in charging 4.950 kWh" in words
    assert "payments sum to zero" in words
    assert "Reservoir" in words
    assert "Treatment plant" in words
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_demo_tells_other_programs_the_same(tmp_path: Path) -> None:
    picture = tmp_path / "day.png"
    done = CliRunner().invoke(app, ["demo", "--all", "--json", "--picture", str(picture)])
    assert (done.exit_code, done.stderr) == (0, f"Picture written to {picture}\n")
    told = json.loads(done.stdout)
    assert list(told) == ["energy", "water", "waste"]
    assert (told["water"]["resource"], told["waste"]["resource"]) == ("WATER", "WASTE")

    day = told["energy"]
    found = [day[name] for name in ("minted_wh", "held_wh", "consumed_wh", "lost_wh")]
    assert found == [259_068, 226_093, 28_025, 4_950]
    households = day["households"]
    assert day["minted_wh"] == sum(each["metered_wh"] for each in households) == day["hours"][-1]["minted_wh"]
    paid = sum(each["paid_microcoins"] for each in households)
    assert paid + day["operator_paid_microcoins"] + day["fees_microcoins"] == 0
    assert day["volume_wh"] == sum(each["sold_wh"] for each in households)
    asks = [each["price_microcoins_per_kwh"] for each in day["orders"] if each["side"] == "OFFER"]
    assert day["price_microcoins_per_kwh"] == min(asks)
    assert day["violations"] == []
