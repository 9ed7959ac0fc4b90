"""The program's source and what was built from it: the rules that no compiler checks."""

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# One name for one thing, in every instruction of every program.
ACCOUNT_NAMES = {
    "authority": "Signer",
    "payer": "Signer",
    "taker": "Signer",
    "owner": "Signer",
    "device": "Signer",
    "battery": "Battery",
    "member": "Member",
    "issuer": "Issuer",
    "meter": "Meter",
    "replacement": "Meter",
    "market": "Market",
    "offer": "Offer",
    "auction": "Auction",
    "order": "Order",
    "clearing": "Clearing",
    "mint": "TokenMint",
    "energy_mint": "TokenMint",
    "payment_mint": "TokenMint",
    "vault": "TokenAccount",
    "energy_vault": "TokenAccount",
    "payment_vault": "TokenAccount",
    "source": "TokenAccount",
    "destination": "TokenAccount",
    "energy_destination": "TokenAccount",
    "payment_destination": "TokenAccount",
    "proceeds": "TokenAccount",
    "clock": "Clock",
    "plant": "Plant",
    "dispatch": "Dispatch",
    "commitment": "Commitment",
}
ARGUMENT_NAMES = {
    "resource": "Resource",
    "capacity": "u64",
    "allocation_limit": "u64",
    "allocation_lifetime": "i64",
    "efficiency_bps": "u16",
    "amount": "u64",
    "minimum_credit": "u64",
    "owner": "Pubkey",
    "limit": "u64",
    "proposed": "Pubkey",
    "number": "u8",
    "device": "Pubkey",
    "rated_power": "u64",
    "register": "u64",
    "read_at": "i64",
    "fee_bps": "u16",
    "minimum_order": "u64",
    "interval": "i64",
    "gate_closure": "i64",
    "side": "Side",
    "price": "u64",
    "minimum_fill": "u64",
    "maximum_cost": "u64",
    "expires_at": "i64",
    "starts_at": "i64",
    "ends_at": "i64",
    "target": "u64",
    "bond_price": "u64",
    "tolerance_bps": "u16",
    "announcement": "u64",
}
# What every event begins with, and the totals that it ends with.
EVENTS = {
    "energy_allocation": ("battery", ["available", "allocated", "sequence"]),
    "energy_metering": ("issuer", ["minted", "meter_count", "sequence"]),
    "energy_market": ("market", ["energy_held", "payment_held", "sequence"]),
    "virtual_power_plant": ("plant", ["energy_held", "payment_held", "sequence"]),
}
# What changes nothing but the proposer's own count, which nobody else has to follow.
WITHOUT_EVENT = {"open_clearing", "propose_price", "count_order"}
TESTS = {
    "energy_allocation": "tests/unit/battery/program",
    "energy_metering": "tests/unit/metering/program",
    "energy_market": "tests/unit/market/program",
    "virtual_power_plant": "tests/unit/vpp/program",
}


class Source:
    """A program in Python."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = (ROOT / f"programs_py/{name}.py").read_text()
        self.body = ast.parse(self.text).body
        self.functions = [node for node in self.body if isinstance(node, ast.FunctionDef)]
        self.instructions = {
            node.name: node
            for node in self.functions
            if "instruction" in map(ast.unparse, node.decorator_list)
        }
        self.asserts = [part for node in self.body for part in ast.walk(node) if isinstance(part, ast.Assert)]
        self.idl = json.loads((ROOT / f"target/idl/{name}.json").read_text())

    def kind(self, node: ast.stmt) -> str:
        match node:
            case ast.Expr(value=ast.Constant()):
                return "docstring"
            case ast.Import() | ast.ImportFrom():
                return "imports"
            case ast.Expr(value=ast.Call(func=ast.Name(id="declare_id"))):
                return "declare_id"
            case ast.Assign():
                return "constants"
            case ast.ClassDef(bases=[ast.Name(id=base)]):
                return {"Enum": "enums", "Account": "accounts", "Event": "events"}[base]
            case ast.FunctionDef(name=name) if name in self.instructions:
                return "instructions"
            case ast.FunctionDef(name=name):
                return "guards" if name.startswith("assert_") else "arithmetic"
        raise AssertionError(f"line {node.lineno}: {ast.unparse(node)}")


SOURCES = [Source(path.stem) for path in sorted((ROOT / "programs_py").glob("*.py"))]
FUNCTIONS = [function for source in SOURCES for function in source.functions]
INSTRUCTIONS = [function for source in SOURCES for function in source.instructions.values()]
each_program = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)


def parameters(function: ast.FunctionDef) -> dict[str, str]:
    return {argument.arg: ast.unparse(argument.annotation) for argument in function.args.args}


def account_parameters(function: ast.FunctionDef) -> dict[str, str]:
    """Name and type of the accounts, a new account's type being what it becomes."""
    types = {name: re.sub(r"Empty\[(\w+)\]", r"\1", type_) for name, type_ in parameters(function).items()}
    return {name: type_ for name, type_ in types.items() if type_ in ACCOUNT_NAMES.values()}


@pytest.mark.parametrize("instruction", INSTRUCTIONS, ids=lambda function: function.name)
def test_parameters_have_the_designs_names(instruction: ast.FunctionDef) -> None:
    known = {*ACCOUNT_NAMES.items(), *ARGUMENT_NAMES.items()}
    stripped = {
        (name, re.sub(r"Empty\[(\w+)\]", r"\1", type_)) for name, type_ in parameters(instruction).items()
    }
    assert stripped <= known


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_functions_and_their_parameters_are_annotated(function: ast.FunctionDef) -> None:
    assert all(argument.annotation for argument in function.args.args)
    assert ast.get_docstring(function) is None, "Seahorse turns it into dead code: write a comment"


