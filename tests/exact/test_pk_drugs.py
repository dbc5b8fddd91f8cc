"""The drugs of the catalogue as compartment systems: closed forms and hand formulas."""

from __future__ import annotations

import math
from dataclasses import replace

import mpmath
import numpy as np
import pytest

import vmatcore as vm
from vmatcore import pk
from vmatcore.drugs import Absorption, Compartment, Dose, Drug, Elimination, Moiety, Quantity
from vmatcore.pk.assembly import assemble

NORMAL, POOR = vm.Subject(), vm.Subject(cyp2d6="poor")
FOR_EVER_H = 3000.0
PATIENT = vm.Subject(condition="tardive dyskinesia", weight_kg=95)
ISOMERS = ("(+)-alpha-HTBZ", "(+)-beta-HTBZ", "(-)-alpha-HTBZ", "(-)-beta-HTBZ")


def values_of(drug):
    return {name: quantity.value for name, quantity in drug.parameters.items()}


def areas(drug, dose_mg, subject=NORMAL):
    """Return the whole area under the plasma curve by moiety, nmol h/L."""
    regimen = vm.Regimen.once(drug.name, dose_mg=dose_mg)
    run = pk.simulate(regimen, time_h=[], drugs=[drug], subject=subject)
    area = run.exposure_nmol_h_l(0.0, FOR_EVER_H)[0]
    return {moiety.name: value for moiety, value in zip(run.moieties, area, strict=True)}


def formed(isomer, values):
    """Return the share of its enantiomer that becomes this isomer."""
    sign = "plus" if isomer.startswith("(+)") else "minus"
    share = values[f"{sign}_to_alpha"]
    return share if "alpha" in isomer else 1.0 - share


def intrinsic(isomer, values, *, cyp2d6=1.0, other=1.0):
    kind = "alpha" if "alpha" in isomer else "beta"
    return values[f"{kind}_cyp2d6_clearance"] * cyp2d6 + values[f"{kind}_other_clearance"] * other


@pytest.mark.parametrize("isomer", ISOMERS)
def test_the_oral_area_of_an_isomer_is_dose_times_share_over_intrinsic_clearance(isomer):
    drug = vm.drugs.get("tetrabenazine")
    values = values_of(drug)
    nmol = 0.5 * 25e6 / values["molar_mass"] * values["fraction_absorbed"] * formed(isomer, values)
    normal, poor = areas(drug, 25.0)[isomer], areas(drug, 25.0, POOR)[isomer]
    x = intrinsic(isomer, values)
    assert normal == pytest.approx(nmol / x, rel=1e-10)  # seen: 4e-12
    assert poor / normal == pytest.approx(x / intrinsic(isomer, values, cyp2d6=0.0), rel=1e-10)


@pytest.mark.parametrize("isomer", ISOMERS)
def test_the_isotope_effects_divide_the_clearances_of_their_enzymes(isomer):
    drug = vm.drugs.get("deutetrabenazine")
    values, effects = values_of(drug), {k: q.value for k, q in drug.isotope_effects.items()}
    nmol = 0.5 * 18e6 / values["molar_mass"] * values["fraction_absorbed"] * formed(isomer, values)
    x = intrinsic(isomer, values, cyp2d6=1 / effects["CYP2D6"], other=1 / effects["other"])
    assert areas(drug, 18.0)["d6-" + isomer] == pytest.approx(nmol / x, rel=1e-10)


def test_what_the_isomers_clear_is_what_was_absorbed():
    drug = vm.drugs.get("tetrabenazine")
    values, area = values_of(drug), areas(drug, 25.0)
    cleared = sum(area[isomer] * intrinsic(isomer, values) for isomer in ISOMERS)
    absorbed = 25e6 / values["molar_mass"] * values["fraction_absorbed"]
    assert cleared == pytest.approx(absorbed, rel=1e-10)


