"""What all figures share: the canvas, the colours, bands over subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore.errors import MissingExtraError

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    FloatArray = npt.NDArray[np.float64]

__all__ = ["COLOURS", "band", "median", "new_figure", "plain"]

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


def _known(values: FloatArray) -> FloatArray:
    axes = tuple(range(1, values.ndim))
    known: FloatArray = values[~np.isnan(values).any(axis=axes)]
    return known


def median(values: FloatArray) -> FloatArray:
    """Return the median over the subjects that could be followed; NaN without any."""
    known = _known(values)
    nothing = np.full(values.shape[1:], np.nan)
    middle: FloatArray = np.median(known, axis=0) if len(known) else nothing
    return middle


def band(axes: Axes, x: Any, values: Any, name: str, number: int) -> None:
    """Draw the median over subjects, and the 5th to 95th percentile of several."""
    known = _known(values)
    if not len(known):
        return
    colour = COLOURS[number % len(COLOURS)]
    axes.plot(x, median(known), color=colour, label=name)
    if len(known) > 1:
        low, high = np.quantile(known, [0.05, 0.95], axis=0)
        axes.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0)


def plain(axes: Axes) -> None:
    """Give a panel a faint grid and only two spines."""
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
