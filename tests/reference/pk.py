"""Linear pharmacokinetics twice: to 50 digits, and in the floats of the Rust core.

A system has a loss from each state and gains (to, from, rate); the two are
separate, so a gain need not drain the state that it comes from.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import mpmath

from tests.reference.transforms import exp

DIGITS = 50


class Dose(NamedTuple):
    """An amount that enters a state at once, or at a constant rate over some time."""

    state: int
    amount: float
    start_h: float = 0.0
    duration_h: float = 0.0


class System(NamedTuple):
    """Gains as (to, from, rate per h), and the rate per h at which each state empties."""

    gain: list[tuple[int, int, float]]
    loss: list[float]


# -- the exact answer ------------------------------------------------------------------


def exact(system: System, doses: list[Dose], time_h: list[float]) -> list[list[mpmath.mpf]]:
    """Return every state at every time, [state][time], right to 50 digits.

    The responses to the single doses are added up, each from the matrix
    exponential of the whole lag at once. Its error is relative to the largest
    number, so what comes out small is computed again with more digits: 50 hold
    for doses and rates up to 1e20 and results down to 1e-400.
    """
    table: list[list[mpmath.mpf]] = []
    for working in (DIGITS + 70, DIGITS + 420):
        with mpmath.workdps(working):
            table = _superposed(system, doses, time_h)
            smallest = mpmath.mpf(10) ** (DIGITS + 20 - working)
            if all(value == 0 or value > smallest for row in table for value in row):
                break
    return table


def _superposed(system: System, doses: list[Dose], time_h: list[float]) -> list[list[mpmath.mpf]]:
    states = len(system.loss)
    infused = sorted({dose.state for dose in doses if dose.duration_h > 0})
    # A constant input of one per hour into each infused state is one more column.
    matrix = mpmath.zeros(states + len(infused))
    for state, rate in enumerate(system.loss):
        matrix[state, state] -= mpmath.mpf(rate)
    for to, source, rate in system.gain:
        matrix[to, source] += mpmath.mpf(rate)
    for column, state in enumerate(infused, start=states):
        matrix[state, column] = mpmath.mpf(1)
    known: dict[mpmath.mpf, mpmath.matrix] = {}

    def response(lag: mpmath.mpf) -> mpmath.matrix:
        if lag not in known:
            known[lag] = mpmath.expm(matrix * lag)
        return known[lag]

    def answer(dose: Dose, lag: mpmath.mpf) -> list[mpmath.mpf]:
        if dose.duration_h == 0:
            return [dose.amount * response(lag)[row, dose.state] for row in range(states)]
        duration, column = mpmath.mpf(dose.duration_h), states + infused.index(dose.state)
        given = response(min(lag, duration))[:states, column] * (dose.amount / duration)
        if lag > duration:
            given = response(lag - duration)[:states, :states] * given
        return list(given)

    table = [[mpmath.mpf(0)] * len(time_h) for _ in range(states)]
    for dose in doses:
        for place, time in enumerate(time_h):
            lag = mpmath.mpf(time) - mpmath.mpf(dose.start_h)
            if lag >= 0:
                for row, value in zip(table, answer(dose, lag), strict=True):
                    row[place] += value
    return table


# -- the same walk as the core ---------------------------------------------------------

# Norm that a step is halved to, and terms past the longest path: usual steps, long steps.
SHORT, LONG = (0.5, 16), (4.0, 36)
LONG_FROM = 64.0
MOST_HALVINGS = 50
EPSILON = 2.0**-52


def propagate(system: System, doses: list[Dose], time_h: list[float]) -> list[list[float]]:
    """Return every state at every time, [state][time], with the bits of the Rust core.

    The core may read four times or more between doses in bulk, if the stretch comes
    again; that has other roundings, within 1e-13.
    """
    states = len(system.loss)
    sources = {dose.state: 0 for dose in doses if dose.duration_h > 0}
    for source, state in enumerate(sources, start=states):
        sources[state] = source
    gain = [*system.gain, *((to, source, 1.0) for to, source in sources.items())]
    loss = [*system.loss, *(0.0 for _ in sources)]
    events = sorted(_events(doses, sources), key=lambda event: event[0])

    amounts = [0.0] * len(loss)
    matrices: dict[float, list[list[float]] | None] = {}
    walk = _Walk()
    table: list[list[float]] = [[] for _ in range(states)]
    right = True

    def advance(time: float) -> None:
        nonlocal amounts, right
        hours = walk.to(time)
        if hours is None:
            return
        if hours not in matrices:
            matrices[hours] = exponential(gain, loss, hours)
        matrix = matrices[hours]
        if matrix is None:
            right = False
        else:
            amounts = [_dot(row, amounts) for row in matrix]

    for time in time_h:
        while events and events[0][0] <= time:
            at, state, is_rate, value = events.pop(0)
            advance(at)
            amounts[state] = value if is_rate else amounts[state] + value
        advance(time)
        for row, amount in zip(table, amounts[:states], strict=True):
            row.append(amount)
    if not right or not all(math.isfinite(amount) for amount in amounts):
        return [[math.nan] * len(time_h) for _ in range(states)]
    return table


def _events(doses: list[Dose], sources: dict[int, int]) -> list[tuple[float, int, bool, float]]:
    """Return (time, state, is a rate, value): doses at once, then every change of a rate."""
    events = [(d.start_h, d.state, False, d.amount) for d in doses if d.duration_h == 0]
    for state, source in sources.items():
        lasting = [
            (d.start_h, d.start_h + d.duration_h, d.amount / d.duration_h)
            for d in doses
            if d.state == state and d.duration_h > 0
        ]
        for time in sorted({end for start, stop, _ in lasting for end in (start, stop)}):
            running = math.fsum(rate for start, stop, rate in lasting if start <= time < stop)
            events.append((time, source, True, running))
    return events


class _Walk:
    """Where the walk stands, as the exact sum of its steps; nearly equal steps become equal."""

    def __init__(self) -> None:
        self.now: float | None = None
        self.rest = 0.0
        self.known: list[float] = []

    def to(self, time: float) -> float | None:
        """Return the length of the step to ``time``, None if there is nothing to do."""
        if self.now is None:
            self.now = time
            return None
        hours = (time - self.now) - self.rest
        slack = EPSILON * abs(time)
        if hours <= slack:
            return None
        near = min((step for step in self.known if step >= hours - slack), default=math.inf)
        if near <= hours + slack:
            hours = near
        else:
            self.known.append(hours)
        total = self.now + hours
        if abs(self.now) > hours:
            self.rest += (self.now - total) + hours
        else:
            self.rest += (hours - total) + self.now
        self.now = total
        return hours


def exponential(
    gain: list[tuple[int, int, float]], loss: list[float], hours: float
) -> list[list[float]] | None:
    """Return exp(A hours) by the shifted Taylor series; None if no digit would be left.

    A + shift has no negative entry, so nothing cancels in the series or in its squares.
    """
    states = range(len(loss))
    shift = max([0.0, *loss])
    halvings, terms = _halvings(gain, loss, shift, hours)
    if halvings > MOST_HALVINGS:
        return None
    step = hours / 2.0**halvings
    stay = [(shift - rate) * step for rate in loss]
    into: list[list[tuple[int, float]]] = [[] for _ in states]
    for to, source, rate in gain:
        into[to].append((source, rate * step))

    term = [[float(row == column) for column in states] for row in states]
    total = [row[:] for row in term]
    for order in range(1, len(loss) + terms):
        after = []
        for row in states:
            sums = [stay[row] * value for value in term[row]]
            for source, share in into[row]:
                sums = [s + share * value for s, value in zip(sums, term[source], strict=True)]
            after.append([value * (1.0 / order) for value in sums])
        term = after
        for row in states:
            total[row] = [value + more for value, more in zip(total[row], term[row], strict=True)]
    decay = exp(-(shift * step))
    matrix = [[value * decay for value in row] for row in total]
    for _ in range(halvings):
        columns = list(zip(*matrix, strict=True))
        matrix = [[_dot(row, column) for column in columns] for row in matrix]
    return matrix


def _halvings(
    gain: list[tuple[int, int, float]], loss: list[float], shift: float, hours: float
) -> tuple[int, int]:
    """How often a step is halved, and its terms; gains off every cycle do not count."""
    norm = shift
    for state, rate in enumerate(loss):
        cycle = 0.0
        for to, source, value in gain:
            if source == state and state in _reached(gain, to):
                cycle += value
        norm = max(norm, (shift - rate) + cycle)
    size, halvings = norm * hours, 0
    largest, terms = LONG if size > LONG_FROM else SHORT
    while size > largest and halvings <= MOST_HALVINGS:
        size *= 0.5
        halvings += 1
    return halvings, terms


def _reached(gain: list[tuple[int, int, float]], start: int) -> set[int]:
    seen, todo = {start}, [start]
    while todo:
        state = todo.pop()
        new = {to for to, source, _ in gain if source == state} - seen
        seen |= new
        todo += new
    return seen


def _dot(row: list[float], column: list[float] | tuple[float, ...]) -> float:
    total = 0.0  # not sum(): newer Pythons round that differently
    for left, right in zip(row, column, strict=True):
        total += left * right
    return total
