"""The documents are of this program: what is made from it is current, and what is to be run runs."""

import runpy
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from amalgam.programs import Program

PATIENCE_S = 300  # until a kernel has started on a loaded machine
DOCS = Path(__file__).parents[2] / "docs"


def test_the_references_are_current() -> None:
    """Else run `python docs/make_reference.py`, and commit docs/reference."""
    maker = runpy.run_path(str(DOCS / "make_reference.py"))
    made = {f"{program.package}.md": maker["reference"](program) for program in Program}
    assert {file.name: file.read_text("utf-8") for file in (DOCS / "reference").glob("*.md")} == made


@pytest.mark.slow
def test_the_notebook_runs_and_shows_what_it_is_committed_with() -> None:
    """Else open docs/tour.ipynb, run all of it, and commit it."""
    committed = nbformat.read(DOCS / "tour.ipynb", as_version=4)
    run = NotebookClient(
        deepcopy(committed), startup_timeout=PATIENCE_S, resources={"metadata": {"path": str(DOCS)}}
    ).execute()
    assert printed(run) == printed(committed)
    assert any(printed(committed))


def printed(notebook: nbformat.NotebookNode) -> list[str]:
    # What a cell prints may come in several pieces.
    cells = [cell.get("outputs", []) for cell in notebook.cells]
    return ["".join(output.text for output in cell if output.output_type == "stream") for cell in cells]