@each_program
def test_assert_messages_are_literals_on_one_line(source: Source) -> None:
    # panic! takes a literal, and clients tell refusals apart by it.
    messages = [node.msg.value for node in source.asserts if isinstance(node.msg, ast.Constant)]
    assert len(messages) == len(source.asserts) > 0
    assert all(re.fullmatch(r"[a-z0-9 -]+", message) for message in messages)


@each_program
def test_one_message_means_one_thing(source: Source) -> None:
    conditions: dict[str, set[str]] = {}
    for node in source.asserts:
        conditions.setdefault(node.msg.value, set()).add(ast.unparse(node.test))
    assert {message: found for message, found in conditions.items() if len(found) > 1} == {}


@each_program
def test_every_refusal_has_a_test(source: Source) -> None:
    tests = [*(ROOT / TESTS[source.name]).glob("test_*.py"), *ROOT.glob("tests/adversarial/test_*.py")]
    text = "".join(test.read_text() for test in tests)
    assert [node.msg.value for node in source.asserts if f'"{node.msg.value}"' not in text] == []


@each_program
def test_there_is_one_test_file_for_each_instruction(source: Source) -> None:
    tests = {test.stem.removeprefix("test_") for test in (ROOT / TESTS[source.name]).glob("test_*.py")}
    assert tests - {"whole_auction"} == {*source.instructions, "every_instruction"}


@each_program
def test_declarations_are_in_order(source: Source) -> None:
    order = ["docstring", "imports", "declare_id", "constants", "enums", "accounts", "events"]
    order += ["guards", "arithmetic", "instructions"]
    kinds = [source.kind(node) for node in source.body]
    assert kinds == sorted(kinds, key=order.index)
    assert {*kinds, "enums"} == set(order)  # which not every program has


@each_program
def test_guards_refuse_and_do_nothing_else(source: Source) -> None:
    for node in source.body:
        match source.kind(node):
            case "guards":
                guards = [ast.unparse(each).startswith(("assert ", "assert_")) for each in node.body]
                assert all(guards), node.name
            case "arithmetic":
                assert not any(isinstance(each, ast.Assert) for each in ast.walk(node)), node.name


@each_program
def test_every_event_begins_with_its_ledger_and_ends_with_the_totals(source: Source) -> None:
    ledger, totals = EVENTS[source.name]
    for node in source.body:
        if source.kind(node) == "events":
            fields = [ast.unparse(field) for field in node.body]
            assert fields[0] == f"{ledger}: Pubkey", node.name
            assert fields[-3:] == [f"{total}: u64" for total in totals], node.name


@each_program
def test_every_instruction_ends_with_an_event_of_its_own(source: Source) -> None:
    ledger, totals = EVENTS[source.name]
    emitted: list[str] = []
    for name, function in source.instructions.items():
        if name in WITHOUT_EVENT:
            continue
        made, emit = function.body[-2:]
        assert ast.unparse(emit) == "event.emit()", name
        arguments = [ast.unparse(argument) for argument in made.value.args]
        assert arguments[0] == f"{ledger}.key()", name
        assert arguments[-3:] == [f"{ledger}.{total}" for total in totals], name
        emitted.append(made.value.func.id)
    assert emitted == [node.name for node in source.body if source.kind(node) == "events"]


# What was built


@each_program
def test_the_program_id_is_the_same_everywhere(source: Source) -> None:
    (declared,) = re.findall(r"""^declare_id\(["'](\w+)["']\)$""", source.text, re.MULTILINE)
    generated = (ROOT / f"programs/{source.name}/src/lib.rs").read_text()
    assert re.findall(r'declare_id!\("(\w+)"\)', generated) == [declared]
    anchor = tomllib.loads((ROOT / "Anchor.toml").read_text())
    assert {programs[source.name] for programs in anchor["programs"].values()} == {declared}
    metadata = source.idl.get("metadata", {"address": declared})  # written by a deployment, not by a build
    assert metadata["address"] == declared


@each_program
def test_the_idl_has_the_sources_instructions_accounts_events_and_names(source: Source) -> None:
    def snake(name: str) -> str:
        return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()

    assert source.idl["name"] == source.name
    implied = {"rent", "system_program", "token_program"}
    built = {
        snake(instruction["name"]): (
            [name for account in instruction["accounts"] if (name := snake(account["name"])) not in implied],
            [snake(argument["name"]) for argument in instruction["args"]],
        )
        for instruction in source.idl["instructions"]
    }
    assert built == {
        name: (
            list(accounts := account_parameters(function)),
            [name for name in parameters(function) if name not in accounts],
        )
        for name, function in source.instructions.items()
    }
    classes = [node for node in source.body if isinstance(node, ast.ClassDef)]
    fields = {
        node.name: [field.target.id for field in node.body if isinstance(field, ast.AnnAssign)]
        for node in classes
        if source.kind(node) in ("accounts", "events")
    }
    structs = {account["name"]: account["type"]["fields"] for account in source.idl["accounts"]}
    structs |= {event["name"]: event["fields"] for event in source.idl["events"]}
    assert {name: [snake(field["name"]) for field in struct] for name, struct in structs.items()} == fields
