"""Vesicle filling in plain Python: the oracle of the core, molecule for molecule.

Every function takes its randomness as an argument. With :class:`Events` and the
addressed streams it draws the very numbers of the core. With :class:`Plain` it
is what one would write without either: ``random.random`` and ``math.log``.
"""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.reference import samplers, transforms
from tests.reference.philox import STAGES, Stream
from tests.reference.xoshiro import Xoshiro

SERIES = (
    0.666666666666729,
    0.39999999996057767,
    0.28571429414190175,
    0.2222213694110789,
    0.18186420536630812,
    0.15248889505889998,
    0.1537835399452399,
)
LN_2 = 0.6931471805599453
DRAWS_EACH = 2**44
USES = ("moves", "traits", "binding", "events", "start")
TABLED_READS = 32
_MASK = 2**64 - 1


@dataclass(frozen=True)
class Segment:
    """Rates of one copy in a standard vesicle, until a time."""

    until_s: float
    active: float
    influx_per_s: float
    efflux_per_s: float = 0.0
    crowding: float = 0.0


@dataclass(frozen=True)
class Cohort:
    """Vesicles to fill; the fields are those of the core."""

    segments: Sequence[Segment]
    time_s: Sequence[float]
    copies: float = 1.0
    leak_per_s: float = 0.0
    capacity: int | None = None
    binding: str = "fast"
    residence_s: float = 120.0
    log_volume_sd: float = 0.0
    copies_vary: bool = False
    start: int | str | Sequence[int] = 0
    seed: int = 0
    first: int = 0

    @property
    def uniform(self) -> bool:
        """Whether all vesicles have the same rates."""
        return self.binding == "fast" and not self.log_volume_sd and not self.copies_vary

    def stream(self, row: int, use: str) -> Stream:
        """Return the stream of one vesicle for one use."""
        draw = USES.index(use) * DRAWS_EACH
        return Stream(self.seed, STAGES["filling"], self.first + row, 2 * draw)


class Events:
    """The next event of the direct method, from one word: the operations of the core."""

    def __init__(self, generator: Xoshiro) -> None:
        self._generator = generator

    def next(self, birth: float, death: float) -> tuple[float, int]:
        """Return the wait in s and +1 or -1."""
        word = self._generator.word()
        total = birth + death
        if total == 0.0:
            return math.inf, 0
        point = transforms.uniform(word) * total
        enters = point < birth
        chosen = birth if enters else death
        left = point if enters else point - birth
        apart = _bits(left) - _bits(chosen) + (1024 << 52) + (1 << 51) & _MASK
        exponent = float((apart >> 52) - 1024)
        scaled = _float(_bits(left) - ((apart >> 52 << 52) - (1024 << 52)) & _MASK)
        both = scaled + chosen
        inverse = 1.0 / (both * total)
        s = (scaled - chosen) * (total * inverse)
        z = s * s
        even = transforms.polynomial(SERIES[0::2], z * z)
        odd = transforms.polynomial(SERIES[1::2], z * z)
        logarithm = exponent * LN_2 + s * (2.0 + z * (even + z * odd))
        return max(-logarithm * (both * inverse), 0.0), 1 if enters else -1


class Plain:
    """The next event from Python's own generator and logarithm."""

    def __init__(self, seed: int | None = None) -> None:
        self._uniform = random.Random(seed).random

    def next(self, birth: float, death: float) -> tuple[float, int]:
        """Return the wait in s and +1 or -1."""
        total = birth + death
        if total == 0.0:
            return math.inf, 0
        wait = -math.log(1.0 - self._uniform()) / total
        return wait, 1 if self._uniform() * total < birth else -1


def _bits(value: float) -> int:
    return int.from_bytes(struct.pack("<d", value), "little")


def _float(bits: int) -> float:
    return float(struct.unpack("<d", bits.to_bytes(8, "little"))[0])


@dataclass(frozen=True)
class Rates:
    """Rates of one vesicle while nothing but its content changes."""

    influx: float
    efflux: float
    leak: float
    crowding: float
    capacity: int | None

    @property
    def per_place(self) -> float:
        """Entry lost with each molecule inside, per s."""
        return _flushed(self.influx / self.capacity) if self.capacity else 0.0

    def birth(self, molecules: int) -> float:
        """Return how many enter per s."""
        if self.capacity:
            return self.per_place * (self.capacity - molecules)
        return self.influx * (1.0 / (1.0 + self.crowding * molecules))

    def death(self, molecules: int) -> float:
        """Return how many leave per s."""
        slowed = 1.0 / (1.0 + self.crowding * molecules)
        return molecules * (self.efflux * slowed + self.leak)


