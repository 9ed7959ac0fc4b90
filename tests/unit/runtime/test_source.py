"""A function that is rewritten keeps its lines, for debuggers and coverage."""

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from seahorse.prelude import Signer
from tests.unit.runtime.test_direct import DOUBLED, written


def lines_of(path: str, call: Any) -> list[int]:
    seen: list[int] = []

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        if frame.f_code.co_filename != path:
            return None
        if event == "line":
            seen.append(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return seen


def test_a_debugger_sees_the_programs_own_lines(tmp_path: Path) -> None:
    module: Any = written(tmp_path, DOUBLED)
    source = DOUBLED.splitlines()
    first = source.index("    giver.money -= amount") + 1
    giver, taker = module.Purse(money=5), module.Purse()
    for _ in range(2):
        seen = lines_of(module.__file__, lambda: module.give(Signer(), giver, taker, 1))
        assert seen == [first, first + 1, first + 2]


def test_a_traceback_names_the_line(tmp_path: Path) -> None:
    module: Any = written(tmp_path, DOUBLED)
    with pytest.raises(AssertionError) as stopped:
        module.give(Signer(), module.Purse(), module.Purse(), 1)
    names = [(entry.path, entry.lineno + 1) for entry in stopped.traceback]
    assert (Path(module.__file__), DOUBLED.splitlines().index("    giver.money -= amount") + 1) in names