@pytest.mark.parametrize("clearance", [15.0, 87.0, 12963.0])
def test_the_oral_bioavailability_of_the_parent_is_that_of_the_well_stirred_liver(clearance):
    oral = vm.drugs.get("tetrabenazine").with_parameters({"parent_clearance": clearance})
    values = values_of(oral)
    injected = replace(oral, doses=(Dose(compartment="(+)-TBZ", share="enantiomer_share"),))
    flow = values["liver_blood_flow"]
    want = values["fraction_absorbed"] * flow / (flow + clearance)
    got = areas(oral, 25.0)["(+)-TBZ"] / areas(injected, 25.0)["(+)-TBZ"]
    assert got == pytest.approx(want, rel=1e-10)


@pytest.mark.parametrize("name", ["deutetrabenazine", "deutetrabenazine-xr"])
def test_without_isotope_effects_deuterium_leaves_only_molar_masses_and_the_tablet(name):
    plain_drug = vm.drugs.get("tetrabenazine")
    values = values_of(plain_drug)
    same = {key: values[key] for key in ("absorption_rate", "absorption_lag")}
    effects = {"isotope_effect.CYP2D6": 1.0, "isotope_effect.other": 1.0}
    heavy = vm.drugs.get(name).with_parameters({**same, **effects})
    heavy_mass = heavy.parameters["molar_mass"].value
    doses = [(plain_drug, values["molar_mass"] / 10), (heavy, heavy_mass / 10)]  # 1e5 nmol of each
    light, deuterated = (
        pk.simulate(vm.Regimen.repeat(drug.name, dose_mg=mg, every_h=8, doses=6), drugs=[drug])
        for drug, mg in doses
    )
    np.testing.assert_allclose(deuterated.plasma_nmol_l, light.plasma_nmol_l, rtol=1e-12)
    brains = deuterated.brain_unbound_nmol_l, light.brain_unbound_nmol_l
    np.testing.assert_allclose(*brains, rtol=1e-12)
    np.testing.assert_allclose(
        deuterated.plasma_ng_ml[0, 2], light.plasma_ng_ml[0, 2] * 325.5 / 319.44, rtol=1e-12
    )


@pytest.mark.parametrize("dose_mg", [0.4, 1.0, 40.0, 80.0, 300.0])
@pytest.mark.parametrize("subject", [NORMAL, POOR, vm.Subject(weight_kg=50), PATIENT])
def test_the_areas_of_valbenazine_follow_its_hand_formulas(dose_mg, subject):
    above = max(dose_mg - 1.0, 0.0)
    nmol = dose_mg * 1e6 / 418.58 * (1 + 1.36 * above / (90.1 + above))
    patient = subject.condition is not None
    clearance = (26.0 if patient else 23.2) * (subject.weight_kg / 70) ** 0.602
    metabolite = (28.2 if patient else 31.0) * (0.484 if subject is POOR else 1.0)
    got = areas(vm.drugs.get("valbenazine"), dose_mg, subject)
    assert got["valbenazine"] == pytest.approx(nmol / clearance, rel=1e-10)
    assert got["(+)-alpha-HTBZ"] == pytest.approx(0.207 * nmol / metabolite, rel=1e-10)


def test_weight_acts_on_valbenazine_through_clearance_and_volume_alone():
    drug, relative = vm.drugs.get("valbenazine"), 105.0 / 70.0
    changed = {"clearance": 23.2 * relative**0.602, "central_volume": 226.0 * relative**1.04}
    heavy = pk.simulate("valbenazine 80 mg", subject=vm.Subject(weight_kg=105))
    own = pk.simulate("valbenazine 80 mg", drugs=[drug.with_parameters(changed)])
    np.testing.assert_allclose(heavy.plasma_nmol_l, own.plasma_nmol_l, rtol=1e-12)


def gauss(run, start_h, end_h, field):
    """Return the integral of a result by Gauss's rule, 16 nodes a panel of at most half an hour."""
    edges = np.linspace(start_h, end_h, 2 * math.ceil(end_h - start_h) + 1)
    nodes, weights = np.polynomial.legendre.leggauss(16)
    half = np.diff(edges)[:, None] / 2
    time_h = (edges[:-1, None] + half * (nodes + 1)).ravel()
    values = getattr(run.read(time_h), field)
    return (values * (half * weights).ravel()).sum(axis=-1)


