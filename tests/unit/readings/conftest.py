"""Files of each format, as examples/make_readings.py makes them."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.stage import ROOT


@pytest.fixture(scope="session")
def maker() -> SimpleNamespace:
    """The script, whose functions know what is in the files."""
    return SimpleNamespace(**runpy.run_path(str(ROOT / "examples/make_readings.py")))


@pytest.fixture(scope="session")
def samples(maker: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    maker.write_all(folder)
    return folder
