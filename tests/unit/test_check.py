"""`amalgam check`: each rule finds its example, and leaves alone what is right."""

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from amalgam.check import RULES, check
from amalgam.cli import app
from amalgam.programs import Program, outdated
from tests.support.stage import ROOT
from tests.toolchain.constructs import Construct, constructs, examples

EXAMPLES = examples()
CONSTRUCTS = constructs()


def test_every_rule_has_an_example_that_it_finds_and_one_that_it_leaves_alone() -> None:
    assert [example.rule for example in EXAMPLES] == [*RULES]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.rule)
def test_a_rule_finds_its_example(example) -> None:
    found = check(example.found, "pot.py")
    assert {each.rule for each in found} == {example.rule}
    assert [str(each) for each in found] == example.messages


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.rule)
def test_a_rule_leaves_its_remedy_alone(example) -> None:
    assert check(example.left_alone, "pot.py") == []


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_speaks_in_one_line(rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.id)
    for sentence in (rule.cause, rule.remedy):
        assert "\n" not in sentence
        assert not sentence.endswith(".")


@pytest.mark.parametrize("program", Program)
def test_nothing_is_found_in_a_program_of_this_project(program: Program) -> None:
    assert check((ROOT / f"programs_py/{program}.py").read_text("utf-8"), program) == []


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=lambda construct: construct.name)
def test_what_does_not_compile_is_found_and_nothing_else(construct: Construct) -> None:
    """The table says what does not: a test in tests/toolchain compares it with the compiler."""
    assert is_found(construct.source) == construct.is_found


def is_found(source: str) -> bool:
    try:
        return bool(check(source, "pot.py"))
    except SyntaxError:  # what a later Python has
        return True


# Money


POTS = """from seahorse.prelude import *

declare_id("EdKeEr53fdY7uJ3bzzUXAu7oGsYSQRJhQhQmVU5Bkn48")


class Pot(Account):
    owner: Pubkey
    left: Pubkey
    right: Pubkey
    index: u8
    count: u64


def assert_distinct(one: Pot, other: Pot):
    assert one.key() != other.key(), "same"


def assert_owned(pot: Pot, owner: Signer):
    assert pot.owner == owner.key(), "not yours"


def amount_of(purse: TokenAccount) -> u64:
    return purse.amount()


@instruction
def run(owner: Signer, a: Pot, b: Pot, x: TokenAccount, y: TokenAccount):
    assert_owned(a, owner)
    assert b.owner == a.owner, "not yours"
    {}
"""
X_AND_Y = 'assert x.authority() == owner.key(), "no"; assert y.authority() == a.left, "no"; '


@pytest.mark.parametrize(
    ("body", "rules"),
    [
        pytest.param(
            "pass", ["same-account-twice", "account-not-related", "account-not-related"], id="nothing"
        ),
        pytest.param(X_AND_Y + "pass", ["same-account-twice"], id="two of one type"),
        pytest.param(X_AND_Y + 'assert a.key() != b.key(), "no"', [], id="asserted distinct"),
        pytest.param(X_AND_Y + 'assert b.key() != a.key() and a.index > 0, "no"', [], id="with and"),
        pytest.param(
            X_AND_Y + 'assert b.key() != a.key() or a.index > 0, "no"', ["same-account-twice"], id="with or"
        ),
        pytest.param(X_AND_Y + "assert_distinct(b, a)", [], id="in a helper"),
        pytest.param(X_AND_Y + "assert_distinct(other=a, one=b)", [], id="in a helper, by name"),
        pytest.param(X_AND_Y + "assert_distinct(a, a)", ["same-account-twice"], id="of one with itself"),
        pytest.param(X_AND_Y + 'assert a.index < b.index, "no"', [], id="one field, two values"),
        pytest.param(
            X_AND_Y + 'assert a.index <= b.index, "no"', ["same-account-twice"], id="maybe one value"
        ),
        pytest.param(X_AND_Y + 'key = a.key(); assert key != b.key(), "no"', [], id="over a variable"),
        pytest.param(
            X_AND_Y + 'assert a.key() == a.left, "no"; assert b.key() == a.right, "no"',
            [],
            id="two fields of one",
        ),
        pytest.param(
            X_AND_Y + "assert_distinct(a, b); x.transfer(owner, y, 1)",
            ["same-account-twice"],
            id="tokens that move",
        ),
        pytest.param(
            X_AND_Y + "assert_distinct(a, b); a.count = x.amount() + y.amount()",
            ["same-account-twice"],
            id="tokens that are added",
        ),
        pytest.param(
            'assert x.key() == a.left, "no"; assert y.key() == a.right, "no"; assert_distinct(a, b); '
            "a.count = x.amount() + y.amount()",
            [],
            id="two vaults",
        ),
        pytest.param(
            X_AND_Y + 'assert_distinct(a, b); assert x.key() != y.key(), "no"; x.transfer(owner, y, 1); '
            "a.count = amount_of(y)",
            ["stale-amount"],
            id="an amount in a helper, too late",
        ),
        pytest.param(
            X_AND_Y + 'assert_distinct(a, b); assert x.key() != y.key(), "no"; a.count = amount_of(y); '
            "x.transfer(owner, y, 1)",
            [],
            id="an amount in a helper, in time",
        ),
    ],
)
def test_relations_of_accounts(body: str, rules: list[str]) -> None:
    found = check(POTS.format("\n    ".join(body.split("; "))), "pots.py")
    assert [each.rule for each in found] == rules


# The command


