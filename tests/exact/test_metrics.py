"""What is read off a run, against the closed forms of one compartment."""

from __future__ import annotations

import math

import numpy as np
import pytest

import vmatcore as vm
from vmatcore.drugs import (
    Absorption,
    Affinity,
    Compartment,
    Dose,
    Drug,
    Elimination,
    Moiety,
    Quantity,
)

VOLUME_L, MASS, KI, UNBOUND = 40.0, 300.0, 5.0, 0.2
KA, KE, INTERVAL_H, DOSES, MG = 0.9, 0.11, 12.0, 7, 6.0
START_H = (DOSES - 1) * INTERVAL_H
END_H = START_H + INTERVAL_H
ORAL = f"own {MG:g} mg q{INTERVAL_H:g}h x {DOSES}"


def own(*, name="own", ka=KA, ke=KE):
    """Return a drug of one compartment, swallowed, or injected if there is no ``ka``."""
    named = {"molar_mass": MASS, "volume": VOLUME_L, "clearance": ke * VOLUME_L, "rate": ka or 0.0}
    moiety = Moiety(
        name=name,
        molar_mass=Quantity.of(MASS, "g/mol"),
        fraction_unbound=Quantity.of(UNBOUND, "fraction"),
        log_p=Quantity.of(2.7, "log10"),
        affinities={"VMAT2": Affinity(ki=Quantity.of(KI, "nmol/L"))},
    )
    return Drug(
        name=name,
        summary="one compartment",
        parameters={key: Quantity.of(value, "any") for key, value in named.items()},
        doses=(Dose(compartment="gut" if ka else "plasma"),),
        compartments=(
            Compartment(name="gut"),
            Compartment(name="plasma", moiety=name, volume="volume"),
        ),
        absorptions=(Absorption(source="gut", target="plasma", rate="rate"),) if ka else (),
        eliminations=(Elimination(source="plasma", enzyme="other", clearance="clearance"),),
        moieties=(moiety,),
    )


def simulate(regimen=ORAL, *drugs, **options):
    return vm.simulate(regimen, drugs=drugs or [own()], **options)


def left(rate, elapsed_h, doses=DOSES):
    """Return the sum of exp(-rate t) over ``doses`` doses, ``elapsed_h`` after the last."""
    return sum(math.exp(-rate * (elapsed_h + i * INTERVAL_H)) for i in range(doses))


def swallowed(elapsed_h, doses=DOSES, ka=KA, ke=KE):
    """Return ng/mL after the last of the swallowed doses, by the closed form."""
    height = MG * 1000 / VOLUME_L * ka / (ka - ke)
    return height * (left(ke, elapsed_h, doses) - left(ka, elapsed_h, doses))


def swallowed_area(ka=KA, ke=KE):
    """Return ng/mL h over the last interval."""
    height = MG * 1000 / VOLUME_L * ka / (ka - ke)
    return height * sum(
        sign * (left(rate, 0.0) - left(rate, INTERVAL_H)) / rate
        for sign, rate in ((1, ke), (-1, ka))
    )


# -- peak, trough, mean, area ----------------------------------------------------------


def test_the_last_interval_of_a_swallowed_drug_has_its_closed_forms():
    found = simulate().metrics("pk")
    assert (found.items, found.unit) == (("own",), "ng/mL")
    assert found.interval_h[0] == (START_H, END_H)
    # The peak is where absorption and elimination of all doses together are equal.
    tmax = math.log(KA * left(KA, 0.0) / (KE * left(KE, 0.0))) / (KA - KE)
    assert found.auc[0, 0] == pytest.approx(swallowed_area(), rel=1e-12)
    assert found.mean[0, 0] == pytest.approx(swallowed_area() / INTERVAL_H, rel=1e-12)
    assert found.trough[0, 0] == pytest.approx(swallowed(INTERVAL_H), rel=1e-12)
    assert found.tmax_h[0, 0] == pytest.approx(tmax, abs=INTERVAL_H / 480)
    assert swallowed(tmax) * (1 - 1e-4) < found.cmax[0, 0] <= swallowed(tmax)
    ratio = swallowed(tmax) / swallowed(INTERVAL_H)
    assert found.peak_to_trough[0, 0] == pytest.approx(ratio, rel=1e-4)


