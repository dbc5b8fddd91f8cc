"""Release in plain Python: the oracle of the core, quantum for quantum.

With addressed streams it draws the very numbers of the core. What one would write
without them stands in ``benches/peers``, with ``random.random`` and ``math.log``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.reference import filling, samplers, transforms
from tests.reference.philox import STAGES, Stream
from tests.reference.xoshiro import Xoshiro

USES = ("counts", "traits", "sizes", "picks", "contents", "again", "vesicles")
DRAWS_EACH = 2**44
DRAWS_EACH_VESICLE = 2**20
DRAWS_EACH_QUANTUM = 2**8
MOST_TABLED = 63
WHOLE = 2**52
_MASK = 2**64 - 1


@dataclass(frozen=True)
class Synapse:
    """The fields of the core, and where the numbers come from."""

    sites: int
    probability: float
    refill_s: float
    active_share: float = 1.0
    pool_per_site: int = 200
    seed: int = 0

    def stream(self, number: int, use: str, further: int = 0) -> Stream:
        """Return the stream of one synapse for one use."""
        draw = USES.index(use) * DRAWS_EACH + further
        return Stream(self.seed, STAGES["release"], number, 2 * draw)


class Alias:
    """An alias table of a binomial law: Vose (1991), in the core's order."""

    def __init__(self, trials: int, chance: samplers.Survival, columns: int) -> None:
        self.bits = columns.bit_length() - 1
        chances = [0.0] * columns
        if trials == 0 or chance.stay <= 0.0:
            chances[0] = 1.0
        elif chance.leave <= 0.0:
            chances[trials] = 1.0
        else:
            lowest, found = _window(trials, chance)
            total = 0.0
            for one in found:
                total += one
            for i, one in enumerate(found):
                chances[lowest + i] = one / total
        left = [one * columns for one in chances]
        small = [i for i in range(columns) if left[i] < 1.0]
        large = [i for i in range(columns) if not left[i] < 1.0]
        self.own = [WHOLE] * columns
        self.alias = list(range(columns))
        while small and large:
            low, high = small.pop(), large[-1]
            self.own[low], self.alias[low] = int(left[low] * WHOLE), high
            left[high] = (left[high] + left[low]) - 1.0
            if left[high] < 1.0:
                small.append(large.pop())
        for i in small:
            if chances[i] == 0.0:
                self.own[i], self.alias[i] = 0, chances.index(max(chances))

    def draw(self, word: int) -> int:
        """Return a number from one word."""
        column = word >> 64 - self.bits
        part = (word << self.bits & _MASK) >> 12
        return column if part < self.own[column] else self.alias[column]


def _window(trials: int, chance: samplers.Survival) -> tuple[int, list[float]]:
    """Return the chances of all numbers that matter, relative to the mode's."""
    odds = chance.stay / chance.leave
    mode = min(math.floor((trials + 1.0) * chance.stay), trials)

    def ratio(k: int) -> float:
        return odds * ((trials - k) / (k + 1.0))

    down: list[float] = []
    k, here = mode, 1.0
    while here >= samplers.SMALLEST:
        down.append(here)
        if k == 0:
            break
        k -= 1
        here /= ratio(k)
    lowest, found = mode + 1 - len(down), down[::-1]
    k, here = mode, 1.0
    while k < trials:
        here *= ratio(k)
        if here < samplers.SMALLEST:
            break
        k += 1
        found.append(here)
    return lowest, found


@dataclass
class Counter:
    """Counts of one synapse after another."""

    synapse: Synapse
    tables: list[Alias] = field(default_factory=list)

    def __post_init__(self) -> None:
        sites = self.synapse.sites
        if sites <= MOST_TABLED:
            chance = samplers.Survival.from_probability(self.synapse.probability)
            columns = max(2, 1 << sites.bit_length())
            self.tables = [Alias(trials, chance, columns) for trials in range(sites + 1)]

    def counts(self, number: int, spikes: Sequence[float]) -> tuple[list[int], list[int]]:
        """Return vesicles that fuse, and sites filled before, at each spike."""
        synapse = self.synapse
        share = synapse.active_share
        if share < 1.0 and not synapse.stream(number, "traits").uniform() < share:
            return [0] * len(spikes), [0] * len(spikes)
        stream = synapse.stream(number, "counts")
        generator = Xoshiro.from_stream(stream) if self.tables else None
        chance = samplers.Survival.from_probability(synapse.probability)
        ready, before = synapse.sites, spikes[0] if len(spikes) else 0.0
        quanta, filled = [], []
        for now in spikes:
            pauses = (now - before) / synapse.refill_s
            before = now
            empty = synapse.sites - ready
            if generator is not None:
                come = _refilled(empty, pauses, transforms.uniform(generator.word()))
                ready += come
                fused = self.tables[ready].draw(generator.word())
            else:
                come = samplers.binomial(empty, _survival(pauses), stream)
                ready += come
                fused = samplers.binomial(ready, chance, stream)
            ready -= fused
            quanta.append(fused)
            filled.append(come)
        return quanta, filled


