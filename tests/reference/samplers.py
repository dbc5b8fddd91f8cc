"""Poisson and binomial numbers in plain floats: the operations of the core, in its order.

Hörmann (1993), doi:10.1016/0167-6687(93)90997-4 and doi:10.1080/00949659308811496;
probabilities after Loader (2000). A sampler takes any stream with ``uniform()``.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

from tests.reference.transforms import exp, ln, ln_1p

TAU = 6.283185307179586
STIRLING_ERROR = (
    0.08106146679532726,
    0.04134069595540929,
    0.02767792568499834,
    0.020790672103765093,
    0.016644691189821193,
    0.013876128823070748,
    0.01189670994589177,
    0.010411265261972096,
    0.009255462182712733,
    0.00833056343336287,
    0.007573675487951841,
    0.00694284010720953,
    0.006408994188004207,
    0.005951370112758848,
    0.005554733551962801,
)
SERIES = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)
REJECTION_FROM = 10.0
MOST_BY_INVERSION = 120
SMALLEST = 2.0**-75
MOST_NUMBERS = 2**16


def stirling_error(k: float) -> float:
    """Return ln k! less Stirling's formula."""
    if k <= 15:
        return STIRLING_ERROR[int(k) - 1]
    inverse = 1.0 / k
    z = inverse * inverse
    total = SERIES[-1]
    for term in reversed(SERIES[:-1]):
        total = total * z + term
    return total * inverse


def deviance(k: float, mean: float) -> float:
    """Return k ln(k / mean) + mean - k."""
    apart, both = k - mean, k + mean
    if abs(apart) >= 0.1 * both:
        return k * ln(k / mean) + mean - k
    v = apart / both
    z = v * v
    term, total, odd = 2.0 * k * v, apart * v, 3.0
    for _ in range(9):
        term *= z
        total += term / odd
        odd += 2.0
    return total


def poisson_pmf(k: float, mean: float) -> float:
    """Return the chance of k."""
    if k == 0:
        return exp(-mean)
    return exp(-stirling_error(k) - deviance(k, mean)) / math.sqrt(TAU * k)


def binomial_pmf(k: float, trials: float, success: float, failure: float) -> float:
    """Return the chance of k successes."""
    rest = trials - k
    if k == 0:
        return exp(-(deviance(trials, trials * failure) + trials * success))
    if rest == 0:
        return exp(-(deviance(trials, trials * success) + trials * failure))
    error = stirling_error(trials) - stirling_error(k) - stirling_error(rest)
    distance = deviance(k, trials * success) + deviance(rest, trials * failure)
    return exp(error - distance) * math.sqrt(trials / (TAU * k * rest))


@dataclass(frozen=True)
class Survival:
    """The chance to stay and the chance to leave."""

    stay: float
    leave: float

    @classmethod
    def from_probability(cls, stay: float) -> Survival:
        """Return both from the chance to stay."""
        return cls(stay, 1.0 - stay)


def poisson(mean: float, stream) -> int:
    """Return a Poisson number."""
    if mean == 0.0:
        return 0
    if mean < REJECTION_FROM:
        return _inverted(exp(-mean), lambda k: mean / (k + 1), MOST_BY_INVERSION - 1, stream)
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse_alpha = (1.1239 + 1.1328 / (b - 3.4)) * 1.008
    squeeze = (0.9277 - 0.006 - 3.6224 / (b - 2.0)) / 1.008
    while True:
        from_centre, height = stream.uniform() - 0.5, stream.uniform()
        to_edge = 0.5 - abs(from_centre)
        number = math.floor((2.0 * a / to_edge + b) * from_centre + mean + 0.43)
        if to_edge >= 0.07 and height <= squeeze:
            return number
        if number < 0 or (to_edge < 0.013 and height > to_edge):
            continue
        scaled = height * inverse_alpha / (a / (to_edge * to_edge) + b)
        if scaled <= poisson_pmf(float(number), mean):
            return number


def binomial(trials: int, survival: Survival, stream) -> int:
    """Return how many of the trials stay."""
    flipped = survival.leave < survival.stay
    rare, usual = survival.stay, survival.leave
    if flipped:
        rare, usual = usual, rare
    number = _rare(trials, rare, usual, stream)
    return trials - number if flipped else number


