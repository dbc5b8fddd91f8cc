"""The constants of the hypothesis, each with its reason and spread; none was measured here."""

from __future__ import annotations

from vmatcore.drugs.quantity import Quantity

__all__ = ["BURST_CHANCE", "CONDITIONS", "LEARNING", "MEMORY_GAIN"]


def _assumed(value: float, unit: str, reason: str, low: float, high: float) -> Quantity:
    return Quantity(
        value=value, unit=unit, source=f"assumed: {reason}", status="assumed", low=low, high=high
    )


#: The rule.
LEARNING = {
    "learning_rate": _assumed(
        0.006, "fraction", "with the decay it gives an engram of 2 within months", 0.003, 0.009
    ),
    "critic_rate": _assumed(
        0.0, "fraction", "aberrant bursts follow no action, so none predicts them", 0.0, 0.001
    ),
    "expected": _assumed(0.5, "fraction", "half of the trials bring a burst in health", 0.3, 0.7),
    "trials_per_day": _assumed(24.0, "1/d", "one each hour; it scales the rate", 6.0, 100.0),
    "activity_per_s": _assumed(1.0, "1/s", "a program that runs each second", 0.2, 5.0),
    "trace_s": Quantity(
        value=1.0,
        unit="s",
        source="spines grow if dopamine comes within 0.3 to 2 s, Yagishita 2014, "
        "doi:10.1126/science.1255514",
        status="recalled",
        low=0.3,
        high=2.0,
    ),
    "decay_per_day": _assumed(1.0 / 30.0, "1/d", "a month", 1.0 / 60.0, 1.0 / 14.0),
    "save_threshold": _assumed(
        0.5, "ratio", "half of the region's own burst without drug", 0.3, 0.8
    ),
    "save_steepness": _assumed(6.0, "exponent", "bursts differ by some 30 %", 3.0, 20.0),
    "most_weight": _assumed(10.0, "ratio", "a synapse has a largest size", 4.0, 20.0),
}

#: Chance of a burst after the program in a patient: more than the 0.5 expected.
BURST_CHANCE = _assumed(0.8, "fraction", "aberrant bursts above the half expected", 0.7, 0.9)

#: How much a unit of engram adds to a memory-driven sign.
MEMORY_GAIN = _assumed(2.0, "ratio", "an engram of 2 makes the sign five times", 1.0, 5.0)

#: Share of the tone-driven sign in each condition.
CONDITIONS = {
    "tardive dyskinesia": _assumed(
        0.5, "fraction", "back within weeks of stopping, though long there", 0.3, 0.7
    ),
    "Huntington's chorea": _assumed(
        0.9, "fraction", "back within days to two weeks of stopping", 0.75, 1.0
    ),
    "Tourette's disorder": _assumed(
        0.6, "fraction", "tics wax and wane, and are habits too", 0.3, 0.9
    ),
    "tardive dystonia": _assumed(
        0.15, "fraction", "slow to come, slow to leave, often lasting", 0.0, 0.35
    ),
}
