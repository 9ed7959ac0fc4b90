"""Water and waste in their own words: whatever is printed of them, nothing is of energy or batteries."""

import re
from pathlib import Path

import pytest
from solders.pubkey import Pubkey

from amalgam.battery.program import PROGRAM_ID, Battery, battery_address
from amalgam.units import ENERGY, MEASURES, WASTE, WATER, Measure
from tests.unit.cli.conftest import Town

OF_ENERGY = re.compile(r".*(?:\b[0-9.]*k?Wh?\b|\bbatter|\benergy|\bcharg).*", re.IGNORECASE)
PROGRAMS_NAME = '"battery": '  # of the account, in JSON: the same for all resources
POOLS = [
    pytest.param(WATER, "50m3", "150L", "60L", id="water"),
    pytest.param(WASTE, "20t", "1.2t", "40kg", id="waste"),
]


class Own:
    """A town whose owner has created a pool with its own command; every line that is printed is kept."""

    def __init__(self, town: Town, measure: Measure) -> None:
        self.town, self.measure = town, measure
        self.lines: list[str] = []
        self.address = battery_address(town["owner"], town.mint)

    def run(self, *arguments: object, by: str = "owner", code: int = 0) -> list[str]:
        """What a command prints, which has to end with that code."""
        result = self.town.run(*arguments, by=by)
        assert result.exit_code == code, result.output
        printed = [*result.stdout.splitlines(), *result.stderr.splitlines()]
        self.lines += printed
        return printed

    def pool(self, name: str, *arguments: object, by: str = "owner", code: int = 0) -> list[str]:
        """The same of a command of the pool's operator."""
        return self.run(self.measure.command, name, self.address, *arguments, by=by, code=code)


@pytest.mark.parametrize(("measure", "capacity", "amount", "less"), POOLS)
@pytest.mark.slow
def test_every_command(town: Town, measure: Measure, capacity: str, amount: str, less: str) -> None:
    """Each with success and, where it can be refused, with a refusal; some with --dry-run before."""
    own = Own(town, measure)
    command, pool, neighbour = measure.command, own.address, town["neighbour"]
    own.run(command, "create", town.mint, "--capacity", capacity, "--efficiency", "90%", "--dry-run")
    own.run(command, "create", town.mint, "--capacity", capacity, "--efficiency", "90%")
    own.run(command, "create", town.mint, "--capacity", capacity, code=1)
    own.run(command, "create", town.new_mint(decimals=6), "--capacity", capacity, by="operator", code=1)
    own.run("deposit", pool, amount, code=3)
    own.run("member", "open", pool)
    own.run("member", "open", pool, neighbour)
    own.run("mint", "issue", town.mint, amount, by="operator")
    own.run("deposit", pool, amount, "--dry-run")
    own.run("deposit", pool, amount)
    own.run("deposit", pool, amount.replace("1", "99"), code=1)
    own.run("allocate", pool, less, "--dry-run")
    own.run("allocate", pool, less)
    own.run("allocate", pool, amount, code=1)
    own.run("consume", pool, less, "--dry-run")
    own.run("consume", pool, less)
    own.run("consume", pool, less, code=1)
    own.run("allocate", pool, less)
    own.run("deallocate", pool, less)
    own.run("deallocate", pool, less, code=1)
    own.run("allocate", pool, less)
    own.run("release", pool, town["owner"], code=1)
    town.chain.advance(86_400)
    own.run("consume", pool, less, code=1)
    own.run("release", pool, town["owner"])
    own.run("withdraw", pool, less)
    own.run("withdraw", pool, capacity, code=1)
    own.run("member", "limit", pool, neighbour, less)
    own.run("member", "limit", pool, neighbour, less, by="neighbour", code=1)
    own.pool("policy", "--efficiency", "92.5%")
    own.pool("policy", "--capacity", capacity, "--allocation-limit", less)
    own.pool(
        "policy", "--capacity", less.replace("0", ""), "--allocation-limit", less.replace("0", ""), code=1
    )
    own.pool("policy", "--efficiency", "91%", by="neighbour", code=1)
    own.pool("pause", "--dry-run")
    own.pool("pause")
    own.pool("pause", code=1)
    own.run("deposit", pool, less, code=1)
    own.pool("resume")
    own.pool("resume", code=1)
    own.pool("handover", neighbour)
    own.pool("accept", code=1)
    own.pool("accept", by="neighbour")
    for output in ("display", "json"):
        own.pool("show", "--output", output)
        own.pool("audit", "--output", output)
        own.run("history", pool, "--output", output)
        own.run("member", "show", pool, "--output", output)
        own.run("member", "list", pool, "--output", output)
    own.pool("export", "books")
    own.pool("export", "books", code=2)
    own.pool("export", "more", "--until", "2020-01-01T00:00Z", code=3)
    forge_stored(town, pool)
    own.pool("audit", code=1)
    own.pool("export", "more", code=1)
    files = sorted(Path("books").iterdir())
    assert len(files) == 6
    own.lines += [line for path in files for line in path.read_text("utf-8").splitlines()]
    assert [line for line in own.lines if OF_ENERGY.match(line.replace(PROGRAMS_NAME, ""))] == []
    assert {word for line in own.lines for word in re.findall(measure.pool, line, re.IGNORECASE)} == {
        measure.pool,
        measure.pool.capitalize(),
    }


