"""Release: quanta over spikes, what each holds, and how to find n, p and q again.

- :func:`simulate`: quanta and molecules of many synapses at every spike
- :func:`expected`: their means, without chance
- :func:`expected_rate`: the same from a rate of spikes, for synapses with trains of their own
- :func:`estimate`: n, p and q with confidence intervals, of any amplitudes
- :class:`Synapse`: sites, chance, refilling
- :class:`ConstantQuantum`, :class:`LognormalQuantum`, :class:`FillingContent`: what a vesicle holds
- :class:`Moments`, :class:`Histogram`: keep these instead of every number
"""

from vmatcore.filling.keep import Histogram, Moments
from vmatcore.release.content import ConstantQuantum, FillingContent, LognormalQuantum
from vmatcore.release.quantal import Interval, QuantalEstimate, estimate
from vmatcore.release.rate import expected_rate
from vmatcore.release.result import (
    ReleaseCourse,
    ReleaseFusions,
    ReleaseHistogram,
    ReleaseMean,
    ReleaseMeanRows,
    ReleaseMoments,
    ReleaseResult,
    ReleaseRowFusions,
    ReleaseRows,
)
from vmatcore.release.stage import expected, simulate
from vmatcore.release.synapse import Synapse

__all__ = [
    "ConstantQuantum",
    "FillingContent",
    "Histogram",
    "Interval",
    "LognormalQuantum",
    "Moments",
    "QuantalEstimate",
    "ReleaseCourse",
    "ReleaseFusions",
    "ReleaseHistogram",
    "ReleaseMean",
    "ReleaseMeanRows",
    "ReleaseMoments",
    "ReleaseResult",
    "ReleaseRowFusions",
    "ReleaseRows",
    "Synapse",
    "estimate",
    "expected",
    "expected_rate",
    "simulate",
]
