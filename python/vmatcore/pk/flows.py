"""The parts of a compartment system: flows, saturable ones too, and readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vmatcore import check
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.pk.arrays import per_subject

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    FloatLike = float | npt.ArrayLike

__all__ = ["Flow", "Readout", "Saturable"]


class Flow:
    """First-order flow out of a compartment, into another one or out of the system.

    Parameters
    ----------
    source : str
        Where it leaves.
    target : str or None
        Where it arrives; None leaves the system.
    rate_per_h : float or array (subjects,)
        Rate constant in 1/h, finite and not negative.
    drains : bool
        If false the source keeps its amount: a compartment that follows another
        one, such as a brain driven by plasma, or an integral.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> Flow("depot", "plasma", rate_per_h=1.0)
    Flow('depot', 'plasma')
    """

    __slots__ = ("drains", "rate_per_h", "source", "target")

    def __init__(
        self, source: str, target: str | None, *, rate_per_h: FloatLike, drains: bool = True
    ) -> None:
        self.source, self.target, self.drains = _ends(source, target, drains)
        self.rate_per_h = per_subject("rate_per_h", rate_per_h)

    def __repr__(self) -> str:
        return f"Flow({self.source!r}, {self.target!r})"


class Saturable:
    """Michaelis-Menten flow: ``maximum_per_h`` A/(``half_amount`` + A) of the amount A.

    Parameters
    ----------
    source : str
        Where it leaves.
    target : str or None
        Where it arrives; None leaves the system.
    maximum_per_h : float or array (subjects,)
        The fastest rate, in amounts per h; finite and not negative.
    half_amount : float or array (subjects,)
        The amount at which the rate is half of it: the Michaelis constant times the
        volume; finite and positive.
    drains : bool
        If false the source keeps its amount.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Notes
    -----
    Michaelis and Menten 1913, Biochem Z 49:333. A system with one is integrated step by
    step; see :func:`vmatcore.pk.solve`.

    Examples
    --------
    >>> Saturable("plasma", None, maximum_per_h=10.0, half_amount=0.5 * 60.0)
    Saturable('plasma', None)
    """

    __slots__ = ("drains", "half_amount", "maximum_per_h", "source", "target")

    def __init__(
        self,
        source: str,
        target: str | None,
        *,
        maximum_per_h: FloatLike,
        half_amount: FloatLike,
        drains: bool = True,
    ) -> None:
        self.source, self.target, self.drains = _ends(source, target, drains)
        self.maximum_per_h = per_subject("maximum_per_h", maximum_per_h)
        self.half_amount = per_subject("half_amount", half_amount)
        if not (self.half_amount > 0).all():
            where = f"[{int(np.argmin(self.half_amount))}]" if self.half_amount.ndim else ""
            raise ParameterError(f"`half_amount{where}` must be positive, got 0.0")

    def __repr__(self) -> str:
        return f"Saturable({self.source!r}, {self.target!r})"


def _ends(source: object, target: object, drains: object) -> tuple[str, str | None, bool]:
    """The ends of a flow, checked."""
    start = check.text("source", source)
    end = None if target is None else check.text("target", target)
    if not isinstance(drains, bool | np.bool_):
        raise ParameterTypeError(f"`drains` must be True or False, got {shown(drains)}")
    if start == end:
        raise ParameterError(f"`target` must differ from the source, got {target!r}")
    if end is None and not drains:
        raise ParameterError("`drains` must be true for a flow that leaves the system")
    return start, end, bool(drains)


class Readout:
    """A named reading: the amount in a compartment times a factor; equal names add up.

    Parameters
    ----------
    name : str
        Name of the reading.
    compartment : str
        What is read.
    per_amount : float or array (subjects,)
        The factor, such as 1/volume.

    Examples
    --------
    >>> Readout("plasma", "plasma", per_amount=1 / 60.0)
    Readout('plasma', 'plasma')
    """

    __slots__ = ("compartment", "name", "per_amount")

    def __init__(self, name: str, compartment: str, *, per_amount: FloatLike = 1.0) -> None:
        self.name = check.text("name", name)
        self.compartment = check.text("compartment", compartment)
        self.per_amount = per_subject("per_amount", per_amount)

    def __repr__(self) -> str:
        return f"Readout({self.name!r}, {self.compartment!r})"
