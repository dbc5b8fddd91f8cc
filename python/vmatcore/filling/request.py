"""The arguments of filling: checked, and turned into what the core takes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from vmatcore import check
from vmatcore.arithmetic import logarithm
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown
from vmatcore.filling.keep import Histogram, Moments
from vmatcore.steps import Steps
from vmatcore.vesicle import BirthDeath, Vesicle

__all__ = ["check_keep", "check_method", "settings_of", "start_of"]

_BINDINGS = ("fast", "telegraph", "irreversible")

#: Mean time in s that one drug molecule stays on one copy: assumed.
_RESIDENCE_S = 120.0

_MOST_START = 2**31


def start_of(start: Any, vesicles: int) -> Any:
    """Return where contents start: a number, "full", or one number for each vesicle.

    Examples
    --------
    >>> start_of(5, 3), start_of("full", 3), start_of([1, 2, 3], 3)
    (5, 'full', array([1, 2, 3], dtype=uint32))
    """
    if isinstance(start, str):
        if start != "full":
            raise ParameterError(f'`start` must be a number or "full", got {shown(start)}')
        return start
    if not hasattr(start, "__len__") or getattr(start, "shape", None) == ():
        return check.whole("start", start, minimum=0, maximum=_MOST_START)
    items = np.asarray(start)
    if items.ndim != 1 or (items.dtype.kind not in "iu" and items.size):
        raise ParameterTypeError(f"`start` must hold whole numbers, got {shown(start)}")
    if len(items) != vesicles:
        raise ParameterError(
            f"`start` must hold one number for each of {vesicles} vesicles, got {len(items)}"
        )
    wrong = np.flatnonzero((items < 0) | (items > _MOST_START))
    if wrong.size:
        place = int(wrong[0])
        raise ParameterError(
            f"`start[{place}]` must be in [0, {_MOST_START}], got {items[place]!r}"
        )
    return np.ascontiguousarray(items, dtype=np.uint32)


def check_keep(keep: Any, method: str, law: Vesicle | BirthDeath) -> None:
    """Refuse what cannot be kept."""
    if isinstance(keep, str):
        if keep not in ("all", "events"):
            raise ParameterError(
                f'`keep` must be "all", "events", Moments() or Histogram(...), got {shown(keep)}'
            )
        if keep == "events" and method != "ssa":
            raise ParameterError(f'`keep="events"` must go with method="ssa", got {shown(method)}')
        if keep == "events" and isinstance(law, Vesicle) and law.proton_supply is not None:
            raise ParameterError(
                '`keep` must be "all", Moments() or Histogram(...) for a vesicle with a proton '
                'supply, whose protons would fill the list, got "events"'
            )
    elif not isinstance(keep, Moments | Histogram):
        raise ParameterTypeError(
            f'`keep` must be "all", "events", Moments() or Histogram(...), got {shown(keep)}'
        )
    elif method == "mean":
        raise ParameterError(f'`keep` must be left out with method="mean", got {shown(keep)}')


def _option(law: Vesicle) -> str:
    """Return the option that makes a vesicle's law nonlinear, and what else there is for it."""
    if law.proton_supply is not None:
        return "a proton supply"
    return "lumenal saturation (or use filling.distribution)"


def check_method(law: Vesicle | BirthDeath, method: str) -> None:
    """Refuse a method that the law does not have."""
    if method == "closed_form" and isinstance(law, Vesicle) and not law.is_linear:
        raise ParameterError(
            f'`method` must be "ssa" or "mean" for a vesicle with {_option(law)}: '
            'its content has no closed form, got "closed_form"'
        )


def settings_of(
    law: Any, active: Any, cytosol_umol_l: Any, binding: Any, residence_s: Any
) -> dict[str, Any]:
    """Return the part of a cohort that the law and its drives decide."""
    if not isinstance(law, Vesicle | BirthDeath):
        raise ParameterTypeError(f"`law` must be a Vesicle or a BirthDeath, got {shown(law)}")
    if binding not in _BINDINGS:
        raise unknown("binding", binding, _BINDINGS)
    if residence_s is None:
        residence_s = _RESIDENCE_S
    elif binding != "telegraph":
        raise ParameterError(
            f'`residence_s` must go with binding="telegraph", got {shown(residence_s)}'
        )
    residence = check.number("residence_s", residence_s, minimum=1e-6, maximum=1e12)
    share = Steps.of("active", active, maximum=1.0)
    common = {"binding": binding, "residence_s": residence}
    if isinstance(law, BirthDeath):
        if cytosol_umol_l is not None:
            raise ParameterError(
                f"`cytosol_umol_l` must be left out for a BirthDeath, got {shown(cytosol_umol_l)}"
            )
        if binding != "fast":
            raise ParameterError(
                f'`binding` must be "fast" for a BirthDeath, which has no copies, '
                f"got {shown(binding)}"
            )
        ends, (values,) = Steps.merged(share)
        none = np.zeros_like(values)
        return common | {
            "copies": 1.0,
            "leak_per_s": law.death_per_s,
            "capacity": law.capacity,
            "until_s": ends,
            "active": values,
            "influx_per_s": np.full_like(values, law.birth_per_s),
            "efflux_per_s": none,
            "crowding": none,
            "log_volume_sd": 0.0,
            "copies_vary": False,
            "supply": None,
        }
    own = law.cytosol_umol_l if cytosol_umol_l is None else cytosol_umol_l
    ends, (values, cytosol) = Steps.merged(share, Steps.of("cytosol_umol_l", own, maximum=1e9))
    influx, efflux, crowding = law.per_copy(cytosol)
    return common | {
        "copies": law.transporters,
        "leak_per_s": law.leak_per_s(),
        "capacity": None,
        "until_s": ends,
        "active": values,
        "influx_per_s": influx,
        "efflux_per_s": efflux,
        "crowding": crowding,
        "log_volume_sd": _log_sd(law.volume_cv),
        "copies_vary": law.transporters_vary,
        "supply": law.supply(),
    }


def _log_sd(cv: float) -> float:
    """Return the standard deviation of the logarithm that gives a lognormal's CV."""
    return math.sqrt(logarithm(1.0 + cv * cv))
