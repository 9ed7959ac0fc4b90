"""`amalgam bill`: preview, final and corrected, what people are told, and the refusals."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from amalgam.cli import app
from tests.unit.billing.conftest import COMMUNITY, FEBRUARY, USES, rows

MILLS = "reverse-charge"  # the kind of its credit notes
NOON = "2026-02-12T12:00:00+01:00,AT-2,0,89\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    february = rows(FEBRUARY.first, FEBRUARY.end)
    assert NOON in february
    Path("three.toml").write_text(COMMUNITY)
    Path("february.csv").write_text(february)
    Path("corrected.csv").write_text(february.replace(NOON, NOON.replace(",89", ",5089")))
    Path("short.csv").write_text(rows(FEBRUARY.first, date(2026, 2, 27)))
    return tmp_path


def amalgam(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["bill", *arguments])


def content(folder: str) -> dict[str, Any]:
    return json.loads(Path("bills", folder, "run.json").read_text())


def lines_of(result: Result) -> list[str]:
    return [" ".join(line.split()) for line in result.stdout.splitlines()]


def write_posted(fee_bps: int = 0, **changed: int) -> None:
    """What a preview says has to be posted, less a fee, with changes to the hut's line."""
    amalgam("preview", "three.toml", "2026-02")
    lines = content("preview-2026-02")["lines"]
    for line in lines["lines"]:
        line["credit"] = line["credit"] * (10_000 - fee_bps) // 10_000
    lines["fee_bps"] = fee_bps
    lines["lines"][0] |= changed
    Path("posted.json").write_text(json.dumps(lines))


def test_a_preview_has_no_numbers_and_may_be_repeated() -> None:
    for readings in ("short.csv", "february.csv"):
        result = amalgam("preview", "three.toml", "2026-02", readings)
        assert (result.exit_code, result.stderr) == (0, "")
        told = "Incomplete the readings are from 2026-02-01 00:00 to 2026-02-27 00:00"
        assert (told in lines_of(result)) == (readings == "short.csv")
        assert result.stdout.endswith("Written to bills/preview-2026-02\n")
        found = content("preview-2026-02")
        assert (found["state"], found["issued"], found["is_posted"]) == ("preview", "2026-03-01", False)
        assert {each["number"] for each in found["documents"]} == {""}
        assert not list(Path("bills").rglob("*.xml"))
    assert [path.name for path in Path("bills").iterdir()] == ["preview-2026-02"]


def test_a_final_run_is_told_and_stays() -> None:
    result = amalgam("final", "three.toml", "2026-02")
    assert (result.exit_code, result.stderr) == (0, "")
    found = content("2026-02")
    kinds = [(each["number"], each["kind"], each["member"]) for each in found["documents"]]
    assert kinds == [
        ("R2026-00001", "invoice", "hut"),
        ("R2026-00002", "invoice", "house"),
        ("G2026-00001", "credit", "house"),
        ("R2026-00003", "invoice", "mill"),
        ("G2026-00002", "reverse-charge", "mill"),
    ]
    hut = found["documents"][0]
    amounts = [f"{hut[name] / 100:.2f}" for name in ("net", "vat", "gross", "settled", "payable")]
    assert f"R2026-00001 invoice hut {' '.join(amounts)}" in lines_of(result)
    before = {path: path.read_bytes() for path in Path("bills").rglob("*.*")}
    again = amalgam("final", "three.toml", "2026-02", "corrected.csv")
    assert (again.exit_code, again.stdout, again.stderr) == (
        1,
        "",
        "amalgam: bills/2026-02: 2026-02 is final; correct it with amalgam bill correct\n",
    )
    assert {path: path.read_bytes() for path in Path("bills").rglob("*.*")} == before


def test_the_next_period_goes_on_with_the_numbers() -> None:
    march = rows(date(2026, 3, 1), date(2026, 4, 1)).splitlines(keepends=True)
    Path("march.csv").write_text("".join(march[: -len(USES)]))  # the last hour is in April, by summer time
    amalgam("final", "three.toml", "2026-02", "--books", "books")
    result = amalgam(
        "final", "three.toml", "2026-03", "march.csv", "--books", "books", "--date", "2026-05-04"
    )
    assert (result.exit_code, result.stderr) == (0, "")
    found = json.loads(Path("books/2026-03/run.json").read_text())
    assert [each["number"][:1] + each["number"][-1] for each in found["documents"]] == [
        "R4",
        "R5",
        "G3",
        "R6",
        "G4",
    ]
    assert found["documents"][0]["issued"] == "2026-05-04"
    assert found["documents"][0]["due"] == "2026-05-18"


def test_a_correction_is_dated_in_the_next_period_and_adds_up() -> None:
    amalgam("final", "three.toml", "2026-02")
    same = amalgam("correct", "three.toml", "2026-02")
    assert (same.exit_code, same.stdout) == (
        0,
        "Nothing to correct: the documents of 2026-02 are as the readings are.\n",
    )
    result = amalgam("correct", "three.toml", "2026-02", "corrected.csv")
    assert (result.exit_code, result.stderr) == (0, "")
    made = content("2026-02-correction-1")["documents"]
    assert [(each["number"], each["is_correction"]) for each in made[:2]] == [
        ("K2026-00001", True),
        ("R2026-00004", False),
    ]
    assert {each["issued"] for each in made} == {"2026-04-01"}
    assert made[0]["refers_to"] == made[1]["refers_to"] == {"number": "R2026-00001", "issued": "2026-03-01"}
    amalgam("preview", "three.toml", "2026-02", "corrected.csv")
    right = content("preview-2026-02")["documents"]
    assert owed(content("2026-02")["documents"] + made) == owed(right)
    assert owed(right) != owed(content("2026-02")["documents"])
    back = amalgam("correct", "three.toml", "2026-02")
    assert back.exit_code == 0
    again = content("2026-02-correction-2")["documents"]
    assert again[0]["refers_to"]["number"] == "R2026-00004"
    everything = content("2026-02")["documents"] + made + again
    assert owed(everything) == owed(content("2026-02")["documents"])


