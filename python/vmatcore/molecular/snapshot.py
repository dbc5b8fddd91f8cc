"""One subject at one hour: filling, release and signal at both levels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vmatcore.filling import FillingMean, FillingResult
from vmatcore.filling import simulate as fill
from vmatcore.molecular.drives import Drives
from vmatcore.release import (
    FillingContent,
    ReleaseFusions,
    ReleaseMean,
    ReleaseMeanRows,
    ReleaseRowFusions,
    Synapse,
    expected,
)
from vmatcore.release import simulate as release
from vmatcore.signal import Region, SignalResult
from vmatcore.signal import simulate as sense
from vmatcore.spikes import SpikeTrain
from vmatcore.vesicle import Vesicle

__all__ = ["READ_EVERY_S", "Setup", "Snapshot", "take"]

#: Reads of the contents, s.
READ_EVERY_S = 600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """What all snapshots of one call share: the synapse, the trains, the seed."""

    synapse: Synapse
    region: Region
    train: SpikeTrain
    synapses: int
    vesicles: int
    binding: str
    residence_s: float | None
    seed: int
    calls: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Snapshot:
    """One subject at one hour; 0 s of the spikes is where the train begins.

    Attributes
    ----------
    drives : Drives
        Working VMAT2 and cytosolic dopamine before the hour.
    filling : FillingResult
        Contents of single vesicles; the last read is at the hour.
    filling_mean : FillingMean
        Their mean under the same drives, without chance.
    release : ReleaseFusions or ReleaseRowFusions
        Quanta and molecules at the spikes, which end at the hour.
    release_mean : ReleaseMean
        Their mean given the same spikes, with fast binding.
    signal, signal_mean : SignalResult
        Dopamine and its receptors, from the one and from the other.

    Examples
    --------
    >>> import vmatcore as vm
    >>> run = vm.simulate("valbenazine 80 mg q24h x 14")
    >>> one = vm.molecular.simulate(run, at_h=[300], synapses=50, vesicles=50, seed=1).of()
    >>> simulated, expected = one.content()
    >>> bool(abs(simulated / expected - 1) < 0.05), one.share_below(0.0)
    (True, 0.0)
    """

    drives: Drives
    filling: FillingResult
    filling_mean: FillingMean
    release: ReleaseFusions | ReleaseRowFusions
    release_mean: ReleaseMean
    signal: SignalResult
    signal_mean: SignalResult

    def content(self) -> tuple[float, float]:
        """Return the mean molecules of a vesicle at the hour: simulated, and expected."""
        held = self.filling.molecules[:, -1]
        simulated = float(held.mean()) if len(held) else float("nan")
        return simulated, float(self.filling_mean.mean[-1])

    def quantum(self) -> tuple[float, float]:
        """Return the mean molecules of a released vesicle: simulated, and expected."""
        sizes, mean = self.release.fusion_molecules, self.release_mean
        simulated = float(sizes.mean()) if len(sizes) else float("nan")
        fused = float(mean.quanta.sum())
        return simulated, float(mean.molecules.sum()) / fused if fused else float("nan")

    def quanta_per_spike(self) -> tuple[float, float]:
        """Return the mean quanta of a synapse at a spike: simulated, and expected."""
        counts, mean = self.release.quanta, self.release_mean.quanta
        if not counts.size:
            return float("nan"), float("nan")
        return float(counts.mean()), float(mean.mean())

    def share_below(self, molecules: float) -> float:
        """Return the share of released vesicles that held less than so many molecules."""
        sizes = self.release.fusion_molecules
        return float((sizes < molecules).mean()) if len(sizes) else float("nan")


def take(drives: Drives, setup: Setup) -> Snapshot:
    """Run filling, release and signal under some drives, and their means beside them."""
    vesicle = Vesicle()
    follow: dict[str, Any] = {
        "active": drives.active,
        "cytosol_umol_l": drives.cytosol_umol_l,
        "start": "full",
    }
    sit: dict[str, Any] = {"binding": setup.binding, "residence_s": setup.residence_s}
    reads = np.arange(drives.window_s, -1e-9, -READ_EVERY_S)[::-1]
    filling = {"time_s": reads, "vesicles": setup.vesicles, "seed": setup.seed, **follow, **sit}
    contents = fill(vesicle, **filling, **setup.calls)
    contents_mean: Any = fill(vesicle, **filling, method="mean", **setup.calls)
    # Spikes are told on the clock of the drives, so that vesicles that were not yet
    # released carry their whole history; what happened is told on the train's own.
    train = setup.train
    shifted = replace(
        train,
        time_s=train.time_s + (drives.window_s - train.duration_s),
        duration_s=drives.window_s,
    )
    own: dict[str, Any] = {"time_s": train.time_s, "duration_s": train.duration_s}
    released = release(
        setup.synapse,
        shifted,
        content=FillingContent(vesicle, **follow, **sit),
        synapses=setup.synapses,
        seed=setup.seed,
        keep="fusions",
        **setup.calls,
    )
    mean = expected(setup.synapse, shifted, content=FillingContent(vesicle, **follow))
    released, mean = replace(released, **own), replace(mean, **own)
    block = {"D2": drives.d2_block}
    # Begin where the mean field settles: the transient from the level without drug is not
    # of this hour.
    start = setup.region.steady_nmol_l(_molecules_per_s(mean, setup))
    heard: dict[str, Any] = {"start": start, "block": block, **setup.calls}
    return Snapshot(
        drives=drives,
        filling=contents,
        filling_mean=contents_mean,
        release=released,
        release_mean=mean,
        signal=sense(released, setup.region, **heard),
        signal_mean=sense(mean, setup.region, **heard),
    )


def _molecules_per_s(mean: ReleaseMean, setup: Setup) -> float:
    """Return the expected release of one synapse over the train."""
    synapses = len(mean.offsets) - 1 if isinstance(mean, ReleaseMeanRows) else 1
    return float(mean.molecules.sum()) / max(synapses, 1) / setup.train.duration_s
