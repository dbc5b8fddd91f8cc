"""Saturable kinetics in plain floats, with the bits of the Rust core: one subject at a time.

Taylor series with the core's choice of steps; every sum is taken in the core's order, without
fused multiply-add.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from tests.reference.transforms import exp, ln

SHARE = 0.1  # of the tolerance, for one step
FEWEST, PER_DIGIT, MOST = 12.0, 1.0, 24.0  # orders: at least, for each digit, at most
AIM = 0.9
SMALLEST_ERROR = 1e-60
AFTER_FAILURE, OUT_OF_RANGE = 0.5, 1e-3
LARGEST_FALL = 16.0


class System(NamedTuple):
    """Gains (to, from, rate per h), losses per h, saturable flows (from, to, maximum, half)."""

    gain: list[tuple[int, int, float]]
    loss: list[float]
    saturable: list[tuple[int, int | None, float, float]]


def _quotient(half: float, amount: list[float], shares: list[float]) -> float:
    """Return the next coefficient of A/(half + |A|), from those of A and those before it."""
    order = len(shares)
    inverse = 1.0 / (half + abs(amount[0]))
    if order == 0:
        return amount[0] * inverse
    known, j = 0.0, 2
    while j + 4 <= order:
        a, b, c, d = (amount[i] * shares[order - i] for i in range(j, j + 4))
        known += (a + b) + (c + d)
        j += 4
    for i in range(j, order):
        known += amount[i] * shares[order - i]
    known += amount[order] * shares[0]
    if order > 1:
        known += amount[1] * shares[order - 1]
    sign = -1.0 if amount[0] < 0.0 else 1.0
    return (amount[order] - sign * known) * inverse


def expand(system: System, state: list[float], unit: float, orders: int) -> list[list[float]]:
    """Return the coefficients of every state, [state][order], in powers of time over the unit."""
    series = [[value] for value in state]
    shares: list[list[float]] = [[] for _ in system.saturable]
    for order in range(orders):
        change = [0.0 - terms[-1] * rate for terms, rate in zip(series, system.loss, strict=True)]
        for to, source, rate in system.gain:
            change[to] += rate * series[source][-1]
        for own, (source, to, maximum, half) in zip(shares, system.saturable, strict=True):
            own.append(_quotient(half, series[source], own))
            moved = maximum * own[-1]
            change[source] -= moved
            if to is not None:
                change[to] += moved
        part = unit * (1.0 / (order + 1))
        for terms, value in zip(series, change, strict=True):
            terms.append(value * part)
    return series


def value_of(terms: list[float], share: float) -> float:
    """Return a series so many units after its start: even and odd powers apart."""
    order = len(terms) - 1
    square = share * share
    upper, lower = terms[order], terms[order - 1]
    while order > 2:
        upper = upper * square + terms[order - 2]
        lower = lower * square + terms[order - 3]
        order -= 2
    if order == 2:
        return (upper * square + terms[0]) + lower * share
    return lower + upper * share


class _Walk:
    """One subject, its unit of time and its reads."""

    def __init__(self, system: System, rtol: float, atol: float) -> None:
        self.system = system
        self.rtol, self.atol = SHARE * rtol, SHARE * atol
        self.orders = int(min(FEWEST + PER_DIGIT * (ln(1.0 / self.rtol) / math.log(10.0)), MOST))
        self.state = [0.0] * len(system.loss)
        self.unit = 0.0

    def reach(self, series: list[list[float]], allowed: list[float]) -> float:
        """Return how long a step may be, in units, by the last two terms."""
        steepest = -math.inf
        for order in (self.orders - 1, self.orders):
            errors = [abs(terms[order]) / a for terms, a in zip(series, allowed, strict=True)]
            if any(math.isnan(error) for error in errors):
                return math.nan
            steepest = max(steepest, ln(max(SMALLEST_ERROR, *errors)) * (1.0 / order))
        return AIM * exp(-steepest)

    def right(self, value: float, before: float) -> bool:
        """Say whether an amount is as it may be after a step."""
        after = self.atol + self.rtol * abs(value)
        return math.isfinite(value) and before <= LARGEST_FALL * after and value >= -before

    def flow(self, start: float, hours: float, reads: list[float]) -> list[list[float]]:
        """Go on for some hours; return the states at the reads on the way."""
        found: list[list[float]] = []
        left, past, longest = hours, 0.0, hours
        self.unit = self.unit or hours
        while left > 0:
            series = expand(self.system, self.state, self.unit, self.orders)
            allowed = [self.atol + self.rtol * abs(value) for value in self.state]
            reach = self.reach(series, allowed)
            own = reach * self.unit
            own = longest if own > longest else own
            width = left if own >= left else (0.5 * left if 2.0 * own > left else own)
            after = [value_of(terms, width / self.unit) for terms in series]
            if not all(self.right(v, a) for v, a in zip(after, allowed, strict=True)):
                if reach > 0.0:
                    longest = AFTER_FAILURE * width
                else:
                    self.unit *= OUT_OF_RANGE
                continue
            while len(found) < len(reads):
                lag = (reads[len(found)] - start) - past
                if not (lag <= width or width == left):
                    break
                share = min(lag, width) / self.unit
                found.append([value_of(terms, share) for terms in series])
            self.state, self.unit = after, own
            past += width
            longest = left - width
            left = 0.0 if width == left else longest
        return found


def integrate(
    system: System,
    boluses: list[tuple[float, int, float]],
    time_h: list[float],
    *,
    rtol: float,
    atol: float,
) -> list[list[float]]:
    """Return every state at every time, [state][time], after (time, state, amount) boluses."""
    walk = _Walk(system, rtol, atol)
    end = time_h[-1]
    due = sorted((dose for dose in boluses if dose[0] <= end), key=lambda dose: dose[0])
    rows: list[list[float]] = []
    now = -math.inf
    for at, state, amount in [*due, (end, None, 0.0)]:
        reads = [time for time in time_h[len(rows) :] if time < at]
        if now == -math.inf:
            rows += [list(walk.state) for _ in reads]
        elif at > now:
            rows += walk.flow(now, at - now, reads)
        now = at
        if state is not None:
            walk.state = list(walk.state)
            walk.state[state] += amount
    rows += [list(walk.state)] * (len(time_h) - len(rows))
    return [list(values) for values in zip(*rows, strict=True)]
