"""A number with its unit, its source and how far to trust it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from vmatcore import check
from vmatcore.errors import ParameterError, shown

__all__ = ["Quantity", "Status"]

Status = Literal["measured", "recalled", "derived", "assumed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One constant of a drug, a moiety or the body.

    Parameters
    ----------
    value : float
        The number, finite and not negative.
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
        object.__setattr__(self, "value", check.number("value", self.value, minimum=0))
        for name in ("unit", "source", "status"):
            check.text(name, getattr(self, name))
        if self.status not in get_args(Status):
            known = ", ".join(get_args(Status))
            raise ParameterError(f"`status` must be one of {known}, got {shown(self.status)}")
        if self.low is not None:
            low = check.number("low", self.low, minimum=0, maximum=self.value)
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
    from vmatcore.errors import unknown

    merged = dict(old)
    for name, value in new.items():
        if name not in old:
            raise unknown("parameter", name, old)
        merged[name] = Quantity.of(check.number(name, value, minimum=0), old[name].unit)
    return merged
