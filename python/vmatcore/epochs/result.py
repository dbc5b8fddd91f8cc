"""What the loop over epochs returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.plasticity import Condition, PlasticityResult
from vmatcore.result import Result, labelled, median_of_known
from vmatcore.subject import Subject

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["EpochsResult"]

#: Columns of the card after the first one.
_COLUMNS = 4


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class EpochsResult(Result):
    """Ill days, then the days of a run. A hypothesis.

    ``time`` is before the first epoch and after every one; levels are relative to those
    without drug. A subject whom an earlier stage could not follow is NaN from day 0 on.

    Attributes
    ----------
    day : ndarray (time,)
        Days since the run began; ill days before it are negative.
    burst, dip, d2 : ndarray (subject, epoch)
        Mean D1 occupancy in bursts, depth of dips and D2 activation of a receptor.
    go, no_go : ndarray (subject, time)
        Weights for and against the motor program; means over synapses if there are any.
    receptor_number : ndarray (subject, time)
        D2 receptors.
    activity_per_s : ndarray (subject, epoch)
        How often the program runs.
    tone : ndarray (subject, epoch)
        What shows the signs; see :func:`vmatcore.epochs.simulate`.
    ill_epochs : int
        Epochs before day 0.
    subjects : tuple of Subject
        Who they are.
    synapses : tuple of PlasticityResult
        The last epoch of the synapses of each subject that could be followed; empty without
        synapses.
    provenance : dict
        Versions and every parameter.
    """

    day: FloatArray = labelled("time", unit="d")
    burst: FloatArray = labelled("subject", "epoch", unit="ratio")
    dip: FloatArray = labelled("subject", "epoch", unit="ratio")
    d2: FloatArray = labelled("subject", "epoch", unit="ratio")
    go: FloatArray = labelled("subject", "time", unit="ratio")
    no_go: FloatArray = labelled("subject", "time", unit="ratio")
    receptor_number: FloatArray = labelled("subject", "time", unit="ratio")
    activity_per_s: FloatArray = labelled("subject", "epoch", unit="1/s")
    tone: FloatArray = labelled("subject", "epoch", unit="ratio")
    ill_epochs: int
    subjects: tuple[Subject, ...]
    synapses: tuple[PlasticityResult, ...]
    provenance: dict[str, Any]

    @property
    def engram(self) -> FloatArray:
        """G - N, (subject, time)."""
        difference: FloatArray = self.go - self.no_go
        return difference

    def severity(self, condition: Condition | str | None = None) -> FloatArray:
        """Return the severity of a condition in each epoch, (subject, epoch).

        It is 1 at rest with the engram of day 0: at the end of the ill days.

        Parameters
        ----------
        condition : Condition or str, optional
            The mix of signs, or the name of one of the four; without it that of the
            subjects.

        Raises
        ------
        ParameterError, ParameterTypeError
            If there is no such condition, none is given and no subject has one, or
            subjects do not share one.

        Examples
        --------
        >>> import vmatcore as vm
        >>> run = vm.simulate("valbenazine 80 mg q24h x 56", until_h=84 * 24, every_h=2)
        >>> found = run.plasticity
        >>> chorea, dystonia = (
        ...     found.severity(name) for name in ("Huntington's chorea", "tardive dystonia")
        ... )
        >>> bool(chorea[0, -1] > 0.95 > 0.9 > dystonia[0, -1])
        True
        """
        mix = self._mix(condition)
        return mix.severity(
            self.tone, self.engram[:, 1:], reference=(1.0, self.engram[:, [self.ill_epochs]])
        )

    def _mix(self, condition: Condition | str | None) -> Condition:
        if condition is None:
            named = {person.condition for person in self.subjects}
            known = sorted(name for name in named if name is not None)
            if not known:
                raise ParameterError("`condition` must be given where no subject has one, got None")
            if len(named) != 1:
                beside = " and subjects without one" if None in named else ""
                raise ParameterError(
                    "`condition` must be given where the subjects do not share one, "
                    f"got {shown(known)}{beside}"
                )
            condition = known[0]
        mix = Condition.named(condition) if isinstance(condition, str) else condition
        if not isinstance(mix, Condition):
            raise ParameterTypeError(f"`condition` must be a Condition, got {shown(condition)}")
        return mix

    def __repr__(self) -> str:
        followed = len(self.tone[0]) - self.ill_epochs if len(self.tone) else 0
        ill, treated = (round(days, 6) + 0.0 for days in (-self.day[0], self.day[-1]))  # no -0
        lines = [
            f"Epochs (hypothesis), {len(self.tone)} subject(s), {ill:g} days ill, "
            f"{treated:g} followed"
        ]
        steps = sorted({followed * place // _COLUMNS for place in range(1, _COLUMNS + 1)} - {0})
        places = [self.ill_epochs + step - 1 for step in steps]
        if not len(self.tone) or not places:
            return lines[0]
        lost = int(np.isnan(self.tone[:, -1]).sum())
        if lost == len(self.tone):
            return f"{lines[0]}\n  {lost} could not be followed"
        if lost:
            lines.append(f"  {lost} could not be followed; the medians are those of the others")
        cells = "".join(f"{self.day[place + 1]:>9.4g}" for place in places)
        lines.append(f"  {'median on day':<22}{cells}")
        rows = {name: self.severity(name) for name in Condition.names()}
        rows |= {"engram": self.engram[:, 1:], "D2 receptors": self.receptor_number[:, 1:]}
        for name, values in rows.items():
            cells = "".join(f"{median_of_known(values[:, place]):>9.2f}" for place in places)
            lines.append(f"  {name:<22}{cells}")
        return "\n".join(lines)
