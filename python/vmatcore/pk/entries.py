"""What happens to a compartment system: amounts that enter, resets, endless earlier dosing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from vmatcore import check
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown

__all__ = ["Entry", "Input", "Reset", "SteadyState", "Table", "sources", "table", "under_way"]

#: More infusions of one series than this do not run at once.
_MOST_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Input:
    """An amount that enters a compartment, at once or at a constant rate.

    Parameters
    ----------
    compartment : str
        Where it enters.
    amount : float
        How much; any unit, the readings have the same.
    time_h : float
        When it starts.
    duration_h : float
        Over how long; 0 is at once.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    """

    compartment: str
    amount: float
    time_h: float = 0.0
    duration_h: float = 0.0

    def __post_init__(self) -> None:
        check.text("compartment", self.compartment)
        object.__setattr__(self, "amount", check.number("amount", self.amount, minimum=0))
        object.__setattr__(self, "time_h", check.number("time_h", self.time_h))
        duration = check.number("duration_h", self.duration_h, minimum=0)
        object.__setattr__(self, "duration_h", duration)
        if not math.isfinite(self.time_h + duration):
            raise ParameterError(
                f"`duration_h` must leave a finite end, got {duration!r} from {self.time_h!r} h on"
            )
        if _lasts(self) and not math.isfinite(self.amount / duration):
            raise ParameterError(
                f"`duration_h` must leave a finite rate, got {duration!r} for {self.amount!r}"
            )


@dataclass(frozen=True, slots=True)
class Reset:
    """Every compartment is emptied; integrals keep what they hold, and inputs go on.

    Parameters
    ----------
    time_h : float
        When.

    Raises
    ------
    ParameterError, ParameterTypeError
        If the time is not a finite number.
    """

    time_h: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "time_h", check.number("time_h", self.time_h))


@dataclass(frozen=True, slots=True)
class SteadyState:
    """What endless equal inputs before a time leave at that time.

    The inputs were given ``every_h``, twice ``every_h`` and so on before ``time_h``, for
    ever; one at ``time_h`` itself is yours to add.

    Parameters
    ----------
    inputs : sequence of Input
        What was given each time; their ``time_h`` counts from each giving on, so that
        it is a lag.
    every_h : float
        The interval, h.
    time_h : float
        When the state is put in place.
    replaces : bool
        Whether it takes the place of what is there, or is added to it. Only linear
        systems can add.
    goes_on : bool
        Whether what of the series still runs or is still to arrive goes on.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> SteadyState([Input("plasma", 100.0)], every_h=24.0).time_h
    0.0
    """

    inputs: Sequence[Input]
    every_h: float
    time_h: float = 0.0
    replaces: bool = True
    goes_on: bool = True

    def __post_init__(self) -> None:
        inputs = check.listed("inputs", self.inputs)
        every_h = check.number("every_h", self.every_h, minimum=0, exclusive=True)
        for i, item in enumerate(inputs):
            if not isinstance(item, Input):
                raise ParameterTypeError(f"`inputs[{i}]` must be an Input, got {shown(item)}")
            if item.time_h < 0:
                raise ParameterError(f"`inputs[{i}].time_h` must not be negative as a lag")
            if (item.time_h + item.duration_h) / every_h > _MOST_AT_ONCE:
                raise ParameterError(
                    f"`every_h` must leave at most {_MOST_AT_ONCE} inputs under way at once, "
                    f"got {every_h!r}"
                )
        for name in ("replaces", "goes_on"):
            if not isinstance(getattr(self, name), bool):
                value = shown(getattr(self, name))
                raise ParameterTypeError(f"`{name}` must be True or False, got {value}")
        object.__setattr__(self, "inputs", tuple(inputs))
        object.__setattr__(self, "every_h", every_h)
        object.__setattr__(self, "time_h", check.number("time_h", self.time_h))


#: What a table of entries holds.
Entry: TypeAlias = Input | Reset | SteadyState

#: The numbers by which the core knows what an event does.
_ADD, _SET, _RESET, _STEADY, _ADD_STEADY = range(5)

_Event: TypeAlias = tuple[float, int, int, float]


class Table(NamedTuple):
    """Entries as the core takes them."""

    events: list[_Event]
    periods: list[tuple[float, list[_Event]]]


def sources(places: dict[str, int], entries: Sequence[Entry]) -> list[str]:
    """Return the compartments that something enters over time, all names checked."""
    found: dict[str, None] = {}
    for entry in entries:
        for item in _inputs_of(entry):
            if item.compartment not in places:
                raise unknown("compartment", item.compartment, places)
            if _lasts(item):
                found.setdefault(item.compartment)
    return list(found)


def _inputs_of(entry: Entry) -> Sequence[Input]:
    if isinstance(entry, Input):
        return [entry]
    return entry.inputs if isinstance(entry, SteadyState) else []


def table(places: dict[str, int], source_of: dict[str, int], entries: Sequence[Entry]) -> Table:
    """Return the events of some entries: boluses add, inputs over time set their source.

    Entries of equal time keep their order; the rates of sources do not depend on it.
    """
    made = Table([], [])
    lasting: list[Input] = []
    for entry in entries:
        if isinstance(entry, Reset):
            made.events.append((entry.time_h, 0, _RESET, 0.0))
            continue
        if isinstance(entry, SteadyState):
            kind = _STEADY if entry.replaces else _ADD_STEADY
            made.events.append((entry.time_h, len(made.periods), kind, 0.0))
            made.periods.append((entry.every_h, _period(places, source_of, entry)))
            if not entry.goes_on:
                continue
        for item in [entry] if isinstance(entry, Input) else under_way(entry):
            if _lasts(item):
                lasting.append(item)
            else:
                made.events.append((item.time_h, places[item.compartment], _ADD, item.amount))
    made.events.extend(_rates(source_of, lasting))
    return made


def _rates(source_of: dict[str, int], lasting: list[Input]) -> list[_Event]:
    """Every change of the rate at which something enters over time."""
    changes: dict[str, list[tuple[float, Fraction]]] = {place: [] for place in source_of}
    for item in lasting:
        start, stop = item.time_h, item.time_h + item.duration_h
        rate = Fraction(item.amount / (stop - start))
        changes[item.compartment] += [(start, rate), (stop, -rate)]
    events = []
    for place, source in source_of.items():
        # Exact sums: what has ended leaves nothing behind, whatever else is running.
        total = Fraction(0)
        for time, group in groupby(sorted(changes[place]), key=itemgetter(0)):
            total += sum(change for _, change in group)
            events.append((time, source, _SET, _float(place, total)))
    return events


def _float(place: str, rate: Fraction) -> float:
    """The nearest float to an exact sum of rates."""
    try:
        return float(rate)
    except OverflowError:
        return _finite(place, [math.inf])


def _finite(place: str, rates: list[float]) -> float:
    if not math.isfinite(sum(rates)):
        raise ParameterError(f"`inputs` into {shown(place)} must add up to a finite rate, got inf")
    return math.fsum(rates)


def under_way(steady: SteadyState) -> list[Input]:
    """Return what of an endless series still runs at its end, or arrives then or later."""
    found = []
    for item in steady.inputs:
        phase = math.fmod(item.time_h, steady.every_h)
        due = round((item.time_h - phase) / steady.every_h)
        for number in range(1, due + 1):
            arrival = steady.time_h + (phase + (due - number) * steady.every_h)
            found.append(Input(item.compartment, item.amount, arrival, item.duration_h))
        if not _lasts(item):
            continue
        number = due + 1
        while (left := phase + (due - number) * steady.every_h + item.duration_h) > 0:
            share = left / item.duration_h
            found.append(Input(item.compartment, item.amount * share, steady.time_h, left))
            number += 1
    return found


def _period(places: dict[str, int], source_of: dict[str, int], steady: SteadyState) -> list[_Event]:
    """What happens in the last interval before the steady state is put in place."""
    every_h = steady.every_h
    events: list[_Event] = []
    running: dict[str, list[tuple[float, float, float, float]]] = {}
    for item in steady.inputs:
        start = math.fmod(item.time_h, every_h)
        if not _lasts(item):
            events.append((start, places[item.compartment], _ADD, item.amount))
            continue
        rest = math.fmod(item.duration_h, every_h)
        always = round((item.duration_h - rest) / every_h)
        rate = item.amount / item.duration_h
        running.setdefault(item.compartment, []).append((start, start + rest, rate, always * rate))
    for place, series in running.items():
        ends = {0.0}
        for start, stop, _, _ in series:
            ends |= {start, math.fmod(stop, every_h)}
        for time in sorted(ends):
            rates = [always for *_, always in series]
            # The part that fills no whole interval; it may reach over the end of one.
            rates += [
                rate
                for start, stop, rate, _ in series
                if start <= time < stop or time < stop - every_h
            ]
            events.append((time, source_of[place], _SET, _finite(place, rates)))
    return sorted(events, key=lambda event: event[0])


def _lasts(item: Input) -> bool:
    """Whether floating point can tell the end of an input from its start."""
    end = item.time_h + item.duration_h
    return end - item.time_h > 4 * math.ulp(end)
