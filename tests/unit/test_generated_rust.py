"""What the Rust that Seahorse generates must contain, and must not, to be trusted with money.

Seahorse loads each account into a copy of its own and writes the copies back at the end: one account in two
slots would count twice, or be read as it was before it was written. So each pair of slots that could hold the
same account, and of which one is written, has to be asserted distinct. A slot that is made cannot hold what
another slot does: nothing can be made where there is an account.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from tests.support.stage import ROOT

CRATES = sorted(path.parent for path in ROOT.glob("programs/*/Cargo.toml"))


def generated(crate: Path) -> tuple[str, str]:
    """Its entry points, and its handlers."""
    return (crate / "src/lib.rs").read_text(), (crate / "src/dot/program.rs").read_text()


ENTRYPOINTS, HANDLERS = generated(ROOT / "programs/energy_allocation")  # on which the checks are tried
each_program = pytest.mark.parametrize("crate", CRATES, ids=lambda crate: crate.name)

INSTRUCTION = re.compile(r"^    pub fn (\w+)\(\s*ctx: Context<(\w+)>", re.MULTILINE)
SLOT = re.compile(r"^(?: *# ?\[account ?\((.*)\)\]\n)? *pub (\w+): (.+),$", re.MULTILINE)
HANDLER = re.compile(r"^pub fn (\w+)_handler<[^{]*{\n(.*?)^}$", re.MULTILINE | re.DOTALL)
KEY = r"(\w+)(?:\.borrow\(\)\.__account__)?\.key\(\)"
# At the outermost level of the handler, and so whatever the arguments are.
ASSERT = re.compile(rf"^    if !\({KEY} != {KEY}\) {{\n        panic!\(", re.MULTILINE)
GUARD = re.compile(r"^pub fn (assert_\w+)(?:<[^(]*>)?\((.*?)\) -> \(\) {\n(.*?)^}$", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"^    (assert_\w+)\(([^;]*)\);$", re.MULTILINE)
ONE_MINT = re.compile(r"^    if !\((\w+)\.mint == (\w+)\.mint\) {\n        panic!\(", re.MULTILINE)
# A market's vault is of its mint, and no market has one mint as both: `initialize` refuses that.
MINT_OF_MARKET = re.compile(
    r"^    if !\((\w+)\.(?:key\(\)|mint) == market\.borrow\(\)\.(energy|payment)_(?:vault|mint)\) {\n"
    r"        panic!\(",
    re.MULTILINE,
)
FLOATING_POINT = re.compile(r"\bf(?:32|64)\b|\b\d+(?:\.\d+|(?:\.\d+)?[eE]-?\d+)\b")

Slots = list[tuple[str, str, str]]  # name, type, and init, mut or neither
Pair = tuple[str, str, str]  # instruction, and two slots in their order


def slots_by_instruction(entrypoints: str) -> dict[str, Slots]:
    """Each instruction's slots, as #[derive(Accounts)] has them."""
    found: dict[str, Slots] = {}
    for name, struct in INSTRUCTION.findall(entrypoints):
        (body,) = re.findall(rf"pub struct {struct}<'info> {{\n(.*?)\n    }}\n", entrypoints, re.DOTALL)
        found[name] = [
            (slot, type_, re.match("mut|init|", constraints)[0])
            for constraints, slot, type_ in SLOT.findall(body)
        ]
    return found


def pairs_of_one_type(entrypoints: str) -> Iterator[Pair]:
    for name, slots in slots_by_instruction(entrypoints).items():
        there = [slot for slot in slots if slot[2] != "init"]
        for (first, first_type, *one), (second, second_type, *other) in combinations(there, 2):
            if first_type == second_type and "mut" in one + other:
                yield name, first, second


def with_guards(body: str, handlers: str) -> str:
    """A handler's body with those of the guards that it calls at its outermost level, and what they call."""
    guards = {name: (re.findall(r"mut (\w+):", head), body) for name, head, body in GUARD.findall(handlers)}

    def guard(call: re.Match[str]) -> str:
        parameters, body = guards[call[1]]
        arguments = re.findall(r"(\w[\w.()]*?)(?:\.clone\(\))?(?:,|$)", call[2].strip())
        given = dict(zip(parameters, arguments, strict=True))
        return with_guards(re.sub(r"(?<![\w.])\w+", lambda word: given.get(word[0], word[0]), body), handlers)

    return CALL.sub(guard, body)


def mints(body: str) -> dict[str, str]:
    """Which of a market's mints its token accounts are asserted to be of."""
    found = dict(MINT_OF_MARKET.findall(body))
    for account, other in ONE_MINT.findall(body):
        if other in found:
            found[account] = found[other]
    return found


def unguarded_pairs(entrypoints: str, handlers: str) -> list[Pair]:
    """The pairs whose distinctness nothing asserts: nothing that runs before a return."""
    bodies = {
        name: with_guards(body.partition("return")[0], handlers) for name, body in HANDLER.findall(handlers)
    }

    def distinct(name: str, first: str, second: str) -> bool:
        of = mints(bodies[name])
        asserted = [{*keys} for keys in ASSERT.findall(bodies[name])]
        other_mint = first in of and second in of and of[first] != of[second]
        return other_mint or {first, second} in asserted

    return [pair for pair in pairs_of_one_type(entrypoints) if not distinct(*pair)]


