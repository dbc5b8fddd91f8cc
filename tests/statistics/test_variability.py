"""People and measurements differ as the published model of valbenazine says."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

import vmatcore as vm
from tests.statistics.budget import deterministic, statistical
from tests.statistics.gates import distribution, mean_and_variance, uncorrelated

PEOPLE = 20_000

#: Nguyen 2025: coefficients of variation, and standard deviations of logarithms.
SPREADS = {
    "clearance": 0.387,
    "central_volume": 0.44,
    "transit_rate": 0.432,
    "metabolite_clearance": 0.475,
}
ERRORS = {
    "parent, rich": (0, "rich", 0.402),
    "parent, sparse": (0, "sparse", 0.678),
    "metabolite, rich": (1, "rich", 0.264),
    "metabolite, sparse": (1, "sparse", 0.72),
}


def deviations(seed):
    """The logarithms of the parameters over the typical, by name."""
    people = vm.pk.vary([vm.Subject()] * PEOPLE, seed=seed)
    values = np.array([[size for *_, size in person.deviations] for person in people])
    return dict(zip([name for _, name, _ in people[0].deviations], values.T, strict=True))


def normal(x):
    return special.ndtr(x)


@statistical("variability/subjects", cases=SPREADS)
def test_a_parameter_is_lognormal_with_its_published_variation(check, case):
    name = next(name for name, spread in SPREADS.items() if spread == case)
    sigma = math.sqrt(math.log1p(case**2))
    # The twin has a spread that is wrong by 5 per cent.
    values = deviations(check.seed)[name] / sigma * check.factor
    mean_and_variance(values, mean=0.0, variance=1.0, fourth_moment=3.0, share=check.share / 2)
    distribution(values, normal, share=check.share / 2)


@deterministic
def test_the_spreads_are_those_of_the_catalogue():
    drug = vm.drugs.get("valbenazine")
    assert {name: q.value for name, q in drug.variability.items()} == SPREADS


@statistical("variability/errors", cases=ERRORS)
def test_a_measurement_errs_by_its_published_spread(check, case):
    column, sampling, spread = case
    run = vm.pk.simulate("valbenazine 80 mg", time_h=np.linspace(1.0, 50.0, PEOPLE))
    got = vm.pk.measured(run, sampling=sampling, seed=check.seed)[0, column]
    values = np.log(got / run.plasma_ng_ml[0, column]) / spread * check.factor
    mean_and_variance(values, mean=0.0, variance=1.0, fourth_moment=3.0, share=check.share)


@statistical("variability/independence")
def test_parameters_and_neighbours_are_independent(check):
    found = deviations(check.seed)
    clearance, volume = (
        normal(found[name] / math.sqrt(math.log1p(SPREADS[name] ** 2)))
        for name in ("clearance", "central_volume")
    )
    # The twin takes some of its volumes from the clearances.
    shared = np.arange(PEOPLE) % 4 == 0
    mixed = volume if check.factor == 1 else np.where(shared, clearance, volume)
    uncorrelated(clearance, mixed, share=check.share / 2)
    uncorrelated(clearance[::2], clearance[1::2], share=check.share / 2)