def test_the_trough_is_read_before_a_next_dose_and_the_metrics_ignore_the_read_times():
    injected = own(ka=None)
    longer = simulate(f"own {MG} mg q12h x {DOSES + 1}", injected, time_h=[END_H - 1e-9, END_H])
    before, after = longer.pk.plasma_ng_ml[0, 0]
    for options in ({}, {"time_h": [3.0]}, {"every_h": 7.3}, {"until_h": 2000.0}):
        found = simulate(ORAL, injected, **options).metrics("pk")
        assert found.trough[0, 0] == pytest.approx(before, rel=1e-9)
        assert found.trough[0, 0] < 0.9 * after
        assert found.interval_h[0] == (START_H, END_H)


def test_an_injected_drug_peaks_at_its_dose():
    found = simulate(ORAL, own(ka=None)).metrics("pk")
    peak = MG * 1000 / VOLUME_L * left(KE, 0.0)
    assert found.tmax_h[0, 0] == 0.0
    assert found.cmax[0, 0] == pytest.approx(peak, rel=1e-12)
    assert found.peak_to_trough[0, 0] == pytest.approx(math.exp(KE * INTERVAL_H), rel=1e-12)
    area = peak * (1 - math.exp(-KE * INTERVAL_H)) / KE
    assert found.auc[0, 0] == pytest.approx(area, rel=1e-12)


def test_a_single_dose_counts_until_the_last_read():
    found = simulate(f"own {MG} mg after 5 h", until_h=45.0).metrics("pk")
    assert found.interval_h[0] == (5.0, 45.0)
    height = MG * 1000 / VOLUME_L * KA / (KA - KE)
    area = height * ((1 - math.exp(-40 * KE)) / KE - (1 - math.exp(-40 * KA)) / KA)
    assert found.auc[0, 0] == pytest.approx(area, rel=1e-12)
    assert found.mean[0, 0] == pytest.approx(area / 40, rel=1e-12)
    assert found.trough[0, 0] == pytest.approx(swallowed(40.0, doses=1), rel=1e-12)
    tmax = math.log(KA / KE) / (KA - KE)
    assert found.tmax_h[0, 0] == pytest.approx(tmax, abs=40 / 480)
    assert found.cmax[0, 0] == pytest.approx(swallowed(tmax, doses=1), rel=3e-4)


def test_totals_sum_the_moieties_before_the_peak_is_looked_for():
    slow = {"ka": 0.2, "ke": 0.05}
    run = simulate(f"{ORAL} & slow {MG} mg q12h x {DOSES}", own(), own(name="slow", **slow))
    totals = {"both": ["own", "slow"], "slow alone": ["slow"]}
    found, each = run.metrics("pk", totals=totals), run.metrics("pk")
    assert found.items == ("both", "slow alone")
    assert each.items == ("own", "slow")
    areas = [swallowed_area(), swallowed_area(**slow)]
    np.testing.assert_allclose(each.auc[0], areas, rtol=1e-12)
    np.testing.assert_allclose(found.auc[0], [sum(areas), areas[1]], rtol=1e-12)
    trough = swallowed(INTERVAL_H) + swallowed(INTERVAL_H, **slow)
    assert found.trough[0, 0] == pytest.approx(trough, rel=1e-12)
    hours = np.linspace(0, INTERVAL_H, 4001)
    peak = max(swallowed(t) + swallowed(t, **slow) for t in hours)
    assert found.cmax[0, 0] == pytest.approx(peak, rel=1e-4)
    assert found.cmax[0, 0] < 0.999 * each.cmax[0].sum()


