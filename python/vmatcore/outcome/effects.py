"""The laws: from the signal of a day to a benefit and to chances."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from vmatcore.arithmetic import exponential, logarithm
from vmatcore.signal import SignalCourse

if TYPE_CHECKING:
    import numpy.typing as npt

    from vmatcore.drugs.quantity import Quantity
    from vmatcore.pk import PkResult

    FloatArray = npt.NDArray[np.float64]

__all__ = [
    "counted",
    "drive",
    "exposure",
    "frail",
    "normal_below",
    "prolactin_ratio",
    "qtc_ms",
    "share_of_score",
    "with_placebo",
]

#: Content below which ln(1/f) stops: one molecule in a vesicle of thousands.
_LEAST_RELEASE = 1e-3


def drive(signal: SignalCourse, driver: str) -> FloatArray:
    """Return what drives the benefit, (row,): 0 without drug, never negative."""
    if driver == "d2":
        return np.maximum(1.0 - signal.mean(signal.d2), 0.0)
    if driver == "occupancy":
        return np.maximum(signal.mean(signal.vmat2), 0.0)
    release = np.clip(signal.mean(signal.content["striatal dopamine"]), _LEAST_RELEASE, 1.0)
    return np.array([max(-logarithm(float(one)), 0.0) for one in release])


def share_of_score(driven: FloatArray, half: float) -> FloatArray:
    """Return the share of the score that goes: x/(half + x), from 0 to below 1."""
    share: FloatArray = driven / (half + driven)
    return share


def fall(signal: SignalCourse, side_effect: str) -> FloatArray:
    """Return the instantaneous fall behind a side effect, (row, time), from 0 to 1."""
    if side_effect in ("akathisia", "parkinsonism"):
        return np.clip(1.0 - signal.d2, 0.0, 1.0)
    other = signal.content["limbic serotonin"] + signal.content["cortical norepinephrine"]
    mean: FloatArray = 0.5 * other
    return np.clip(1.0 - mean, 0.0, 1.0)


def counted(signal: SignalCourse, side_effect: str, hazard: str) -> FloatArray:
    """Return what a hazard counts at each moment, (row, time): the fall, or its square."""
    now = fall(signal, side_effect)
    found: FloatArray = now * now if hazard == "convex" else now
    return found


def exposure(signal: SignalCourse, side_effect: str, hazard: str) -> FloatArray:
    """Return the mean over the day of what the hazard counts, (row,)."""
    return signal.mean(counted(signal, side_effect, hazard))


def frail(exposed: FloatArray, variance: float) -> FloatArray:
    """Return the chance of escape, averaged over a gamma susceptibility of mean 1.

    Escape of one person is exp(-s H); the mean over s is (1 + v H)^(-1/v), which is
    exp(-H) where v is 0.
    """
    if variance == 0.0:
        return exponential(-exposed)
    powers = np.array([logarithm(float(1.0 + variance * one)) for one in exposed])
    return exponential(-powers / variance)


def with_placebo(placebo: float, escape: FloatArray) -> FloatArray:
    """Return the chance of an event that either placebo's causes or the drug brings."""
    chance: FloatArray = placebo + (1.0 - placebo) * (1.0 - escape)
    return chance


def prolactin_ratio(
    signal: SignalCourse, *, rest_activation: float, largest_rise: float
) -> FloatArray:
    """Return prolactin over that without drug, (row, time).

    Dopamine reaches the pituitary by blood, which takes nothing up, so it follows
    release in proportion; D2 there holds secretion down by its activation a:
    ratio = R/(1 + (R - 1) a/a0), from 1 at rest to R without dopamine.
    """
    half = (1.0 - rest_activation) / rest_activation
    release = np.maximum(signal.content["striatal dopamine"], 0.0)
    activation = release / (release + half * (1.0 + signal.d2_block)) / rest_activation
    ratio: FloatArray = largest_rise / (1.0 + (largest_rise - 1.0) * np.minimum(activation, 1.0))
    return ratio


def qtc_ms(pk: PkResult, slopes: Mapping[str, Quantity]) -> FloatArray:
    """Return the prolongation of QTc in ms, (row, time): slopes times total plasma, summed.

    NaN where a moiety has no known slope.
    """
    plasma = pk.plasma_ng_ml
    known = np.zeros((len(plasma), plasma.shape[2]))
    for place, moiety in enumerate(pk.moieties):
        name = moiety.name.removeprefix("d6-")
        known += plasma[:, place] * (slopes[name].value if name in slopes else math.nan)
    return known


def normal_below(value: float) -> float:
    """Return the standard normal distribution function.

    Examples
    --------
    >>> normal_below(0.0)
    0.5
    """
    return 0.5 * math.erfc(-value / math.sqrt(2.0))
