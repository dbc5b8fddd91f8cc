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
    >>> Condition.named("tardive_dystonia").tone_share
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
        ['tardive_dyskinesia', 'huntington_chorea', 'tourette', 'tardive_dystonia']
        """
        return list(CONDITIONS)

    @staticmethod
    def named(name: str) -> Condition:
        """Return one of the four.

        Examples
        --------
        >>> Condition.named("huntington_chorea").tone_share
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
        >>> Condition.sources()["huntington_chorea"].spread
        (0.75, 1.0)
        """
        return CONDITIONS | {"memory_gain": MEMORY_GAIN}

    def signs(
        self, tone: FloatArray, engram: FloatArray, *, reference: int
    ) -> tuple[FloatArray, FloatArray]:
        """Return the tone-driven and the memory-driven sign (epoch,), each 1 at the reference."""
        present = np.maximum(engram, 0.0)
        factor = 1.0 + self.memory_gain * present
        relative = tone / tone[reference]
        return relative, relative * (factor / factor[reference])

    def severity(self, tone: FloatArray, engram: FloatArray, *, reference: int) -> FloatArray:
        """Return the severity (epoch,), 1 at the reference epoch."""
        first, second = self.signs(tone, engram, reference=reference)
        total: FloatArray = self.tone_share * first + (1.0 - self.tone_share) * second
        return total
