"""Builds the programs whose source the Python engine runs beside them, once for each state of both."""

from pathlib import Path

import pytest

from tests.toolchain.conftest import built_once, make_workspace, run

SOURCES = Path(__file__).with_name("programs_py")


@pytest.fixture(scope="session")
def built() -> Path:
    """A folder with the built programs."""
    sources = sorted(SOURCES.glob("*.py"))
    return built_once("differential-tests", sources, [source.stem for source in sources], _build)


def _build(workspace: Path) -> None:
    make_workspace(workspace, SOURCES)
    run(workspace, "seahorse", "build")
