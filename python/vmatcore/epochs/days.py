"""Epochs of a run, and what the signal is on average in each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["lengths", "means"]

#: Subjects whose lines between reads are held in memory together.
SUBJECTS_AT_ONCE = 64


def lengths(days: float, every_days: float) -> list[float]:
    """Return the lengths of epochs that fill some days; the last may be shorter.

    Examples
    --------
    >>> lengths(2.5, 1.0)
    [1.0, 1.0, 0.5]
    """
    count = math.ceil(days / every_days - 1e-9)
    return [every_days] * (count - 1) + [days - every_days * (count - 1)] if count else []


def means(time_h: FloatArray, values: FloatArray, edges_h: FloatArray) -> FloatArray:
    """Return the means of straight lines between reads over epochs, (subject, epoch).

    Parameters
    ----------
    time_h : ndarray (time,)
        Reads in h; they rise.
    values : ndarray (subject, time)
        What was read.
    edges_h : ndarray (epoch + 1,)
        Edges of the epochs in h, from the first read to the last.

    Examples
    --------
    >>> means(np.array([0.0, 2.0]), np.array([[0.0, 2.0]]), np.array([0.0, 1.0, 2.0])).tolist()
    [[0.5, 1.5]]
    """
    epochs = len(edges_h) - 1
    found = np.zeros((len(values), max(epochs, 0)))
    if epochs < 1:
        return found
    times = np.unique(np.concatenate([time_h, edges_h]))
    below = np.clip(np.searchsorted(time_h, times, side="right") - 1, 0, len(time_h) - 2)
    share = (times - time_h[below]) / (time_h[below + 1] - time_h[below])
    half = 0.5 * np.diff(times)
    places = np.searchsorted(times, edges_h)
    lines_of = np.diff(places)
    for begin in range(0, len(values), SUBJECTS_AT_ONCE):
        rows = values[begin : begin + SUBJECTS_AT_ONCE]
        low = rows[:, below]
        lines = low + (rows[:, below + 1] - low) * share
        areas = (lines[:, 1:] + lines[:, :-1]) * half
        sums = found[begin : begin + SUBJECTS_AT_ONCE]
        # In the order of time: a sum of NumPy's may take another order on another machine.
        for line in range(lines_of.max()):
            here = lines_of > line
            sums[:, here] += areas[:, places[:-1][here] + line]
    return found / np.diff(edges_h)
