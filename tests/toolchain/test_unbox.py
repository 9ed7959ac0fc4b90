"""Which boxes go on the stack, and which may not: the pass on its own, on small pieces of LLVM IR."""

import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.toolchain

ALLOCATOR = """
target datalayout = "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128"
target triple = "bpfel"
declare noalias ptr @alloc(i64, i64 allocalign) #0
declare noalias ptr @zeroed(i64, i64 allocalign) #1
declare noalias ptr @again(ptr allocptr captures(none), i64, i64 allocalign, i64) #2
declare void @free(ptr allocptr captures(none), i64, i64) #3
attributes #0 = { allockind("alloc,uninitialized,aligned") allocsize(0) "alloc-family"="__rust_alloc" }
attributes #1 = { allockind("alloc,zeroed,aligned") allocsize(0) "alloc-family"="__rust_alloc" }
attributes #2 = { allockind("realloc,aligned") allocsize(3) "alloc-family"="__rust_alloc" }
attributes #3 = { allockind("free") "alloc-family"="__rust_alloc" }
declare void @lend(ptr captures(none)) nofree
declare void @may_free(ptr captures(none))
declare void @keep(ptr)
declare ptr @same(ptr returned captures(ret: address, provenance)) nofree
declare i32 @personality(...)
@static = constant i64 0
"""

FREE = "declare void @free(ptr allocptr captures(none), i64, i64) #3"
COUNTING_FREE = """
@count = global i64 0
define void @free(ptr allocptr captures(none) %p, i64 %size, i64 %alignment) #3 {
  %before = load i64, ptr @count
  %after = sub i64 %before, %size
  store i64 %after, ptr @count
  ret void
}
"""

USES = {
    "nothing": "",
    "reads and writes": "store i64 %n, ptr %p\n %x = load i64, ptr %p",
    "a field": "%f = getelementptr i8, ptr %p, i64 8\n store i64 %n, ptr %f",
    "a copy": "call void @llvm.memcpy.p0.p0.i64(ptr %p, ptr @static, i64 8, i1 false)",
    "a check that it is there": "%c = icmp eq ptr %p, null\n call void @llvm.assume(i1 %c)",
    "a loan": "call void @lend(ptr %p)",
    "its end": "call void @free(ptr %p, i64 24, i64 8)",
}
ESCAPES = {
    "kept by a function": "call void @keep(ptr %p)",
    "freed by a function": "call void @may_free(ptr %p)",
    "stored": "store ptr %p, ptr %out",
    "returned": "ret ptr %p",
    "compared with another": "%c = icmp eq ptr %p, %out\n call void @llvm.assume(i1 %c)",
    "as a number": "%i = ptrtoint ptr %p to i64\n store i64 %i, ptr %out",
    "one of two": "%o = select i1 %b, ptr %p, ptr %out\n store i64 %n, ptr %o",
    "given back by a function": "%q = call ptr @same(ptr %p)\n call void @may_free(ptr %q)",
    "moved by the allocator": "%q = call ptr @again(ptr %p, i64 24, i64 8, i64 48)\n store ptr %q, ptr %out",
}


@pytest.fixture
def unboxed(kit: Path):
    """A function's body after the pass."""

    def run(body: str, allocator: str = ALLOCATOR) -> str:
        code = (
            f"{allocator}\ndefine ptr @f(i64 %n, i1 %b, ptr %out) personality ptr @personality {{\n{body}\n}}"
        )
        command = ["opt-22", "-S", "-load-pass-plugin", kit / "unbox.so"]
        command += ["-passes", "sbf-keep-allocator,sbf-unbox,verify"]
        done = subprocess.run(command, input=code, capture_output=True, text=True, check=True)
        return done.stdout.split("define ptr @f", 1)[1].split("\n}", 1)[0]

    return run


def box(use: str, size: int | str = 24, alignment: int = 8) -> str:
    end = "" if "ret " in use else "ret ptr null"
    return f"%p = call ptr @alloc(i64 {size}, i64 {alignment})\n{use}\n{end}"


@pytest.mark.parametrize("use", USES.values(), ids=list(USES))
def test_a_box_that_stays_goes_on_the_stack(unboxed, use: str):
    body = unboxed(box(use))
    assert "alloca [24 x i8], align 8" in body
    assert "@alloc" not in body
    assert "@free" not in body


@pytest.mark.parametrize("use", ESCAPES.values(), ids=list(ESCAPES))
def test_a_box_that_escapes_stays_one(unboxed, use: str):
    body = unboxed(box(use))
    assert "call ptr @alloc(i64 24, i64 8)" in body
    assert "alloca" not in body


