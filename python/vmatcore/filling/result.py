"""What filling returns: contents, or what was kept of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore.result import Result, labelled

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    Counts = npt.NDArray[np.uint32]
    LongCounts = npt.NDArray[np.uint64]

__all__ = [
    "FillingDistribution",
    "FillingEvents",
    "FillingHistogram",
    "FillingLumens",
    "FillingMean",
    "FillingMeanLumen",
    "FillingMoments",
    "FillingResult",
]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class _Filled(Result):
    """What every result of filling has."""

    time_s: FloatArray = labelled("time", unit="s")
    provenance: dict[str, Any]

    @property
    def seed(self) -> int:
        """The seed that gives this result again."""
        return int(self.provenance["seed"])


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FillingResult(_Filled):
    """The content of every vesicle.

    Attributes
    ----------
    time_s : ndarray (time,)
        Read times in s.
    molecules : ndarray of uint32 (vesicle, time)
        Molecules in each vesicle.
    provenance : dict
        Versions, seed and every parameter.
    """

    molecules: Counts = labelled("vesicle", "time", unit="molecules")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FillingEvents(FillingResult):
    """The content of every vesicle and every entry and exit that led to it.

    Attributes
    ----------
    offsets : ndarray of uint64 (vesicle + 1,)
        Events of vesicle ``i`` are ``offsets[i]`` to ``offsets[i + 1]``.
    event_time_s : ndarray (event,)
        Time of each event in s.
    change : ndarray of int8 (event,)
        +1 for an entry, -1 for an exit.
    """

    offsets: LongCounts = labelled("vesicle + 1", unit="events")
    event_time_s: FloatArray = labelled("event", unit="s")
    change: npt.NDArray[np.int8] = labelled("event", unit="molecules")

    def of(self, vesicle: int) -> tuple[FloatArray, npt.NDArray[np.int8]]:
        """Return times (s) and changes of one vesicle's events."""
        row = check.whole("vesicle", vesicle, minimum=0, maximum=len(self.offsets) - 2)
        part = slice(int(self.offsets[row]), int(self.offsets[row + 1]))
        return self.event_time_s[part], self.change[part]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FillingLumens(FillingResult):
    """The content of every vesicle, and the gradient that holds it: with a proton supply.

    Attributes
    ----------
    ph : ndarray (vesicle, time)
        pH of the lumen.
    potential_mv : ndarray (vesicle, time)
        Potential of the lumen against the cytosol, in mV.
    """

    ph: FloatArray = labelled("vesicle", "time", unit="pH")
    potential_mv: FloatArray = labelled("vesicle", "time", unit="mV")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FillingMoments(_Filled):
    """Mean, variance and extremes of the contents.

    Attributes
    ----------
    mean, variance : ndarray (time,)
        Of the contents; the variance is over vesicles - 1.
    least, most : ndarray of uint32 (time,)
        Smallest and largest content.
    """

    mean: FloatArray = labelled("time", unit="molecules")
    variance: FloatArray = labelled("time", unit="molecules^2")
    least: Counts = labelled("time", unit="molecules")
    most: Counts = labelled("time", unit="molecules")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FillingHistogram(_Filled):
    """Counts of contents in bins.

    Attributes
    ----------
    edges : ndarray (bin + 1,)
        Edges of the bins.
    counts : ndarray of uint64 (time, bin)
        Vesicles whose content lies in the bin, lower edge included.
    below, above : ndarray of uint64 (time,)
        Vesicles below the first edge, and from the last edge on.
    """

    edges: FloatArray = labelled("bin + 1", unit="molecules")
    counts: LongCounts = labelled("time", "bin", unit="vesicles")
    below: LongCounts = labelled("time", unit="vesicles")
    above: LongCounts = labelled("time", unit="vesicles")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FillingMean(_Filled):
    """The expected content.

    Attributes
    ----------
    mean : ndarray (time,)
        Expected molecules; where the law is not linear the rate equation's, which is
        not exactly the mean.
    """

    mean: FloatArray = labelled("time", unit="molecules")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FillingMeanLumen(FillingMean):
    """The rate equations' content, pH and potential: with a proton supply.

    Attributes
    ----------
    ph : ndarray (time,)
        pH of the lumen.
    potential_mv : ndarray (time,)
        Potential of the lumen against the cytosol, in mV.
    """

    ph: FloatArray = labelled("time", unit="pH")
    potential_mv: FloatArray = labelled("time", unit="mV")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FillingDistribution(_Filled):
    """The probability of every content.

    Attributes
    ----------
    probability : ndarray (molecules, time)
        Row ``n`` is the probability of ``n`` molecules.

    Examples
    --------
    >>> import vmatcore as vm
    >>> law = vm.filling.distribution(vm.Vesicle(), active=0.1, time_s=[60, 3600])
    >>> law.mean.round().astype(int).tolist()
    [74, 717]
    """

    probability: FloatArray = labelled("molecules", "time", unit="fraction")

    @property
    def mean(self) -> FloatArray:
        """Expected molecules, (time,)."""
        return np.arange(len(self.probability)) @ self.probability

    @property
    def variance(self) -> FloatArray:
        """Variance of the content, (time,)."""
        content = np.arange(len(self.probability))[:, None]
        spread: FloatArray = ((content - self.mean) ** 2 * self.probability).sum(axis=0)
        return spread

    def quantile(self, share: float) -> npt.NDArray[np.int64]:
        """Return the smallest content at or below which a share of the vesicles lies, (time,)."""
        share = check.number("share", share, minimum=0, maximum=1)
        below = np.cumsum(self.probability, axis=0)
        reached = below >= min(share, 1.0 - 1e-9)
        return np.where(reached.any(axis=0), reached.argmax(axis=0), len(below) - 1)
