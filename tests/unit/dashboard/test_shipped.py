"""What is shipped of others is what their package has."""

import hashlib

from tests.support.stage import ROOT

STATIC = ROOT / "amalgam/dashboard/static"
# Of npm's uplot 1.6.32: dist/uPlot.iife.min.js, dist/uPlot.min.css and LICENSE.
UPLOT = {
    "uPlot.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
    "uPlot.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
    "uPlot.LICENSE": "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd",
}


def test_the_charts_library_is_uplot_unchanged() -> None:
    found = {name: hashlib.sha256((STATIC / name).read_bytes()).hexdigest() for name in UPLOT}
    assert found == UPLOT


def test_nothing_is_asked_of_others() -> None:
    """No page, style or script names another host."""
    own = [
        *STATIC.glob("page.*"),
        *(ROOT / "amalgam/dashboard/templates").glob("*.html"),
        STATIC / "uPlot.css",
    ]
    assert [path.name for path in own if "://" in path.read_text("utf-8")] == []
