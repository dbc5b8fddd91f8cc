"""What all figures share: the canvas, the colours, bands over subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "band", "new_figure", "plain"]

#: Colours that colour-blind readers can tell apart (Okabe and Ito 2008).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def new_figure(**options: Any) -> Figure:
    """Return an empty figure, drawn without a screen.

    Raises
    ------
    MissingExtraError
        Without matplotlib: ``pip install 'vmatcore[lab]'``.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("figures need matplotlib: pip install 'vmatcore[lab]'") from None
    return Figure(layout="constrained", **options)


def band(axes: Axes, x: Any, values: Any, name: str, number: int) -> None:
    """Draw the median over subjects, and the 5th to 95th percentile of several."""
    if not len(values):
        return
    colour = COLOURS[number % len(COLOURS)]
    axes.plot(x, np.nanmedian(values, axis=0), color=colour, label=name)
    if len(values) > 1:
        low, high = np.nanquantile(values, [0.05, 0.95], axis=0)
        axes.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0)


def plain(axes: Axes) -> None:
    """Give a panel a faint grid and only two spines."""
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
