"""Saturable kinetics in plain floats, with the bits of the Rust core: one subject at a time.

The pair of Dormand and Prince with the core's choice of steps; every sum is taken in the core's
order, without fused multiply-add.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from tests.reference.transforms import exp, ln

WEIGHTS = [
    [],
    [1 / 5],
    [3 / 40, 9 / 40],
    [44 / 45, -56 / 15, 32 / 9],
    [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
    [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    [35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
]
ERROR = [71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40]
DENSE = [
    -12715105075 / 11282082432,
    0.0,
    87487479700 / 32700410799,
    -10690763975 / 1880347072,
    701980252875 / 199316789632,
    -1453857185 / 822651844,
    69997945 / 29380423,
]
SHARE = 0.2  # of the tolerance, for one step


class System(NamedTuple):
    """Gains (to, from, rate per h), losses per h, saturable flows (from, to, maximum, half)."""

    gain: list[tuple[int, int, float]]
    loss: list[float]
    saturable: list[tuple[int, int | None, float, float]]


def slope(system: System, state: list[float]) -> list[float]:
    """Return the slope of every state."""
    change = [0.0 - value * rate for value, rate in zip(state, system.loss, strict=True)]
    for to, source, rate in system.gain:
        change[to] += rate * state[source]
    for source, to, maximum, half in system.saturable:
        moved = maximum * (state[source] / (half + abs(state[source])))
        change[source] -= moved
        if to is not None:
            change[to] += moved
    return change


def _weighted(weights: list[float], slopes: list[list[float]], state: int) -> float:
    total = 0.0
    for weight, values in zip(weights, slopes, strict=False):
        if weight:
            total += weight * values[state]
    return total


class _Walk:
    """One subject, its step and its reads."""

    def __init__(self, system: System, rtol: float, atol: float) -> None:
        self.system = system
        self.rtol, self.atol = SHARE * rtol, SHARE * atol
        self.state = [0.0] * len(system.loss)
        self.after_event = 0.0

    def guess(self, first: list[float]) -> float:
        size = steepness = 0.0
        for value, rate in zip(self.state, first, strict=True):
            scale = self.atol + self.rtol * abs(value)
            size, steepness = max(size, abs(value) / scale), max(steepness, abs(rate) / scale)
        return 0.01 * size / steepness if size > 0 and steepness > 0 else 0.01

    def attempt(self, first: list[float], hours: float) -> tuple[list[list[float]], list[float]]:
        slopes, trial = [first], self.state
        for weights in WEIGHTS[1:]:
            trial = [
                value + hours * _weighted(weights, slopes, i) for i, value in enumerate(self.state)
            ]
            slopes.append(slope(self.system, trial))
        return slopes, trial

    def error(self, slopes: list[list[float]], after: list[float], hours: float) -> float:
        worst = 0.0
        for i, (old, new) in enumerate(zip(self.state, after, strict=True)):
            larger = abs(old) if abs(old) > abs(new) else abs(new)
            size = abs(hours * _weighted(ERROR, slopes, i))
            size = -new if -new > size else size
            worst = max(worst, size / (self.atol + self.rtol * larger))
        return worst

    def between(
        self, slopes: list[list[float]], after: list[float], hours: float, share: float
    ) -> list[float]:
        values = []
        for i, (start, end) in enumerate(zip(self.state, after, strict=True)):
            bend = hours * _weighted(DENSE, slopes, i)
            rise = end - start
            above = hours * slopes[0][i] - rise
            below = rise - hours * slopes[-1][i] - above
            left = 1.0 - share
            inner = below + left * bend
            middle = above + share * inner
            outer = rise + left * middle
            values.append(start + share * outer)
        return values

    def flow(self, start: float, hours: float, reads: list[float]) -> list[list[float]]:
        """Go on for some hours; return the states at the reads on the way."""
        found: list[list[float]] = []
        left, past, fresh = hours, 0.0, True
        first = slope(self.system, self.state)
        step = self.after_event if self.after_event > 0 else self.guess(first)
        while left > 0:
            width = left if step >= left else (0.5 * left if 2 * step > left else step)
            slopes, after = self.attempt(first, width)
            error = self.error(slopes, after, width)
            factor = 0.9 * exp(-0.2 * ln(max(error, 1e-5)))
            factor = max(min(factor, 5.0), 0.2)
            if error > 1.0:
                step = width * min(factor, 0.9)
                if fresh:
                    self.after_event = step
                continue
            while len(found) < len(reads):
                lag = (reads[len(found)] - start) - past
                if not (lag <= width or width == left):
                    break
                share = min(lag, width) / width
                found.append(self.between(slopes, after, width, share))
            self.state, first = after, slopes[-1]
            wanted = width * factor
            if fresh:
                self.after_event, fresh, step = wanted, False, wanted
            elif width >= step or wanted < step:
                step = wanted
            past += width
            left = 0.0 if width == left else left - width
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