def owed(documents: list[dict[str, Any]]) -> dict[str, int]:
    """Cents that each member pays in all."""
    found = dict[str, int]()
    for each in documents:
        sign = 1 if (each["kind"] == "invoice") != each["is_correction"] else -1
        found[each["member"]] = found.get(each["member"], 0) + sign * each["payable"]
    return found


def test_bills_that_add_up_to_posted_lines_say_so_and_what_is_settled_is_not_due() -> None:
    write_posted()
    result = amalgam("final", "three.toml", "2026-02", "--posted", "posted.json")
    assert (result.exit_code, result.stderr) == (0, "")
    audit = "Audit the bills add up to the 3 posted lines, to the Wh and to the base unit"
    assert audit in lines_of(result)
    found = content("2026-02")
    assert found["is_posted"]
    assert found["lines"] == json.loads(Path("posted.json").read_text())
    assert all(each["payable"] == each["gross"] - each["settled"] for each in found["documents"])
    assert found["documents"][0]["settled"] > 0


def test_credits_are_less_the_fee_of_the_posted_lines() -> None:
    """A correction has it too: what did not change is not corrected."""
    write_posted(fee_bps=250)
    result = amalgam("final", "three.toml", "2026-02", "--posted", "posted.json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert any(line.endswith(" of the fee and rounding") for line in lines_of(result))
    found = content("2026-02")
    assert found["lines"] == json.loads(Path("posted.json").read_text())
    (mill,) = (each for each in found["documents"] if (each["member"], each["kind"]) == ("mill", MILLS))
    line = next(each for each in found["lines"]["lines"] if each["member"] == "mill")
    assert mill["items"][0]["price"] == "0.158925"  # 0.163 less 2.5 %
    assert mill["settled"] == mill["gross"] == round(line["credit"] / 10_000) > 0

    same = amalgam("correct", "three.toml", "2026-02")
    assert same.stdout == "Nothing to correct: the documents of 2026-02 are as the readings are.\n"
    amalgam("correct", "three.toml", "2026-02", "corrected.csv")
    made = content("2026-02-correction-1")
    assert made["lines"]["fee_bps"] == 250


def test_bills_that_do_not_add_up_are_not_written() -> None:
    write_posted()
    charge = json.loads(Path("posted.json").read_text())["lines"][0]["charge"]
    write_posted(charge=charge + 1)
    result = amalgam("final", "three.toml", "2026-02", "--posted", "posted.json")
    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "",
        f"amalgam: hut: charge is posted as {charge + 1} base units, and is {charge} by the readings; "
        "give the readings and the price of that posting, or post it anew\n",
    )
    assert not Path("bills/2026-02").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["final", "three.toml", "june"],
            2,
            "Invalid value for PERIOD: 'june' is not a period; "
            "write it like 2026-06, 2026-Q2, 2026-H1 or 2026",
        ),
        (
            ["final", "three.toml", "2026-02", "--date", "today"],
            2,
            "Invalid value for --date: 'today' is not a date; write it like 2026-07-01",
        ),
        (
            ["final", "none.toml", "2026-02"],
            2,
            "none.toml: No such file or directory; give the path of a readable TOML file",
        ),
        (
            ["final", "three.toml", "2026-02", "short.csv"],
            2,
            "the readings are from 2026-02-01 00:00 to 2026-02-27 00:00, not of all of 2026-02; "
            "give the rest, or preview it",
        ),
        (
            ["final", "three.toml", "2026-03"],
            2,
            "no readings of 2026-03; give files of it, or choose another period",
        ),
        (
            ["final", "three.toml", "2026-02", "--posted", "none.json"],
            2,
            "none.json: No such file or directory; give the path of a readable JSON file",
        ),
        (
            ["final", "three.toml", "2026-02", "--books", "none/bills"],
            1,
            "none: No such file or directory; choose another folder with --books",
        ),
        (
            ["correct", "three.toml", "2026-02"],
            1,
            "bills/2026-02: 2026-02 is not final; there is nothing to correct",
        ),
    ],
)
def test_what_is_refused_is_one_line_and_leaves_nothing(
    arguments: list[str], code: int, message: str
) -> None:
    before = set(Path.cwd().rglob("*"))
    result = amalgam(*arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", f"amalgam: {message}\n")
    assert set(Path.cwd().rglob("*")) == before


def test_a_correction_wants_the_whole_period_and_the_prices_of_then() -> None:
    amalgam("final", "three.toml", "2026-02")
    short = amalgam("correct", "three.toml", "2026-02", "short.csv")
    assert (short.exit_code, short.stderr) == (
        2,
        "amalgam: the readings are from 2026-02-01 00:00 to 2026-02-27 00:00, not of all of 2026-02; "
        "give the rest\n",
    )
    Path("three.toml").write_text(COMMUNITY.replace('shared = "0.163"', 'shared = "0.20"'))
    dearer = amalgam("correct", "three.toml", "2026-02")
    Path("three.toml").write_text(COMMUNITY.replace('"dynamic"', '"equal"'))
    assert amalgam("correct", "three.toml", "2026-02").stderr == dearer.stderr
    assert (dearer.exit_code, dearer.stderr) == (
        1,
        "amalgam: three.toml: key, prices, fees or VAT are others than in the final run of 2026-02; "
        "give the file as it was then\n",
    )
    assert [path.name for path in Path("bills").iterdir()] == ["2026-02"]
