"""Printing for people: tables, facts, progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.table import Table
    from rich.text import Text

EVENT_TITLES = ("Event", "Time", "Member", "What")  # of `words.event_row`
_UNBOUNDED = 1_000_000  # columns and lines of what is not a terminal
_LEAST_FOLDED = 45  # columns, for an address and a comma behind it


def console() -> Console:
    """The console for people, which takes nothing in a name for its own markup.

    Only a terminal has a width: what is piped is neither folded nor cut.
    """
    from rich.console import Console

    size = None if sys.stdout.isatty() else _UNBOUNDED
    return Console(highlight=False, markup=False, emoji=False, width=size, height=size)


def show(*parts: Any, err: bool = False) -> None:
    """Print for people, without the blanks that tables end their lines with; to stderr if told so."""
    screen = console()
    with screen.capture() as captured:
        for part in parts:
            text = _folded(part, screen.width) if isinstance(part, str) else part
            screen.print(text, overflow="ignore", crop=False)
    typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()), err=err)


def _folded(text: str, width: int) -> str:
    """Between words alone: a signature is longer than most lines, and is to be copied."""
    return fill(text, width, break_long_words=False, break_on_hyphens=False)


def title(text: str) -> Text:
    """What stands above a table."""
    from rich.text import Text

    return Text(text, style="bold")


def facts(lines: Iterable[tuple[str, str | Text]]) -> Table:
    """Names and values, one pair a line."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in lines:
        table.add_row(name, value)
    return table


def columns(
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: Sequence[str] = (),
    footer: Sequence[str] = (),
) -> Columns:
    """Rows under titles; those of `numbers` are aligned on the right."""
    return Columns(tuple(titles), list(rows), tuple(numbers), tuple(footer))


def events(rows: Iterable[Sequence[str]]) -> Columns:
    """What has happened, of which each row is a `words.event_row`."""
    return Columns(EVENT_TITLES, list(rows), EVENT_TITLES[:1], folded=len(EVENT_TITLES) - 1)


@dataclass(frozen=True, slots=True)
class Columns:
    """A table that leaves every number and address whole, however narrow the terminal.

    If it is too wide, numbers of something that the first column names are split into several tables;
    of any other table each row is shown as facts.

    Attributes:
        titles: Of the columns.
        rows: Their cells.
        numbers: The titles of what is aligned on the right.
        footer: Cells below the rows, if any.
        folded: The column whose cells may take several lines, by its index. Names may, anyway.
    """

    titles: tuple[str, ...]
    rows: list[Sequence[str]]
    numbers: tuple[str, ...]
    footer: tuple[str, ...] = ()
    folded: int | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """As rich asks for it."""

        def fits(part: Sequence[int]) -> bool:
            unbounded = options.update(max_width=_UNBOUNDED)
            needed = console.measure(self._table(part, folded=_LEAST_FOLDED), options=unbounded).maximum
            return needed <= options.max_width

        split = next((parts for parts in self._splits() if all(map(fits, parts))), None)
        if split is None:
            yield self._facts()
            return
        for number, part in enumerate(split):
            if number:
                yield ""
            yield self._table(part)

    @property
    def _is_of_numbers(self) -> bool:
        return self.numbers == self.titles[1:]

    def _splits(self) -> Iterator[list[Sequence[int]]]:
        """The columns of one table, then of two about equally wide, and so on."""
        last = len(self.titles)
        for size in sorted({-(-(last - 1) // parts) for parts in range(1, last)}, reverse=True):
            yield [(0, *range(start, min(start + size, last))) for start in range(1, last, size)]
            if not self._is_of_numbers:
                return

    def _table(self, part: Sequence[int], folded: int | None = None) -> Table:
        """Some of the columns, that which may be folded no wider than this."""
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

        table = Table(
            box=SIMPLE_HEAD,
            show_edge=False,
            padding=(0, 1, 0, 0),
            pad_edge=False,
            show_footer=bool(self.footer),
        )
        for index in part:
            folds = index == (0 if self._is_of_numbers else self.folded)
            table.add_column(
                self.titles[index],
                self.footer[index] if self.footer else "",
                justify="right" if self.titles[index] in self.numbers else "left",
                no_wrap=not folds,
                max_width=folded if folds else None,
                vertical="bottom",
                overflow="fold",
                footer_style="bold",
            )
        for row in self.rows:
            table.add_row(*(row[index] for index in part))
        return table

    def _facts(self) -> Table:
        titles = [title.replace("\n", " ") for title in self.titles]
        lines: list[tuple[str, str]] = []
        for row in filter(None, (*self.rows, self.footer)):
            lines += [("", ""), *((title, cell) for title, cell in zip(titles, row, strict=True) if cell)]
        return facts(lines[1:])


@contextmanager
def progress(what: str) -> Generator[Callable[[int], Callable[..., None]]]:
    """A bar on a terminal's stderr, gone in the end.

    What it yields begins it, with the number of steps; what that returns is called as each step begins, or
    with the number of those done.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    parts = (
        TextColumn(f"{what} {{task.description}}"),
        BarColumn(None),
        TextColumn("{task.percentage:3.0f} %"),
        TimeRemainingColumn(),
    )
    bar = Progress(
        *parts,
        console=Console(stderr=True),
        transient=True,
        refresh_per_second=5,
        disable=not sys.stderr.isatty(),  # rich's own answer would heed FORCE_COLOR
    )

    def begin(steps: int) -> Callable[..., None]:
        task = bar.add_task("", total=steps)

        def step(description: str = "", done: int | None = None) -> None:
            bar.update(task, advance=None if done else 1, completed=done, description=description)

        return step

    with bar:
        yield begin
