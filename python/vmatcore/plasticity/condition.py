"""Four conditions, each a mix of a sign that tone drives and one that memory drives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vmatcore import check
from vmatcore.errors import unknown
from vmatcore.plasticity.presets import CONDITIONS, MEMORY_GAIN

if TYPE_CHECKING:
    import numpy.typing as npt

    from vmatcore.drugs.quantity import Quantity

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Condition"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """How much of a condition's severity follows tone, and how much memory. A hypothesis.

    Parameters
    ----------
    name : str
        For the reader.
    tone_share : float
        Share of the tone-driven sign; the rest is memory-driven.
    memory_gain : float
        What a unit of engram G - N adds to the memory-driven sign, whose program is
        there without an engram too.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Notes
    -----
    With tone t and engram E >= 0, each over or beside that at a reference r,

        severity = s t + (1 - s) t (1 + g E)/(1 + g E_r)

    Both signs need dopamine to show, so without an engram they are one curve. The
    mixes are assumed, set before any run, and fitted to nothing.

    Examples
    --------
    >>> Condition.named("tardive dystonia").tone_share
    0.15
    """

    name: str
    tone_share: float
    memory_gain: float = MEMORY_GAIN.value

    def __post_init__(self) -> None:
        check.text("name", self.name)
        for name, most in (("tone_share", 1.0), ("memory_gain", 1e6)):
            value = check.number(name, getattr(self, name), minimum=0, maximum=most)
            object.__setattr__(self, name, value)

    @staticmethod
    def names() -> list[str]:
        """Return the names of the conditions.

        Examples
        --------
        >>> Condition.names()
        ['tardive dyskinesia', "Huntington's chorea", "Tourette's disorder", 'tardive dystonia']
        """
        return list(CONDITIONS)

    @staticmethod
    def named(name: str) -> Condition:
        """Return one of the four.

        Examples
        --------
        >>> Condition.named("Huntington's chorea").tone_share
        0.9
        """
        if check.text("condition", name) not in CONDITIONS:
            raise unknown("condition", name, CONDITIONS)
        return Condition(name=name, tone_share=CONDITIONS[name].value)

    @staticmethod
    def sources() -> dict[str, Quantity]:
        """Return the assumed tone share of each condition and the gain, with their spread.

        Examples
        --------
        >>> Condition.sources()["Huntington's chorea"].spread
        (0.75, 1.0)
        """
        return CONDITIONS | {"memory_gain": MEMORY_GAIN}

    def signs(
        self,
        tone: FloatArray,
        engram: FloatArray,
        *,
        reference: tuple[FloatArray | float, FloatArray | float],
    ) -> tuple[FloatArray, FloatArray]:
        """Return the tone-driven and the memory-driven sign, in the shape of the tone.

        Each is 1 where tone and engram are those of the reference.
        """
        rest_tone, rest_engram = reference
        factor = 1.0 + self.memory_gain * np.maximum(engram, 0.0)
        relative = tone / rest_tone
        return relative, relative * (factor / (1.0 + self.memory_gain * np.maximum(rest_engram, 0)))

    def severity(
        self,
        tone: FloatArray,
        engram: FloatArray,
        *,
        reference: tuple[FloatArray | float, FloatArray | float],
    ) -> FloatArray:
        """Return the severity in the shape of the tone, 1 at tone and engram of the reference."""
        first, second = self.signs(tone, engram, reference=reference)
        # Written so that equal signs give the same bits whatever the share.
        total: FloatArray = second + self.tone_share * (first - second)
        return total
