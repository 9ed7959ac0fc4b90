"""docs/sizing.md works as written: its commands and its Python run, and show what it says."""

from pathlib import Path

import pytest

from tests.guides.guide import Guide


@pytest.fixture
def guide(tmp_path: Path) -> Guide:
    return Guide("sizing", tmp_path)


def test_its_commands_show_what_it_shows(guide: Guide) -> None:  # a year through six batteries
    told = guide.told()
    assert "Mind" in told
    assert '"saving_year": ' in told.splitlines()[-1]
    pictures = {f"{name}.png" for name in ("capacity", "charge", "duration", "members", "payback")}
    assert {path.name for path in (guide.folder / "amalgam-size").iterdir()} == {
        "cases",
        "cases.parquet",
        "members.parquet",
        *pictures,
    }


def test_its_python_runs(guide: Guide) -> None:
    sufficiency, saving = guide.python_told().split()
    assert 0 < float(sufficiency) < 1
    assert float(saving) > 0
