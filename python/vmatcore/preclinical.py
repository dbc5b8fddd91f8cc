"""Rats: what preclinical data need, where no plasma level was published beside the effect.

One dose is one exposure, and the exposure is assumed: it is proportional to the dose
in mg/kg and falls with one half-life. What was fitted is how many copies a mg/kg
takes and how fast vesicles are renewed; see ``docs/validation``. For people use the
drugs of the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore.arithmetic import LN_2, exponential
from vmatcore.drugs.quantity import Quantity, override
from vmatcore.errors import ParameterError, unknown
from vmatcore.terminal import Profile, Renewal, Terminal, TerminalResult, simulate

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["RAT", "reserpine", "tetrabenazine"]

#: Constants of the rat.
RAT: Mapping[str, Quantity] = {
    "hits_per_mg_kg": Quantity(
        value=2.33,
        unit="kg/mg",
        source="fitted by docs/validation/rat.py: expected losses of a copy after 1 mg/kg",
        status="derived",
        low=1.2,
        high=4.7,
    ),
    "exposure_half_life_h": Quantity(
        value=1.25,
        unit="h",
        source="fitted by docs/validation/rat.py; reserpine could not be found in rabbit brain 4 h "
        "after an intravenous dose (Hess, Shore, Brodie 1956)",
        status="derived",
        low=0.6,
        high=2.5,
    ),
    "recovery_half_time_h": Quantity(
        value=161.0,
        unit="h",
        source="fitted by docs/validation/rat.py: brain noradrenaline, 28 to 50 % of control in 4 "
        "days; 1.4 d for axonal noradrenaline",
        status="derived",
        low=33.6,
        high=430.0,
    ),
    "tetrabenazine_load_per_mg_kg": Quantity(
        value=4.4,
        unit="kg/mg",
        source="fitted by docs/validation/rat.py: C_u/Ki per mg/kg from the dose of 1.2 mg/kg that "
        "halves striatal dopamine (Reches 1983)",
        status="derived",
        low=2.2,
        high=8.8,
    ),
}

_RENEWALS = ("vesicles", "copies")

#: Nodes of the exposure and of the ages of vesicles.
_NODES = 160


def reserpine(
    dose_mg_kg: float,
    *,
    time_h: Any,
    terminal: Terminal | None = None,
    renewal: str = "vesicles",
    values: Mapping[str, float] | None = None,
) -> TerminalResult:
    """Return what one dose of reserpine does to a rat's terminals.

    Parameters
    ----------
    dose_mg_kg : float
        The dose in mg/kg, given at 0 h.
    time_h : sequence of float
        Read times in h, in order.
    terminal : Terminal, optional
        Which amine; dopamine by default.
    renewal : {"vesicles", "copies"}
        What replaces lost copies: whole new vesicles, or copies one by one.
    values : mapping of str to float, optional
        Values instead of those of :data:`RAT`.

    Returns
    -------
    TerminalResult

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> day = reserpine(2.5, time_h=[0, 24, 240])
    >>> bool(day.content[0, 1] < 0.2 < day.content[0, 2] < 1)
    True
    """
    dose = check.number("dose_mg_kg", dose_mg_kg, minimum=0, maximum=1e4)
    if renewal not in _RENEWALS:
        raise unknown("renewal", renewal, _RENEWALS)
    constants = _constants(values)
    nodes = _nodes(time_h)
    gone = _decayed(constants["exposure_half_life_h"], nodes)
    drive = Renewal(
        time_h=nodes,
        hits=constants["hits_per_mg_kg"] * dose * (1.0 - gone),
        renewal_per_h=LN_2 / constants["recovery_half_time_h"],
    )
    if renewal == "copies":
        alike = Profile(time_h=nodes, values=np.clip(drive.mean_share(), 0.0, 1.0))
        return simulate(active=alike, terminal=terminal, time_h=time_h)
    return simulate(active=drive, terminal=terminal, time_h=time_h)


def tetrabenazine(
    dose_mg_kg: float,
    *,
    time_h: Any,
    terminal: Terminal | None = None,
    values: Mapping[str, float] | None = None,
) -> TerminalResult:
    """Return what one dose of tetrabenazine does to a rat's terminals in the first hour or two.

    Parameters
    ----------
    dose_mg_kg : float
        The dose in mg/kg, given at 0 h.
    time_h, terminal, values
        As for :func:`reserpine`; brain levels are taken as constant, so read within
        two hours.

    Returns
    -------
    TerminalResult

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> bool(tetrabenazine(5.0, time_h=[1.0]).content[0, 0] < 0.25)
    True
    """
    dose = check.number("dose_mg_kg", dose_mg_kg, minimum=0, maximum=1e4)
    load = _constants(values)["tetrabenazine_load_per_mg_kg"] * dose
    return simulate(active=1.0 / (1.0 + load), terminal=terminal, time_h=time_h)


def _constants(values: Mapping[str, float] | None) -> dict[str, float]:
    given = check.mapping("values", {} if values is None else values)
    constants = {name: q.value for name, q in override(RAT, given).items()}
    for name, value in constants.items():
        check.number(name, value, minimum=1e-9, maximum=1e9)
    return constants


def _nodes(time_h: Any) -> FloatArray:
    times = check.numbers("time_h", time_h, minimum=0)
    if not times:
        raise ParameterError("`time_h` must hold a time, got []")
    return np.concatenate([[0.0], np.geomspace(0.01, max(times[-1], 1.0), _NODES)])


def _decayed(half_life_h: float, time_h: FloatArray) -> FloatArray:
    return exponential(-LN_2 * time_h / half_life_h)