def _survival(pauses: float) -> samplers.Survival:
    return samplers.Survival(-transforms.exp_m1(-pauses), transforms.exp(-pauses))


def _refilled(empty: int, pauses: float, uniform: float) -> int:
    """Return how many empty sites are filled: inversion on the rarer outcome."""
    chance = _survival(pauses)
    flipped = chance.leave < chance.stay
    if flipped:
        ln_usual, odds = transforms.ln_1p(-chance.leave), chance.leave / chance.stay
    else:
        ln_usual, odds = -pauses, chance.stay / chance.leave
    left, here, number = uniform, transforms.exp(empty * ln_usual), 0
    while left >= here and number < empty:
        left -= here
        here *= odds * ((empty - number) * (1.0 / (number + 1)))
        number += 1
    return empty - number if flipped else number


LAYERS = 256
TAIL = 3.654152885361009
AREA = 0.004928673233974655


def _height(x: float) -> float:
    return transforms.exp(-0.5 * x * x)


def _edges() -> list[float]:
    edge = [AREA / _height(TAIL), TAIL]
    while len(edge) < LAYERS:
        edge.append(math.sqrt(-2.0 * transforms.ln(AREA / edge[-1] + _height(edge[-1]))))
    return [*edge, 0.0]


EDGE = _edges()


def ziggurat(word: int, again: Stream) -> float:
    """Return a normal number: Marsaglia and Tsang (2000), doi:10.18637/jss.v005.i08."""
    while True:
        side, layer = 2.0 * transforms.uniform(word) - 1.0, word % LAYERS
        x = side * EDGE[layer]
        if abs(side) < EDGE[layer + 1] / EDGE[layer]:
            return x
        if layer == 0:
            while True:
                beyond = -transforms.ln(again.uniform()) / TAIL
                other = -transforms.ln(again.uniform())
                if other + other > beyond * beyond:
                    return math.copysign(TAIL + beyond, side)
        low, high = _height(EDGE[layer]), _height(EDGE[layer + 1])
        if low + again.uniform() * (high - low) < _height(x):
            return x
        word = again.word()


def lognormal(
    synapse: Synapse, number: int, quanta: Sequence[int], log_mean: float, log_sd: float
) -> list[float]:
    """Return the size of every quantum of one synapse."""
    generator = Xoshiro.from_stream(synapse.stream(number, "sizes"))
    sizes = []
    for place in range(sum(quanta)):
        again = synapse.stream(number, "again", place * DRAWS_EACH_QUANTUM)
        normal = ziggurat(generator.word(), again)
        sizes.append(transforms.exp(log_mean + log_sd * normal))
    return sizes


def totals(quanta: Sequence[int], sizes: Sequence[float]) -> list[float]:
    """Return the molecules of every spike."""
    found, place = [], 0
    for count in quanta:
        total = 0.0
        for size in sizes[place : place + count]:
            total += size
        found.append(total)
        place += count
    return found


class Level:
    """The mean content of one vesicle (or share of places) since it was emptied."""

    def __init__(self, course: filling.Course, start: str) -> None:
        self.course, self.now, self.exit, self.mean = course, 0.0, 0.0, 0.0
        come, leave = _exchange(course.rates())
        if start == "full":
            here, cohort = course.cohort.segments[0], course.cohort
            full = filling.Rates(
                course.copies * here.influx_per_s,
                course.copies * here.efflux_per_s / course.volume,
                cohort.leak_per_s / course.diameter,
                0.0,
                cohort.capacity,
            )
            come, leave = _exchange(full)
        self.begin = come / leave if start != "empty" and come else 0.0

    def advance(self, to_s: float) -> None:
        """Go on to a time."""
        while True:
            until = self.course.until_s
            end = min(until, to_s)
            if end > self.now:
                come, leave = _exchange(self.course.rates())
                span = end - self.now
                gone = -transforms.exp_m1(-(leave * span))
                gain = come / leave * gone if leave > 0.0 else come * span
                self.mean = self.mean * transforms.exp(-(leave * span)) + gain
                self.exit += leave * span
                self.now = end
            if until > to_s:
                return
            self.course.advance()


