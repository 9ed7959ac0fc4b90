"""The code generator on its own: small pieces of LLVM IR, linked, then run or refused."""

import random
import subprocess
from pathlib import Path

import pytest

from .machine import Machine

pytestmark = pytest.mark.toolchain

HEADER = """
target datalayout = "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128"
target triple = "bpfel"
declare void @sol_log_64_(i64, i64, i64, i64, i64)
declare void @sol_set_return_data(ptr, i64)
declare void @sol_memset_(ptr, i8, i64)
"""


@pytest.fixture
def link(kit: Path, tmp_path: Path):
    """Links IR as rustc would have it linked; returns the outcome, the program lying at tmp_path/p.so."""

    def run(code: str, exports: str = "entrypoint") -> subprocess.CompletedProcess[str]:
        (tmp_path / "p.ll").write_text(HEADER + code)
        (tmp_path / "exports").write_text(exports)
        subprocess.run(["llvm-as-22", tmp_path / "p.ll", "-o", tmp_path / "p.o"], check=True)
        arguments = [
            "--export-symbols",
            tmp_path / "exports",
            tmp_path / "p.o",
            "-o",
            tmp_path / "p.so",
            "-O3",
        ]
        return subprocess.run([kit / "sbf-linker", *arguments], capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def machine(link, tmp_path: Path):
    """Makes a machine that runs IR: `%data` is the instruction's data, `%out` the 64 bytes it returns."""

    def make(code: str, declarations: str = "") -> Machine:
        outcome = link(
            f"""{declarations}
            define i64 @entrypoint(ptr %input) {{
              %data = getelementptr i8, ptr %input, i64 16
              %out = alloca [64 x i8]
              call void @llvm.memset.p0.i64(ptr %out, i8 0, i64 64, i1 false)
              {code}
              call void @sol_set_return_data(ptr %out, i64 64)
              ret i64 0
            }}"""
        )
        assert outcome.returncode == 0, outcome.stderr
        return Machine(tmp_path / "p.so")

    return make


def returned(machine: Machine, data: bytes) -> bytes:
    answer = machine.send(data)
    assert not answer.stopped, answer
    return answer.returned.ljust(64, b"\0")


def numbers(width: int, dice: random.Random) -> list[int]:
    powers = [2**n for n in (0, 1, width // 2 - 1, width // 2, width - 1)]
    values = {0, 2**width - 1, *powers, *(p - 1 for p in powers), *(2**width - p for p in powers)}
    return [*sorted(values), *(dice.getrandbits(dice.randint(1, width)) for _ in range(25))]


def as_signed(value: int, width: int) -> int:
    return value - 2**width if value >> width - 1 else value


@pytest.mark.parametrize("width", [8, 16, 24, 32, 64, 128])
@pytest.mark.parametrize("sign", "us")
def test_checked_multiplication(machine, sign: str, width: int):
    size = width // 8
    program = machine(
        f"""
        %a = load i{width}, ptr %data, align 1
        %second = getelementptr i8, ptr %data, i64 {size}
        %b = load i{width}, ptr %second, align 1
        %both = call {{i{width}, i1}} @llvm.{sign}mul.with.overflow.i{width}(i{width} %a, i{width} %b)
        %product = extractvalue {{i{width}, i1}} %both, 0
        %overflow = extractvalue {{i{width}, i1}} %both, 1
        store i{width} %product, ptr %out, align 1
        %flag = getelementptr i8, ptr %out, i64 32
        store i1 %overflow, ptr %flag, align 1
        """
    )
    values = numbers(width, random.Random(width))  # noqa: S311
    low, high = (0, 2**width - 1) if sign == "u" else (-(2 ** (width - 1)), 2 ** (width - 1) - 1)
    for a in values:
        for b in values:
            answer = returned(program, a.to_bytes(size, "little") + b.to_bytes(size, "little"))
            exact = a * b if sign == "u" else as_signed(a, width) * as_signed(b, width)
            assert int.from_bytes(answer[:size], "little") == exact % 2**width, (a, b)
            assert answer[32] == (not low <= exact <= high), (a, b)


@pytest.mark.parametrize("constant", [1, 2, 3, 1000, 2**32, 2**63, 2**64 - 1])
def test_checked_multiplication_by_a_constant(machine, constant: int):
    program = machine(
        f"""
        %a = load i64, ptr %data, align 1
        %both = call {{i64, i1}} @llvm.umul.with.overflow.i64(i64 %a, i64 {constant})
        %product = extractvalue {{i64, i1}} %both, 0
        %overflow = extractvalue {{i64, i1}} %both, 1
        store i64 %product, ptr %out
        %flag = getelementptr i8, ptr %out, i64 32
        store i1 %overflow, ptr %flag
        """
    )
    largest = (2**64 - 1) // constant
    for a in {0, 1, largest - 1, largest, min(largest + 1, 2**64 - 1), 2**64 - 1} - {-1}:
        answer = returned(program, a.to_bytes(8, "little"))
        assert int.from_bytes(answer[:8], "little") == a * constant % 2**64
        assert answer[32] == (a > largest), a


@pytest.mark.parametrize("width", [128, 192, 256])
def test_multiplication_wider_than_a_register(machine, width: int):
    size = width // 8
    program = machine(
        f"""
        %a = load i{width}, ptr %data, align 1
        %second = getelementptr i8, ptr %data, i64 {size}
        %b = load i{width}, ptr %second, align 1
        %product = mul i{width} %a, %b
        store i{width} %product, ptr %out, align 1
        """
    )
    values = numbers(width, random.Random(width))  # noqa: S311
    for a in values:
        for b in values:
            answer = returned(program, a.to_bytes(size, "little") + b.to_bytes(size, "little"))
            assert int.from_bytes(answer[:size], "little") == a * b % 2**width, (a, b)


@pytest.mark.parametrize("width", [8, 16, 24, 32, 48, 64])
@pytest.mark.parametrize("operation", ["sdiv", "srem"])
def test_signed_division(machine, operation: str, width: int):
    size = width // 8
    program = machine(
        f"""
        %a = load i{width}, ptr %data, align 1
        %second = getelementptr i8, ptr %data, i64 {size}
        %b = load i{width}, ptr %second, align 1
        %result = {operation} i{width} %a, %b
        store i{width} %result, ptr %out, align 1
        """
    )
    values = numbers(width, random.Random(width))  # noqa: S311
    for a in values:
        for b in values:
            x, y = as_signed(a, width), as_signed(b, width)
            if y == 0 or (x == -(2 ** (width - 1)) and y == -1):
                continue  # undefined; Rust asks before it divides
            answer = returned(program, a.to_bytes(size, "little") + b.to_bytes(size, "little"))
            quotient = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
            wanted = quotient if operation == "sdiv" else x - quotient * y
            assert int.from_bytes(answer[:size], "little", signed=True) == wanted, (x, y)


def test_a_copy_onto_itself_is_no_error(machine):
    # LLVM allows it of memcpy, the virtual machine's memcpy does not.
    program = machine(
        """
        %from = load i64, ptr %data, align 1
        %where = getelementptr i8, ptr %data, i64 %from
        call void @llvm.memcpy.p0.p0.i64(ptr %where, ptr %data, i64 200, i1 false)
        %byte = load i8, ptr %data
        store i8 %byte, ptr %out
        """
    )
    assert returned(program, bytes(8) + bytes([7]) * 300) == bytes(64)


def test_atomics_become_plain(machine):
    program = machine(
        """
        %before = atomicrmw add ptr %data, i64 5 seq_cst
        %swapped = cmpxchg ptr %data, i64 12, i64 100 seq_cst seq_cst
        fence seq_cst
        %after = load atomic i64, ptr %data seq_cst, align 8
        store i64 %after, ptr %out
        """
    )
    assert int.from_bytes(returned(program, (7).to_bytes(8, "little"))[:8], "little") == 100


def test_a_library_is_left_empty(link, tmp_path: Path):
    assert link("define void @helper() { ret void }", exports="helper").returncode == 0
    assert (tmp_path / "p.so").read_bytes() == b""


def in_entrypoint(code: str) -> str:
    return f"define i64 @entrypoint(ptr %input) {{ %n = load i64, ptr %input\n{code}\nret i64 0 }}"


def stack(size: int) -> str:
    return in_entrypoint(f"%s = alloca [{size} x i8]\ncall void @sol_memset_(ptr %s, i8 1, i64 %n)")


LOG = "call void @sol_log_64_(i64 %x, i64 0, i64 0, i64 0, i64 0)"
SIX = "i64 %a, i64 %b, i64 %c, i64 %d, i64 %e, i64 %f"
REFUSED = {
    "single precision": (
        in_entrypoint(f"%f = uitofp i64 %n to float\n%x = fptoui float %f to i64\n{LOG}"),
        "a floating-point 'uitofp' of this kind",
    ),
    "remainder of floats": (
        in_entrypoint(
            f"%f = bitcast i64 %n to double\n%r = frem double %f, 3.0\n%x = bitcast double %r to i64\n{LOG}"
        ),
        "a floating-point 'frem' of this kind",
    ),
    "square root": (
        "declare double @llvm.sqrt.f64(double)"
        + in_entrypoint(
            f"%f = bitcast i64 %n to double\n%r = call double @llvm.sqrt.f64(double %f)\n"
            f"%x = bitcast double %r to i64\n{LOG}"
        ),
        "sqrt",
    ),
    "checked multiplication of an odd type": (
        "declare {i48, i1} @llvm.umul.with.overflow.i48(i48, i48)"
        + in_entrypoint(
            "%t = trunc i64 %n to i48\n%h = lshr i64 %n, 9\n%u = trunc i64 %h to i48\n"
            "%p = call {i48, i1} @llvm.umul.with.overflow.i48(i48 %t, i48 %u)\n"
            f"%y = extractvalue {{i48, i1}} %p, 1\n%x = zext i1 %y to i64\n{LOG}"
        ),
        "a checked multiplication of this type",
    ),
    "a builtin that is not there": (
        in_entrypoint(f"%w = zext i64 %n to i128\n%q = udiv i128 -1, %w\n%x = trunc i128 %q to i64\n{LOG}"),
        "an operation that needs __udivti3",
    ),
    "an unknown function": (
        "declare void @nowhere()" + in_entrypoint("call void @nowhere()"),
        "defined nowhere",
    ),
    "a syscall of six arguments": (
        "declare void @sol_six(i64, i64, i64, i64, i64, i64)"
        + in_entrypoint("call void @sol_six(i64 %n, i64 1, i64 2, i64 3, i64 4, i64 5)"),
        "a syscall of this signature",
    ),
    "a call of other types": (
        "define void @f(i64 %x, i64 %y) noinline { " + LOG + "\nret void }\n"
        "define i64 @entrypoint(ptr %input) noinline optnone { call void @f(i64 1)\nret i64 0 }",
        "with other types than it has",
    ),
    "variable arguments": (
        "declare void @sol_many(i64, ...)" + in_entrypoint("call void (i64, ...) @sol_many(i64 %n, i64 1)"),
        "variable arguments",
    ),
    "unwinding": (
        "declare i32 @sol_personality(...)\ndeclare void @sol_throw()"
        "define i64 @entrypoint(ptr %input) personality ptr @sol_personality {"
        " invoke void @sol_throw() to label %good unwind label %bad\n"
        "good: ret i64 0\nbad: %l = landingpad {ptr, i32} cleanup\n ret i64 1 }",
        "a call that may unwind",
    ),
    "a guaranteed tail call": (
        f"define i64 @g({SIX}) noinline {{ %x = add i64 %a, %f\n{LOG}\n ret i64 %x }}"
        f"define i64 @f({SIX}) noinline {{ %r = musttail call i64 @g({SIX})\n ret i64 %r }}"
        + in_entrypoint("call i64 @f(i64 %n, i64 %n, i64 1, i64 2, i64 3, i64 %n)"),
        "a guaranteed tail call",
    ),
    "a writable static": (
        "@counter = global i64 0"
        + in_entrypoint(
            f"%old = load i64, ptr @counter\n%x = add i64 %old, %n\nstore i64 %x, ptr @counter\n{LOG}"
        ),
        "a writable static",
    ),
    "a stack slot of unknown size": (
        in_entrypoint("%s = alloca i8, i64 %n\ncall void @sol_memset_(ptr %s, i8 1, i64 %n)"),
        "unsupported dynamic stack allocation",
    ),
    "a stack frame over 4096 bytes": (stack(4104), "stack limit"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_make_a_wrong_program_is_refused(link, tmp_path: Path, case: str):
    code, reason = REFUSED[case]
    outcome = link(code)
    assert outcome.returncode == 1, outcome
    assert reason in outcome.stderr
    assert not (tmp_path / "p.so").exists()


def test_a_stack_frame_may_be_nearly_4096_bytes(link):
    assert link(stack(4080)).returncode == 0