def test_every_subject_has_a_row_and_is_the_same_alone():
    people = [vm.Subject(), vm.Subject(cyp2d6="poor"), vm.Subject(weight_kg=120)]
    both = "valbenazine 40 mg q24h x 5"
    together = vm.simulate(both, subjects=people).metrics("pk")
    for row, person in enumerate(people):
        single = vm.simulate(both, subject=person).metrics("pk")
        for field in ("cmax", "tmax_h", "auc", "mean", "trough"):
            np.testing.assert_array_equal(getattr(together, field)[row], getattr(single, field)[0])
    assert together.auc[1, 1] > 1.5 * together.auc[0, 1]


def test_a_trough_of_nothing_gives_an_infinite_ratio():
    found = simulate(ORAL, own(ke=100.0, ka=None)).metrics("pk")
    assert found.trough[0, 0] == 0.0
    assert found.peak_to_trough[0, 0] == math.inf


def test_constant_plasma_gives_constant_occupancy():
    run = simulate("own 1 mg q24h x 2 then 0 mg q24h x 9", own(ka=None, ke=0.0))
    free = UNBOUND * 2e6 / MASS / VOLUME_L
    share = free / KI / (1 + free / KI)
    found = run.metrics("occupancy")
    assert found.items == ("VMAT2", "D2", "5-HT7")
    assert found.unit == "fraction"
    for value in (found.cmax, found.mean, found.trough, found.auc / 24):
        np.testing.assert_allclose(value[0], [share, 0.0, 0.0], rtol=1e-9)


def test_the_area_of_occupancy_is_its_integral():
    run = vm.simulate("tetrabenazine 25 mg q8h x 6")
    found = run.metrics("occupancy")
    nodes, weights = np.polynomial.legendre.leggauss(12)
    edges = found.interval_h[0][0] + np.r_[0.0, 0.6, np.linspace(0.7, 8.0, 40)]  # 0.6 h is the lag
    half = np.diff(edges)[:, None] / 2
    fine = run.read((edges[:-1, None] + half * (nodes + 1)).ravel()).occupancy
    for row, values in enumerate([fine.vmat2, fine.off_target["D2"], fine.off_target["5-HT7"]]):
        area = (values[0] * (half * weights).ravel()).sum()
        assert found.auc[0, row] == pytest.approx(area, rel=1e-6)
        assert found.cmax[0, row] == pytest.approx(values.max(), rel=1e-3)


def test_metrics_need_a_dose_and_time_after_it():
    for ask in (lambda run: run.metrics("pk"), lambda run: run.washout()):
        with pytest.raises(vm.errors.ParameterError, match="dose"):
            ask(simulate("nothing", time_h=[1.0]))
    with pytest.raises(vm.errors.ParameterError, match="until_h"):
        simulate("own 5 mg", time_h=[0.0]).metrics("pk")
    with pytest.raises(vm.errors.VmatError, match="stage"):
        simulate().metrics("brain")


# -- washout ---------------------------------------------------------------------------


@pytest.mark.parametrize("half_life_h", [0.7, 5.0, 33.0, 271.0])
def test_plasma_falls_to_half_and_a_tenth_of_its_mean_by_the_logarithm(half_life_h):
    ke = math.log(2) / half_life_h
    found = simulate(ORAL, own(ka=None, ke=ke)).washout()
    # From the peak, not from the mean: that much longer.
    over = ke * INTERVAL_H / (1 - math.exp(-ke * INTERVAL_H))
    half, tenth = math.log(2 * over) / ke, math.log(10 * over) / ke
    assert found.plasma_half_h[0] == pytest.approx(half, rel=2e-4)  # seen: 4e-5
    assert found.plasma_tenth_h[0] == pytest.approx(tenth, rel=2e-4)
    assert found.moieties == ("own",)