def _exchange(rates: filling.Rates) -> tuple[float, float]:
    if rates.capacity:
        return rates.per_place, rates.per_place + (rates.efflux + rates.leak)
    return rates.influx, rates.efflux + rates.leak


class Vesicles(filling.Cohort):
    """The law of the vesicles of one synapse, with the streams of release."""

    def stream(self, row: int, use: str) -> Stream:
        """Return the stream of one vesicle for one use."""
        place = (2 * row + (use == "binding")) * DRAWS_EACH_VESICLE
        synapse, number = self.owner
        return synapse.stream(number, "vesicles", place)


def fillings(
    synapse: Synapse,
    number: int,
    spikes: Sequence[float],
    quanta: Sequence[int],
    filled: Sequence[int],
    law: filling.Cohort,
    start: str,
) -> list[float]:
    """Return the content of every released vesicle of one synapse."""
    vesicles = Vesicles(**{name: getattr(law, name) for name in law.__dataclass_fields__})
    object.__setattr__(vesicles, "owner", (synapse, number))
    picks = Xoshiro.from_stream(synapse.stream(number, "picks"))
    members = synapse.sites * synapse.pool_per_site
    if law.uniform:
        means = _alike(synapse, spikes, quanta, filled, vesicles, start, picks, members)
    else:
        means = _different(synapse, spikes, quanta, filled, vesicles, start, picks, members)
    generator = Xoshiro.from_stream(synapse.stream(number, "contents"))
    sizes = []
    for place, mean in enumerate(means):
        again = synapse.stream(number, "again", place * DRAWS_EACH_QUANTUM)
        if law.capacity:
            share = samplers.Survival.from_probability(min(mean, 1.0))
            sizes.append(float(samplers.binomial(law.capacity, share, again)))
            continue
        first = [transforms.uniform(generator.word()) for _ in range(2)]
        if mean < samplers.REJECTION_FROM:
            sizes.append(float(samplers.poisson(mean, again)))
        else:
            sizes.append(float(samplers.poisson(mean, _Chained(first, again))))
    return sizes


class _Chained:
    """Two numbers, and then those of a stream."""

    def __init__(self, first: list[float], then: Stream) -> None:
        self._first, self._then = list(first), then

    def uniform(self) -> float:
        return self._first.pop(0) if self._first else self._then.uniform()


def _swap_remove(items: list[int], generator: Xoshiro) -> int:
    place = generator.word() * len(items) >> 64
    items[place], items[-1] = items[-1], items[place]
    return items.pop()


def _alike(synapse, spikes, quanta, filled, vesicles, start, picks, members) -> list[float]:
    level = Level(filling.Course(vesicles, 0), start)
    mean, exits = [-level.begin], [0.0]
    for now in spikes:
        level.advance(now)
        mean.append(level.mean)
        exits.append(level.exit)
    docked, pool = [0] * synapse.sites, [0] * members
    found = []
    for spike, (fused, come) in enumerate(zip(quanta, filled, strict=True), start=1):
        docked += [_swap_remove(pool, picks) for _ in range(come)]
        for _ in range(fused):
            before = _swap_remove(docked, picks)
            pool.append(spike)
            apart = transforms.exp(-(exits[spike] - exits[before]))
            found.append(max(mean[spike] - mean[before] * apart, 0.0))
    return found


def _different(synapse, spikes, quanta, filled, vesicles, start, picks, members) -> list[float]:
    docked = list(range(synapse.sites))
    pool = list(range(synapse.sites, synapse.sites + members))
    levels: dict[int, Level] = {}
    found = []
    for now, fused, come in zip(spikes, quanta, filled, strict=True):
        docked += [_swap_remove(pool, picks) for _ in range(come)]
        for _ in range(fused):
            vesicle = _swap_remove(docked, picks)
            pool.append(vesicle)
            if vesicle not in levels:
                levels[vesicle] = Level(filling.Course(vesicles, vesicle), start)
                levels[vesicle].mean = levels[vesicle].begin
            level = levels[vesicle]
            level.advance(now)
            found.append(level.mean)
            level.mean = 0.0
    return found
