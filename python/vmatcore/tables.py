"""What a comparison prints and writes: numbers with their ranges, and tables of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vmatcore.chain import Run, simulate
from vmatcore.metrics import Metrics
from vmatcore.occupancy import OFF_TARGETS
from vmatcore.result import median_of_known

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Reading", "Table", "plasma_and_target_readings", "plasma_table", "target_table"]

#: From this share on, Ki values whose source was not checked are pointed out.
_WORTH_A_STAR = 0.1


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a heading; print it, or take ``columns`` and ``rows``.

    The first ``names`` columns are names, the others are numbers.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    names: int = 1

    def __str__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        text = [
            "  ".join(
                cell.ljust(width) if i < self.names else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        rule = "-" * max(len(line) for line in text)
        return "\n".join([self.title, rule, text[0], rule, *text[1:], rule, *self.notes])


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One number of one arm: the median over the people, and its range where it has one.

    Attributes
    ----------
    arm, item, metric, unit : str
        What it is.
    value : float
        The median; NaN if there is none.
    low, high : float
        Its range over an assumed parameter's spread; NaN without one.
    kind : {"value", "hypothesis", "upper bound", "no data"}
        An upper bound comes from a published lower bound of a Ki; a hypothesis rests on
        no dose-response.
    """

    arm: str
    item: str
    metric: str
    value: float
    unit: str
    low: float = math.nan
    high: float = math.nan
    kind: str = "value"


def plasma_and_target_readings(arm: str, run: Run) -> tuple[list[Reading], list[Reading]]:
    """Return every number of an arm in the two tables below, one a row; none without a dose."""
    if run.regimen.last_dose_h is None:
        return [], []
    return _plasma_readings(arm, run), _target_readings(arm, run)


