"""What draws say: their quantiles, and which constant moves them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["quantiles", "rank_correlations"]


def quantiles(drawn: FloatArray, share: float) -> FloatArray:
    """Return the smallest draw at or below which a share of them lies, (row,).

    Infinite draws count; NaN where a draw could not be followed.

    Examples
    --------
    >>> quantiles(np.array([[3.0, 1.0, 2.0]]), 0.5).tolist()
    [2.0]
    """
    # Rounding may leave a whole number a little above itself.
    place = max(math.ceil(share * drawn.shape[1] - 1e-9) - 1, 0)
    found = np.sort(drawn, axis=1)[:, place].copy()
    found[np.isnan(drawn).any(axis=1)] = math.nan
    return found


def rank_correlations(unknowns: Mapping[str, FloatArray], drawn: FloatArray) -> dict[str, float]:
    """Return the rank correlation of draws with each constant, strongest first.

    Empty where there are fewer than three draws, all are alike, or one is NaN.

    Examples
    --------
    >>> rank_correlations({"ki": np.array([1.0, 2.0, 4.0])}, np.array([0.9, 0.8, 0.5]))
    {'ki': -1.0}
    """

    def ranks(column: FloatArray) -> FloatArray:
        order = np.argsort(np.argsort(column, kind="stable"), kind="stable").astype(float)
        centred: FloatArray = order - order.mean()
        return centred

    if len(drawn) < 3 or np.isnan(drawn).any() or drawn.min() == drawn.max():
        return {}
    own = ranks(drawn)
    found = {}
    for name, values in unknowns.items():
        other = ranks(values)
        found[name] = float((own * other).sum() / math.sqrt((own @ own) * (other @ other)))
    return dict(sorted(found.items(), key=lambda item: -abs(item[1])))