@pytest.mark.parametrize("name", vm.drugs.names())
def test_exposure_is_the_integral_of_plasma(name):
    run = pk.simulate(f"{name} 10 mg q12h x 4", subjects=[NORMAL, POOR])
    want = gauss(run, 24.6, 36.0, "plasma_nmol_l")  # no dose enters in between
    np.testing.assert_allclose(run.exposure_nmol_h_l(24.6, 36.0), want, rtol=1e-11)


@pytest.mark.parametrize("name", vm.drugs.names())
@pytest.mark.parametrize("partition", [1.0, 0.4])
def test_mean_unbound_brain_at_steady_state_is_the_unbound_mean_of_plasma(name, partition):
    brain = pk.Brain.default(unbound_partition=partition)
    run = pk.simulate(f"{name} 10 mg q12h x 200", brain=brain)
    start = 198 * 12 + values_of(vm.drugs.get(name)).get("absorption_lag", 0.0)
    free = np.array([moiety.fraction_unbound.value for moiety in run.moieties])
    want = partition * free * run.exposure_nmol_h_l(start, start + 12)[0]
    got = gauss(run, start, start + 12, "brain_unbound_nmol_l")[0]
    np.testing.assert_allclose(got, want, rtol=1e-11)


def test_a_constant_infusion_brings_the_brain_to_the_unbound_plasma():
    system = assemble(vm.drugs.get("reserpine"), [NORMAL], pk.Brain.default(unbound_partition=0.7))
    dripping = [pk.Input("reserpine", 5000.0, duration_h=5000.0)]
    plasma, brain = pk.solve(system, inputs=dripping, time_h=[4999.0])[0, :, 0]
    assert plasma == pytest.approx(1.0 / 12.32, rel=1e-10)
    assert brain == pytest.approx(0.7 * 0.04 * plasma, rel=1e-10)


@pytest.mark.parametrize(
    ("log_p", "low", "high"), [(2.7, 0.36, 0.42), (4.05, 1.7, 2.5), (6, 29, 32)]
)
def test_the_brain_follows_a_constant_plasma_with_its_equilibration_half_time(log_p, low, high):
    half_time = pk.Brain.default().equilibration_half_time_h(log_p)
    assert low < half_time < high
    drug = own_drug(log_p=log_p, clearance=0.0, rate=None)
    time_h = half_time * np.array([0.0, 1.0, 2.0, 3.0, 40.0])
    run = pk.simulate("own 1 mg", drugs=[drug], time_h=time_h)
    reached = 0.25 * run.plasma_nmol_l[0, 0] * (1 - 0.5 ** (time_h / half_time))
    np.testing.assert_allclose(run.brain_unbound_nmol_l[0, 0], reached, rtol=1e-11)


def own_drug(*, log_p=3.0, clearance=4.0, rate=0.7, transits=0, lag=0.0):
    """Return a drug of one compartment of 20 L; without a rate a dose goes straight into it."""
    named = {"molar_mass": 250.0, "volume": 20.0, "clearance": clearance, "lag": lag}
    named["rate"] = rate or 0.0
    number = {name: Quantity.of(value, "any") for name, value in named.items()}
    moiety = Moiety(
        name="own",
        molar_mass=number["molar_mass"],
        fraction_unbound=Quantity.of(0.25, "fraction"),
        log_p=Quantity.of(log_p, "log10"),
    )
    gut = Absorption(source="gut", target="plasma", rate="rate", transits=transits)
    return Drug(
        name="own",
        summary="one compartment",
        parameters=number,
        doses=(Dose(compartment="gut" if rate else "plasma", lag="lag"),),
        compartments=(
            Compartment(name="gut"),
            Compartment(name="plasma", moiety="own", volume="volume"),
        ),
        absorptions=(gut,) if rate else (),
        eliminations=(Elimination(source="plasma", enzyme="other", clearance="clearance"),),
        moieties=(moiety,),
    )


def test_nothing_is_there_before_the_lag_and_all_is_later_by_it():
    time_h = np.array([0.0, 1.0, 1.75, 1.7500001, 2.5, 9.0])
    late = pk.simulate("own 5 mg", drugs=[own_drug(lag=1.75)], time_h=time_h).plasma_nmol_l[0, 0]
    soon = pk.simulate("own 5 mg", drugs=[own_drug()], time_h=time_h[2:] - 1.75)
    np.testing.assert_array_equal(late[:3], 0.0)
    np.testing.assert_allclose(late[2:], soon.plasma_nmol_l[0, 0], rtol=1e-12)
    assert late[3] > 0