def _flushed(rate: float) -> float:
    return 0.0 if rate < 1e-60 else rate


@dataclass
class Course:
    """The stretches of constant rates that one vesicle lives through."""

    cohort: Cohort
    row: int
    volume: float = 1.0
    diameter: float = 1.0
    copies: float = 0.0
    working: float = 0.0
    segment: int = 0
    least_active: float = 1.0
    switch_s: float = math.inf
    switches: Stream = field(init=False)

    def __post_init__(self) -> None:
        cohort = self.cohort
        self._draw_traits()
        self.switches = cohort.stream(self.row, "binding")
        self.working = self.copies
        if cohort.binding == "telegraph":
            free = samplers.Survival.from_probability(self._here.active)
            self.working = float(samplers.binomial(int(self.copies), free, self.switches))
        self._enter(0.0)

    def _draw_traits(self) -> None:
        cohort, stream = self.cohort, self.cohort.stream(self.row, "traits")
        sd = cohort.log_volume_sd
        if sd > 0.0:
            logarithm = sd * stream.normal() - 0.5 * sd * sd
            self.volume = transforms.exp(logarithm)
            self.diameter = transforms.exp(logarithm / 3.0)
        mean = cohort.copies * self.diameter * self.diameter
        if cohort.copies_vary:
            self.copies = float(samplers.poisson(mean, stream))
        elif cohort.uniform or cohort.capacity:
            self.copies = mean
        else:
            self.copies = float(math.floor(mean + 0.5))

    @property
    def _here(self) -> Segment:
        return self.cohort.segments[self.segment]

    @property
    def until_s(self) -> float:
        """When the rates change next."""
        return min(self.switch_s, self._here.until_s)

    def rates(self) -> Rates:
        """Return the rates until then."""
        here = self._here
        return Rates(
            _flushed(self.working * here.influx_per_s),
            _flushed(self.working * here.efflux_per_s / self.volume),
            _flushed(self.cohort.leak_per_s / self.diameter),
            here.crowding / self.volume,
            self.cohort.capacity,
        )

    def advance(self) -> None:
        """Pass the time at which the rates change."""
        end = self._here.until_s
        if self.switch_s < end:
            unblock, block = self._switch_rates()
            up = self.switches.uniform() * (unblock + block) < unblock
            self.working += 1.0 if up else -1.0
            self._await_switch(self.switch_s)
        else:
            self.segment += 1
            self._enter(end)

    def _enter(self, now: float) -> None:
        active = self._here.active
        if self.cohort.binding == "fast":
            self.working = self.copies * active
        elif self.cohort.binding == "irreversible":
            if active < self.least_active:
                kept = samplers.Survival.from_probability(active / self.least_active)
                self.working = float(samplers.binomial(int(self.working), kept, self.switches))
                self.least_active = active
        else:
            if active == 0.0:
                self.working = 0.0
            self._await_switch(now)

    def _switch_rates(self) -> tuple[float, float]:
        active = self._here.active
        if active == 0.0:
            return 0.0, 0.0
        residence = self.cohort.residence_s
        block = self.working * (1.0 - active) / (active * residence)
        return (self.copies - self.working) / residence, block

    def _await_switch(self, now: float) -> None:
        total = sum(self._switch_rates())
        self.switch_s = now + self.switches.exponential() / total if total > 0.0 else math.inf

    def start(self) -> int:
        """Return the molecules at 0 s."""
        cohort = self.cohort
        if isinstance(cohort.start, int):
            return cohort.start
        if not isinstance(cohort.start, str):
            return cohort.start[self.row]
        here, stream = cohort.segments[0], cohort.stream(self.row, "start")
        influx = _flushed(self.copies * here.influx_per_s)
        leak = _flushed(cohort.leak_per_s / self.diameter)
        if cohort.capacity:
            each = _flushed(influx / cohort.capacity)
            mean = cohort.capacity * (each / (each + leak))
            filled = samplers.Survival.from_probability(mean / cohort.capacity)
            return samplers.binomial(cohort.capacity, filled, stream)
        efflux = _flushed(self.copies * here.efflux_per_s / self.volume)
        return samplers.poisson(influx / (efflux + leak) if influx else 0.0, stream)