@pytest.mark.parametrize(
    ("measure", "elsewhere"),
    [(ENERGY, "150L"), (WATER, "1.2t"), (WASTE, "300kWh")],
    ids=lambda value: getattr(value, "noun", value),
)
def test_a_command_creates_what_holds_its_own_resource(town: Town, measure: Measure, elsewhere: str) -> None:
    other = {"150L": WATER, "1.2t": WASTE, "300kWh": ENERGY}[elsewhere]
    assert town.refusal(measure.command, "create", town.mint, "--capacity", elsewhere, by="owner") == (
        2,
        f"Invalid value for --capacity: '{elsewhere}' is {other.noun}, and this {measure.pool} holds "
        f"{measure.noun}; write it like {measure.examples}",
    )


@pytest.mark.parametrize("measure", [WATER, WASTE], ids=lambda measure: measure.noun)
def test_help_is_in_words_of_the_resource(town: Town, measure: Measure) -> None:
    """What options take is the same for all resources, and named with all of them."""
    listed = town.run(measure.command, "--help").stdout.partition("╭─ Commands")[2]
    commands = re.findall(r"^│ (\w+) ", listed, re.MULTILINE)
    battery = town.run("battery", "--help").stdout.partition("╭─ Commands")[2]
    assert commands == re.findall(r"^│ (\w+) ", battery, re.MULTILINE)
    texts = [listed]
    for command in commands:
        texts.append(town.run(measure.command, command, "--help").stdout.partition("╭─ ")[0])
        assert f"amalgam {measure.command} {command} $" in texts[-1]
    assert [line for text in texts for line in text.splitlines() if OF_ENERGY.match(line)] == []
    assert f"--capacity 300{measure.typed_unit} " in texts[1]


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.noun)
def test_the_events_of_each_resource_have_the_same_names_for_programs(town: Town, measure: Measure) -> None:
    own = Own(town, measure)
    amount = f"1{measure.typed_unit}"
    own.run(measure.command, "create", town.mint, "--capacity", amount)
    own.run("member", "open", own.address)
    for command in ("deposit", "allocate", "consume"):
        own.run(command, own.address, amount)
    told = town.json("history", own.address)
    assert told["unit"] == measure.base_unit
    names = [event["event"] for event in told["events"]]
    assert names == ["Initialized", "MemberOpened", "Deposited", "Allocated", "Consumed"]


def forge_stored(town: Town, pool: Pubkey) -> None:
    """Have a pool state one more than its members have, as no instruction would."""
    account = town.chain.account(pool)
    before = Battery.from_bytes(account.data).available
    data = account.data.replace(before.to_bytes(8, "little"), (before + 1).to_bytes(8, "little"), 1)
    town.chain.set_account(pool, type(account)(account.lamports, data, PROGRAM_ID))
