"""The parts of a drug's graph: where a dose goes and what the body does with it.

They are plain declarations. Each field that is a number holds the name under which
the number stands in :attr:`vmatcore.drugs.Drug.parameters`.

>>> Absorption(source="gut", target="plasma", rate="absorption_rate", transits=3).transits
3
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from vmatcore import check
from vmatcore.errors import ParameterError, ParameterTypeError, shown

__all__ = [
    "Absorption",
    "Compartment",
    "Dose",
    "DoseDependentAvailability",
    "Elimination",
    "Exchange",
    "Liver",
]

#: More transit compartments than any published absorption model has.
_MOST_TRANSITS = 100


def _check_fields(part: Any) -> None:
    """Each field of a part must have its declared type."""
    for entry in fields(part):
        value = getattr(part, entry.name)
        if entry.type == "bool":
            if not isinstance(value, bool):
                raise ParameterTypeError(
                    f"`{entry.name}` must be true or false, got {shown(value)}"
                )
        elif entry.type == "int":
            count = check.whole(entry.name, value, minimum=0, maximum=_MOST_TRANSITS)
            object.__setattr__(part, entry.name, count)
        elif entry.type == "tuple[str, str]":
            items = check.listed(entry.name, value)
            if len(items) != 2:
                raise ParameterError(
                    f"`{entry.name}` must name two compartments, got {shown(value)}"
                )
            pair = tuple(check.text(entry.name, item) for item in items)
            object.__setattr__(part, entry.name, pair)
        elif value is not None or entry.type == "str":
            check.text(entry.name, value)


def _check_ends(name: str, source: str, target: str | None) -> None:
    if source == target:
        raise ParameterError(f"`{name}` must lead to another compartment, got {shown(source)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """Where a dose goes: a share of it, after a lag, into a compartment.

    With a ``duration`` (h) it enters at a constant rate over that time.
    """

    compartment: str
    share: str | None = None
    lag: str | None = None
    duration: str | None = None

    def __post_init__(self) -> None:
        _check_fields(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseDependentAvailability:
    """F = 1 + gain (D - D0)/(half_dose + D - D0), D the dose in mg and D0 the reference.

    Below the reference dose F is 1.
    """

    gain: str
    half_dose: str
    reference_dose: str

    def __post_init__(self) -> None:
        _check_fields(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compartment:
    """A well-mixed space; with a moiety it is plasma, read as amount over volume (L)."""

    name: str
    moiety: str | None = None
    volume: str | None = None

    def __post_init__(self) -> None:
        _check_fields(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Absorption:
    """First-order transfer, through any number of transit compartments of the same rate.

    ``fraction`` of it arrives. With ``liver`` it passes the liver first: part
    escapes, the rest becomes the products of the eliminations there.
    """

    source: str
    target: str
    rate: str
    fraction: str | None = None
    transits: int = 0
    liver: bool = False

    def __post_init__(self) -> None:
        _check_fields(self)
        _check_ends("target", self.source, self.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Passive exchange between two compartments: one clearance both ways (L/h)."""

    between: tuple[str, str]
    clearance: str

    def __post_init__(self) -> None:
        _check_fields(self)
        _check_ends("between", *self.between)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elimination:
    """One path out of a compartment: an enzyme, a clearance (L/h), perhaps a product.

    The path has all of the clearance, or a ``share`` of it, or what a share leaves
    (``rest_of``).

    With ``liver`` the clearance is intrinsic (unbound and total taken together)
    and the liver is well stirred; otherwise it is a plain clearance.
    """

    source: str
    enzyme: str
    clearance: str
    share: str | None = None
    rest_of: str | None = None
    product: str | None = None
    liver: bool = False

    def __post_init__(self) -> None:
        _check_fields(self)
        _check_ends("product", self.source, self.product)


@dataclass(frozen=True, slots=True, kw_only=True)
class Liver:
    """The well-stirred liver: its blood flow (L/h)."""

    blood_flow: str

    def __post_init__(self) -> None:
        _check_fields(self)
