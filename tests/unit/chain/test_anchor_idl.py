"""The IDL in Anchor's form of today, and its TypeScript types: those committed, and each of their parts."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from solders.pubkey import Pubkey
from typer.testing import CliRunner, Result

from amalgam.chain.anchor_idl import IdlError, anchor_idl, files, typescript, write
from amalgam.cli import app
from amalgam.programs import Program
from tests.support.stage import ROOT

PROGRAM_ID = Pubkey.from_string("Fg6PaFpoGXkYsidMpWTK6W2BeZ7FEfcYkg476zPFsLnS")
SOURCE = f'declare_id("{PROGRAM_ID}")\n\n\n@instruction\ndef open_pot(owner: Signer):\n    ...\n'


def struct(**fields: Any) -> dict[str, Any]:
    return {"kind": "struct", "fields": [{"name": name, "type": kind} for name, kind in fields.items()]}


LEGACY: dict[str, Any] = {
    "version": "0.2.0",
    "name": "small_pot",
    "instructions": [
        {
            "name": "openPot",
            "accounts": [
                {"name": "owner", "isMut": True, "isSigner": True},
                {
                    "name": "potVault",
                    "isMut": True,
                    "isSigner": False,
                    "pda": {
                        "seeds": [
                            {"kind": "const", "type": "string", "value": "pot"},
                            {"kind": "account", "type": "publicKey", "account": "Mint", "path": "mint"},
                            {"kind": "account", "type": "u64", "account": "Pot", "path": "pot.lastNumber"},
                            {"kind": "arg", "type": "u64", "path": "potNumber"},
                        ]
                    },
                },
                {"name": "clock", "isMut": False, "isSigner": False},
                {"name": "rent", "isMut": True, "isSigner": False},  # somebody's own, by its name alone
            ],
            "args": [{"name": "potNumber", "type": "u64"}, {"name": "kind", "type": {"defined": "Kind"}}],
        }
    ],
    "accounts": [{"name": "Pot", "type": struct(owner="publicKey", lastThree={"array": ["u8", 3]})}],
    "types": [
        {"name": "Kind", "type": {"kind": "enum", "variants": [{"name": "SMALL"}, {"name": "VERY_LARGE"}]}},
        {"name": "Point", "type": struct(points={"vec": {"defined": "Kind"}}, label={"option": "string"})},
    ],
    "events": [{"name": "PotOpened", "fields": [{"name": "potNumber", "type": "u64", "index": False}]}],
}


def discriminator(of: str) -> list[int]:
    return list(sha256(of.encode()).digest()[:8])


def fields(**types: Any) -> dict[str, Any]:
    return {"type": struct(**types)}


def test_each_part() -> None:
    assert anchor_idl(LEGACY, PROGRAM_ID) == {
        "address": str(PROGRAM_ID),
        "metadata": {"name": "small_pot", "version": "0.2.0", "spec": "0.1.0"},
        "instructions": [
            {
                "name": "open_pot",
                "discriminator": discriminator("global:open_pot"),
                "accounts": [
                    {"name": "owner", "writable": True, "signer": True},
                    {
                        "name": "pot_vault",
                        "writable": True,
                        "pda": {
                            "seeds": [
                                {"kind": "const", "value": [112, 111, 116]},
                                {"kind": "account", "path": "mint"},
                                {"kind": "account", "path": "pot.last_number", "account": "Pot"},
                                {"kind": "arg", "path": "pot_number"},
                            ]
                        },
                    },
                    {"name": "clock", "address": "SysvarC1ock11111111111111111111111111111111"},
                    {"name": "rent", "writable": True},
                ],
                "args": [
                    {"name": "pot_number", "type": "u64"},
                    {"name": "kind", "type": {"defined": {"name": "Kind"}}},
                ],
            }
        ],
        "accounts": [{"name": "Pot", "discriminator": discriminator("account:Pot")}],
        "events": [{"name": "PotOpened", "discriminator": discriminator("event:PotOpened")}],
        "types": [
            {"name": "Kind", "type": LEGACY["types"][0]["type"]},
            {
                "name": "Point",
                **fields(points={"vec": {"defined": {"name": "Kind"}}}, label={"option": "string"}),
            },
            {"name": "Pot", **fields(owner="pubkey", last_three={"array": ["u8", 3]})},
            {"name": "PotOpened", **fields(pot_number="u64")},
        ],
    }


def test_types_have_camel_case() -> None:
    text = typescript(anchor_idl(LEGACY, PROGRAM_ID))
    head, _, declared = text.partition("export type SmallPot = ")
    assert "`target/idl/0.1.0/small_pot.json`" in head
    idl = json.loads(declared.removesuffix(";\n"))
    (instruction,) = idl["instructions"]
    _, vault, *_ = instruction["accounts"]
    assert (instruction["name"], vault["name"]) == ("openPot", "potVault")
    assert [each.get("path") for each in vault["pda"]["seeds"]] == [
        None,
        "mint",
        "pot.lastNumber",
        "potNumber",
    ]
    assert [each["name"] for each in idl["types"]] == ["kind", "point", "pot", "potOpened"]
    assert [each["name"] for each in idl["types"][0]["type"]["variants"]] == ["small", "veryLarge"]
    assert idl["address"] == str(PROGRAM_ID)


def test_the_committed_files_are_these() -> None:
    wanted = dict(files(ROOT))
    assert {path.stem for path in wanted} == set(Program)
    there = [*(ROOT / "target/idl/0.1.0").iterdir(), *(ROOT / "target/types").iterdir()]
    assert {path: path.read_text("utf-8") for path in there} == wanted


@pytest.mark.parametrize("program", Program)
def test_the_committed_idl_is_at_the_programs_address(program: Program) -> None:
    idl = json.loads((ROOT / f"target/idl/0.1.0/{program}.json").read_text("utf-8"))
    assert idl["address"] == str(program.program_id)
    legacy = json.loads(program.idl.read_text("utf-8"))
    assert idl == anchor_idl(legacy, program.program_id)


# Refusals


def test_two_types_of_one_name() -> None:
    event = {"name": "Pot", "fields": []}
    with pytest.raises(IdlError, match=r"^small_pot has two types Pot; give one of them another name$"):
        anchor_idl(LEGACY | {"events": [event]}, PROGRAM_ID)


def test_a_seed_that_is_a_number() -> None:
    seeds = [{"kind": "const", "type": "u8", "value": 1}]
    account = {"name": "pot", "isMut": True, "isSigner": False, "pda": {"seeds": seeds}}
    instruction = {"name": "open", "accounts": [account], "args": []}
    refusal = "^a seed is a constant of type u8; only text has a place in an IDL$"
    with pytest.raises(IdlError, match=refusal):
        anchor_idl(LEGACY | {"instructions": [instruction]}, PROGRAM_ID)


# The command, in a project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "programs_py").mkdir()
    (tmp_path / "target/idl").mkdir(parents=True)
    (tmp_path / "programs_py/small_pot.py").write_text(SOURCE)
    (tmp_path / "target/idl/small_pot.json").write_text(json.dumps(LEGACY))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run() -> Result:
    return CliRunner().invoke(app, ["toolchain", "idl"])


def test_the_command_writes_both(project: Path) -> None:
    done = run()
    assert (done.exit_code, done.stdout.split()) == (
        0,
        ["target/idl/0.1.0/small_pot.json", "target/types/small_pot.ts"],
    )
    idl = anchor_idl(LEGACY, PROGRAM_ID)
    assert json.loads((project / "target/idl/0.1.0/small_pot.json").read_text()) == idl
    assert (project / "target/types/small_pot.ts").read_text() == typescript(idl)
    assert write(Path()) == [Path(name) for name in done.stdout.split()]  # again, and nothing else


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("def open_pot(", "def open_pot_("), "it has no instruction open_pot, as the IDL says; put no"),
        (("declare_id", "# declare_id"), "it declares no program id; add declare_id"),
    ],
)
def test_a_source_that_disagrees(project: Path, change: tuple[str, str], complaint: str) -> None:
    source = project / "programs_py/small_pot.py"
    source.write_text(SOURCE.replace(*change))
    done = run()
    assert done.exit_code == 2
    assert done.stderr.startswith(f"amalgam: programs_py/small_pot.py: {complaint}")
    assert not (project / "target/types").exists()


def test_a_project_without_what_it_needs(project: Path) -> None:
    (project / "programs_py/small_pot.py").unlink()
    missing = "programs_py/small_pot.py: No such file or directory; build the program: seahorse build"
    assert (run().exit_code, run().stderr) == (2, f"amalgam: {missing}\n")
    (project / "target/idl/small_pot.json").unlink()
    nothing = "target/idl: there is no IDL in it; build a program: seahorse build"
    assert (run().exit_code, run().stderr) == (2, f"amalgam: {nothing}\n")
