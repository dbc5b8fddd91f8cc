"""Plasticity in plain Python: the oracle of the core, bit for bit.

With addressed streams it draws the very numbers of the core. A stream of Python's own
random numbers with ``uniform()`` and ``exponential()`` would do as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.reference.philox import STAGES, Stream
from tests.reference.transforms import exp, ln


@dataclass(frozen=True)
class Rule:
    """The fields of the core."""

    learning_rate: float
    critic_rate: float
    lag_per_trace: float
    decay_per_day: float
    save_threshold: float
    save_steepness: float
    most_weight: float

    def save_chance(self, burst: float) -> float:
        """Return the chance that a burst of some relative size is saved."""
        if math.isinf(self.save_steepness):
            return 1.0 if burst >= self.save_threshold else 0.0
        if burst <= 0.0:
            return 0.0
        return 1.0 / (1.0 + exp(self.save_steepness * ln(self.save_threshold / burst)))


@dataclass(frozen=True)
class Epoch:
    """The fields of the core."""

    days: float
    trials: int
    burst_chance: float
    burst: float
    dip: float


State = tuple[float, float, float]


def addressed(seed: int, number: int, past: int = 0) -> Stream:
    """Return the stream of one synapse after so many trials."""
    return Stream(seed, STAGES["plasticity"], number, 2 * past)


def forget(weight: float, kept: float) -> float:
    """Return a weight after some decay to 1."""
    return 1.0 + (weight - 1.0) * kept


def synapse(rule: Rule, epochs: Sequence[Epoch], begin: State, stream: Stream) -> list[State]:
    """Return G, N and V before the first epoch and after every one."""
    go, no_go, expected = begin
    found = [begin]
    for epoch in epochs:
        saved = epoch.burst_chance * rule.save_chance(epoch.burst)
        kept = exp(-(rule.decay_per_day * (epoch.days / max(epoch.trials, 1))))
        if epoch.trials == 0:
            go, no_go = forget(go, kept), forget(no_go, kept)
        for _ in range(epoch.trials):
            chance = stream.uniform()
            trace = exp(-(stream.exponential() * rule.lag_per_trace))
            if chance < saved:
                delta = 1.0 - expected
            elif chance < epoch.burst_chance:
                delta = 0.0
            else:
                delta = -(expected * epoch.dip)
            change = rule.learning_rate * trace * delta
            go = forget(_bounded(go * (1.0 + change), rule.most_weight), kept)
            no_go = forget(_bounded(no_go * (1.0 - change), rule.most_weight), kept)
            expected = _bounded(expected + rule.critic_rate * delta, 1.0)
        found.append((go, no_go, expected))
    return found


def _bounded(value: float, most: float) -> float:
    return 0.0 if value < 0.0 else min(value, most)


def synapses(
    rule: Rule, epochs: Sequence[Epoch], begin: State, stream_of: Callable[[int], Stream], many: int
) -> list[list[State]]:
    """Return the states of many synapses, each with a stream of its own."""
    return [synapse(rule, epochs, begin, stream_of(number)) for number in range(many)]