def history(course: Course, events: Events | Plain, end_s: float) -> Iterator[tuple[float, int]]:
    """Yield the time and the change of every event of the direct method, until ``end_s``."""
    molecules, now = course.start(), 0.0
    while True:
        rates = course.rates()
        wait, change = events.next(rates.birth(molecules), rates.death(molecules))
        if course.until_s <= now + wait:
            now = course.until_s
            if now > end_s:
                return
            course.advance()
            continue
        now += wait
        if now > end_s:
            return
        molecules += change
        yield now, change


def ssa(cohort: Cohort, row: int, *, plain: bool = False) -> list[int]:
    """Return the contents of one vesicle at the reads, every molecule followed."""
    if not cohort.time_s:
        return []
    course = Course(cohort, row)
    molecules = course.start()
    own = Xoshiro.from_stream(cohort.stream(row, "events"))
    events = Plain(row) if plain else Events(own)
    reads = []
    for time_s, change in history(course, events, cohort.time_s[-1]):
        while cohort.time_s[len(reads)] < time_s:
            reads.append(molecules)
        molecules += change
    return reads + [molecules] * (len(cohort.time_s) - len(reads))


@dataclass(frozen=True)
class Passage:
    """What a stretch of time does to each molecule, or place, of a linear law."""

    stay: float = 1.0
    leave: float = 0.0
    come: float = 0.0
    miss: float = 1.0

    @classmethod
    def over(cls, rates: Rates, span_s: float) -> Passage:
        """Return the passage through constant rates."""
        loss = rates.efflux + rates.leak
        if rates.capacity:
            total = rates.per_place + loss
            if total == 0.0:
                return cls()
            same = transforms.exp(-(total * span_s))
            mixed = -transforms.exp_m1(-(total * span_s))
            come, leave = rates.per_place / total * mixed, loss / total * mixed
            return cls(come + same, leave, come, leave + same)
        leave = -transforms.exp_m1(-(loss * span_s))
        come = rates.influx / loss * leave if loss > 0.0 else rates.influx * span_s
        return cls(transforms.exp(-(loss * span_s)), leave, come)

    def then(self, after: Passage, *, limited: bool) -> Passage:
        """Return this passage and then another."""
        if limited:
            return Passage(
                self.stay * after.stay + self.leave * after.come,
                self.stay * after.leave + self.leave * after.miss,
                self.come * after.stay + self.miss * after.come,
                self.come * after.leave + self.miss * after.miss,
            )
        return Passage(
            self.stay * after.stay,
            self.leave + self.stay * after.leave,
            self.come * after.stay + after.come,
        )


def passage(course: Course, from_s: float, to_s: float) -> Passage:
    """Return what happens between two times; the course is moved along."""
    limited = course.cohort.capacity is not None
    total, now = Passage(), from_s
    while True:
        end = min(course.until_s, to_s)
        if end > now:
            total = total.then(Passage.over(course.rates(), end - now), limited=limited)
        if course.until_s > to_s:
            return total
        now = course.until_s
        course.advance()


def closed_form(cohort: Cohort, row: int) -> list[int]:
    """Return the contents of one vesicle at the reads, two draws for each."""
    course, stream = Course(cohort, row), cohort.stream(row, "moves")
    molecules = course.start()
    shared = isinstance(cohort.start, int) and cohort.uniform
    now, reads = 0.0, []
    for read, time_s in enumerate(cohort.time_s):
        step = passage(course, now, time_s)
        tabled = cohort.uniform and read < TABLED_READS
        stay = samplers.Survival(step.stay, step.leave)
        stayed = _some(molecules, stay, stream, tabled=tabled and shared)
        if cohort.capacity:
            free = cohort.capacity - molecules
            enter = samplers.Survival(step.come, step.miss)
            came = _some(free, enter, stream, tabled=tabled and shared)
        else:
            came = _any(step.come, stream, tabled=tabled)
        molecules = stayed + came
        shared = shared and time_s == now
        now = time_s
        reads.append(molecules)
    return reads


def _some(trials: int, survival: samplers.Survival, stream: Stream, *, tabled: bool) -> int:
    if tabled and trials > 0 and survival.stay > 0.0 and survival.leave > 0.0:
        table = samplers.Table.binomial(trials, survival)
        if table is not None:
            return table.draw(stream.uniform())
    return samplers.binomial(trials, survival, stream)


def _any(mean: float, stream: Stream, *, tabled: bool) -> int:
    if tabled and mean > 0.0:
        table = samplers.Table.poisson(mean)
        if table is not None:
            return table.draw(stream.uniform())
    return samplers.poisson(mean, stream)
