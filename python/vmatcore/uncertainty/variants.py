"""The same doses in the same people, with other constants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from vmatcore import occupancy as occupancy_stage
from vmatcore import pk as pk_stage
from vmatcore.drugs import Drug, Moiety
from vmatcore.drugs.moiety import Affinity
from vmatcore.drugs.quantity import Quantity, override
from vmatcore.occupancy import OccupancyResult
from vmatcore.uncertainty.constants import in_brain, in_drug, in_fed, in_moiety
from vmatcore.work import CancelToken

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["held"]

_KI = "ki "


def held(
    occupancy: OccupancyResult,
    time_h: FloatArray,
    values: Mapping[str, float],
    *,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> OccupancyResult:
    """Return the occupancy at other times and with other constants.

    Parameters
    ----------
    occupancy : OccupancyResult
        The doses, the people, and every constant that keeps its value.
    time_h : ndarray (time,)
        Read times in h.
    values : mapping of str to float
        New values by the names of :func:`constants_of`; other names are not looked at.
    threads, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    OccupancyResult

    Notes
    -----
    Where a condition of the subject replaces a parameter by a cohort's median, the
    median is changed by the factor by which the parameter is.

    Examples
    --------
    >>> import numpy as np
    >>> import vmatcore as vm
    >>> run = vm.simulate("valbenazine 80 mg q24h x 3")
    >>> tight = {"moiety (+)-alpha-HTBZ: ki VMAT2": 1.0}
    >>> bool(held(run.occupancy, np.array([70.0]), tight).vmat2[0, 0] > run.at(70).occupancy.vmat2)
    True
    """
    pk, half_time = occupancy.pk, occupancy.recovery_half_time_h
    changed = _of(values, in_brain())
    brain = replace(pk.brain, parameters=override(pk.brain.parameters, changed))
    drawn = [value for name, value in values.items() if name.endswith(": recovery_half_time")]
    found = pk_stage.simulate(
        pk.regimen,
        time_h=time_h,
        subjects=pk.subjects,
        drugs=[_drug(drug, values) for drug in pk.drugs],
        brain=brain if changed else pk.brain,
        threads=threads,
        progress=False,
        cancel=cancel,
    )
    return occupancy_stage.simulate(
        found,
        recovery_half_time_h=max(drawn) if drawn else half_time,
        threads=threads,
        progress=False,
        cancel=cancel,
    )


def _of(values: Mapping[str, float], start: str) -> dict[str, float]:
    return {k.removeprefix(start): v for k, v in values.items() if k.startswith(start)}


def _drug(drug: Drug, values: Mapping[str, float]) -> Drug:
    own = _of(values, in_drug(drug.name))
    return replace(
        drug,
        parameters=override(drug.parameters, own),
        fed=override(drug.fed, _of(values, in_fed(drug.name))),
        conditions={
            condition: {
                name: _scaled(quantity, drug.parameters[name].value, own.get(name))
                for name, quantity in changed.items()
            }
            for condition, changed in drug.conditions.items()
        },
        moieties=tuple(
            _moiety(moiety, _of(values, in_moiety(moiety.name))) for moiety in drug.moieties
        ),
    )


def _scaled(quantity: Quantity, usual: float, drawn: float | None) -> Quantity:
    if drawn is None or usual <= 0:
        return quantity
    return Quantity.of(quantity.value * (drawn / usual), quantity.unit)


def _moiety(moiety: Moiety, values: Mapping[str, float]) -> Moiety:
    affinities = dict(moiety.affinities)
    for target in [name.removeprefix(_KI) for name in values if name.startswith(_KI)]:
        old = affinities[target]
        ki = replace(old.ki, value=values[_KI + target], low=None, high=None)
        affinities[target] = Affinity(ki=ki, at_least=old.at_least)
    plain = {
        name: replace(getattr(moiety, name), value=value, low=None, high=None)
        for name, value in values.items()
        if not name.startswith(_KI)
    }
    return replace(moiety, affinities=affinities, **plain)