def test_size_and_alignment_have_their_bounds(unboxed):
    assert "alloca [512 x i8]" in unboxed(box("", 512))
    for size, alignment in ((513, 8), (24, 16), ("%n", 8), (2**64 - 1, 8)):
        assert "alloca" not in unboxed(box("", size, alignment))


def test_all_of_a_function_s_boxes_leave_an_eighth_of_the_frame(unboxed):
    boxes = "\n".join(f"%p{n} = call ptr @alloc(i64 512, i64 8)" for n in range(8))
    body = unboxed(f"{boxes}\nret ptr null")
    assert body.count("alloca [512 x i8]") == 7
    body = unboxed(f"%a = alloca [3100 x i8]\ncall void @lend(ptr %a)\n{boxes}\nret ptr null")
    assert "alloca [512 x i8]" not in body


def test_slots_that_share_their_bytes_count_once(unboxed):
    """As the back end lays them out: an error's slot lives in one block, and a function has many such."""
    slots = "\n".join(f"%a{n} = alloca [512 x i8]" for n in range(8))
    lends = "\n".join(
        f"call void @llvm.lifetime.start.p0(ptr %a{n})\ncall void @lend(ptr %a{n})\n"
        f"call void @llvm.lifetime.end.p0(ptr %a{n})"
        for n in range(8)
    )
    boxes = "\n".join(f"%p{n} = call ptr @alloc(i64 512, i64 8)" for n in range(8))
    brief = unboxed(f"{slots}\n{boxes}\n{lends}\nret ptr null")
    assert brief.count("@alloc") == 2  # 3,584 bytes are seven: one for the slots, and six boxes
    longer = unboxed(
        f"{slots}\n{boxes}\n{lends}\nbr label %next\nnext:\ncall void @lend(ptr %a0)\nret ptr null"
    )
    assert longer.count("@alloc") == 3


def test_the_allocator_is_inlined_only_when_released(kit: Path):
    code = ALLOCATOR.replace(FREE, COUNTING_FREE)

    def after(passes: str) -> set[str]:
        command = ["opt-22", "-S", "-load-pass-plugin", kit / "unbox.so", "-passes", passes]
        done = subprocess.run(command, input=code, capture_output=True, text=True, check=True)
        of = dict(re.findall(r"^attributes (#\d+) = (.*)$", done.stdout, re.MULTILINE))
        (used,) = re.findall(r"^define .*@free\(.*(#\d+)", done.stdout, re.MULTILINE)
        return {"noinline", "alwaysinline"} & set(of[used].split())

    assert after("sbf-keep-allocator") == {"noinline"}
    assert after("sbf-keep-allocator,sbf-release-allocator") == set()


def test_a_box_in_a_loop_stays_one(unboxed):
    body = unboxed("""
        br label %loop
      loop:
        %p = call ptr @alloc(i64 24, i64 8)
        store i64 %n, ptr %p
        br i1 %b, label %loop, label %end
      end:
        ret ptr null""")
    assert "call ptr @alloc(i64 24, i64 8)" in body


def test_a_box_that_starts_as_zeros_stays_one(unboxed):
    body = unboxed("%p = call ptr @zeroed(i64 24, i64 8)\n%x = load i64, ptr %p\nret ptr null")
    assert "@zeroed" in body


def test_an_allocator_that_keeps_count_is_told_of_every_box(unboxed):
    """Its body shows that freeing means something to it."""
    body = unboxed(box(USES["its end"]), ALLOCATOR.replace(FREE, COUNTING_FREE))
    assert "call ptr @alloc(i64 24, i64 8)" in body
    assert "call void @free(" in body


def test_an_allocator_of_one_alignment_is_left_alone(unboxed):
    """LLVM drops an argument that is the same in every call."""
    narrow = ALLOCATOR.replace("@alloc(i64, i64 allocalign)", "@alloc(i64)")
    body = unboxed("%p = call ptr @alloc(i64 24)\nstore i64 %n, ptr %p\nret ptr null", narrow)
    assert "call ptr @alloc(i64 24)" in body


def test_what_may_unwind_stays_as_it_is(unboxed):
    """An invoke ends its block: nothing could be put in its place."""
    body = unboxed(
        """
        %p = invoke ptr @alloc(i64 24, i64 8) to label %made unwind label %not
      made:
        store i64 %n, ptr %p
        ret ptr null
      not:
        %e = landingpad { ptr, i32 } cleanup
        ret ptr null"""
    )
    assert "invoke ptr @alloc" in body


def test_calls_after_it_see_the_stack(unboxed):
    """A tail call may not touch its caller's slots."""
    body = unboxed(box("tail call void @lend(ptr %p)"))
    assert "alloca" in body
    assert "tail call" not in body
