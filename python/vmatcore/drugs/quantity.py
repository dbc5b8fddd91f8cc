"""A number with its unit, its source and how far to trust it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from vmatcore import check
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown

__all__ = ["Quantity", "Status", "override", "positive"]

#: How far a number can be trusted; see :class:`Quantity`.
Status = Literal["measured", "recalled", "derived", "assumed"]

#: Units of quantities that may be negative.
_SIGNED = ("log10", "mV")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One constant of a drug, a moiety or the body.

    Parameters
    ----------
    value : float
        The number, finite; not negative unless it is a logarithm or a potential.
    unit : str
        Its unit; ``"fraction"``, ``"ratio"``, ``"log10"`` and ``"exponent"`` have none.
    source : str
        Where it comes from: a publication, a label section, or ``"assumed"`` with the reason.
    status : {"measured", "recalled", "derived", "assumed"}
        ``measured``: read in the source. ``recalled``: a published value whose
        source was not checked. ``derived``: computed from others. ``assumed``: none of these.
    low, high : float, optional
        The spread used for uncertainty; the value itself where there is none.

    Raises
    ------
    ParameterError, ParameterTypeError
        If a part breaks its rule.

    Examples
    --------
    >>> Quantity(value=3.0, unit="nmol/L", source="label", status="measured")
    Quantity(value=3.0, unit='nmol/L', source='label', status='measured', low=None, high=None)
    """

    value: float
    unit: str
    source: str
    status: Status
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        for name in ("unit", "source", "status"):
            check.text(name, getattr(self, name))
        least = None if self.unit in _SIGNED else 0.0
        object.__setattr__(self, "value", check.number("value", self.value, minimum=least))
        if self.status not in get_args(Status):
            known = ", ".join(get_args(Status))
            raise ParameterError(f"`status` must be one of {known}, got {shown(self.status)}")
        if self.low is not None:
            low = check.number("low", self.low, minimum=least, maximum=self.value)
            object.__setattr__(self, "low", low)
        if self.high is not None:
            high = check.number("high", self.high, minimum=self.value)
            object.__setattr__(self, "high", high)

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest plausible value."""
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        return low, high

    @staticmethod
    def of(value: float, unit: str) -> Quantity:
        """Return a number of the user's own, marked as assumed."""
        return Quantity(value=value, unit=unit, source="set by the user", status="assumed")


def override(old: Mapping[str, Quantity], new: Mapping[str, float]) -> dict[str, Quantity]:
    """Return the quantities with some values replaced by the user's own."""
    merged = dict(old)
    for name, value in new.items():
        if name not in old:
            raise unknown("parameter", name, old)
        least = None if old[name].unit in _SIGNED else 0.0
        merged[name] = Quantity.of(check.number(name, value, minimum=least), old[name].unit)
    return merged


def positive(name: str, quantity: object, *, maximum: float | None = None) -> None:
    """Refuse what is not a quantity above 0 (and at most ``maximum``)."""
    if not isinstance(quantity, Quantity):
        raise ParameterTypeError(f"`{name}` must be a Quantity, got {shown(quantity)}")
    if quantity.value <= 0 or (maximum is not None and quantity.value > maximum):
        rule = "above 0" if maximum is None else f"above 0 and at most {maximum:g}"
        raise ParameterError(f"`{name}` must be {rule}, got {quantity.value!r}")
