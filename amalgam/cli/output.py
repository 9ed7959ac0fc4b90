"""What is printed for people: tables, facts, progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

EVENT_TITLES = ("Event", "Time", "Member", "What")  # of `words.event_row`
_PIPE_COLUMNS = 10_000  # where no terminal sets a width, nothing is folded


def console() -> Console:
    """What prints for people, and takes nothing in a name for its own markup."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _PIPE_COLUMNS
    return Console(highlight=False, markup=False, emoji=False, width=width)


def show(*parts: Any) -> None:
    """Print for people, without the blanks that tables end their lines with."""
    screen = console()
    with screen.capture() as captured:
        screen.print(*parts, sep="\n")
    typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def facts(lines: Iterable[tuple[str, str]]) -> Table:
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
) -> Table:
    """Rows under titles; those of `numbers` are aligned on the right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(
        box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False, show_footer=bool(footer)
    )
    for index, title in enumerate(titles):
        right = title in numbers
        table.add_column(
            title,
            footer[index] if footer else "",
            justify="right" if right else "left",
            no_wrap=right,
            vertical="bottom",
            overflow="fold",
            footer_style="bold",
        )
    for row in rows:
        table.add_row(*row)
    return table


@contextmanager
def progress(what: str) -> Generator[Callable[[int], Callable[..., None]]]:
    """A bar on a terminal's stderr, gone in the end.

    What it yields begins it, with the number of steps; what that returns is called as each step begins.
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

        def step(description: str = "") -> None:
            bar.update(task, advance=1, description=description)

        return step

    with bar:
        yield begin