@pytest.mark.parametrize("transits", [0, 1, 4, 10])
def test_a_transit_chain_gives_the_erlang_distribution(transits):
    time_h = np.array([1e-3, 0.1, 0.5, 1.0, 3.0, 30.0])
    drug = own_drug(clearance=0.0, rate=8.43, transits=transits)
    got = pk.simulate("own 0.005 mg", drugs=[drug], time_h=time_h).plasma_nmol_l[0, 0]  # 1 nmol/L
    for value, time in zip(got, time_h, strict=True):
        with mpmath.workdps(60):
            want = mpmath.gammainc(transits + 1, 0, mpmath.mpf(8.43) * time, regularized=True)
        assert abs(value / want - 1) < 1e-12  # down to 2e-31


def test_two_drugs_at_once_are_the_sum_of_each_alone():
    one, other = "valbenazine 40 mg q24h x 3", "tetrabenazine 25 mg q8h x 9"
    third = "deutetrabenazine 12 mg q12h x 5"
    both = pk.simulate(f"{one} & {other} & {third}")
    for field in ("plasma_nmol_l", "brain_unbound_nmol_l"):
        want = np.zeros(getattr(both, field).shape)
        for regimen in (one, other, third):
            single = pk.simulate(regimen, time_h=both.time_h)
            for row, moiety in enumerate(single.moieties):
                want[:, both.index(moiety.name)] += getattr(single, field)[:, row]
        np.testing.assert_array_equal(getattr(both, field), want)
    names = [moiety.name for moiety in both.moieties]
    assert names.count("(+)-alpha-HTBZ") == names.count("d6-(+)-alpha-HTBZ") == 1
    shared = both.plasma_nmol_l[0, both.index("(+)-alpha-HTBZ")]
    alone = pk.simulate(other, time_h=both.time_h)
    assert (shared >= alone.plasma_nmol_l[0, alone.index("(+)-alpha-HTBZ")]).all()


def test_exposure_in_a_late_window_is_right():
    run = pk.simulate("valbenazine 80 mg")
    want = gauss(run, 2000.0, 2010.0, "plasma_nmol_l")
    np.testing.assert_allclose(run.exposure_nmol_h_l(2000.0, 2010.0), want, rtol=1e-6)


def test_two_moieties_of_one_name_must_be_the_same():
    drug = vm.drugs.get("reserpine")
    stronger = replace(drug.moieties[0], irreversible_on=None)
    other = replace(drug, name="other", moieties=(stronger,))
    with pytest.raises(vm.errors.ParameterError, match="reserpine"):
        vm.simulate("reserpine 0.25 mg & other 0.25 mg", drugs=[other])


def test_a_dose_with_a_duration_enters_at_a_constant_rate():
    drug = vm.drugs.get("reserpine")
    hours = Quantity.of(6.0, "h")
    slow = replace(
        drug,
        parameters={**drug.parameters, "release": hours},
        doses=(Dose(compartment="reserpine", duration="release"),),
    )
    values = values_of(slow)
    time_h = np.array([0.0, 1.5, 3.0, 6.0])
    system = assemble(slow, [NORMAL], pk.Brain.default())
    nmol = 1e6 / values["molar_mass"]
    want = pk.solve(system, inputs=[pk.Input("reserpine", nmol, 0.0, 6.0)], time_h=time_h)
    got = pk.simulate("reserpine 1 mg", drugs=[slow], time_h=time_h)
    np.testing.assert_array_equal(got.plasma_nmol_l[0, 0], want[0, 0])
    assert got.plasma_nmol_l[0, 0, 0] == 0.0
    # Early on hardly anything has left: amount over volume, one minute into six hours.
    early = pk.simulate("reserpine 1 mg", drugs=[slow], time_h=[1 / 60]).plasma_nmol_l[0, 0, 0]
    assert early == pytest.approx(nmol / 360 / values["central_volume"], rel=2e-3)
