"""Weights follow the exact law of one trial, and on average the mean field of many."""

from __future__ import annotations

import math

import vmatcore as vm
from tests.statistics.budget import statistical
from tests.statistics.gates import bounded_mean

plasticity = vm.plasticity
Drive, Learning = plasticity.Drive, plasticity.Learning

ONE_ACTION = {"rare": (0.2, 0.5), "half": (0.5, 0.1), "common": (0.8, 0.3)}


@statistical("plasticity/one-trial", cases=ONE_ACTION)
def test_one_action_changes_its_weights_by_alpha_times_p_less_v(check, case):
    chance, expected = case
    alpha = 0.5
    rule = Learning(
        learning_rate=alpha,
        expected=expected,
        decay_per_day=0.0,
        activity_per_s=math.inf,
        save_steepness=math.inf,
        trials_per_day=1.0,
    )
    drive = Drive.steady(days=1.0, burst_chance=chance * check.factor)
    run = plasticity.simulate(drive, learning=rule, synapses=200_000, seed=check.seed)
    low, high = alpha * expected, alpha * (1.0 - expected)
    for sign, weight in ((1.0, run.go), (-1.0, run.no_go)):
        # E[G'/G] = 1 + alpha (p - v), E[N'/N] = 1 - alpha (p - v).
        change = sign * (weight[:, 1] / weight[:, 0] - 1.0)
        bounded_mean(
            change,
            mean=alpha * (chance - expected),
            low=-low - 1e-12,
            high=high + 1e-12,
            variance=alpha**2 * chance * (1.0 - chance),
            scale=alpha * chance,
            share=check.share / 2,
        )


@statistical("plasticity/mean-field")
def test_many_trials_follow_the_mean_field_with_trace_threshold_dips_and_decay(check):
    rule = Learning(most_weight=100.0)
    drive = Drive(
        days=[20.0, 10.0],
        burst=[1.0, 0.45],
        dip=[1.0, 0.4],
        burst_chance=[0.8, 0.7],
    )
    go, no_go = plasticity.expected(drive, learning=rule)
    wrong = Learning(most_weight=100.0, learning_rate=rule.learning_rate * check.factor)
    run = plasticity.simulate(drive, learning=wrong, synapses=20_000, seed=check.seed)
    for mean, weight in ((go, run.go), (no_go, run.no_go)):
        for time in (1, 2):
            # Weights of one epoch differ by a few per cent; four times the mean bounds them.
            bounded_mean(
                weight[:, time],
                mean=mean[time],
                low=0.0,
                high=4.0 * mean[time],
                variance=0.01,
                scale=abs(mean[time] - 1.0),
                share=check.share / 4,
            )
