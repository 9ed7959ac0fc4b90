"""What is held out of line, by whose name it bears: the pass on its own, on small pieces of LLVM IR."""

import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.toolchain

APART = {"noinline", "optsize", "minsize"}
FUNCTIONS = {
    "_ZN11anchor_lang5error5Error17with_account_nameE": APART | {"cold"},
    "_ZN4core9panicking9panic_fmtE": APART | {"cold"},
    "_ZN3std2io5error5Error3newE": APART | {"cold"},
    "_RNvNtCs2o6MZCMEuH8_4core9panicking9panic_fmt": APART | {"cold"},  # as today's rustc spells it
    "_ZN4core3fmt9Formatter3padE": APART,
    "_ZN11anchor_lang14system_program14create_accountE": APART,
    "_ZN11anchor_lang8accounts7account7AccountE": set(),
    "_ZN13energy_market5error5Error3newE": set(),  # a program's own may be named as it likes
    "entrypoint": set(),
}


@pytest.fixture
def apart(kit: Path):
    """A module's functions after the pass: the marks of each, and how far calls in it are inlined."""

    def run(code: str) -> dict[str, tuple[set[str], bool]]:
        command = ["opt-22", "-S", "-load-pass-plugin", kit / "apart.so", "-passes", "sbf-apart,verify"]
        done = subprocess.run(command, input=code, capture_output=True, text=True, check=True)
        marks = dict(re.findall(r"^attributes (#\d+) = (.*)$", done.stdout, re.MULTILINE))
        found: dict[str, tuple[set[str], bool]] = {}
        for name, line, body in re.findall(
            r"^define void @(\w+)\(\)([^\n]*)\{\n(.*?)^}", done.stdout, re.M | re.S
        ):
            own = set(" ".join(marks.get(each, "") for each in re.findall(r"#\d+", line)).split())
            in_body = " ".join(marks.get(each, "") for each in re.findall(r"#\d+", body))
            found[name] = (own & (APART | {"cold"}), '"function-inline-threshold"="5"' in in_body)
        return found

    return run


def test_errors_formatting_and_the_making_of_accounts_are_held_apart(apart):
    bodies = [f"define void @{name}() {{\ncall void @callee()\nret void\n}}" for name in FUNCTIONS]
    found = apart("\n".join(["declare void @callee()", *bodies]))
    assert found == {name: (marks, bool(marks)) for name, marks in FUNCTIONS.items()}


def test_what_must_be_inlined_is(apart):
    name = "_ZN4core3fmt9Formatter3padE"
    assert apart(f"define void @{name}() alwaysinline {{\nret void\n}}") == {name: (set(), False)}
