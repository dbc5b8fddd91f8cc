"""The last day of a run under draws of the constants behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from vmatcore.drugs.quantity import Quantity
from vmatcore.occupancy import OccupancyResult
from vmatcore.outcome.constants import PEAKED, SIDE_EFFECTS, sources
from vmatcore.outcome.levels import DAY_READS, Levels, grid, tonic_nmol_l, trapezoid
from vmatcore.outcome.stage import PARTS
from vmatcore.signal import Region
from vmatcore.terminal import SITES, Profile, Terminal, TerminalResult, simulate
from vmatcore.uncertainty import Constant, Draws, held
from vmatcore.uncertainty.constants import in_terminal
from vmatcore.work import CancelToken

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["constants_of_outcome", "drawn_days", "drawn_numbers"]

#: As :func:`vmatcore.terminal.sites` solves them.
_RELATIVE_TOLERANCE = 1e-6

#: Terminals that are followed together.
_ROWS_AT_ONCE = 256


def _start(part: str) -> str:
    return f"outcome {part}: "


def constants_of_outcome(
    occupancy: OccupancyResult,
    *,
    condition: str | None,
    history: bool,
    susceptibility: float | None,
    driver: str,
    hazard: str,
    baseline_score: float | None,
) -> Iterator[Constant]:
    """Yield the numbers of the outcome that play a part with these settings."""
    moieties = {moiety.name.removeprefix("d6-") for moiety in occupancy.pk.moieties}
    hazards = {f"{name}_{hazard}" if name in PEAKED else name for name in SIDE_EFFECTS}
    unused = {"depression": set(), "qtc": sources("qtc").keys() - moieties}
    unused["half_effect"] = sources("half_effect").keys() - {driver}
    unused["hazard"] = sources("hazard").keys() - hazards
    if not history:
        unused["depression"].add("history_factor")
    if susceptibility is not None:
        unused["depression"].add("susceptibility_variance")
    for part in PARTS if condition is None else (*PARTS, condition):
        for name, quantity in sources(part).items():
            given = name == "baseline_score" and baseline_score is not None
            if given or name in unused.get(part, ()):
                continue
            # One slope was fitted for three isomers; the others have sources of their own.
            key = f"slope {quantity.source}" if part == "qtc" else name
            law: Literal["fitted", "triangle"] = (
                "fitted" if quantity.status == "derived" else "triangle"
            )
            yield Constant(_start(part) + name, quantity, _start(part) + key, law)


def drawn_numbers(condition: str | None, values: Mapping[str, float]) -> dict[str, Any]:
    """Return the numbers of the outcome by part, with the values of one draw."""
    parts = PARTS if condition is None else (*PARTS, condition)
    return {
        part: {
            name: _changed(quantity, values.get(_start(part) + name))
            for name, quantity in sources(part).items()
        }
        for part in parts
    }


def _changed(quantity: Quantity, value: float | None) -> Quantity:
    return quantity if value is None else replace(quantity, value=value, low=None, high=None)


def drawn_days(
    occupancy: OccupancyResult,
    draws: Draws,
    end_h: float,
    *,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> Iterator[tuple[int, Levels, OccupancyResult]]:
    """Yield, draw by draw, its number, the levels of the day and the occupancy behind them.

    Levels are NaN where kinetics or a terminal could not be followed.
    """
    pk = occupancy.pk
    # What is given at the end of the day or later plays no part.
    before = replace(occupancy, pk=replace(pk, regimen=pk.regimen.stop_at(end_h)))
    times = grid(end_h)
    people = len(pk.subjects)
    size = max(_ROWS_AT_ONCE // max(people, 1), 1)
    for first in range(0, draws.count, size):
        numbers = range(first, min(first + size, draws.count))
        read = [
            held(before, times, draws.of(number), threads=threads, cancel=cancel)
            for number in numbers
        ]
        day = _levels(read, times, draws, np.repeat(numbers, people), threads, cancel)
        for place, number in enumerate(numbers):
            rows = slice(place * people, (place + 1) * people)
            yield number, _of_rows(day, rows), read[place]


def _levels(
    read: list[OccupancyResult],
    times: FloatArray,
    draws: Draws,
    number: npt.NDArray[np.int64],
    threads: int | None,
    cancel: CancelToken | None,
) -> Levels:
    """Return the levels of every row, each with the terminals of its draw."""
    active = np.concatenate([np.clip(one.active, 0.0, 1.0) for one in read])
    lost = ~np.isfinite(active).all(axis=1)
    active[lost] = 1.0
    first = len(times) - DAY_READS
    found = {
        site: simulate(
            active=Profile(time_h=times - times[0], values=active),
            terminal=_terminal(make(), site, draws, number),
            time_h=times[first:] - times[0],
            relative_tolerance=_RELATIVE_TOLERANCE,
            threads=threads,
            progress=False,
            cancel=cancel,
        )
        for site, make in SITES.items()
    }
    return _signal(read, found, times, first, lost)


def _terminal(
    terminal: Terminal, site: str, draws: Draws, number: npt.NDArray[np.int64]
) -> Terminal:
    rows = draws.starting(in_terminal(site))
    return terminal.with_values({name: values[number] for name, values in rows.items()})


def _signal(
    read: list[OccupancyResult],
    found: Mapping[str, TerminalResult],
    times: FloatArray,
    first: int,
    lost: npt.NDArray[np.bool_],
) -> Levels:
    """Return the levels that the contents of three sites bring."""
    lost = lost | np.array([one.failed for one in found.values()]).any(axis=0)
    contents = [np.where(lost[:, None], np.nan, one.content) for one in found.values()]
    taken = np.concatenate([one.off_target["D2"][:, first:] for one in read])
    block = taken / (1.0 - taken)
    regions = (Region.dorsal_striatum(), Region.serotonin(), Region.norepinephrine())
    amine = [tonic_nmol_l(*each) for each in zip(regions, contents, strict=True)]
    half, rest = regions[0].receptors["D2"].ec50_nmol_l, regions[0].tonic_nmol_l()
    activation = amine[0] / (amine[0] + half * (1.0 + block))
    return Levels(
        weights=trapezoid(times[first:]),
        vmat2=np.concatenate([one.vmat2[:, first:] for one in read]),
        serotonin_7=np.concatenate([one.off_target["5-HT7"][:, first:] for one in read]),
        dopamine=contents[0],
        serotonin=contents[1],
        norepinephrine=contents[2],
        amine={
            site: one / region.tonic_nmol_l()
            for site, region, one in zip(found, regions, amine, strict=True)
        },
        block=block,
        d2=activation / (rest / (rest + half)),
    )


def _of_rows(levels: Levels, rows: slice) -> Levels:
    changed: dict[str, Any] = {}
    for name in (field.name for field in fields(levels)):
        value = getattr(levels, name)
        if isinstance(value, dict):
            changed[name] = {key: array[rows] for key, array in value.items()}
        elif isinstance(value, np.ndarray) and value.ndim > 1:
            changed[name] = value[rows]
    return replace(levels, **changed)
