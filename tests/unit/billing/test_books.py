"""The folder of runs: what is final stays, no number is used twice, and a broken-off run leaves nothing."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from amalgam.billing import books as module
from amalgam.billing.bills import numbered
from amalgam.billing.books import BooksError, open_books
from amalgam.billing.run import Run, State
from tests.unit.billing.conftest import ISSUED, Compute, computing, written


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A final run of two documents."""
    compute: Compute = computing(written(tmp_path_factory.mktemp("three")))
    billing, _, lines, found = compute()
    documents = numbered(found[:2], billing, {})
    return Run(State.FINAL, "Three", "2026-02", ISSUED, {}, lines, False, {}, "", documents)


def nothing(_: str) -> None:
    """Of each file that is written."""


def whole(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_run_is_written_with_its_hashes(tmp_path: Path, run: Run) -> None:
    with open_books(tmp_path / "bills") as books:
        folder = books.write(run, nothing)
    assert folder == tmp_path / "bills/2026-02"
    names = sorted(path.name for path in folder.iterdir())
    assert names == [
        "R2026-00001.pdf",
        "R2026-00001.xml",
        "R2026-00002.pdf",
        "R2026-00002.xml",
        "SHA256SUMS",
        "bills.xlsx",
        "documents.csv",
        "energy.csv",
        "items.csv",
        "run.json",
    ]
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, check=True)
    assert all(path.stat().st_mode & 0o222 == 0 for path in folder.iterdir())


def test_what_is_final_is_told_again(tmp_path: Path, run: Run) -> None:
    with open_books(tmp_path / "bills") as books:
        books.write(run, nothing)
        assert books.run("2026-02")["issued"] == "2026-03-01"
        assert books.documents("2026-02") == [replace(each, statement=None) for each in run.documents]
        assert books.taken() == {"R2026-": 2}
        with pytest.raises(BooksError) as refused:
            books.check_new("2026-02")
    assert str(refused.value) == (
        f"{tmp_path / 'bills/2026-02'}: 2026-02 is final; correct it with amalgam bill correct"
    )


def test_corrections_are_counted_and_take_numbers(tmp_path: Path, run: Run) -> None:
    with open_books(tmp_path / "bills") as books:
        books.write(run, nothing)
        for number in (3, 4):
            more = [replace(run.documents[0], number=f"R2026-{number:05}")]
            books.write(replace(run, state=State.CORRECTION, documents=more), nothing)
        assert books.taken() == {"R2026-": 4}
        assert [each.number[-1] for each in books.documents("2026-02")] == ["1", "2", "3", "4"]
    assert sorted(path.name for path in (tmp_path / "bills").iterdir()) == [
        "2026-02",
        "2026-02-correction-1",
        "2026-02-correction-2",
    ]


def test_a_preview_takes_the_place_of_the_one_before_and_uses_no_number(tmp_path: Path, run: Run) -> None:
    shown = replace(run, state=State.PREVIEW, documents=[replace(each, number="") for each in run.documents])
    with open_books(tmp_path / "bills") as books:
        books.write(shown, nothing)
        folder = books.write(replace(shown, documents=shown.documents[:1]), nothing)
        assert books.taken() == {}
        assert not (tmp_path / "bills/2026-02").exists()
    assert sorted(path.name for path in folder.glob("*.*")) == [
        "0001-invoice.pdf",
        "bills.xlsx",
        "documents.csv",
        "energy.csv",
        "items.csv",
        "run.json",
    ]


@pytest.mark.parametrize("broken_after", range(9))  # of its files
def test_a_run_that_is_broken_off_leaves_nothing_and_uses_no_number(
    tmp_path: Path, run: Run, broken_after: int
) -> None:
    left = iter(range(broken_after))

    def interrupt(_: str) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), open_books(tmp_path / "bills") as books:
        books.write(run, interrupt)
    assert [path.name for path in (tmp_path / "bills").iterdir()] == [".unfinished"]
    with open_books(tmp_path / "bills") as books:
        assert books.taken() == {}
        books.write(run, nothing)
    with open_books(tmp_path / "other") as books:
        books.write(run, nothing)
    assert whole(tmp_path / "bills") == whole(tmp_path / "other")


def test_a_disk_that_is_full_is_told(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Run) -> Iterator[tuple[str, bytes]]:
        raise OSError(28, "No space left on device")
        yield

    monkeypatch.setattr(module, "files", full)
    with pytest.raises(BooksError) as refused, open_books(tmp_path / "bills") as books:
        books.write(run, nothing)
    assert str(refused.value) == (
        f"{tmp_path / 'bills/2026-02'}: No space left on device; nothing is written, so run the same again"
    )
    assert not (tmp_path / "bills/2026-02").exists()


def test_one_run_at_a_time_writes(tmp_path: Path) -> None:
    waits = "import sys; from pathlib import Path; from amalgam.billing.books import open_books\n"
    waits += "with open_books(Path(sys.argv[1])): print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", waits, str(tmp_path / "bills")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(BooksError) as refused, open_books(tmp_path / "bills"):
            pass
        other.communicate()
    assert str(refused.value) == (
        f"{tmp_path / 'bills'}: another run is writing there; try again once it has ended"
    )
    with open_books(tmp_path / "bills"):
        pass


def test_what_is_not_final_is_not_corrected(tmp_path: Path) -> None:
    with pytest.raises(BooksError) as refused, open_books(tmp_path / "bills") as books:
        books.documents("2026-02")
    assert str(refused.value) == (
        f"{tmp_path / 'bills/2026-02'}: 2026-02 is not final; there is nothing to correct"
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"community": "Four"}, "it was changed since it became final; restore it"),
        (None, "it is of another version; correct it with that one"),
    ],
)
def test_a_run_that_was_changed_is_not_trusted(
    tmp_path: Path, run: Run, changed: dict[str, Any] | None, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_books(tmp_path / "bills") as books:
        path = books.write(run, nothing) / "run.json"
        if changed:
            path.chmod(0o644)
            path.write_text(json.dumps(json.loads(path.read_text()) | changed))
        else:
            monkeypatch.setattr(module, "FORMAT", 2)
        with pytest.raises(BooksError) as refused:
            books.run("2026-02")
    assert str(refused.value) == f"{path}: {message}"


def test_books_need_a_folder_to_be_in(tmp_path: Path) -> None:
    with pytest.raises(BooksError) as refused, open_books(tmp_path / "none/bills"):
        pass
    assert str(refused.value) == (
        f"{tmp_path / 'none'}: No such file or directory; choose another folder with --books"
    )