def amalgam(*arguments: object):
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a program that is right."""
    monkeypatch.chdir(tmp_path)
    programs = tmp_path / "programs_py"
    (programs / "seahorse").mkdir(parents=True)
    (programs / "seahorse/prelude.py").write_text("lambda: 1")
    (programs / "pot.py").write_text("LIMIT = 3\n")
    return programs


def test_nothing_found_is_one_line(project: Path) -> None:
    result = amalgam()
    assert (result.exit_code, result.stdout, result.stderr) == (0, "Nothing found in 1 program.\n", "")


def test_what_is_found_is_a_line_each_in_the_order_of_the_source(project: Path) -> None:
    (project / "bad.py").write_text('ÄÖ = "ä"; B: u8 = 1\nC = D = 1\n', "utf-8")
    result = amalgam()
    assert result.exit_code == 1
    words = "a constant is one name without a type; write `NAME = value`, one a line"
    assert result.stdout == f"programs_py/bad.py:1:11: {words}\nprograms_py/bad.py:2:1: {words}\n"


def test_json(project: Path) -> None:
    assert json.loads(amalgam("--output", "json").stdout) == []
    (project / "bad.py").write_text("A: u8 = 1\n")
    result = amalgam("programs_py/bad.py", "--output", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == [
        {
            "path": "programs_py/bad.py",
            "line": 1,
            "column": 1,
            "rule": "constant-form",
            "cause": "a constant is one name without a type",
            "remedy": "write `NAME = value`, one a line",
        }
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"def", "bad.py:1:4: not Python: invalid syntax; correct it"),
        (b"\xff", "bad.py: not UTF-8; save it as such"),
        (b"\0", "bad.py: not Python: source code string cannot contain null bytes; correct it"),
        (None, "bad.py: No such file or directory; name another, or run it in a folder with programs_py"),
    ],
)
def test_an_unusable_file_is_one_line(project: Path, content: bytes | None, complaint: str) -> None:
    if content is not None:
        Path("bad.py").write_bytes(content)
    result = amalgam("bad.py")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"amalgam: {complaint}\n")


def test_a_folder_without_a_program(project: Path) -> None:
    Path("empty").mkdir()
    complaint = "amalgam: empty: there is no program in it; name a file\n"
    assert (amalgam("empty").exit_code, amalgam("empty").stderr) == (2, complaint)


def test_it_needs_nothing_but_python() -> None:
    """Other projects use it, too; and it answers at once."""
    code = "import sys; before = {*sys.modules}; import amalgam.check; print(*{*sys.modules} - before)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    tops = {name.partition(".")[0] for name in done.stdout.split()}
    assert tops - {*sys.stdlib_module_names} == {"amalgam"}


def launcher(project: Path, seahorse: str) -> Path:
    """What the toolchain installs as `seahorse`, around a script that stands for the compiler."""
    install = runpy.run_path(str(ROOT / "toolchain/install"))
    install["launcher"].__globals__["HOME"] = project.parent
    script = project.parent / "bin/seahorse"
    script.parent.mkdir()
    script.write_text(f"#!/bin/sh\n{seahorse}\n")
    script.chmod(0o755)
    return install["launcher"](script, Path("anchor/anchor"))


def test_a_build_begins_with_it_and_ends_with_the_idl_of_today(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = launcher(project, 'echo "seahorse $@"\n[ "$4" != --fails ]')
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")

    (project.parent / "target/idl").mkdir(parents=True)
    (project.parent / "target/idl/pot.json").write_text('{"name": "pot", "version": "1", "instructions": []}')
    (project / "pot.py").write_text(f'declare_id("{"1" * 32}")\n')

    def build(*options: str) -> tuple[int, str]:
        line = [command, "build", "-p", "pot", *options]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    begun = "Nothing found in 1 program.\nseahorse build -p pot"
    written = "target/idl/0.1.0/pot.json\ntarget/types/pot.ts\n"
    assert build() == (0, f"{begun}\n{written}")
    assert build("--fails") == (1, f"{begun} --fails\n")
    (project / "pot.py").write_text("A: u8 = 1\n")
    code, printed = build()
    assert code == 1
    assert printed.startswith("programs_py/pot.py:1:1: ")
    assert "seahorse" not in printed
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert build() == (0, "seahorse build -p pot\n")


def test_a_build_writes_down_which_source_it_has_built(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside each program that is new, and of the source as it was when the build began."""
    command = launcher(project, "touch target/deploy/pot.so && echo '# later' >> programs_py/pot.py")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    source, other, deploy = project / "pot.py", project / "jar.py", project.parent / "target/deploy"
    deploy.mkdir(parents=True)
    (deploy / "jar.so").touch()
    os.utime(deploy / "jar.so", (0, 0))
    shutil.copy(source, other)
    digest = sha256(source.read_bytes()).hexdigest()
    assert outdated(deploy / "pot.so", source) is None, "nothing is known"

    subprocess.run([command, "build"], check=True)

    assert [each.name for each in deploy.glob("*.sha256")] == ["pot.py.sha256"]
    assert (deploy / "pot.py.sha256").read_text() == f"{digest}  pot.py\n"
    told = f"{deploy}/pot.so was built from another pot.py than {source} is now; run: seahorse build"
    assert outdated(deploy / "pot.so", source) == told
    shutil.copy(other, source)
    assert outdated(deploy / "pot.so", source) is None


def test_a_build_that_fails_writes_nothing_down(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = launcher(project, "touch target/deploy/pot.so; exit 7")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    deploy = project.parent / "target/deploy"
    deploy.mkdir(parents=True)
    assert subprocess.run([command, "build"], check=False).returncode == 7
    assert [each.name for each in deploy.iterdir()] == ["pot.so"]
