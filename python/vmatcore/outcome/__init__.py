"""Outcome: benefit on signs and the side effects, from the mean-field signal of a day.

- :func:`evaluate`: benefit, responders and side effects of a run
- :func:`evaluate_doses`: the same of several runs side by side
- :func:`interval`: the same with intervals that carry every constant with a spread
- :func:`to_half`: hours after the last dose until each effect is half
- :class:`OutcomeResult`: what it returns
- :func:`sources`: the calibrated and the assumed numbers, with spread and source
"""

from vmatcore.outcome.constants import DRIVERS, HAZARDS, SIDE_EFFECTS, sources
from vmatcore.outcome.fading import ToHalf, to_half
from vmatcore.outcome.interval import interval
from vmatcore.outcome.interval_result import DrawnEffects, Effects, OutcomeInterval
from vmatcore.outcome.result import OutcomeResult
from vmatcore.outcome.stage import evaluate, evaluate_doses

__all__ = [
    "DRIVERS",
    "HAZARDS",
    "SIDE_EFFECTS",
    "DrawnEffects",
    "Effects",
    "OutcomeInterval",
    "OutcomeResult",
    "ToHalf",
    "evaluate",
    "evaluate_doses",
    "interval",
    "sources",
    "to_half",
]
