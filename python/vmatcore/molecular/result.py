"""What the molecular level returns: numbers at both levels, side by side, and every snapshot."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore.molecular.snapshot import Snapshot
from vmatcore.result import Result, labelled

if TYPE_CHECKING:
    import numpy.typing as npt

    from vmatcore.filling import FillingResult
    from vmatcore.release import ReleaseFusions, ReleaseRowFusions

    FloatArray = npt.NDArray[np.float64]

__all__ = ["LOW_SHARE", "READOUTS", "MolecularResult"]

#: Below this share of the mean quantum without drug a quantum counts as nearly empty.
LOW_SHARE = 0.1

#: Readouts of the signal, and how the card calls them.
READOUTS = {
    "tonic": "tonic dopamine",
    "burst_peak": "burst peak",
    "pause_depth": "pause depth",
    "d1_burst": "D1, largest",
    "d2_mean": "D2, mean",
}

#: Snapshots that the card shows.
_MOST_SHOWN = 6


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class MolecularResult(Result):
    """Subjects at some hours, molecule by molecule and by the mean field.

    The last axis is (simulated, expected): averages over single vesicles and synapses,
    and the mean field of the same drives and the same spikes. A subject whose kinetics
    failed is NaN.

    Attributes
    ----------
    at_h : ndarray (hour,)
        The hours.
    held : ndarray (subject, hour)
        Share of VMAT2 held by drug in the last minute before the hour.
    content_molecules : ndarray (subject, hour, level)
        Mean molecules of a vesicle at the hour.
    quantum_molecules : ndarray (subject, hour, level)
        Mean molecules of a released vesicle over the train.
    quanta_per_spike : ndarray (subject, hour, level)
        Mean quanta of a synapse at a spike, silent synapses included.
    low_share : ndarray (subject, hour)
        Share of quanta below 10 % of the mean quantum without drug.
    readouts : dict of ndarray (subject, hour, level)
        Of the signal, relative to those without drug at the same level.
    snapshots : tuple of tuple of Snapshot or None
        Every result, (subject, hour); None where the subject failed.
    baseline : Snapshot
        The same without drug: same seed, same spikes, same fusions.
    status : tuple of str
        For each subject "ok", or why it failed.
    provenance : dict
        Versions, seed and every setting.

    Examples
    --------
    >>> import vmatcore as vm
    >>> run = vm.simulate("valbenazine 80 mg q24h x 14")
    >>> found = vm.molecular.simulate(run, at_h=[6, 300], synapses=50, vesicles=50, seed=1)
    >>> found.content_molecules.shape, found.readouts["tonic"].shape
    ((1, 2, 2), (1, 2, 2))
    >>> bool(found.readouts["tonic"][0, 1, 1] < 0.5), found.failed
    (True, ())
    """

    at_h: FloatArray = labelled("hour", unit="h")
    held: FloatArray = labelled("subject", "hour", unit="fraction")
    content_molecules: FloatArray = labelled("subject", "hour", "level", unit="molecules")
    quantum_molecules: FloatArray = labelled("subject", "hour", "level", unit="molecules")
    quanta_per_spike: FloatArray = labelled("subject", "hour", "level", unit="quanta")
    low_share: FloatArray = labelled("subject", "hour", unit="fraction")
    readouts: dict[str, FloatArray] = labelled("subject", "hour", "level", unit="ratio")
    snapshots: tuple[tuple[Snapshot | None, ...], ...]
    baseline: Snapshot
    status: tuple[str, ...]
    provenance: dict[str, Any]

    @property
    def seed(self) -> int:
        """The seed that gives this result again."""
        return int(self.provenance["seed"])

    @property
    def failed(self) -> tuple[int, ...]:
        """Subjects that are NaN; :attr:`status` says why."""
        return tuple(row for row, status in enumerate(self.status) if status != "ok")

    @property
    def filling(self) -> tuple[tuple[FillingResult | None, ...], ...]:
        """Contents of single vesicles, (subject, hour)."""
        return tuple(
            tuple(None if one is None else one.filling for one in row) for row in self.snapshots
        )

    @property
    def release(self) -> tuple[tuple[ReleaseFusions | ReleaseRowFusions | None, ...], ...]:
        """Quanta of single synapses, (subject, hour)."""
        return tuple(
            tuple(None if one is None else one.release for one in row) for row in self.snapshots
        )

    def of(self, subject: int = 0, hour: int = 0) -> Snapshot | None:
        """Return the snapshot of one subject at one hour, by their numbers.

        Raises
        ------
        ParameterError, ParameterTypeError
            If there is no such subject or hour.
        """
        row = check.whole("subject", subject, minimum=0, maximum=len(self.snapshots) - 1)
        place = check.whole("hour", hour, minimum=0, maximum=len(self.at_h) - 1)
        return self.snapshots[row][place]

    def __repr__(self) -> str:
        made = self.provenance
        lines = [
            f"MolecularResult of {made['synapses']} synapses and {made['vesicles']} vesicles, "
            f"seed {made['seed']}"
        ]
        places = [(s, h) for s in range(len(self.snapshots)) for h in range(len(self.at_h))]
        for subject, hour in places[:_MOST_SHOWN]:
            lines += self._card(subject, hour)
        if len(places) > _MOST_SHOWN:
            lines.append(f"  and {len(places) - _MOST_SHOWN} more; see .snapshots")
        return "\n".join(lines)

    def _card(self, subject: int, hour: int) -> list[str]:
        title = f"  subject {subject} at {self.at_h[hour]:g} h"
        if self.snapshots[subject][hour] is None:
            return [f"{title}: {self.status[subject]}"]
        held = f"{title}, VMAT2 held {self.held[subject, hour]:.2f}"
        lines = [f"{held:42}{'simulated':>11}{'mean field':>12}{'no drug':>11}"]
        low = self.baseline.share_below(LOW_SHARE * self.baseline.quantum()[0])
        rest = self.baseline
        for name, levels, normal, digits in (
            ("molecules in a vesicle", self.content_molecules, rest.content()[0], 0),
            ("molecules in a quantum", self.quantum_molecules, rest.quantum()[0], 0),
            ("quanta per spike", self.quanta_per_spike, rest.quanta_per_spike()[0], 4),
        ):
            two = levels[subject, hour]
            lines.append(
                f"    {name:38}{two[0]:11.{digits}f}{two[1]:12.{digits}f}{normal:11.{digits}f}"
            )
        share = self.low_share[subject, hour]
        lines.append(f"    {'quanta below 10 % of normal':38}{share:11.1%}{'':12}{low:11.1%}")
        for name, words in READOUTS.items():
            two = self.readouts[name][subject, hour]
            lines.append(f"    {words + ', relative':38}{two[0]:11.3f}{two[1]:12.3f}{1.0:11.3f}")
        return lines


def gather(
    snapshots: tuple[tuple[Snapshot | None, ...], ...],
    hours: int,
    baseline: Snapshot,
    since_s: float,
) -> dict[str, FloatArray | dict[str, FloatArray]]:
    """Return the arrays of a result from its snapshots."""
    shape = (len(snapshots), hours)
    held, low = np.full(shape, np.nan), np.full(shape, np.nan)
    content, quantum, per_spike = (np.full((*shape, 2), np.nan) for _ in range(3))
    readouts = {name: np.full((*shape, 2), np.nan) for name in READOUTS}
    limit = LOW_SHARE * baseline.quantum()[0]
    for subject, row in enumerate(snapshots):
        for hour, one in enumerate(row):
            if one is None:
                continue
            at = subject, hour
            held[at] = 1.0 - one.drives.active.values[-1]
            low[at] = one.share_below(limit)
            content[at], quantum[at] = one.content(), one.quantum()
            per_spike[at] = one.quanta_per_spike()
            levels = (
                one.signal.relative_to(baseline.signal, since_s=since_s),
                one.signal_mean.relative_to(baseline.signal_mean, since_s=since_s),
            )
            for level, found in enumerate(levels):
                for name, value in asdict(found).items():
                    readouts[name][subject, hour, level] = value
    return {
        "held": held,
        "content_molecules": content,
        "quantum_molecules": quantum,
        "quanta_per_spike": per_spike,
        "low_share": low,
        "readouts": readouts,
    }
