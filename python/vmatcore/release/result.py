"""What release returns: quanta and molecules, or what was kept of them."""

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
    "ReleaseCourse",
    "ReleaseFusions",
    "ReleaseHistogram",
    "ReleaseMean",
    "ReleaseMeanRows",
    "ReleaseMoments",
    "ReleaseResult",
    "ReleaseRowFusions",
    "ReleaseRows",
]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class _Released(Result):
    """What every result of release has."""

    time_s: FloatArray = labelled("spike", unit="s")
    duration_s: float
    provenance: dict[str, Any]

    @property
    def seed(self) -> int:
        """The seed that gives this result again."""
        return int(self.provenance["seed"])


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ReleaseResult(_Released):
    """Quanta and molecules of every synapse at spikes that all share.

    Attributes
    ----------
    time_s : ndarray (spike,)
        Spike times in s.
    quanta : ndarray of uint32 (synapse, spike)
        Vesicles that fused.
    molecules : ndarray (synapse, spike)
        Molecules that they released.
    duration_s : float
        The end of the train in s.
    provenance : dict
        Versions, seed and every parameter.
    """

    quanta: Counts = labelled("synapse", "spike", unit="quanta")
    molecules: FloatArray = labelled("synapse", "spike", unit="molecules")

    def failures(self) -> FloatArray:
        """Return the share of synapses without a quantum at each spike, (spike,)."""
        share: FloatArray = (self.quanta == 0).mean(axis=0)
        return share

    def paired_pulse_ratio(self) -> float:
        """Return the mean release at the second spike over that at the first.

        Examples
        --------
        >>> import vmatcore as vm
        >>> train = vm.spikes.from_times([0.0, 0.1])
        >>> rel = vm.release.simulate(
        ...     vm.Synapse(sites=10, probability=0.5), train, synapses=5000, seed=1
        ... )
        >>> bool(0.5 < rel.paired_pulse_ratio() < 0.53)
        True
        """
        spikes = self.quanta.shape[1]
        check.whole("number of spikes", spikes, minimum=2)
        first, second = self.molecules[:, 0].mean(), self.molecules[:, 1].mean()
        return float(second / first) if first else float("nan")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ReleaseFusions(ReleaseResult):
    """Quanta and molecules, and what every fused vesicle held.

    Attributes
    ----------
    fusion_molecules : ndarray (fusion,)
        Molecules of each fused vesicle: those of the first synapse's first spike,
        then of its second, and so on.
    """

    fusion_molecules: FloatArray = labelled("fusion", unit="molecules")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ReleaseRows(_Released):
    """Quanta and molecules of synapses with trains of their own, one after another.

    Attributes
    ----------
    time_s : ndarray (spike,)
        Spike times in s of the first synapse, then of the second, and so on.
    offsets : ndarray of uint64 (synapse + 1,)
        Spikes of synapse ``i`` are ``offsets[i]`` to ``offsets[i + 1]``.
    quanta : ndarray of uint32 (spike,)
        Vesicles that fused.
    molecules : ndarray (spike,)
        Molecules that they released.
    """

    offsets: LongCounts = labelled("synapse + 1", unit="spikes")
    quanta: Counts = labelled("spike", unit="quanta")
    molecules: FloatArray = labelled("spike", unit="molecules")

    def of(self, synapse: int) -> tuple[FloatArray, Counts, FloatArray]:
        """Return times (s), quanta and molecules of one synapse's spikes."""
        row = check.whole("synapse", synapse, minimum=0, maximum=len(self.offsets) - 2)
        part = slice(int(self.offsets[row]), int(self.offsets[row + 1]))
        return self.time_s[part], self.quanta[part], self.molecules[part]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ReleaseRowFusions(ReleaseRows):
    """Quanta and molecules of trains of their own, and what every fused vesicle held.

    Attributes
    ----------
    fusion_molecules : ndarray (fusion,)
        Molecules of each fused vesicle, in the order of the spikes.
    """

    fusion_molecules: FloatArray = labelled("fusion", unit="molecules")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ReleaseMoments(_Released):
    """Means and variances over the synapses at each spike.

    Attributes
    ----------
    quanta_mean, quanta_variance : ndarray (spike,)
        Of the quanta; variances are over synapses - 1.
    molecules_mean, molecules_variance : ndarray (spike,)
        Of the molecules, counted in parts of 1/1024; of less where quanta are far
        smaller than a vesicle's, and of more where they are far larger.
    failures : ndarray of uint64 (spike,)
        Synapses without a quantum.
    """

    quanta_mean: FloatArray = labelled("spike", unit="quanta")
    quanta_variance: FloatArray = labelled("spike", unit="quanta^2")
    molecules_mean: FloatArray = labelled("spike", unit="molecules")
    molecules_variance: FloatArray = labelled("spike", unit="molecules^2")
    failures: LongCounts = labelled("spike", unit="synapses")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ReleaseHistogram(_Released):
    """Counts of fused vesicles by what they held.

    Attributes
    ----------
    edges : ndarray (bin + 1,)
        Edges of the bins.
    counts : ndarray of uint64 (spike, bin)
        Fused vesicles whose content lies in the bin, lower edge included.
    below, above : ndarray of uint64 (spike,)
        Fused vesicles below the first edge, and from the last edge on.
    """

    edges: FloatArray = labelled("bin + 1", unit="molecules")
    counts: LongCounts = labelled("spike", "bin", unit="vesicles")
    below: LongCounts = labelled("spike", unit="vesicles")
    above: LongCounts = labelled("spike", unit="vesicles")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ReleaseMean(Result):
    """Expected quanta and molecules of one synapse, without chance.

    Attributes
    ----------
    time_s : ndarray (spike,)
        Spike times in s.
    quanta : ndarray (spike,)
        Expected vesicles that fuse.
    molecules : ndarray (spike,)
        Expected molecules that they release.
    """

    time_s: FloatArray = labelled("spike", unit="s")
    duration_s: float
    quanta: FloatArray = labelled("spike", unit="quanta")
    molecules: FloatArray = labelled("spike", unit="molecules")
    provenance: dict[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ReleaseMeanRows(ReleaseMean):
    """Expected quanta and molecules of synapses with trains of their own.

    Attributes
    ----------
    offsets : ndarray of uint64 (synapse + 1,)
        Spikes of synapse ``i`` are ``offsets[i]`` to ``offsets[i + 1]``.
    """

    offsets: LongCounts = labelled("synapse + 1", unit="spikes")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ReleaseCourse(ReleaseMean):
    """Expected quanta and molecules of one synapse in equal steps of time, from a rate.

    Attributes
    ----------
    time_s : ndarray (step,)
        Middles of the steps in s.
    quanta : ndarray (step,)
        Expected vesicles that fuse in a step.
    molecules : ndarray (step,)
        Expected molecules that they release.
    filled : ndarray (step + 1,)
        Share of the sites that hold a vesicle at the edges of the steps.
    """

    time_s: FloatArray = labelled("step", unit="s")
    quanta: FloatArray = labelled("step", unit="quanta")
    molecules: FloatArray = labelled("step", unit="molecules")
    filled: FloatArray = labelled("step + 1", unit="fraction")
