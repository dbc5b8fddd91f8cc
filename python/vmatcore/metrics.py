"""What is read off a run: the last dosing interval, and the fall after the last dose."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vmatcore import check
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

__all__ = [
    "HORIZON_H",
    "NO_EFFECT",
    "Metrics",
    "Washout",
    "last_crossing",
    "last_interval_h",
    "metrics",
    "washout",
]

#: A share below which there is nothing to fall: more than rounding, less than any effect.
NO_EFFECT = 1e-9

#: Even number of steps across a dosing interval; Simpson's rule and peaks to 1e-4.
_STEPS = 480

#: How far after the last dose a fall is looked for, h.
HORIZON_H = 2 * 365 * 24.0

#: A single dose has no interval; its fall is measured from the mean of its first day.
_SINGLE_H = 24.0

#: Subjects whose fall is held in memory together.
_SUBJECTS_AT_ONCE = 64


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Metrics(Result):
    """Peak, trough, mean and area over the last dosing interval.

    Attributes
    ----------
    items : tuple of str
        What axis 1 holds: moieties or targets.
    unit : str
        Unit of ``cmax``, ``trough`` and ``mean``; ``auc`` is that times h.
    interval_h : tuple of (float, float)
        Start and end of the interval of each item: the last one of the drug that a
        moiety comes from, or the longest of those still taken at the end for a
        target; NaN where subjects with regimens of their own differ. Rows of subjects
        that failed or take nothing are NaN. ``trough`` is the
        value at its end, before the next dose.
    """

    items: tuple[str, ...]
    unit: str
    interval_h: tuple[tuple[float, float], ...]
    cmax: FloatArray = labelled("subject", "item", unit="as unit")
    tmax_h: FloatArray = labelled("subject", "item", unit="h after the start of the interval")
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

    The mean is that over the last dosing interval, or the day after a single dose. Infinite:
    not within two years. NaN: there is nothing to fall, or the subject could not be followed.

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


def last_interval_h(
    regimen: Regimen, end_h: float, drug: str | None = None, *, single_h: float | None = None
) -> tuple[float, float]:
    """Return start and end of the last dosing interval of a drug, or of the regimen.

    That of a regimen is the longest of its repeated drugs' that reaches its end. After a
    last course of one dose the interval is the usual one of the drug, the median of the
    distances between its doses: a missed dose does not stretch it. A single dose lasts
    until ``end_h``, or for ``single_h``.

    Examples
    --------
    >>> last_interval_h(Regimen.parse("valbenazine 80 mg q24h x 3"), end_h=100.0)
    (48.0, 72.0)
    >>> missed = Regimen.parse("valbenazine 80 mg q24h x 10").skip(doses=[8])
    >>> last_interval_h(missed, end_h=300.0)
    (216.0, 240.0)
    """
    if drug is None:
        last = regimen.last_dose_h
        if last is None:
            raise ParameterError("`regimen` must have a dose to have a dosing interval, got none")
        doses = regimen.doses()
        names = [dose.drug for dose in doses]
        # A single dose has no interval of its own; it must not stretch that of the others.
        repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        each = [last_interval_h(regimen, end_h, name, single_h=single_h) for name in repeated]
        running = [interval for interval in each if interval[1] > last]
        if not running:
            return last_interval_h(regimen, end_h, names[-1], single_h=single_h)
        return max(running, key=lambda interval: interval[1] - interval[0])
    times = [dose.time_h for dose in regimen.doses() if dose.drug == drug]
    last = times[-1]
    length = regimen.interval_h(drug)
    if length is None:
        gaps = np.diff(np.unique(times))
        alone = end_h - last if single_h is None else single_h
        length = float(np.quantile(gaps, 0.5, method="lower")) if len(gaps) else alone
    if length <= 0:
        raise ParameterError(
            f"`regimen` has a single dose of {drug}, so the run must go on after it: "
            "give a later `until_h`"
        )
    return last, last + length


def _dosed(regimen: Regimen) -> tuple[str, ...]:
    """The drugs that are really taken: a course may have no dose."""
    return tuple(dict.fromkeys(dose.drug for dose in regimen.doses()))


def metrics(
    occupancy: OccupancyResult, stage: str, totals: Mapping[str, Sequence[str]] | None = None
) -> Metrics:
    """Return the metrics of one stage; see :meth:`vmatcore.Run.metrics`."""
    if check.text("stage", stage) not in ("pk", "occupancy"):
        raise unknown("stage", stage, ["pk", "occupancy"])
    pk = occupancy.pk
    if pk.regimen.ids:
        return _stacked(
            [None if one is None else metrics(one, stage, totals) for one in _one_by_one(occupancy)]
        )
    if not pk.moieties and stage == "pk":
        raise ParameterError("`regimen` must have a dose of a drug with a moiety, got none")
    given = check.mapping("totals", {} if totals is None else totals)
    totals = {
        name: [check.text("totals", member) for member in check.listed("totals", members)]
        for name, members in given.items()
    }
    for members in totals.values():
        for member in members:
            pk.index(member)
    end = _end_h(pk)
    whole = last_interval_h(pk.regimen, end)
    if stage == "pk":
        groups = totals or {moiety.name: [moiety.name] for moiety in pk.moieties}
        intervals = {name: _interval_of(pk, end, members) for name, members in groups.items()}
        rows = {name: [pk.index(member) for member in members] for name, members in groups.items()}
        parts = [_plasma_part(pk, intervals[name], rows[name]) for name in groups]
        items, unit = tuple(groups), "ng/mL"
    else:
        items, unit = ("VMAT2", *occupancy.off_target), "fraction"
        intervals = dict.fromkeys(items, whole)
        parts = _occupancy_parts(occupancy, whole)
    values, areas = np.stack([part[0] for part in parts], 1), np.stack([p[1] for p in parts], 1)
    hours = np.array([intervals[item][1] - intervals[item][0] for item in items])
    return Metrics(
        items=items,
        unit=unit,
        interval_h=tuple(intervals[item] for item in items),
        cmax=values.max(axis=2),
        tmax_h=np.where(
            np.isnan(values).any(axis=2), np.nan, values.argmax(axis=2) * (hours / _STEPS)
        ),
        auc=areas,
        mean=areas / hours,
        trough=values[:, :, -1].copy(),
    )


def _one_by_one(occupancy: OccupancyResult) -> Iterator[OccupancyResult | None]:
    """Each subject of a run with regimens of their own as a run of one; None without a dose."""
    pk = occupancy.pk
    for one, own in zip(pk.blocks(1), pk.regimen.by_subject().values(), strict=True):
        dosed = own.last_dose_h is not None
        yield replace(occupancy, pk=replace(one, regimen=own)) if dosed else None


def _joined(parts: Sequence[Result | None], names: Iterable[str]) -> dict[str, FloatArray]:
    """The arrays of several subjects as one; NaN for those without a part."""
    found = [part for part in parts if part is not None]
    if not found:
        raise ParameterError("`regimen` must have a dose to have a dosing interval, got none")
    return {
        key: np.concatenate(
            [
                np.full_like(getattr(found[0], key), np.nan) if p is None else getattr(p, key)
                for p in parts
            ]
        )
        for key in names
    }


def _stacked(parts: list[Metrics | None]) -> Metrics:
    """The metrics of several subjects as one."""
    arrays = _joined(parts, Metrics.layout())
    found = [part for part in parts if part is not None]
    intervals = []
    for each in zip(*(part.interval_h for part in found), strict=True):
        intervals.append(each[0] if len(set(each)) == 1 else (math.nan, math.nan))
    first = found[0]
    return Metrics(items=first.items, unit=first.unit, interval_h=tuple(intervals), **arrays)


def _end_h(pk: PkResult) -> float:
    return float(pk.time_h[-1]) if len(pk.time_h) else 0.0


def _interval_of(pk: PkResult, end_h: float, members: Sequence[str]) -> tuple[float, float]:
    """The interval of the drug that gives a moiety: the last one taken, if there are several."""
    dosed = _dosed(pk.regimen)
    makers = [
        drug.name
        for drug in pk.drugs
        if drug.name in dosed and {moiety.name for moiety in drug.moieties} & set(members)
    ]
    if not makers:
        return last_interval_h(pk.regimen, end_h)
    intervals = [last_interval_h(pk.regimen, end_h, drug) for drug in makers]
    return max(intervals, key=lambda interval: interval[1])


def _before(pk: PkResult, end_h: float) -> PkResult:
    """The run without what is given at the end of an interval or later: a trough comes first."""
    return replace(pk, regimen=pk.regimen.stop_at(end_h)) if end_h > 0 else pk


def _plasma_part(
    pk: PkResult, interval: tuple[float, float], rows: list[int]
) -> tuple[FloatArray, FloatArray]:
    """Summed plasma of some moieties across an interval, and its area, in ng/mL."""
    fine = _before(pk, interval[1]).read(np.linspace(*interval, _STEPS + 1), progress=False)
    masses = np.array([ng_ml_per_nmol_l(pk.moieties[row].molar_mass.value) for row in rows])
    areas = pk.exposure_nmol_h_l(*interval)[:, rows] @ masses
    return fine.plasma_ng_ml[:, rows].sum(axis=1), areas


def _occupancy_parts(
    occupancy: OccupancyResult, interval: tuple[float, float]
) -> list[tuple[FloatArray, FloatArray]]:
    """The share held of each target across an interval, and its area."""
    before = _before(occupancy.pk, interval[1])
    fine = before.read(np.linspace(*interval, _STEPS + 1), progress=False)
    held = occupancy_stage.simulate(
        fine, recovery_half_time_h=occupancy.recovery_half_time_h, progress=False
    )
    hours = interval[1] - interval[0]
    return [(row, _simpson(row, hours)) for row in (held.vmat2, *held.off_target.values())]


def _simpson(values: FloatArray, hours: float) -> FloatArray:
    weights = np.ones(_STEPS + 1)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    total: FloatArray = (values * weights).sum(axis=-1) * (hours / (3.0 * _STEPS))
    return total


def washout(occupancy: OccupancyResult, *, moieties: Sequence[str] | None = None) -> Washout:
    """Return the hours to half and to a tenth; see :meth:`vmatcore.Run.washout`."""
    pk = occupancy.pk
    if pk.regimen.ids:
        each = [
            None if one is None else washout(one, moieties=moieties)
            for one in _one_by_one(occupancy)
        ]
        arrays = _joined(each, Washout.layout())
        return Washout(moieties=next(one for one in each if one is not None).moieties, **arrays)
    if len(pk.subjects) > _SUBJECTS_AT_ONCE:
        parts = [
            washout(replace(occupancy, pk=some), moieties=moieties)
            for some in pk.blocks(_SUBJECTS_AT_ONCE)
        ]
        return Washout(moieties=parts[0].moieties, **_joined(parts, Washout.layout()))
    if moieties is None:
        moieties = [moiety.name for moiety in pk.moieties]
    names = [check.text("moieties", name) for name in check.listed("moieties", moieties)]
    rows = [pk.index(name) for name in names]
    start, end = last_interval_h(pk.regimen, _end_h(pk), single_h=_SINGLE_H)
    last = pk.regimen.last_dose_h or 0.0
    inside = np.linspace(start, end, _STEPS + 1)
    plasma_mean = _simpson(_plasma(pk, inside, rows), end - start) / (end - start)
    held_mean = _simpson(_held(occupancy, inside), end - start) / (end - start)
    after = last + np.concatenate([[0.0], np.geomspace(0.05, HORIZON_H, 1500)])
    plasma, held = _plasma(pk, after, rows), _held(occupancy, after)
    hours = after - last
    return Washout(
        moieties=tuple(names),
        plasma_half_h=last_crossing(hours, plasma, 0.5 * plasma_mean),
        plasma_tenth_h=last_crossing(hours, plasma, 0.1 * plasma_mean),
        occupancy_half_h=last_crossing(hours, held, 0.5 * held_mean, least=NO_EFFECT),
        occupancy_tenth_h=last_crossing(hours, held, 0.1 * held_mean, least=NO_EFFECT),
    )


def _plasma(pk: PkResult, time_h: FloatArray, rows: list[int]) -> FloatArray:
    total: FloatArray = pk.read(time_h, progress=False).plasma_nmol_l[:, rows].sum(axis=1)
    return total


def _held(occupancy: OccupancyResult, time_h: FloatArray) -> FloatArray:
    fine = occupancy.pk.read(time_h, progress=False)
    return occupancy_stage.simulate(
        fine, recovery_half_time_h=occupancy.recovery_half_time_h, progress=False
    ).vmat2


def last_crossing(
    hours: FloatArray, values: FloatArray, limits: FloatArray, *, least: float = 0.0
) -> FloatArray:
    """Return when each row falls below its limit for the last time; linear between reads.

    Infinite for a row that stays above it, NaN for a limit that is not above ``least``
    or a row that is not known.

    Examples
    --------
    >>> last_crossing(np.array([0.0, 2.0, 4.0]), np.array([[1.0, 0.0, 0.0]]), np.array([0.5]))
    array([1.])
    """
    crossings = np.full(len(values), np.nan)
    for i, (row, limit) in enumerate(zip(values, limits, strict=True)):
        above = np.flatnonzero(row >= limit)
        if not len(above) or not limit > least:
            continue
        last = above[-1]
        if last + 1 == len(row):
            crossings[i] = np.inf
        else:
            share = (row[last] - limit) / (row[last] - row[last + 1])
            crossings[i] = hours[last] + share * (hours[last + 1] - hours[last])
    return crossings
