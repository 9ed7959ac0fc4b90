"""The folder of all runs: what is final in it stays, and no number is used twice.

    2026-06/                  final: PDF, XML, tables, run.json, and SHA256SUMS of them all
    2026-06-correction-1/     likewise
    preview-2026-06/          replaced by each preview

A run is written to a folder beside these, which is renamed once it is whole: one that is broken off leaves
nothing, and uses no number. One run at a time may write.
"""

import fcntl
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from amalgam import AmalgamError
from amalgam.billing.document import Document, document
from amalgam.billing.run import CONTENT, FORMAT, Run, State, files

_SUMS = "SHA256SUMS"
_UNFINISHED = ".unfinished"
_PREVIEW, _CORRECTION = "preview-", "-correction-"


class BooksError(AmalgamError):
    """The folder of runs does not allow what is asked. The message names the folder and the remedy."""


class Books:
    """The runs in a folder, which nobody else writes meanwhile."""

    def __init__(self, folder: Path) -> None:
        """Of a folder, which need not be there yet."""
        self._folder = folder

    def taken(self) -> Counter[str]:
        """The last number of each series, by what its numbers begin with."""
        last = Counter[str]()
        for sums in self._folder.glob(f"*/{_SUMS}"):
            if sums.parent.name.startswith((_PREVIEW, _UNFINISHED)):
                continue
            for line in sums.read_text("utf-8").splitlines():
                name = line.partition("  ")[2]
                prefix, hyphen, number = name.removesuffix(".pdf").rpartition("-")
                if name.endswith(".pdf"):
                    last[prefix + hyphen] = max(last[prefix + hyphen], int(number))
        return last

    def check_new(self, period: str) -> None:
        """Refuse a period that is final already. Raises BooksError."""
        if (self._folder / period).exists():
            raise BooksError(
                f"{self._folder / period}: {period} is final; correct it with amalgam bill correct"
            )

    def run(self, period: str) -> dict[str, Any]:
        """What the final run of a period says. Raises BooksError."""
        folder = self._folder / period
        if not folder.is_dir():
            raise BooksError(f"{folder}: {period} is not final; there is nothing to correct")
        return _content(folder)

    def documents(self, period: str) -> list[Document]:
        """All of a period: of its final run, then of its corrections. Raises BooksError."""
        runs = [self.run(period), *map(_content, self._corrections(period))]
        return [document(each) for run in runs for each in run["documents"]]

    def _corrections(self, period: str) -> list[Path]:
        """The folders of a period's corrections, in their order."""
        found = list[Path]()
        while (folder := self._folder / f"{period}{_CORRECTION}{len(found) + 1}").is_dir():
            found.append(folder)
        return found

    def write(self, run: Run, told: Callable[..., None]) -> Path:
        """Write a run's files, all or none; a preview takes the place of the one before. Returns the folder.

        Args:
            run: Whose files these are.
            told: Called with the name of each.

        Raises:
            BooksError: They cannot be written.
        """
        folder = self._folder / self._name(run)
        try:
            self._write(folder, run, told)
        except OSError as error:
            raise BooksError(
                f"{folder}: {error.strerror}; nothing is written, so run the same again"
            ) from None
        return folder

    def _write(self, folder: Path, run: Run, told: Callable[..., None]) -> None:
        unfinished = self._folder / _UNFINISHED
        shutil.rmtree(unfinished, ignore_errors=True)  # of a run that was broken off
        unfinished.mkdir(parents=True)
        sums = list[str]()
        for name, content in files(run):
            told(name)
            _write(unfinished / name, content)
            sums.append(f"{sha256(content).hexdigest()}  {name}\n")
        _write(unfinished / _SUMS, "".join(sums).encode())
        if run.state is State.PREVIEW:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            for path in unfinished.iterdir():
                path.chmod(0o444)
        unfinished.rename(folder)
        _flush(self._folder)

    def _name(self, run: Run) -> str:
        match run.state:
            case State.PREVIEW:
                return f"{_PREVIEW}{run.period}"
            case State.FINAL:
                return run.period
            case State.CORRECTION:
                return f"{run.period}{_CORRECTION}{len(self._corrections(run.period)) + 1}"


@contextmanager
def open_books(folder: Path) -> Generator[Books]:
    """The books in a folder, which the first run makes. Raises BooksError if somebody else writes."""
    try:
        lock = os.open(folder.parent, os.O_RDONLY)
    except OSError as error:
        raise BooksError(f"{folder.parent}: {error.strerror}; choose another folder with --books") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise BooksError(f"{folder}: another run is writing there; try again once it has ended") from None
    try:
        yield Books(folder)
    finally:
        os.close(lock)


def _content(folder: Path) -> dict[str, Any]:
    """What a run says, if it is as it was written."""
    content = (folder / CONTENT).read_bytes()
    if f"{sha256(content).hexdigest()}  {CONTENT}" not in (folder / _SUMS).read_text("utf-8").splitlines():
        raise BooksError(f"{folder / CONTENT}: it was changed since it became final; restore it")
    found: dict[str, Any] = json.loads(content)
    if found["format"] != FORMAT:
        raise BooksError(f"{folder / CONTENT}: it is of another version; correct it with that one")
    return found


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    """Have a renaming last, also if the power goes."""
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
