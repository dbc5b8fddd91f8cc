"""What plasticity returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.plasticity.condition import Condition
from vmatcore.result import Result, labelled

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["PlasticityResult"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PlasticityResult(Result):
    """Weights of every synapse before the first epoch and after every one. A hypothesis.

    Attributes
    ----------
    day : ndarray (time,)
        Days since the start: 0 and the ends of the epochs.
    go, no_go : ndarray (synapse, time)
        Weights for and against the motor program; 1 is the prior.
    expected : ndarray (synapse, time)
        The expectation V.
    tone : ndarray (epoch,)
        Tone of each epoch relative to that without drug.
    seed : int
        Of the random streams.
    first : int
        Number of the first synapse.
    trials : int
        Trials that each synapse has seen since its own start.
    provenance : dict
        Versions and every parameter.
    """

    day: FloatArray = labelled("time", unit="d")
    go: FloatArray = labelled("synapse", "time", unit="ratio")
    no_go: FloatArray = labelled("synapse", "time", unit="ratio")
    expected: FloatArray = labelled("synapse", "time", unit="fraction")
    tone: FloatArray = labelled("epoch", unit="ratio")
    seed: int
    first: int
    trials: int
    provenance: dict[str, Any]

    @property
    def engram(self) -> FloatArray:
        """Mean of G - N over the synapses, (time,); NaN without synapses."""
        if not len(self.go):
            return np.full(len(self.day), np.nan)
        mean: FloatArray = (self.go - self.no_go).mean(axis=0)
        return mean

    def severity(
        self, condition: Condition | str, *, reference: int | PlasticityResult = -1
    ) -> FloatArray:
        """Return the severity of a condition at the end of each epoch.

        Parameters
        ----------
        condition : Condition or str
            The mix of signs, or the name of one of the four.
        reference : int or PlasticityResult
            Epoch whose severity is 1, such as the last one before the drug; from the
            end if negative. Or an earlier result, such as the ``start`` of this one,
            whose last epoch is meant.

        Returns
        -------
        ndarray (epoch,)

        Raises
        ------
        ParameterError, ParameterTypeError
            If there is no such condition or epoch, or no tone at the reference.

        Examples
        --------
        >>> import vmatcore as vm
        >>> drive = vm.plasticity.Drive
        >>> ill, after = drive.steady(days=200), drive.steady(days=28)
        >>> treated = drive.steady(days=56, burst=0.2, dip=0.3, tone=0.4)
        >>> run = vm.plasticity.simulate(ill.then(treated).then(after), synapses=200, seed=1)
        >>> chorea = run.severity("Huntington's chorea", reference=199)
        >>> dystonia = run.severity("tardive dystonia", reference=199)
        >>> bool(chorea[-1] > 0.9 > 0.8 > dystonia[-1])
        True
        """
        mix = Condition.named(condition) if isinstance(condition, str) else condition
        if not isinstance(mix, Condition):
            raise ParameterTypeError(f"`condition` must be a Condition, got {shown(condition)}")
        earlier = reference if isinstance(reference, PlasticityResult) else self
        epochs = len(earlier.tone)
        if not epochs:
            raise ParameterError("`reference` must be an epoch, got a result without any")
        place = -1 if earlier is reference else reference
        at = check.whole("reference", place, minimum=-epochs, maximum=epochs - 1)
        if earlier.tone[at] <= 0.0:
            raise ParameterError(f"`reference` must be an epoch with some tone, got {place}")
        rest = (earlier.tone[at], earlier.engram[1:][at])
        return mix.severity(self.tone, self.engram[1:], reference=rest)