def _rare(trials: int, rare: float, usual: float, stream) -> int:
    if trials == 0 or rare <= 0.0:
        return 0
    count = float(trials)
    if count * rare < REJECTION_FROM:
        odds = rare / usual
        most = min(trials, MOST_BY_INVERSION)
        none = exp(count * ln_1p(-rare))
        return _inverted(none, lambda k: odds * (float(trials - k) / (k + 1)), most, stream)
    spread = math.sqrt(count * rare * usual)
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * rare
    centre, alpha = count * rare + 0.5, (2.83 + 5.1 / b) * spread
    squeeze = 0.92 - 4.2 / b
    while True:
        from_centre, height = stream.uniform() - 0.5, stream.uniform()
        to_edge = 0.5 - abs(from_centre)
        number = math.floor((2.0 * a / to_edge + b) * from_centre + centre)
        if to_edge >= 0.07 and height <= squeeze:
            return number
        if number < 0 or number > trials:
            continue
        mode = binomial_pmf(float(math.floor((count + 1.0) * rare)), count, rare, usual)
        scaled = height * alpha / (a / (to_edge * to_edge) + b)
        if scaled * mode <= binomial_pmf(float(number), count, rare, usual):
            return number


def _inverted(none: float, ratio: Callable[[int], float], most: int, stream) -> int:
    """Search upwards from zero; what rounding leaves over is drawn again."""
    while True:
        left, chance = stream.uniform(), none
        for number in range(most + 1):
            if left < chance:
                return number
            left -= chance
            chance *= ratio(number)


class Table:
    """An alias table: each cell holds its own number and a share of another."""

    def __init__(self, lowest: int, chances: list[float]) -> None:
        self.lowest = lowest
        size = 1 << (len(chances) - 1).bit_length()
        total = 0.0
        for chance in chances:
            total += chance
        left = [chance / total * size for chance in chances]
        left += [0.0] * (size - len(left))
        self.cells = [(1.0, own) for own in range(size)]
        small = [number for number in range(size) if left[number] < 1.0]
        large = [number for number in range(size) if not left[number] < 1.0]
        while small and large:
            needy, giver = small.pop(), large[-1]
            self.cells[needy] = (left[needy], giver)
            left[giver] = (left[giver] + left[needy]) - 1.0
            if left[giver] < 1.0:
                small.append(large.pop())
        # Left over but for rounding; what has no chance must not be drawn.
        for number in small:
            if number >= len(chances):
                self.cells[number] = (0.0, chances.index(max(chances)))

    def draw(self, uniform: float) -> int:
        """Return the number that a uniform number stands for."""
        place, within = divmod(uniform * len(self.cells), 1.0)
        share, other = self.cells[int(place)]
        return self.lowest + (int(place) if within < share else other)

    @classmethod
    @functools.lru_cache(maxsize=256)
    def poisson(cls, mean: float) -> Table | None:
        """Return the table of a Poisson law, if it is small enough."""
        return cls._around(math.floor(mean), math.inf, lambda k: mean / (k + 1.0))

    @classmethod
    @functools.lru_cache(maxsize=256)
    def binomial(cls, trials: int, survival: Survival) -> Table | None:
        """Return the table of a binomial law, if it is small enough."""
        odds = survival.stay / survival.leave
        mode = min(math.floor((trials + 1.0) * survival.stay), trials)
        return cls._around(mode, trials, lambda k: odds * ((trials - k) / (k + 1.0)))

    @classmethod
    def _around(cls, mode: int, most: float, ratio: Callable[[int], float]) -> Table | None:
        down: list[float] = []
        k, chance = mode, 1.0
        while chance >= SMALLEST and len(down) <= MOST_NUMBERS:
            down.append(chance)
            if k == 0:
                break
            k -= 1
            chance /= ratio(k)
        lowest, chances = mode + 1 - len(down), down[::-1]
        k, chance = mode, 1.0
        while k < most and len(chances) <= MOST_NUMBERS:
            chance *= ratio(k)
            if chance < SMALLEST:
                break
            k += 1
            chances.append(chance)
        return cls(lowest, chances) if len(chances) <= MOST_NUMBERS else None
