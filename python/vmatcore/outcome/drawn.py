"""The last day of a run under draws of the constants behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from vmatcore.drugs.quantity import Quantity
from vmatcore.occupancy import OccupancyResult
from vmatcore.outcome.constants import PEAKED, SIDE_EFFECTS, sources
from vmatcore.outcome.day import DAY_STEPS, grid, signal_from
from vmatcore.outcome.stage import PARTS
from vmatcore.signal import SignalCourse
from vmatcore.terminal import SITES, Terminal
from vmatcore.uncertainty import Constant, Draws, held
from vmatcore.uncertainty.constants import in_terminal
from vmatcore.work import CancelToken

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["constants_of_outcome", "drawn_days", "drawn_numbers"]

#: Terminals that are followed together.
_ROWS_AT_ONCE = 256


def _start(part: str) -> str:
    return f"outcome {part}: "


def constants_of_outcome(
    occupancy: OccupancyResult,
    *,
    condition: str | None = None,
    history: bool = False,
    susceptibility: float | None = None,
    driver: str = "d2",
    hazard: str = "convex",
    baseline_score: float | None = None,
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
    """Return the numbers of the outcome by part, with the values of one draw.

    Examples
    --------
    >>> drawn_numbers(None, {"outcome half_effect: d2": 0.5})["half_effect"]["d2"].value
    0.5
    """
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
) -> Iterator[tuple[int, SignalCourse, OccupancyResult]]:
    """Yield, draw by draw, its number, the signal of the day and the occupancy behind it.

    The signal is NaN where kinetics or a terminal could not be followed.
    """
    pk = occupancy.pk
    # What is given at the end of the day or later plays no part.
    before = replace(occupancy, pk=replace(pk, regimen=pk.regimen.stop_at(end_h)))
    times = grid(end_h)
    people = len(pk.subjects)
    size = max(_ROWS_AT_ONCE // max(people, 1), 1)
    for start in range(0, draws.count, size):
        numbers = range(start, min(start + size, draws.count))
        read = [
            held(before, times, draws.of(number), threads=threads, cancel=cancel)
            for number in numbers
        ]
        each = np.repeat(numbers, people)
        own = {site: _terminal(make(), site, draws, each) for site, make in SITES.items()}
        first = len(times) - DAY_STEPS - 1
        day = signal_from(read, first, terminals=own, threads=threads, cancel=cancel)
        for place, number in enumerate(numbers):
            rows = slice(place * people, (place + 1) * people)
            yield number, _of_rows(day, rows), read[place]


def _terminal(
    terminal: Terminal, site: str, draws: Draws, number: npt.NDArray[np.int64]
) -> Terminal:
    if not len(number):  # Nobody has this terminal: it keeps its own values.
        return terminal
    rows = draws.starting(in_terminal(site))
    return terminal.with_values({name: values[number] for name, values in rows.items()})


def _of_rows(signal: SignalCourse, rows: slice) -> SignalCourse:
    changed: dict[str, Any] = {}
    for name, axis in signal.layout().items():
        if axis.axes[0] == "subject":
            value = getattr(signal, name)
            changed[name] = (
                {key: array[rows] for key, array in value.items()}
                if isinstance(value, dict)
                else value[rows]
            )
    return replace(signal, **changed)
