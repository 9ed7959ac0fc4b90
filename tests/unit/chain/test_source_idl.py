"""The IDL of a program's Python source is the one that is built."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from amalgam.chain.source_idl import idl_of
from amalgam.programs import Program
from seahorse import UnsupportedError

SOURCE = """
from seahorse.prelude import *

declare_id("Fg6PaFpoGXkYsidMpWTK6W2BeZ7FEfcYkg476zPFsLnS")


class Point:
    x: f64
    label: str


class Path(Account):
    points: List[Point]
    last_three: Array[u8, 3]
    closed: bool
"""


def without_seeds(idl: dict[str, Any]) -> dict[str, Any]:
    for instruction in idl["instructions"]:
        for account in instruction["accounts"]:
            account.pop("pda", None)
    return idl


@pytest.mark.parametrize("program", Program)
def test_it_is_the_built_one_but_for_seeds(program: Program) -> None:
    built = without_seeds(json.loads(program.idl.read_text()))
    assert json.dumps(idl_of(program.source)) == json.dumps(built)


def test_types(tmp_path: Path) -> None:
    (tmp_path / "types_of_an_idl.py").write_text(SOURCE)
    idl = idl_of(tmp_path / "types_of_an_idl.py")
    assert idl == {
        "version": "0.1.0",
        "name": "types_of_an_idl",
        "instructions": [],
        "accounts": [
            {
                "name": "Path",
                "type": {
                    "kind": "struct",
                    "fields": [
                        {"name": "points", "type": {"vec": {"defined": "Point"}}},
                        {"name": "lastThree", "type": {"array": ["u8", 3]}},
                        {"name": "closed", "type": "bool"},
                    ],
                },
            }
        ],
        "types": [
            {
                "name": "Point",
                "type": {
                    "kind": "struct",
                    "fields": [{"name": "x", "type": "f64"}, {"name": "label", "type": "string"}],
                },
            }
        ],
    }


def test_a_tuple_has_no_place_in_an_idl(tmp_path: Path) -> None:
    (tmp_path / "tuple_in_an_idl.py").write_text(SOURCE.replace("x: f64", "x: Tuple[u8, u8]"))
    with pytest.raises(UnsupportedError, match="in an IDL"):
        idl_of(tmp_path / "tuple_in_an_idl.py")


def test_it_is_printed() -> None:
    source = Program.ENERGY_METERING.source
    command = [sys.executable, "-m", "amalgam.chain.source_idl", source]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == idl_of(source)
