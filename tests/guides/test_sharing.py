"""docs/sharing.md works as written: its commands and its Python run, and show what it says."""

from pathlib import Path

import pytest

from tests.guides.guide import Guide


@pytest.fixture
def guide(tmp_path: Path) -> Guide:
    return Guide("sharing", tmp_path)


def test_its_commands_show_what_it_shows(guide: Guide) -> None:
    told = guide.told()
    assert "EDA XLSX" in told
    assert "mapping other.toml" in told
    assert told.endswith(
        "start,member,produced_wh,consumed_wh,own_use_wh,shared_out_wh,shared_in_wh,charged_wh,discharged_wh,"
        "sold_wh,bought_wh,quality\n2026-10-23T22:00:00Z,village,0,141,0,0,0,0,0,0,141,measured\n"
    )


def test_its_python_runs(guide: Guide) -> None:
    assert "'house-01': 17479" in guide.python_told()