@pytest.mark.parametrize("until_h", [24.0, 54.0, 500.0])
def test_plasma_after_a_single_dose_is_compared_with_its_mean_of_a_day(until_h):
    found = simulate("own 6 mg after 24 h", own(ka=None), until_h=until_h).washout()
    over = KE * 24 / (1 - math.exp(-KE * 24))
    assert found.plasma_half_h[0] == pytest.approx(math.log(2 * over) / KE, rel=2e-4)


def test_washout_looks_at_the_moieties_it_is_asked_for():
    drugs = own(ka=None), own(name="slow", ka=None, ke=KE / 10)
    run = simulate(f"{ORAL} & slow {MG} mg q12h x {DOSES}", *drugs)
    alone = simulate(ORAL, own(ka=None)).washout().plasma_tenth_h[0]
    assert run.washout(moieties=["own"]).plasma_tenth_h[0] == pytest.approx(alone, rel=1e-9)
    slow = run.washout(moieties=["slow"]).plasma_tenth_h[0]
    assert alone < run.washout().plasma_tenth_h[0] < slow
    assert run.washout().moieties == ("own", "slow")


def test_what_never_falls_takes_endless():
    found = simulate(ORAL, own(ka=None, ke=0.0)).washout()
    for value in (found.plasma_half_h, found.plasma_tenth_h, found.occupancy_half_h):
        assert np.isinf(value).all()


def test_what_has_no_effect_has_nothing_to_fall():
    found = vm.simulate("valbenazine 0 mg q24h x 3").washout()
    for value in (found.plasma_half_h, found.occupancy_half_h, found.occupancy_tenth_h):
        assert np.isnan(value).all()


def test_a_missed_dose_does_not_stretch_the_last_interval():
    full = vm.Regimen.parse("valbenazine 80 mg q24h x 28")
    for missed in (26, 25):
        found = vm.simulate(full.skip(doses=[missed])).metrics("occupancy")
        assert found.interval_h[0] == (648.0, 672.0)
    found = vm.simulate("valbenazine 80 mg q24h x 14 then 80 mg after 14 d").metrics("pk")
    assert found.interval_h[0][1] - found.interval_h[0][0] == 24.0


def test_reversible_occupancy_falls_with_the_drug():
    # The brain follows within the hour, so far below K the share falls as plasma does.
    found = simulate("own 1e-6 mg q12h x 60", own(ka=None, ke=0.02)).washout()
    span = math.log(5) / 0.02
    assert found.occupancy_tenth_h[0] - found.occupancy_half_h[0] == pytest.approx(span, rel=2e-4)
    assert found.plasma_tenth_h[0] - found.plasma_half_h[0] == pytest.approx(span, rel=2e-4)
    assert found.plasma_half_h[0] < found.occupancy_half_h[0] < found.plasma_half_h[0] + 1.0


def test_irreversible_occupancy_falls_with_the_renewal_of_the_transporter():
    gone_fast = vm.drugs.get("reserpine").with_parameters({"clearance": 300.0, "exchange": 0.0})
    run = vm.simulate("reserpine 5 mg q24h x 20", drugs=[gone_fast])
    found = run.washout()
    span = 120.0 * math.log2(5)
    assert found.occupancy_tenth_h[0] - found.occupancy_half_h[0] == pytest.approx(span, rel=1e-3)
    assert found.plasma_tenth_h[0] < 24.0 < found.occupancy_half_h[0]


def test_occupancy_with_much_drug_outlasts_plasma():
    # At S far above 1 the share holds while S falls: half of nearly 1 is reached at S = 1.
    run = simulate("own 200 mg q12h x 30", own(ka=None, ke=0.05))
    peak_load = UNBOUND * 200e6 / MASS / VOLUME_L / KI / (1 - math.exp(-0.05 * 12))
    found = run.washout()
    assert found.occupancy_half_h[0] == pytest.approx(math.log(peak_load) / 0.05, rel=0.02)
    assert found.occupancy_half_h[0] > 4 * found.plasma_half_h[0]
