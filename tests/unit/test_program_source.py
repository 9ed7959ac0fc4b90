"""The program's source and what was built from it: the rules that no compiler checks."""

import ast
import json
import re
import tomllib
from collections import defaultdict
from importlib import import_module

import pytest

from amalgam.programs import Program
from tests.support.stage import ROOT

# One name for one thing, in every instruction of every program. Several programs have these; what one alone
# has is in its module of tests.support.
PARAMETERS = {
    "authority: Signer",
    "payer: Signer",
    "owner: Signer",
    "mint: TokenMint",
    "energy_mint: TokenMint",
    "payment_mint: TokenMint",
    "vault: TokenAccount",
    "energy_vault: TokenAccount",
    "payment_vault: TokenAccount",
    "source: TokenAccount",
    "destination: TokenAccount",
    "energy_destination: TokenAccount",
    "payment_destination: TokenAccount",
    "clock: Clock",
    "resource: Resource",
    "owner: Pubkey",
    "proposed: Pubkey",
    "number: u8",
    "amount: u64",
    "price: u64",
    "starts_at: i64",
}


class Source:
    """A program in Python, and what is known of it alone."""

    def __init__(self, name: Program) -> None:
        self.name = name
        self.support = import_module(f"tests.support.{name.package}")
        self.tests = sorted((ROOT / f"tests/unit/{name.package}/program").glob("test_*.py"))
        self.text = (ROOT / f"programs_py/{name}.py").read_text()
        self.body = ast.parse(self.text).body
        self.functions = [node for node in self.body if isinstance(node, ast.FunctionDef)]
        self.instructions = {
            node.name: node
            for node in self.functions
            if "instruction" in map(ast.unparse, node.decorator_list)
        }
        self.asserts = [part for node in self.body for part in ast.walk(node) if isinstance(part, ast.Assert)]
        self.idl = json.loads(name.idl.read_text())

    def classes(self, kind: str) -> list[ast.ClassDef]:
        """Its accounts or events, in their order."""
        return [node for node in self.body if isinstance(node, ast.ClassDef) and self.kind(node) == kind]

    @property
    def ledger(self) -> str:
        """What numbers its events: the first of its accounts."""
        return snake(self.classes("accounts")[0].name)

    @property
    def totals(self) -> list[str]:
        """What each event ends with: the totals after it, and its number."""
        return [field.target.id for field in self.classes("events")[0].body[-3:]]

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


SOURCES = [Source(name) for name in Program]
FUNCTIONS = [function for source in SOURCES for function in source.functions]
ACCOUNTS = {"Signer", "TokenMint", "TokenAccount", "Clock"}
ACCOUNTS |= {account.name for source in SOURCES for account in source.classes("accounts")}
each_program = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)


def snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def parameters(function: ast.FunctionDef) -> dict[str, str]:
    """Name and type, a new account's type being what it becomes."""
    return {
        argument.arg: re.sub(r"Empty\[(\w+)\]", r"\1", ast.unparse(argument.annotation))
        for argument in function.args.args
    }


@each_program
def test_parameters_have_the_designs_names(source: Source) -> None:
    own = {f"{snake(account.name)}: {account.name}" for account in source.classes("accounts")}
    found = {
        f"{name}: {type_}"
        for function in source.instructions.values()
        for name, type_ in parameters(function).items()
    }
    assert found - PARAMETERS - own == source.support.PARAMETERS


def test_a_name_has_one_type() -> None:
    """As an account, and as an argument."""
    types: dict[tuple[str, bool], set[str]] = defaultdict(set)
    for source in SOURCES:
        for function in source.instructions.values():
            for name, type_ in parameters(function).items():
                types[name, type_ in ACCOUNTS].add(type_)
    assert {name: found for name, found in types.items() if len(found) > 1} == {}


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
    text = "".join(test.read_text() for test in source.tests)
    assert [node.msg.value for node in source.asserts if f'"{node.msg.value}"' not in text] == []


@each_program
def test_there_is_one_test_file_for_each_instruction(source: Source) -> None:
    tests = {test.stem.removeprefix("test_") for test in source.tests}
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
    assert source.totals[-1] == "sequence"
    for event in source.classes("events"):
        fields = [ast.unparse(field) for field in event.body]
        assert fields[0] == f"{source.ledger}: Pubkey", event.name
        assert fields[-3:] == [f"{total}: u64" for total in source.totals], event.name


@each_program
def test_every_instruction_ends_with_an_event_of_its_own(source: Source) -> None:
    emitted: list[str] = []
    for name, function in source.instructions.items():
        if name in getattr(source.support, "WITHOUT_EVENT", ()):
            continue
        made, emit = function.body[-2:]
        assert ast.unparse(emit) == "event.emit()", name
        arguments = [ast.unparse(argument) for argument in made.value.args]
        assert arguments[0] == f"{source.ledger}.key()", name
        assert arguments[-3:] == [f"{source.ledger}.{total}" for total in source.totals], name
        emitted.append(made.value.func.id)
    assert emitted == [event.name for event in source.classes("events")]


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
            [name for name, type_ in parameters(function).items() if type_ in ACCOUNTS],
            [name for name, type_ in parameters(function).items() if type_ not in ACCOUNTS],
        )
        for name, function in source.instructions.items()
    }
    fields = {
        node.name: [field.target.id for field in node.body if isinstance(field, ast.AnnAssign)]
        for node in (*source.classes("accounts"), *source.classes("events"))
    }
    structs = {account["name"]: account["type"]["fields"] for account in source.idl["accounts"]}
    structs |= {event["name"]: event["fields"] for event in source.idl["events"]}
    assert {name: [snake(field["name"]) for field in struct] for name, struct in structs.items()} == fields
