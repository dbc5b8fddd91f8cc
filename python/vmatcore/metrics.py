"""What is read off a run: the last dosing interval, and the fall after the last dose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vmatcore import occupancy as occupancy_stage
from vmatcore.dosing import Regimen
from vmatcore.errors import ParameterError, unknown
from vmatcore.occupancy import OccupancyResult
from vmatcore.pk import PkResult
from vmatcore.result import Result, labelled
from vmatcore.units import ng_ml_per_nmol_l

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Metrics", "Washout", "last_interval_h", "metrics", "washout"]

#: Even number of steps across a dosing interval; Simpson's rule and peaks to 1e-4.
_STEPS = 480

#: How far after the last dose a fall is looked for.
_HORIZON_H = 2 * 365 * 24.0


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Metrics(Result):
    """Peak, trough, mean and area over the last dosing interval.

    Attributes
    ----------
    items : tuple of str
        What axis 1 holds: moieties or targets.
    unit : str
        Unit of ``cmax``, ``trough`` and ``mean``; ``auc`` is that times h.
    start_h, end_h : float
        The interval. ``trough`` is the value at its end, before the next dose.
    """

    items: tuple[str, ...]
    unit: str
    start_h: float
    end_h: float
    cmax: FloatArray = labelled("subject", "item", unit="as unit")
    tmax_h: FloatArray = labelled("subject", "item", unit="h after start_h")
    auc: FloatArray = labelled("subject", "item", unit="unit x h")
    mean: FloatArray = labelled("subject", "item", unit="as unit")
    trough: FloatArray = labelled("subject", "item", unit="as unit")

    @property
    def peak_to_trough(self) -> FloatArray:
        """cmax/trough (subject, item); infinite where the trough is 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.cmax / self.trough


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Washout(Result):
    """Hours after the last dose until a value stays below half and a tenth of its mean.

    The mean is that over the last dosing interval. NaN: not within two years.

    Attributes
    ----------
    plasma_half_h, plasma_tenth_h : ndarray (subject,)
        For the summed plasma concentration of ``moieties``.
    occupancy_half_h, occupancy_tenth_h : ndarray (subject,)
        For the share of VMAT2 held.
    """

    moieties: tuple[str, ...]
    plasma_half_h: FloatArray = labelled("subject", unit="h")
    plasma_tenth_h: FloatArray = labelled("subject", unit="h")
    occupancy_half_h: FloatArray = labelled("subject", unit="h")
    occupancy_tenth_h: FloatArray = labelled("subject", unit="h")


def last_interval_h(regimen: Regimen, end_h: float) -> tuple[float, float]:
    """Return start and end of the last dosing interval.

    After a last course of one dose the interval is the distance to the dose
    before it; a single dose lasts until ``end_h``.
    """
    last = regimen.last_dose_h
    if last is None:
        raise ParameterError("`regimen` must have a dose for this, got none")
    interval = regimen.interval_h()
    if interval is None:
        before = [time for time in regimen.times_h if time < last]
        interval = last - before[-1] if before else end_h - last
    if interval <= 0:
        raise ParameterError(
            "`regimen` has a single dose, so the run must go on after it: give a later `until_h`"
        )
    return last, last + interval


