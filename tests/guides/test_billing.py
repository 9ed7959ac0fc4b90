"""docs/billing.md works as written: its commands and its Python run, and show what it says."""

import re
from pathlib import Path

from tests.guides.guide import Guide


def test_it_shows_what_its_commands_show_and_its_python_runs(tmp_path: Path) -> None:
    guide = Guide("billing", tmp_path)
    guide.told()
    named = set(re.findall(r"`([a-z]+\.(?:xlsx|csv|json)|SHA256SUMS|R2026-00001\.pdf)`", guide.text))
    assert {path.name for path in (tmp_path / "bills/2026-06").iterdir()} >= named
    assert sorted(path.name for path in (tmp_path / "bills").iterdir()) == [
        "2026-06",
        "2026-06-correction-1",
        "2026-07",
        "preview-2026-06",
        "preview-2026-07",
    ]
    assert guide.python_told() == "house-01 1644\n"
