"""From D2 activation to the tone that shows signs, tied to the calibrated benefit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vmatcore.outcome.effects import share_of_score

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["tone_of"]


def tone_of(activation: FloatArray, half_effect: float) -> FloatArray:
    """Return the tone of D2 activations relative to rest, in their shape.

    With d = 1 - activation it is 1 - d/(d50 + d): one less the share of the score that
    :func:`vmatcore.outcome.evaluate` takes off. No trial tells how signs grow when
    activation is above rest; there the same curve is turned about the point of rest,
    1 + |d|/(d50 + |d|), so that tone and its slope have no jump and tone stays below 2.

    Examples
    --------
    >>> tone_of(np.array([0.5, 1.0, 1.5]), 0.5).tolist()
    [0.5, 1.0, 1.5]
    """
    fall = 1.0 - activation
    share = share_of_score(np.abs(fall), half_effect)
    tone: FloatArray = 1.0 - np.copysign(share, fall)
    return tone