def metrics(
    occupancy: OccupancyResult, stage: str, totals: Mapping[str, Sequence[str]] | None = None
) -> Metrics:
    """Return the metrics of one stage; see :meth:`vmatcore.Run.metrics`."""
    if stage not in ("pk", "occupancy"):
        raise unknown("stage", stage, ["pk", "occupancy"])
    pk = occupancy.pk
    sums = {name: [pk.index(moiety) for moiety in rows] for name, rows in (totals or {}).items()}
    start, end = last_interval_h(pk.regimen, float(pk.time_h[-1]) if len(pk.time_h) else 0.0)
    time_h = np.linspace(start, end, _STEPS + 1)
    fine = pk.read(time_h, progress=False)
    hours = end - start
    if stage == "pk":
        each = fine.plasma_ng_ml
        masses = [ng_ml_per_nmol_l(moiety.molar_mass.value) for moiety in pk.moieties]
        areas = pk.exposure_nmol_h_l(start, end) * np.array(masses)
        groups = sums or {moiety.name: [i] for i, moiety in enumerate(pk.moieties)}
        values = np.stack([each[:, rows].sum(axis=1) for rows in groups.values()], axis=1)
        auc = np.stack([areas[:, rows].sum(axis=1) for rows in groups.values()], axis=1)
        items, unit = tuple(groups), "ng/mL"
    else:
        held = occupancy_stage.simulate(
            fine, recovery_half_time_h=occupancy.recovery_half_time_h, progress=False
        )
        values = np.stack([held.vmat2, *held.off_target.values()], axis=1)
        auc = _simpson(values, hours)
        items, unit = ("VMAT2", *held.off_target), "fraction"
    peak = values.argmax(axis=2)
    return Metrics(
        items=items,
        unit=unit,
        start_h=start,
        end_h=end,
        cmax=values.max(axis=2),
        tmax_h=time_h[peak] - start,
        auc=auc,
        mean=auc / hours,
        trough=values[:, :, -1].copy(),
    )


def _simpson(values: FloatArray, hours: float) -> FloatArray:
    weights = np.ones(_STEPS + 1)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    total: FloatArray = (values * weights).sum(axis=-1) * (hours / (3.0 * _STEPS))
    return total


def washout(occupancy: OccupancyResult, *, moieties: Sequence[str] | None = None) -> Washout:
    """Return the hours to half and to a tenth; see :meth:`vmatcore.Run.washout`."""
    pk = occupancy.pk
    names = [moiety.name for moiety in pk.moieties] if moieties is None else list(moieties)
    rows = [pk.index(name) for name in names]
    start, end = last_interval_h(pk.regimen, float(pk.time_h[-1]) if len(pk.time_h) else 0.0)
    inside = np.linspace(start, end, _STEPS + 1)
    plasma_mean = _simpson(_plasma(pk, inside, rows), end - start) / (end - start)
    held_mean = _simpson(_held(occupancy, inside), end - start) / (end - start)
    after = start + np.concatenate([[0.0], np.geomspace(0.05, _HORIZON_H, 1500)])
    plasma, held = _plasma(pk, after, rows), _held(occupancy, after)
    hours = after - start
    return Washout(
        moieties=tuple(names),
        plasma_half_h=_last_crossing(hours, plasma, 0.5 * plasma_mean),
        plasma_tenth_h=_last_crossing(hours, plasma, 0.1 * plasma_mean),
        occupancy_half_h=_last_crossing(hours, held, 0.5 * held_mean),
        occupancy_tenth_h=_last_crossing(hours, held, 0.1 * held_mean),
    )


def _plasma(pk: PkResult, time_h: FloatArray, rows: list[int]) -> FloatArray:
    total: FloatArray = pk.read(time_h, progress=False).plasma_nmol_l[:, rows].sum(axis=1)
    return total


def _held(occupancy: OccupancyResult, time_h: FloatArray) -> FloatArray:
    fine = occupancy.pk.read(time_h, progress=False)
    return occupancy_stage.simulate(
        fine, recovery_half_time_h=occupancy.recovery_half_time_h, progress=False
    ).vmat2


def _last_crossing(hours: FloatArray, values: FloatArray, limits: FloatArray) -> FloatArray:
    """Return when each row falls below its limit for the last time; linear between reads."""
    crossings = np.full(len(values), np.nan)
    for i, (row, limit) in enumerate(zip(values, limits, strict=True)):
        above = np.flatnonzero(row >= limit)
        if not len(above) or not limit > 0:
            continue
        last = above[-1]
        if last + 1 < len(row):
            share = (row[last] - limit) / (row[last] - row[last + 1])
            crossings[i] = hours[last] + share * (hours[last + 1] - hours[last])
    return crossings
