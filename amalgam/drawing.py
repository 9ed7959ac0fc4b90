"""What all pictures have in common: colours, sizes, and how axes are labelled."""

from io import BytesIO
from typing import Any

from matplotlib.figure import Figure

INK, FAINT = "#26323A", "#DDE3E6"
GREEN, PALE_GREEN, AMBER, BLUE, RED = "#3A8F6B", "#BBD8CA", "#F0B23E", "#2C6C9C", "#B5394A"
LEGEND: dict[str, Any] = {
    "frameon": False,
    "labelcolor": INK,
    "borderaxespad": 0.2,
    "columnspacing": 1.4,
    "handlelength": 1.6,
}


def figure(height: float) -> Any:
    """A figure as wide as all are, and so many inches high."""
    found: Any = Figure(figsize=(12, height), dpi=120, layout="constrained")
    found.get_layout_engine().set(h_pad=0.15, w_pad=0.15)
    return found


def png(drawn: Any) -> bytes:
    """A figure as a PNG image."""
    image = BytesIO()
    drawn.savefig(image, format="png")
    return image.getvalue()


def label(axes: Any, title: str, unit: str, *, pad: int = 10, grid: str = "both") -> None:
    """Say what axes show, and in what; a legend above them needs more `pad`."""
    axes.set_title(title, loc="left", color=INK, fontsize=14, fontweight="bold", pad=pad)
    axes.set_ylabel(unit, color=INK)
    axes.grid(axis=grid, color=FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, length=0)
    axes.spines[:].set_visible(False)