def _mean(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else math.nan


def _levels(run: Run) -> FloatArray:
    """Mean unbound concentration in the brain, (moiety,), of those who could be followed."""
    levels = run.pk.brain_unbound_nmol_l
    return np.array([_mean(levels[:, i]) for i in range(levels.shape[1])])


def _groups(run: Run) -> dict[str, list[str]]:
    """The moieties that act on VMAT2, and the totals under which they are published."""
    acting = {m.name: [m.name] for m in run.pk.moieties if m.per_ki("VMAT2") > 0}
    for drug in run.pk.drugs:
        together = drug.reported_together.items()
        acting.update({name: list(members) for name, members in together if "total" in name})
    return acting


def _plasma_readings(arm: str, run: Run) -> list[Reading]:
    groups = _groups(run)
    found = run.metrics("pk", totals=groups)
    shares = _block_shares(run, run.metrics("occupancy").interval_h[0])
    rows = []
    for i, item in enumerate(found.items):
        for metric, unit, values in (
            ("Cmax", "ng/mL", found.cmax),
            ("trough", "ng/mL", found.trough),
            ("peak:trough", "ratio", found.peak_to_trough),
        ):
            value = median_of_known(values[:, i])
            rows.append(Reading(arm=arm, item=item, metric=metric, value=value, unit=unit))
        share = sum(shares[member] for member in groups[item])
        rows.append(
            Reading(arm=arm, item=item, metric="share of VMAT2 block", value=share, unit="fraction")
        )
    return rows


def _block_shares(run: Run, interval: tuple[float, float]) -> dict[str, float]:
    """Each moiety's part of the VMAT2 block over an interval.

    What is bound for good belongs to the irreversible moieties; the rest is split
    by C_u/Ki. NaN where subjects have intervals of their own.
    """
    if not np.isfinite(interval).all():
        return {moiety.name: math.nan for moiety in run.pk.moieties}
    at = run.read(np.linspace(*interval, 121))
    names = [moiety.name for moiety in at.pk.moieties]
    level = _levels(at)
    loads = level * np.array([moiety.per_ki("VMAT2") for moiety in at.pk.moieties])
    on = level * np.array(
        [0.0 if m.irreversible_on is None else m.irreversible_on.value for m in at.pk.moieties]
    )
    held, bound = _mean(at.occupancy.vmat2), _mean(at.occupancy.bound)
    if not held > 0:
        return dict.fromkeys(names, 0.0)
    # Long after its last dose nothing of a moiety may be left but what it bound.
    if on.sum() == 0:
        on = np.array([float(m.irreversible_on is not None) for m in at.pk.moieties])
    parts = np.zeros(len(names))
    if bound > 0 and on.sum() > 0:
        parts += bound * on / on.sum()
    if loads.sum() > 0:
        parts += (held - bound) * loads / loads.sum()
    return dict(zip(names, (parts / held).tolist(), strict=True))


def _target_readings(arm: str, run: Run) -> list[Reading]:
    found, fall = run.metrics("occupancy"), run.washout()
    rates, times = _over_spread(run, "irreversible_on"), _over_spread(run, "recovery_half_time")
    held = [r.metrics("occupancy") for r in rates]
    falls = [r.washout() for r in times]
    mean, trough = [m.mean[:, 0] for m in held], [m.trough[:, 0] for m in held]
    half, tenth = [w.occupancy_half_h for w in falls], [w.occupancy_tenth_h for w in falls]
    return [
        _ranged(arm, "mean", "fraction", found.mean[:, 0], mean),
        _ranged(arm, "trough", "fraction", found.trough[:, 0], trough),
        *(_off_target_reading(arm, run, found, target) for target in OFF_TARGETS),
        _ranged(arm, "to half", "h", fall.occupancy_half_h, half),
        _ranged(arm, "to a tenth", "h", fall.occupancy_tenth_h, tenth),
    ]


def _ranged(
    arm: str, metric: str, unit: str, middle: FloatArray, ends: Sequence[FloatArray]
) -> Reading:
    """A number of VMAT2 with its values at both ends of a spread."""
    low, high = (median_of_known(end) for end in ends) if ends else (math.nan, math.nan)
    value = median_of_known(middle)
    return Reading(arm=arm, item="VMAT2", metric=metric, value=value, unit=unit, low=low, high=high)


def _over_spread(run: Run, name: str) -> list[Run]:
    """The same run at both ends of the spread of an irreversible ligand's number."""
    if not any(getattr(moiety, name) is not None for moiety in run.pk.moieties):
        return []
    runs = []
    for end in (0, 1):
        changed = []
        for drug in run.pk.drugs:
            moieties = []
            for moiety in drug.moieties:
                quantity = getattr(moiety, name)
                if quantity is not None:
                    at_end = replace(quantity, value=quantity.spread[end], low=None, high=None)
                    moiety = replace(moiety, **{name: at_end})  # noqa: PLW2901
                moieties.append(moiety)
            changed.append(replace(drug, moieties=tuple(moieties)))
        kept = run.occupancy.recovery_half_time_h if name == "irreversible_on" else None
        runs.append(
            simulate(
                run.regimen,
                time_h=run.pk.time_h,
                subjects=run.subjects,
                drugs=changed,
                brain=run.pk.brain,
                recovery_half_time_h=kept,
                progress=False,
            )
        )
    return runs


def _off_target_reading(arm: str, run: Run, found: Metrics, target: str) -> Reading:
    """Mean block over the interval: a value, an upper bound, or honestly nothing."""
    known = median_of_known(found.mean[:, found.items.index(target)])
    if known > 0:
        return Reading(arm=arm, item=target, metric="mean", value=known, unit="fraction")
    most = math.nan
    if np.isfinite(found.interval_h[0]).all():
        at = run.read(np.linspace(*found.interval_h[0], 121)).occupancy
        most = _mean(at.off_target_at_most[target])
    kind = "upper bound" if most > 0 else "no data"
    value = most if most > 0 else math.nan
    return Reading(arm=arm, item=target, metric="mean", value=value, unit="fraction", kind=kind)


def plasma_table(readings: Mapping[str, Sequence[Reading]]) -> Table:
    """Return plasma by moiety, from the readings of each arm."""
    rows: list[tuple[str, ...]] = []
    for arm, every in readings.items():
        if not every:
            rows.append((arm, "no dose", "-", "-", "-", "-"))
            continue
        by_item: dict[str, list[Reading]] = {}
        for reading in every:
            by_item.setdefault(reading.item, []).append(reading)
        for i, (item, found) in enumerate(by_item.items()):
            cmax, trough, ratio, share = (reading.value for reading in found)
            rows.append(
                (
                    arm if i == 0 else "",
                    item,
                    digits(cmax),
                    digits(trough),
                    digits(ratio),
                    f"{100 * share:.0f} %" if math.isfinite(share) else "-",
                )
            )
    return Table(
        "Plasma over the last dosing interval of each drug (total, ng/mL)",
        ("arm", "active moiety", "Cmax", "trough", "peak:trough", "share of VMAT2 block"),
        tuple(rows),
        names=2,
    )


def target_table(runs: Mapping[str, Run], readings: Mapping[str, Sequence[Reading]]) -> Table:
    """Return the targets held, and the fall of VMAT2 occupancy after the last dose."""
    rows: list[tuple[str, ...]] = []
    notes, starred = [], False
    for arm, run in runs.items():
        if not readings[arm]:
            rows.append((arm, "0.0 %", "0.0 %", "0.0 %", "0.0 %", "-", "-"))
            continue
        found = readings[arm]
        cells = [_percent(reading) for reading in found[:4]]
        for i, target in enumerate(("VMAT2", "VMAT2", *OFF_TARGETS)):
            if found[i].kind == "value" and _recalled_share(run, target) >= _WORTH_A_STAR:
                cells[i] += "*"
                starred = True
        rows.append((arm, *cells, *(_hours(reading) for reading in found[4:])))
        notes += _spread_notes(arm, run)
    if starred:
        notes.append(
            "*: rests by a tenth or more on Ki that are recalled, their source not checked"
        )
    notes.append("< x %: only a lower bound of Ki is published, so the block is at most this")
    notes.append("to half, to a tenth: hours after the last dose until VMAT2 occupancy stays below")
    notes.append("half, a tenth, of its mean over the last dosing interval")
    return Table(
        "Targets held over the last dosing interval, and the fall of VMAT2 occupancy",
        (
            "arm",
            "VMAT2 mean",
            "VMAT2 trough",
            "D2 mean",
            "5-HT7 mean",
            "to half, h",
            "to a tenth, h",
        ),
        tuple(rows),
        tuple(notes),
    )


def _recalled_share(run: Run, target: str) -> float:
    """The part of S = sum C_u/Ki at a target that rests on recalled Ki."""
    if target == "VMAT2" and any(m.irreversible_on is not None for m in run.pk.moieties):
        return 0.0  # what is bound for good does not rest on a Ki
    level = _levels(run)
    loads = level * np.array([moiety.per_ki(target) for moiety in run.pk.moieties])
    recalled = [
        target in m.affinities and m.affinities[target].ki.status == "recalled"
        for m in run.pk.moieties
    ]
    total = float(loads.sum())
    return float(loads[recalled].sum()) / total if total > 0 else 0.0


def _spread_notes(arm: str, run: Run) -> list[str]:
    notes = []
    for moiety in run.pk.moieties:
        on, recovery = moiety.irreversible_on, moiety.recovery_half_time
        if on is not None:
            low, high = on.spread
            notes.append(
                f"{arm}: in brackets, VMAT2 over k_on from {low:g} to {high:g} L/nmol/h "
                f"({on.status}; here {on.value:g})"
            )
        if on is not None and recovery is not None:
            low, high = (end / 24 for end in recovery.spread)
            used = run.occupancy.recovery_half_time_h or math.inf
            notes.append(
                f"{arm}: in brackets, hours over recovery half-times from {low:.3g} to "
                f"{high:.3g} d ({recovery.status}; here {used / 24:.3g} d)"
            )
    return notes


def digits(value: float) -> str:
    """Return three digits, or whole numbers from 100 on; "-" for what does not exist."""
    if not math.isfinite(value):
        return "-"
    return f"{value:.0f}" if 100 <= value < 1e6 else f"{value:.3g}"


def _percent(reading: Reading) -> str:
    if reading.kind == "no data":
        return "no data"
    if reading.kind == "upper bound":
        return f"< {100 * reading.value:.2g} %"
    if math.isnan(reading.value):
        return "-"
    if math.isnan(reading.low):
        return f"{100 * reading.value:.1f} %"
    return f"{100 * reading.value:.0f} % ({100 * reading.low:.0f}-{100 * reading.high:.0f})"


def _hours(reading: Reading) -> str:
    def one(value: float) -> str:
        return "> 2 years" if math.isinf(value) else digits(value)

    if math.isnan(reading.low) and math.isnan(reading.high):
        return one(reading.value)
    return f"{one(reading.value)} ({one(reading.low)}-{one(reading.high)})"
