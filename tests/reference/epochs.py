"""The loop over epochs in plain Python, one subject at a time: the oracle of ``vm.epochs``."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from tests.reference.plasticity import Rule


@dataclass(frozen=True)
class Loop:
    """What feeds one epoch into the next, and the constants of tone and signs."""

    rule: Rule
    expected: float
    trials_per_day: float
    activity_per_s: float
    trace_s: float
    burst_chance: float
    activity_feedback: float
    gain: float
    time_days: float
    half_effect: float
    memory_gain: float


@dataclass
class Course:
    """What one subject leaves: weights and receptors over time, tone and activity by epoch."""

    go: list[float]
    no_go: list[float]
    number: list[float]
    tone: list[float]
    activity: list[float]


def mean(times: Sequence[float], values: Sequence[float], begin: float, end: float) -> float:
    """Return the mean of straight lines between reads from ``begin`` to ``end``."""

    def at(time: float) -> float:
        for i in range(len(times) - 1):
            if time <= times[i + 1]:
                share = (time - times[i]) / (times[i + 1] - times[i])
                return values[i] + share * (values[i + 1] - values[i])
        return values[-1]

    corners = [begin, *(time for time in times if begin < time < end), end]
    area = 0.0
    for early, late in itertools.pairwise(corners):
        area += 0.5 * (at(early) + at(late)) * (late - early)
    return area / (end - begin)


def trial_by_trial(
    loop: Loop,
    go: float,
    no_go: float,
    days: tuple[float, float],
    burst: float,
    dip: float,
    activity: float,
) -> tuple[float, float]:
    """Return the mean weights after an epoch from one day to another, trial by trial."""
    begin, end = days
    trials = round(end * loop.trials_per_day) - round(begin * loop.trials_per_day)
    saved = loop.burst_chance * loop.rule.save_chance(burst) * (1.0 - loop.expected)
    delta = saved - (1.0 - loop.burst_chance) * loop.expected * dip
    trace = 1.0 / (1.0 + 1.0 / (activity * loop.trace_s))
    change = loop.rule.learning_rate * trace * delta if trials else 0.0
    kept = math.exp(-loop.rule.decay_per_day * (end - begin) / max(trials, 1))
    for _ in range(max(trials, 1)):
        go = 1.0 + kept * (go * (1.0 + change) - 1.0)
        no_go = 1.0 + kept * (no_go * (1.0 - change) - 1.0)
    return go, no_go


def tone_of(loop: Loop, activation: float) -> float:
    """Return the tone, the curve turned about the point of rest."""
    fall = 1.0 - activation
    if fall >= 0.0:
        return 1.0 - fall / (loop.half_effect + fall)
    return 1.0 - fall / (loop.half_effect - fall)


def follow(loop: Loop, ill: int, epochs: Sequence[tuple[float, float, float, float]]) -> Course:
    """Follow a subject through epochs of (days, burst, dip, d2), the first ``ill`` at rest."""
    go = no_go = 1.0
    now = 0.0
    for days, *_ in epochs[:ill]:
        span = (now, now + days)
        go, no_go = trial_by_trial(loop, go, no_go, span, 1.0, 1.0, loop.activity_per_s)
        now += days
    full = 1.0 + loop.memory_gain * max(go - no_go, 0.0)
    found = Course([1.0], [1.0], [1.0], [], [])
    sign = 1.0 / full
    now = 0.0
    for days, burst, dip, d2 in epochs:
        number = found.number[-1]
        tone = tone_of(loop, number * d2)
        share = loop.activity_feedback
        activity = min(max(loop.activity_per_s * (1.0 - share + share * sign), 1e-3), 1e6)
        span = (now, now + days)
        go, no_go = trial_by_trial(loop, found.go[-1], found.no_go[-1], span, burst, dip, activity)
        now += days
        target = 1.0 + loop.gain * max(1.0 - d2, 0.0)
        found.go.append(go)
        found.no_go.append(no_go)
        found.number.append(target + (number - target) * math.exp(-days / loop.time_days))
        found.tone.append(tone)
        found.activity.append(activity)
        sign = tone * (1.0 + loop.memory_gain * max(go - no_go, 0.0)) / full
    return found


def severity(loop: Loop, ill: int, course: Course, tone_share: float) -> list[float]:
    """Return the severity of a mix of signs in every epoch, 1 at rest with the engram of day 0."""
    engram = [max(g - n, 0.0) for g, n in zip(course.go, course.no_go, strict=True)]
    rest = 1.0 + loop.memory_gain * engram[ill]
    return [
        tone_share * tone
        + (1.0 - tone_share) * tone * (1.0 + loop.memory_gain * engram[epoch + 1]) / rest
        for epoch, tone in enumerate(course.tone)
    ]
