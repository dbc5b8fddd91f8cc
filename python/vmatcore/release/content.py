"""What a vesicle holds when it is released."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from vmatcore import check
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.filling.request import settings_of
from vmatcore.steps import Steps
from vmatcore.vesicle import BirthDeath, Vesicle

if TYPE_CHECKING:
    from typing import Any

__all__ = ["ConstantQuantum", "FillingContent", "LognormalQuantum"]

_MOST_MOLECULES = 1e12
_STARTS = ("steady", "full", "empty")


@dataclass(frozen=True, kw_only=True, slots=True)
class ConstantQuantum:
    """Every vesicle holds the same.

    Parameters
    ----------
    molecules : float
        Molecules of one quantum.

    Raises
    ------
    ParameterError, ParameterTypeError
        If it is negative or not a number.

    Examples
    --------
    >>> ConstantQuantum(molecules=3000).molecules
    3000.0
    """

    molecules: float

    def __post_init__(self) -> None:
        size = check.number("molecules", self.molecules, minimum=0, maximum=_MOST_MOLECULES)
        object.__setattr__(self, "molecules", size)


@dataclass(frozen=True, kw_only=True, slots=True)
class LognormalQuantum:
    """Every quantum has a size of its own, from a lognormal law.

    Parameters
    ----------
    molecules : float
        Mean molecules of one quantum.
    cv : float
        Its coefficient of variation.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> LognormalQuantum(molecules=3000, cv=0.3).cv
    0.3
    """

    molecules: float
    cv: float

    def __post_init__(self) -> None:
        size = check.number("molecules", self.molecules, minimum=1e-12, maximum=_MOST_MOLECULES)
        object.__setattr__(self, "molecules", size)
        object.__setattr__(self, "cv", check.number("cv", self.cv, minimum=0, maximum=10))


@dataclass(frozen=True, slots=True)
class FillingContent:
    """A vesicle empties at its release, joins the pool, and fills by its law ever since.

    Parameters
    ----------
    vesicle : Vesicle or BirthDeath
        What fills. Its law must be linear or have a capacity: contents are one exact
        draw at the next release.
    active : float or Steps
        Share of transporters that work, in [0, 1]; 0 s is that of the spikes.
    cytosol_umol_l : float or Steps, optional
        Cytosolic amine in umol/L instead of the vesicle's own.
    binding : {"fast", "telegraph", "irreversible"}
        How drug sits on the copies of one vesicle; see :func:`vmatcore.filling.simulate`.
    residence_s : float, optional
        Mean time in s that one drug molecule stays on one copy, for ``"telegraph"``.
    start : {"steady", "full", "empty"}, optional
        What vesicles hold before their first release: drawn from the steady state of
        the first drive (the default), from that with every transporter working (the
        default for ``"telegraph"``), or nothing.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule, or the law is not linear.

    Examples
    --------
    >>> content = FillingContent(Vesicle(), active=0.2)
    >>> content.binding, content.start
    ('fast', 'steady')
    """

    vesicle: Vesicle | BirthDeath
    _: KW_ONLY
    active: float | Steps = 1.0
    cytosol_umol_l: float | Steps | None = None
    binding: str = "fast"
    residence_s: float | None = None
    start: str | None = None

    def __post_init__(self) -> None:
        self.settings()
        if isinstance(self.vesicle, Vesicle) and not self.vesicle.is_linear:
            supply = self.vesicle.proton_supply
            got = shown(supply) if supply else f"lumen_km_mmol_l={self.vesicle.lumen_km_mmol_l!r}"
            raise ParameterError(
                "`vesicle` must be one without lumenal saturation and proton supply: its content "
                f"at a release has no closed form, got {got}"
            )
        start = self.start
        if start is None:
            start = "full" if self.binding == "telegraph" else "steady"
        if not isinstance(start, str):
            raise ParameterTypeError(f"`start` must be a text (str), got {shown(start)}")
        if start not in _STARTS:
            known = '"steady", "full" or "empty"'
            raise ParameterError(f"`start` must be {known}, got {shown(start)}")
        if start == "steady" and self.binding == "telegraph":
            raise ParameterError(
                '`start` must be "full" or "empty" for copies that switch, got "steady"'
            )
        object.__setattr__(self, "start", start)

    def settings(self) -> dict[str, Any]:
        """Return the law and its drives as the core takes them."""
        law = self.vesicle
        settings = settings_of(
            law, self.active, self.cytosol_umol_l, self.binding, self.residence_s
        )
        del settings["supply"]  # refused
        return settings

    def mean_from_empty(self) -> float:
        """Return the steady mean content under the first drive; infinite if nothing leaves.

        Examples
        --------
        >>> round(FillingContent(Vesicle(), active=0.2).mean_from_empty())
        1243
        """
        settings = self.settings()
        working = settings["copies"] * float(settings["active"][0])
        come = working * float(settings["influx_per_s"][0])
        leave = working * float(settings["efflux_per_s"][0]) + settings["leak_per_s"]
        if settings["capacity"] is not None:
            leave += come / settings["capacity"]
        if come == 0.0:
            return 0.0
        return come / leave if leave else math.inf
