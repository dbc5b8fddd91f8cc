"""D2 receptors that grow in number while dopamine activates few of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vmatcore import check
from vmatcore.arithmetic import exponential
from vmatcore.epochs.presets import SOURCES

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Adaptation"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Adaptation:
    """How the number of D2 receptors follows their activation. A hypothesis in people.

    Parameters
    ----------
    gain : float
        Relative growth if nothing activates them for good; 0 turns adaptation off.
    time_days : float
        Time constant in d.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Notes
    -----
    dn/dt = (1 + gain x fall - n)/time, with fall how far the activation of a receptor
    lies below that without drug, 0 if it lies above. The number n multiplies
    activation: tolerance on the drug, rebound after it.

    Examples
    --------
    >>> Adaptation(gain=0.2).after(np.array([1.0]), np.array([0.5]), days=70.0).round(3)
    array([1.1])
    """

    gain: float = SOURCES["gain"].value
    time_days: float = SOURCES["time_days"].value

    def __post_init__(self) -> None:
        for name, low, high in (("gain", 0.0, 100.0), ("time_days", 1e-3, 1e6)):
            value = check.number(name, getattr(self, name), minimum=low, maximum=high)
            object.__setattr__(self, name, value)

    def after(self, number: FloatArray, activation: FloatArray, *, days: float) -> FloatArray:
        """Return the number of receptors after days of steady activation, (subject,).

        Parameters
        ----------
        number : ndarray (subject,)
            Before, relative to that without drug.
        activation : ndarray (subject,)
            Of one receptor, relative to that without drug.
        days : float
            How long, in d.
        """
        target = 1.0 + self.gain * np.maximum(1.0 - activation, 0.0)
        kept = float(exponential(np.array([-days / self.time_days]))[0])
        grown: FloatArray = target + (number - target) * kept
        return grown