@each_program
def test_the_slots_are_the_idls(crate: Path) -> None:
    """So the checks below have overlooked none."""
    entrypoints, handlers = generated(crate)
    idl = json.loads((ROOT / f"target/idl/{crate.name}.json").read_text())

    def snake(name: str) -> str:
        return re.sub("(?=[A-Z])", "_", name).lower()

    read = {
        name: [(slot, constraint != "") for slot, _, constraint in slots]
        for name, slots in slots_by_instruction(entrypoints).items()
    }
    assert read == {
        snake(instruction["name"]): [
            (snake(account["name"]), account["isMut"]) for account in instruction["accounts"]
        ]
        for instruction in idl["instructions"]
    }
    assert {name for name, _ in HANDLER.findall(handlers)} == set(read)


@each_program
def test_accounts_of_one_type_of_which_one_is_written_are_asserted_distinct(crate: Path) -> None:
    assert unguarded_pairs(*generated(crate)) == []


SOURCE_IS_THE_VAULT = """\
    if !(source.key() != vault.key()) {
        panic!("source is the vault");
    }
"""


@pytest.mark.parametrize(
    "instead",
    [
        pytest.param("", id="missing"),
        pytest.param(SOURCE_IS_THE_VAULT.replace("!=", "=="), id="reversed"),
        pytest.param(SOURCE_IS_THE_VAULT.replace("vault.key()", "mint.key()"), id="of another slot"),
        pytest.param(SOURCE_IS_THE_VAULT.replace("source.key()", "source.owner"), id="of another field"),
        pytest.param(
            f"    if amount > 1 {{\n{re.sub('(?m)^', '    ', SOURCE_IS_THE_VAULT)}    }}\n",
            id="under a condition",
        ),
        pytest.param(
            f"    if amount == 0 {{\n        return;\n    }}\n{SOURCE_IS_THE_VAULT}", id="after a return"
        ),
    ],
)
def test_a_missing_assert_is_seen(instead: str) -> None:
    assert HANDLERS.count(SOURCE_IS_THE_VAULT) == 1
    handlers = HANDLERS.replace(SOURCE_IS_THE_VAULT, instead)
    assert unguarded_pairs(ENTRYPOINTS, handlers) == [("deposit_energy", "vault", "source")]


def test_a_new_pair_is_seen_until_it_is_asserted_distinct() -> None:
    head, deallocate, tail = ENTRYPOINTS.partition("    pub struct Deallocate<'info> {\n")
    other = "        #[account(mut)]\n        pub other: Box<Account<'info, dot::program::Member>>,\n"
    entrypoints = f"{head}{deallocate}{other}{tail}"
    assert unguarded_pairs(entrypoints, HANDLERS) == [("deallocate", "other", "member")]

    handler = re.compile(r"^pub fn deallocate_handler<[^{]*{\n", re.MULTILINE)
    distinct = (
        "    if !(member.borrow().__account__.key() != other.borrow().__account__.key()) {\n"
        '        panic!("member is the other");\n    }\n'
    )
    handlers = handler.sub(lambda match: match[0] + distinct, HANDLERS)
    assert unguarded_pairs(entrypoints, handlers) == []


MARKET = generated(ROOT / "programs/energy_market")


@pytest.mark.parametrize(
    ("guard", "pairs"),
    [
        (
            "if !(source.key() != vault.key())",
            [
                ("fill_offer", "payment_vault", "source"),
                ("place_offer", "energy_vault", "source"),
                ("place_order", "vault", "source"),
            ],
        ),
        ("if !(proceeds.key() != source.key())", [("fill_offer", "source", "proceeds")]),
        (
            "if !(proceeds.mint == market.borrow().payment_mint)",
            [("fill_offer", "energy_vault", "proceeds"), ("fill_offer", "destination", "proceeds")],
        ),
    ],
)
def test_a_missing_assert_of_a_guard_or_a_mint_is_seen(guard: str, pairs: list[Pair]) -> None:
    entrypoints, handlers = MARKET
    assert handlers.count(guard) == 1
    assert unguarded_pairs(entrypoints, handlers.replace(guard, "if !(true)")) == pairs


@each_program
def test_there_is_no_floating_point(crate: Path) -> None:
    """Not even in what Seahorse puts before each program."""
    for file in (crate / "src").rglob("*.rs"):
        assert FLOATING_POINT.findall(file.read_text()) == [], file
    assert FLOATING_POINT.findall("a as f64 / 2.0 + 1e-3 + b.0.c(10_000)") == ["f64", "2.0", "1e-3"]


@each_program
def test_no_number_is_cut_to_size(crate: Path) -> None:
    """`as` drops what does not fit; try_from, which Seahorse writes for its casts, stops the program."""
    assert re.findall(r"\bas [iu]\d+|\b(?:wrapping|overflowing|unchecked)_\w+", generated(crate)[1]) == []


@each_program
def test_an_overflow_stops_the_program(crate: Path) -> None:
    workspace, package = (tomllib.loads((folder / "Cargo.toml").read_text()) for folder in (ROOT, crate))
    release = workspace["profile"]["release"]
    assert release["overflow-checks"] is True
    assert "package" not in release  # would override it for one crate
    assert "profile" not in package
    assert [folder for folder in (ROOT, crate.parent, crate) if (folder / ".cargo").exists()] == []
