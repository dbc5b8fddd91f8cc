"""Subjects: what each covariate does, in closed form, and the published spread."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import vmatcore as vm
from vmatcore import drugs
from vmatcore.drugs.rules import ENZYMES
from vmatcore.errors import ParameterError, ParameterTypeError, UnknownNameError
from vmatcore.subject import Subject

ALPHA = "(+)-alpha-HTBZ"
VALUES = {k: q.value for k, q in drugs.get("valbenazine").parameters.items()}


def areas(**covariates):
    """Return the whole areas of parent and active metabolite after 80 mg, nmol h/L."""
    run = vm.pk.simulate("valbenazine 80 mg", time_h=[], subject=Subject(**covariates))
    return run.exposure_nmol_h_l(0.0, 5000.0)[0]


def ratios(**covariates):
    return areas(**covariates) / areas()


# -- enzymes ---------------------------------------------------------------------------

BY_NAME = {
    "paroxetine": ("CYP2D6", 0.0),
    "fluoxetine": ("CYP2D6", 0.0),
    "bupropion": ("CYP2D6", 0.0),
    "quinidine": ("CYP2D6", 0.0),
    "ketoconazole": ("CYP3A4", 0.2),
    "itraconazole": ("CYP3A4", 0.2),
    "clarithromycin": ("CYP3A4", 0.2),
    "rifampin": ("CYP3A4", 5.0),
    "carbamazepine": ("CYP3A4", 5.0),
}


@pytest.mark.parametrize("name", BY_NAME)
def test_a_comedication_by_name_is_its_class(name):
    enzyme, activity = BY_NAME[name]
    classified = drugs.covariates().comedications[name]
    for taken in (name, classified):
        person = Subject(comedication=[taken])
        assert person.activity(enzyme) == activity
        for other in {"CYP2D6", "CYP3A4", "hydrolysis"} - {enzyme}:
            assert person.activity(other) == 1.0


def test_two_of_one_class_act_as_one_and_two_classes_multiply():
    assert Subject(comedication=["ketoconazole", "itraconazole"]).activity("CYP3A4") == 0.2
    both = Subject(comedication=["ketoconazole", "rifampin"], hepatic_impairment="moderate")
    assert both.activity("CYP3A4") == pytest.approx(0.5, rel=1e-15)


@pytest.mark.parametrize("score", [0.0, 0.25, 1.0, 2.0, 3.0])
def test_an_activity_score_is_a_share_of_two_working_copies(score):
    assert Subject(cyp2d6=score).activity("CYP2D6") == score / 2
    a = score / 2
    share = VALUES["metabolite_cyp2d6_share"]
    want = 1 / (share * a + 1 - share)
    np.testing.assert_allclose(ratios(cyp2d6=score), [1.0, want], rtol=1e-9)


def test_scores_of_0_and_2_and_3_are_the_phenotypes():
    for score, phenotype in [(0, "poor"), (2.0, "normal"), (3.0, "ultrarapid")]:
        assert Subject(cyp2d6=score).activity("CYP2D6") == Subject(cyp2d6=phenotype).activity(
            "CYP2D6"
        )


@pytest.mark.parametrize(("name", "a"), [("ketoconazole", 0.2), ("rifampin", 5.0)])
def test_areas_under_cyp3a4_interactions_are_the_closed_forms(name, a):
    formed, share = VALUES["fraction_to_alpha"], VALUES["metabolite_cyp2d6_share"]
    parent = 1 / (formed + (1 - formed) * a)
    metabolite = parent / (share + (1 - share) * a)
    np.testing.assert_allclose(ratios(comedication=[name]), [parent, metabolite], rtol=1e-9)


@pytest.mark.parametrize("degree", ["mild", "moderate", "severe"])
def test_a_damaged_liver_raises_areas_in_proportion_without_a_first_pass(degree):
    activity = drugs.covariates().hepatic_impairment[degree].value
    np.testing.assert_allclose(ratios(hepatic_impairment=degree), 1 / activity, rtol=1e-9)


def test_the_published_ratios_of_poor_metabolisers_and_paroxetine():
    # Nguyen 2025: 2.06 (1.70 to 2.62) in poor metabolisers.
    assert 1.70 < ratios(cyp2d6="poor")[1] < 2.62
    assert ratios(comedication=["paroxetine"])[1] == pytest.approx(ratios(cyp2d6="poor")[1])


# -- food ------------------------------------------------------------------------------


def test_food_slows_and_lowers_absorption_of_valbenazine_as_published():
    np.testing.assert_allclose(ratios(food="fed"), 1 - 0.0646, rtol=1e-9)
    drug = drugs.get("valbenazine")
    slower = drug.with_parameters({"transit_rate": 8.43 * (1 - 0.685)})
    time_h = np.arange(0.0, 24.0, 0.25)
    fed = vm.pk.simulate("valbenazine 80 mg", time_h=time_h, subject=Subject(food="fed"))
    plain = vm.pk.simulate("valbenazine 80 mg", time_h=time_h, drugs=[slower])
    np.testing.assert_allclose(fed.plasma_nmol_l, 0.9354 * plain.plasma_nmol_l, rtol=1e-9)


def test_food_does_nothing_where_no_effect_is_published():
    for name in ("tetrabenazine", "deutetrabenazine-xr", "reserpine"):
        pair = [Subject(), Subject(food="fed")]
        run = vm.pk.simulate(f"{name} 10 mg", time_h=[1.0, 9.0], subjects=pair)
        np.testing.assert_array_equal(*run.plasma_nmol_l)


# -- variability -----------------------------------------------------------------------


def test_a_deviation_multiplies_its_parameter():
    off = math.log(1.7)
    run = vm.pk.simulate(
        "valbenazine 80 mg",
        time_h=[],
        subject=Subject(deviations=[("valbenazine", "metabolite_clearance", off)]),
    )
    got = run.exposure_nmol_h_l(0.0, 5000.0)[0] / areas()
    np.testing.assert_allclose(got, [1.0, 1 / 1.7], rtol=1e-9)


def test_people_depend_on_the_seed_and_their_number_alone():
    ten = vm.pk.vary([Subject()] * 10, seed=4)
    assert vm.pk.vary([Subject()] * 3, seed=4, first=7) == ten[7:]
    assert vm.pk.vary([Subject()] * 10, seed=5) != ten
    assert len({person.deviations for person in ten}) == 10


def test_a_persons_deviations_do_not_depend_on_which_other_drugs_vary():
    own = replace(drugs.get("valbenazine"), name="other")
    both = vm.pk.vary([Subject()] * 2, drugs=[own, "valbenazine"], seed=4)
    alone = vm.pk.vary([Subject()] * 2, seed=4)
    for one, two in zip(alone, both, strict=True):
        assert set(one.deviations) < set(two.deviations)


def test_a_measurement_scatters_about_the_truth_and_the_same_seed_repeats_it():
    run = vm.pk.simulate("valbenazine 80 mg", time_h=np.arange(1.0, 40.0))
    got = vm.pk.measured(run, seed=2)
    assert got.tobytes() == vm.pk.measured(run, seed=2).tobytes()
    assert (got > 0).all()
    logs = np.log(got / run.plasma_ng_ml)
    rows = vm.pk.measured(run, seed=2, sampling="sparse")
    np.testing.assert_allclose(np.log(rows / run.plasma_ng_ml)[0, 0] / logs[0, 0], 0.678 / 0.402)


def test_a_drug_without_a_published_spread_is_an_error():
    with pytest.raises(ParameterError, match="must have a published variability, got reserpine"):
        vm.pk.vary([Subject()], drugs=["reserpine"], seed=1)
    with pytest.raises(UnknownNameError, match="unknown kind of sampling 'dense'"):
        vm.pk.measured(vm.pk.simulate("valbenazine 1 mg"), sampling="dense", seed=1)


BAD = [
    ({"cyp2d6": "slow"}, UnknownNameError, "unknown CYP2D6 phenotype 'slow'"),
    ({"cyp2d6": -1.0}, ParameterError, "`cyp2d6` must be finite and not negative"),
    ({"cyp2d6": None}, ParameterTypeError, "`cyp2d6` must be a number"),
    ({"comedication": ["paroxetin"]}, UnknownNameError, "did you mean 'paroxetine'"),
    ({"comedication": "paroxetine"}, ParameterTypeError, "`comedication` must be a list"),
    ({"food": "hungry"}, UnknownNameError, "unknown state of food"),
    ({"hepatic_impairment": "bad"}, UnknownNameError, "unknown hepatic impairment"),
    ({"deviations": [("a", 1.0)]}, ParameterError, "must be \\(drug, parameter, deviation\\)"),
    ({"deviations": [("a", "b", math.nan)]}, ParameterError, "`deviations\\[0\\]\\[2\\]` must"),
    ({"deviations": [("a", "b", 1.0)] * 2}, ParameterError, "must name no parameter twice"),
]


@pytest.mark.parametrize(("covariates", "kind", "message"), BAD, ids=range(len(BAD)))
def test_a_bad_covariate_is_refused_in_words(covariates, kind, message):
    with pytest.raises(kind, match=message):
        Subject(**covariates)


@pytest.mark.parametrize(
    ("drug", "name", "use"),
    [
        ("tetrabenazine", "absorption_lag", "dose\\[0\\].lag"),
        ("tetrabenazine", "enantiomer_share", "dose\\[0\\].share"),
        ("tetrabenazine", "molar_mass", "molar mass"),
        ("valbenazine", "availability_gain", "dose_dependent_availability.gain"),
        ("valbenazine", "availability_ed50", "dose_dependent_availability.half_dose"),
        ("valbenazine", "clearance_weight_exponent", "weight_exponent.clearance"),
    ],
)
def test_what_is_the_same_for_all_cannot_differ_between_subjects(drug, name, use):
    message = f"must name a parameter that can differ between subjects, got '{name}'"
    person = Subject(deviations=[(drug, name, 0.1)])
    with pytest.raises(vm.errors.ParameterError, match=f"{message}.*{use}"):
        vm.pk.simulate(f"{drug} 25 mg", subject=person)
    one = vm.drugs.get(drug)
    spread = {name: vm.drugs.Quantity.of(0.2, "ratio")}
    changes = [
        {"fed": spread},
        {"variability": spread},
        {"conditions": {"tardive dystonia": {name: one.parameters[name]}}},
        {"weight_exponents": {name: "central_volume"}},
    ]
    for change in changes:
        with pytest.raises(vm.errors.ParameterError, match=message):
            replace(one, **change)


def test_what_can_differ_between_subjects_does():
    for drug in map(vm.drugs.get, vm.drugs.names()):
        regimen, time_h = f"{drug.name} 25 mg", [0.3, 2.0, 30.0]
        poor = Subject(cyp2d6="intermediate")  # or a share of CYP2D6 and its rest make one
        typical = vm.pk.simulate(regimen, time_h=time_h, subject=poor).plasma_nmol_l
        for name in drug.parameters:
            person = replace(poor, deviations=[(drug.name, name, -0.1)])
            try:
                changed = vm.pk.simulate(regimen, time_h=time_h, subject=person)
            except vm.errors.ParameterError:
                continue
            assert changed.status == ("ok",)
            assert (changed.plasma_nmol_l != typical).any(), (drug.name, name)


def test_a_deviation_in_a_drug_that_does_not_exist_is_an_error():
    people = [Subject(), Subject(deviations=[("valbenazin", "clearance", 0.1)])]
    message = "`subjects\\[1\\].deviations`: unknown drug 'valbenazin'; did you mean 'valbenazine'"
    with pytest.raises(vm.errors.UnknownNameError, match=message):
        vm.pk.simulate("valbenazine 80 mg", subjects=people)
    other = Subject(deviations=[("tetrabenazine", "central_volume", 0.1)])
    assert vm.pk.simulate("valbenazine 80 mg", subject=other).status == ("ok",)


def test_a_deviation_of_a_parameter_that_does_not_exist_is_an_error():
    person = Subject(deviations=[("valbenazine", "clearence", 0.1)])
    with pytest.raises(UnknownNameError, match="did you mean 'clearance'"):
        vm.pk.simulate("valbenazine 80 mg", subject=person)


@pytest.mark.parametrize("enzyme", ["cyp2d6", "CYP2D7", ""])
def test_an_enzyme_that_no_drug_can_name_is_an_error(enzyme):
    words = "unknown enzyme" if not enzyme else f"unknown enzyme '{enzyme}'; did you mean 'CYP2D6'"
    with pytest.raises(UnknownNameError, match=words):
        Subject().activity(enzyme)
    assert [Subject().activity(name) for name in ENZYMES] == [1.0] * len(ENZYMES)


@pytest.mark.parametrize("first", [-1, 2**64 - 1, 2**64, 2**70])
def test_a_first_number_beyond_the_streams_is_an_error(first):
    run = vm.pk.simulate("valbenazine 80 mg", time_h=[1.0], subjects=[Subject()] * 2)
    for call in (
        lambda: vm.pk.vary([Subject()] * 2, seed=1, first=first),
        lambda: vm.pk.measured(run, seed=1, first=first),
    ):
        with pytest.raises(ParameterError, match=r"`first` must be in \[0, 18446744073709551614\]"):
            call()
    assert len(vm.pk.vary([Subject()] * 2, seed=1, first=2**64 - 2)) == 2
