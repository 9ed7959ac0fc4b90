"""The program's source and what was built from it: the rules that no compiler checks."""

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAME = "energy_allocation"
SOURCE = (ROOT / f"programs_py/{NAME}.py").read_text()
MODULE = ast.parse(SOURCE)
IDL = json.loads((ROOT / f"target/idl/{NAME}.json").read_text())
GENERATED = ROOT / f"programs/{NAME}/src"

FUNCTIONS = [node for node in MODULE.body if isinstance(node, ast.FunctionDef)]
INSTRUCTIONS = {
    node.name: node for node in FUNCTIONS if "instruction" in map(ast.unparse, node.decorator_list)
}
ASSERTS = [node for node in ast.walk(MODULE) if isinstance(node, ast.Assert)]

# One name for one thing, in every instruction.
ACCOUNT_NAMES = {
    "authority": "Signer",
    "payer": "Signer",
    "owner": "Signer",
    "battery": "Battery",
    "member": "Member",
    "mint": "TokenMint",
    "vault": "TokenAccount",
    "source": "TokenAccount",
    "destination": "TokenAccount",
    "clock": "Clock",
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
}


def parameters(function: ast.FunctionDef) -> dict[str, str]:
    return {argument.arg: ast.unparse(argument.annotation) for argument in function.args.args}


def account_parameters(function: ast.FunctionDef) -> dict[str, str]:
    """Name and type of the accounts, a new account's type being what it becomes."""
    types = {name: re.sub(r"Empty\[(\w+)\]", r"\1", type_) for name, type_ in parameters(function).items()}
    return {name: type_ for name, type_ in types.items() if type_ in ACCOUNT_NAMES.values()}


@pytest.mark.parametrize("instruction", INSTRUCTIONS)
def test_parameters_have_the_designs_names(instruction: str) -> None:
    known = {*ACCOUNT_NAMES.items(), *ARGUMENT_NAMES.items()}
    stripped = {
        (name, re.sub(r"Empty\[(\w+)\]", r"\1", type_))
        for name, type_ in parameters(INSTRUCTIONS[instruction]).items()
    }
    assert stripped <= known


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_functions_and_their_parameters_are_annotated(function: ast.FunctionDef) -> None:
    assert all(argument.annotation for argument in function.args.args)
    assert ast.get_docstring(function) is None, "Seahorse turns it into dead code: write a comment"


def test_assert_messages_are_literals_on_one_line() -> None:
    # panic! takes a literal, and clients tell refusals apart by it.
    messages = [node.msg.value for node in ASSERTS if isinstance(node.msg, ast.Constant)]
    assert len(messages) == len(ASSERTS) > 0
    assert all(re.fullmatch(r"[a-z0-9 ]+", message) for message in messages)


def test_one_message_means_one_thing() -> None:
    conditions: dict[str, set[str]] = {}
    for node in ASSERTS:
        conditions.setdefault(node.msg.value, set()).add(ast.unparse(node.test))
    assert {message: found for message, found in conditions.items() if len(found) > 1} == {}


def test_every_refusal_has_a_test() -> None:
    tests = [*ROOT.glob("tests/unit/program/test_*.py"), *ROOT.glob("tests/adversarial/test_*.py")]
    text = "".join(test.read_text() for test in tests)
    assert [node.msg.value for node in ASSERTS if f'"{node.msg.value}"' not in text] == []


def test_there_is_one_test_file_for_each_instruction() -> None:
    tests = {test.stem.removeprefix("test_") for test in ROOT.glob("tests/unit/program/test_*.py")}
    assert tests == {*INSTRUCTIONS, "every_instruction"}


def kind(node: ast.stmt) -> str:
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
        case ast.FunctionDef(name=name) if name in INSTRUCTIONS:
            return "instructions"
        case ast.FunctionDef(name=name):
            return "guards" if name.startswith("assert_") else "arithmetic"
    raise AssertionError(f"line {node.lineno}: {ast.unparse(node)}")


def test_declarations_are_in_order() -> None:
    order = ["docstring", "imports", "declare_id", "constants", "enums", "accounts", "events"]
    order += ["guards", "arithmetic", "instructions"]
    kinds = [kind(node) for node in MODULE.body]
    assert kinds == sorted(kinds, key=order.index)
    assert set(kinds) == set(order)


def test_guards_refuse_and_do_nothing_else() -> None:
    for node in MODULE.body:
        match kind(node):
            case "guards":
                guards = [ast.unparse(each).startswith(("assert ", "assert_")) for each in node.body]
                assert all(guards), node.name
            case "arithmetic":
                assert not any(isinstance(each, ast.Assert) for each in ast.walk(node)), node.name


def test_every_event_begins_with_its_battery_and_ends_with_the_totals() -> None:
    for node in MODULE.body:
        if kind(node) == "events":
            fields = [ast.unparse(field) for field in node.body]
            assert fields[0] == "battery: Pubkey", node.name
            assert fields[-3:] == ["available: u64", "allocated: u64", "sequence: u64"], node.name


def test_every_instruction_ends_with_an_event_of_its_own() -> None:
    emitted: list[str] = []
    for name, function in INSTRUCTIONS.items():
        made, emit = function.body[-2:]
        assert ast.unparse(emit) == "event.emit()", name
        arguments = [ast.unparse(argument) for argument in made.value.args]
        assert arguments[0] == "battery.key()", name
        assert arguments[-3:] == ["battery.available", "battery.allocated", "battery.sequence"], name
        emitted.append(made.value.func.id)
    assert emitted == [node.name for node in MODULE.body if kind(node) == "events"]


# What was built


def test_the_program_id_is_the_same_everywhere() -> None:
    (declared,) = re.findall(r"""^declare_id\(["'](\w+)["']\)$""", SOURCE, re.MULTILINE)
    assert re.findall(r'declare_id!\("(\w+)"\)', (GENERATED / "lib.rs").read_text()) == [declared]
    anchor = tomllib.loads((ROOT / "Anchor.toml").read_text())
    assert {programs[NAME] for programs in anchor["programs"].values()} == {declared}
    metadata = IDL.get("metadata", {"address": declared})  # written by a deployment, not by a build
    assert metadata["address"] == declared


def test_the_idl_has_the_sources_instructions_accounts_events_and_names() -> None:
    def snake(name: str) -> str:
        return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()

    assert IDL["name"] == NAME
    implied = {"rent", "system_program", "token_program"}
    built = {
        snake(instruction["name"]): (
            [name for account in instruction["accounts"] if (name := snake(account["name"])) not in implied],
            [snake(argument["name"]) for argument in instruction["args"]],
        )
        for instruction in IDL["instructions"]
    }
    assert built == {
        name: (
            list(accounts := account_parameters(function)),
            [name for name in parameters(function) if name not in accounts],
        )
        for name, function in INSTRUCTIONS.items()
    }
    classes = [node for node in MODULE.body if isinstance(node, ast.ClassDef)]
    fields = {
        node.name: [field.target.id for field in node.body if isinstance(field, ast.AnnAssign)]
        for node in classes
        if kind(node) in ("accounts", "events")
    }
    structs = {account["name"]: account["type"]["fields"] for account in IDL["accounts"]}
    structs |= {event["name"]: event["fields"] for event in IDL["events"]}
    assert {name: [snake(field["name"]) for field in struct] for name, struct in structs.items()} == fields
