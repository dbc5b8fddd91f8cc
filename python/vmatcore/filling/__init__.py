"""Filling: molecules in vesicles, one by one or by their exact laws.

- :func:`simulate`: contents of many vesicles at some times; ``method`` chooses how
- :func:`distribution`: the probability of every content, without chance
- :class:`BirthDeath`: the bare process, for other uses
- :class:`ProtonSupply`: for a vesicle whose gradient is spent and renewed
- :class:`Steps`: a drive that changes in time
- :class:`Moments`, :class:`Histogram`: keep these instead of every content
"""

from vmatcore.filling.keep import Histogram, Moments
from vmatcore.filling.result import (
    FillingDistribution,
    FillingEvents,
    FillingHistogram,
    FillingLumens,
    FillingMean,
    FillingMeanLumen,
    FillingMoments,
    FillingResult,
)
from vmatcore.filling.stage import METHODS, distribution, simulate
from vmatcore.steps import Steps
from vmatcore.vesicle import BirthDeath, ProtonSupply

__all__ = [
    "METHODS",
    "BirthDeath",
    "FillingDistribution",
    "FillingEvents",
    "FillingHistogram",
    "FillingLumens",
    "FillingMean",
    "FillingMeanLumen",
    "FillingMoments",
    "FillingResult",
    "Histogram",
    "Moments",
    "ProtonSupply",
    "Steps",
    "distribution",
    "simulate",
]
