"""The result: hours until a target is back, with an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore.result import Result, labelled

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["WashoutInterval"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class WashoutInterval(Result):
    """Hours from the last dose until a target stays within its tolerance.

    Attributes
    ----------
    target : str
        ``"occupancy"`` or ``"content"``.
    site : str or None
        Whose content.
    tolerance : float
        Occupancy must stay below it; content above 1 - it, relative to no drug.
    level : float
        Share of the draws between ``low_h`` and ``high_h``.
    hours : ndarray (subject,)
        With every constant at its value. Infinite: not within two years; NaN: the
        subject could not be followed.
    low_h, high_h : ndarray (subject,)
        The interval.
    draws_h : ndarray (subject, draw)
        Every draw.
    drivers : dict of str to float
        Rank correlation of the hours of the first subject that could be followed with
        each constant that was drawn, strongest first; empty where all hours are alike.
    provenance : dict
        Versions, seed and settings.

    Examples
    --------
    >>> import vmatcore as vm
    >>> run = vm.simulate("tetrabenazine 25 mg")
    >>> repr(vm.washout(run, draws=1, seed=1)).splitlines()[0]
    'Washout of occupancy to within 0.1'
    """

    target: str
    site: str | None
    tolerance: float
    level: float
    hours: FloatArray = labelled("subject", unit="h")
    low_h: FloatArray = labelled("subject", unit="h")
    high_h: FloatArray = labelled("subject", unit="h")
    draws_h: FloatArray = labelled("subject", "draw", unit="h")
    drivers: dict[str, float]
    provenance: dict[str, Any]

    def __repr__(self) -> str:
        what = self.target if self.site is None else f"{self.target} ({self.site})"
        lines = [f"Washout of {what} to within {self.tolerance:g}"]
        for hours, low, high in zip(self.hours, self.low_h, self.high_h, strict=True):
            if math.isnan(hours):
                lines.append("  could not be followed")
                continue
            lines.append(
                f"  {hours / 24:.1f} d, {100 * self.level:g} % interval "
                f"{low / 24:.1f} to {high / 24:.1f} d"
            )
        first = list(self.drivers.items())[:3]
        if first:
            lines.append("  set by " + ", ".join(f"{name} ({value:+.2f})" for name, value in first))
        return "\n".join(lines)
