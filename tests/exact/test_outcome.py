"""The outcome: its laws in closed form, its bounds, and the contrasts it must show."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

import vmatcore as vm
from vmatcore.outcome import HAZARDS, SIDE_EFFECTS, day, effects, sources

TD, HD = "tardive dyskinesia", "Huntington's chorea"


def outcome(regimen, *, condition=TD, drugs=(), **settings):
    return vm.outcome.evaluate(vm.simulate(regimen, drugs=drugs), condition=condition, **settings)


def without_d2(name):
    drug = vm.drugs.get(name)
    moieties = tuple(
        replace(one, affinities={t: a for t, a in one.affinities.items() if t != "D2"})
        for one in drug.moieties
    )
    return replace(drug, moieties=moieties)


def day_of(regimen):
    run = vm.simulate(regimen)
    return day.last_day([run.occupancy], float(run.pk.time_h[-1]))[0]


@pytest.fixture(scope="module")
def doses():
    runs = [
        vm.simulate(f"tetrabenazine {mg} mg q8h x 42").occupancy for mg in (2, 8, 25, 60, 200, 2000)
    ]
    return vm.outcome.evaluate_doses(runs, condition=HD)


@pytest.mark.parametrize("condition", [TD, HD])
@pytest.mark.parametrize("hazard", HAZARDS)
@pytest.mark.parametrize("driver", vm.outcome.DRIVERS)
def test_nothing_taken_is_placebo_only(condition, hazard, driver):
    run = vm.simulate("nothing", until_h=48)
    found = vm.outcome.evaluate(run, condition=condition, hazard=hazard, driver=driver)
    assert found.occupancy[0] == 0.0
    assert abs(found.benefit[0]) < 1e-9
    assert found.responders[0] == pytest.approx(found.responders_placebo, rel=1e-9)
    for name in SIDE_EFFECTS:
        assert found.excess(name)[0] == pytest.approx(0.0, abs=1e-9)
        assert found.placebo[name] == sources("placebo")[name].value
    assert found.prolactin[0] == pytest.approx(1.0, abs=1e-9)
    assert found.qtc_ms[0] == 0.0


def test_everything_grows_with_the_dose_and_stays_in_its_bounds(doses):
    assert (np.diff(doses.benefit) < 0).all()
    assert (np.diff(doses.responders) > 0).all()
    assert (-doses.baseline_score < doses.benefit).all()
    assert (doses.benefit < 0).all()
    assert (np.diff(doses.prolactin) > 0).all()
    assert (doses.prolactin < sources("prolactin")["largest_rise"].value).all()
    assert (np.diff(doses.qtc_ms) > 0).all()
    for name in SIDE_EFFECTS:
        assert (np.diff(doses.probability[name]) > 0).all(), name
        assert (doses.probability[name] > doses.placebo[name]).all()
        assert (doses.probability[name] < 1).all()
        assert (doses.probability_low[name] <= doses.probability[name]).all()
        assert (doses.probability[name] <= doses.probability_high[name]).all()
    assert (doses.benefit_low < doses.benefit).all()
    assert (doses.benefit < doses.benefit_high).all()


def test_the_benefit_is_the_published_law_of_d(doses):
    half = sources("half_effect")["d2"].value
    wanted = -doses.baseline_score * doses.d2_fall / (half + doses.d2_fall)
    assert doses.benefit == pytest.approx(wanted, rel=1e-14)


def test_one_d50_serves_both_scales():
    one = outcome("valbenazine 80 mg q24h x 14", condition=TD)
    other = outcome("valbenazine 80 mg q24h x 14", condition=HD)
    assert one.benefit[0] / one.baseline_score == other.benefit[0] / other.baseline_score
    assert (one.scale, other.scale) == ("AIMS", "TMC")


def test_the_levels_are_those_of_the_stages_below():
    run = vm.simulate("tetrabenazine 25 mg q8h x 21", time_h=day.grid(168.0))
    last = day_of("tetrabenazine 25 mg q8h x 21")
    content = run.terminal["striatal dopamine"].content[0, -241:]
    assert last.content["striatal dopamine"][0] == pytest.approx(content, rel=1e-6)
    region = vm.Region.dorsal_striatum()
    receptor = region.receptors["D2"]
    rest = receptor.occupancy(region.tonic_nmol_l())
    for i in (0, 17, 120):
        amine = region.steady_nmol_l(region.tonic_molecules_per_s * float(content[i]))
        block = float(last.d2_block[0, i])
        assert block > 0.01
        wanted = receptor.blocked(block).occupancy(amine) / rest
        assert last.d2[0, i] == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("regimen", ["tetrabenazine 50 mg q8h x 126", "reserpine 0.5 mg q24h x 42"])
def test_what_lies_before_the_memory_of_a_terminal_does_not_matter(monkeypatch, regimen):
    remembered = day_of(regimen)
    monkeypatch.setattr(day, "MEMORY_H", 1e9)
    whole = day_of(regimen)
    assert remembered.d2 == pytest.approx(whole.d2, rel=1e-6)
    for site, wanted in whole.content.items():
        assert remembered.content[site] == pytest.approx(wanted, rel=1e-6), site


def test_reading_a_run_coarsely_does_not_change_its_outcome():
    fine = outcome("tetrabenazine 25 mg q8h x 21")
    coarse = vm.simulate("tetrabenazine 25 mg q8h x 21", time_h=[168.0])
    found = vm.outcome.evaluate(coarse, condition=TD)
    assert found.benefit[0] == pytest.approx(fine.benefit[0], rel=1e-9)


def test_a_later_day_shows_the_return_to_placebo():
    run = vm.simulate("valbenazine 80 mg q24h x 14", until_h=1500)
    course = [vm.outcome.evaluate(run, condition=TD, at_h=h).benefit[0] for h in (336, 400, 1500)]
    assert course[0] < course[1] < course[2] <= 0
    assert course[2] > -0.01


def test_an_equal_occupancy_in_hourly_doses_costs_more_motor_side_effects_only_by_d2():
    """Hourly doses are flat, so nothing but the block of D2 is left between the two."""
    own = without_d2("tetrabenazine")
    blocking = outcome("tetrabenazine 3 mg q1h x 240")
    sparing = outcome("tetrabenazine 3 mg q1h x 240", drugs=[own])
    wanted = blocking.occupancy[0]

    def away(mg):
        return outcome(f"valbenazine {mg!r} mg q1h x 480").occupancy[0] - wanted

    mg = optimize.brentq(away, 0.05, 5.0, xtol=1e-7)
    equal = outcome(f"valbenazine {mg!r} mg q1h x 480")
    for name in ("akathisia", "parkinsonism", "prolactin raised"):
        with_block, gone, other = (float(one.excess(name)[0]) for one in (blocking, sparing, equal))
        assert with_block > 1.5 * other, name
        assert gone == pytest.approx(other, rel=0.01), name


def test_label_doses_at_equal_occupancy_differ_by_d2_more_than_by_peaks():
    own = without_d2("tetrabenazine")
    blocking = outcome("tetrabenazine 25 mg q8h x 84")
    sparing = outcome("tetrabenazine 25 mg q8h x 84", drugs=[own])
    equal = outcome("valbenazine 15.693549 mg q24h x 28")
    assert equal.occupancy[0] == pytest.approx(blocking.occupancy[0], abs=1e-4)
    for name in ("akathisia", "parkinsonism"):
        gap = blocking.excess(name)[0] - equal.excess(name)[0]
        left = sparing.excess(name)[0] - equal.excess(name)[0]
        assert gap > 0
        assert 0 <= left < 0.15 * gap


def test_deutetrabenazine_at_an_equal_area_brings_less_akathisia_unless_the_hazard_is_linear():
    """12.5 mg has the area of 25 mg of tetrabenazine in total HTBZ."""
    pair = "tetrabenazine 25 mg q12h x 28", "deutetrabenazine 12.5 mg q12h x 28"
    convex, linear = (
        [float(outcome(one, hazard=hazard).excess("akathisia")[0]) for one in pair]
        for hazard in HAZARDS
    )
    assert convex[1] < 0.8 * convex[0]
    assert linear[1] == pytest.approx(linear[0], rel=0.01)


@pytest.mark.parametrize("name", ["akathisia", "somnolence"])
def test_at_an_equal_mean_fall_only_the_convex_hazard_tells_the_two_apart(name):
    other = day_of("tetrabenazine 25 mg q12h x 28")
    wanted = effects.exposure(other, name, "linear")[0]

    def away(mg):
        day = day_of(f"deutetrabenazine {mg!r} mg q12h x 28")
        return effects.exposure(day, name, "linear")[0] - wanted

    mg = optimize.brentq(away, 6.0, 20.0, xtol=1e-9)
    pair = "tetrabenazine 25 mg q12h x 28", f"deutetrabenazine {mg!r} mg q12h x 28"
    linear = [float(outcome(one, hazard="linear").excess(name)[0]) for one in pair]
    convex = [float(outcome(one).excess(name)[0]) for one in pair]
    assert linear[1] == pytest.approx(linear[0], rel=1e-6)
    assert convex[1] < (0.8 if name == "akathisia" else 0.9999) * convex[0]


def hazard_of(name, found, *, convex, history=False):
    """The chance by hand: placebo's, and a hazard times what the signal of the day says."""
    mean = 0.5 * (found.content["limbic serotonin"] + found.content["cortical norepinephrine"])
    fall = 1.0 - (found.d2 if name in ("akathisia", "parkinsonism") else mean)
    kind = (
        {True: "_convex", False: "_linear"}[convex] if name in ("akathisia", "somnolence") else ""
    )
    squared = convex and name in ("akathisia", "somnolence")
    counted = found.mean(fall**2 if squared else fall)[0]
    exposed = sources("hazard")[name + kind].value * counted
    rest = sources("placebo")[name].value
    if name == "depression":
        factor = sources("depression")["history_factor"].value if history else 1.0
        variance = sources("depression")["susceptibility_variance"].value
        escape = (1.0 + variance * exposed * factor) ** (-1.0 / variance)
        return 1.0 - (1.0 - rest) ** factor * escape
    return 1.0 - (1.0 - rest) * math.exp(-exposed)


@pytest.mark.parametrize("name", ["akathisia", "parkinsonism", "somnolence", "depression"])
@pytest.mark.parametrize("regimen", ["valbenazine 80 mg q24h x 14", "tetrabenazine 25 mg q8h x 42"])
def test_each_chance_is_its_law_of_the_signal(regimen, name):
    signal = day_of(regimen)
    for convex, hazard in ((True, "convex"), (False, "linear")):
        for history in (False, True):
            found = outcome(regimen, hazard=hazard, history=history).probability[name][0]
            wanted = hazard_of(name, signal, convex=convex, history=history)
            assert found == pytest.approx(wanted, rel=1e-9)


def test_prolactin_and_its_chance_are_their_law_at_every_end_of_the_spread():
    signal = day_of("valbenazine 80 mg q24h x 14")
    found = outcome("valbenazine 80 mg q24h x 14")
    numbers = sources("prolactin")
    rest = numbers["rest_activation"].value
    release = signal.content["striatal dopamine"]
    active = release / (release + (1 - rest) / rest * (1 + signal.d2_block)) / rest
    limit = stats.norm.ppf(1.0 - sources("placebo")["prolactin raised"].value)
    chances = []
    for rise in (numbers["largest_rise"].value, *numbers["largest_rise"].spread):
        ratio = signal.mean(rise / (1 + (rise - 1) * active))[0]
        chances.append(stats.norm.cdf(math.log(ratio) / numbers["log_sd"].value - limit))
        if rise == numbers["largest_rise"].value:
            assert found.prolactin[0] == pytest.approx(ratio, rel=1e-9)
    parts = found.probability, found.probability_low, found.probability_high
    for part, wanted in zip(parts, chances, strict=True):
        assert part["prolactin raised"][0] == pytest.approx(wanted, rel=1e-9)


def test_a_history_multiplies_the_hazard_of_depression_and_nothing_else():
    plain, before = (outcome("valbenazine 80 mg q24h x 14", history=h) for h in (False, True))
    factor = sources("depression")["history_factor"].value
    escape = 1.0 - plain.placebo["depression"]
    assert 1.0 - before.placebo["depression"] == pytest.approx(escape**factor, rel=1e-12)
    assert before.probability["depression"][0] > plain.probability["depression"][0]
    for name in set(SIDE_EFFECTS) - {"depression"}:
        assert before.probability[name][0] == plain.probability[name][0]


def test_the_average_over_susceptibility_is_that_of_the_gamma_law():
    variance, exposed = 1.7, np.array([0.0, 0.3, 5.0])
    law = stats.gamma(1.0 / variance, scale=variance)
    wanted = [law.expect(lambda s, h=h: math.exp(-s * h), epsabs=1e-12) for h in exposed]
    assert effects.frail(exposed, variance) == pytest.approx(wanted, rel=1e-6)
    assert effects.frail(exposed, 0.0) == pytest.approx(np.exp(-exposed), rel=1e-14)


def test_who_is_more_susceptible_has_the_higher_chance():
    chances = [
        outcome("valbenazine 80 mg q24h x 14", susceptibility=s).probability["depression"][0]
        for s in (0.0, 1.0, 10.0)
    ]
    assert chances[0] == sources("placebo")["depression"].value
    assert chances[0] < chances[1] < chances[2]


def test_responders_are_the_tail_of_a_normal_law():
    found = outcome("valbenazine 80 mg q24h x 14")
    people = sources(TD)
    mean = found.benefit[0] - people["placebo_fall"].value
    law = stats.norm(mean, people["change_sd"].value)
    assert found.responders[0] == pytest.approx(law.cdf(-0.5 * found.baseline_score), rel=1e-12)


def test_qtc_is_slope_times_plasma():
    run = vm.simulate("valbenazine 80 mg q24h x 28")
    found = vm.outcome.evaluate(run, condition=TD)
    peak = run.metrics("pk").cmax[0, run.pk.index("(+)-alpha-HTBZ")]
    slope = sources("qtc")["(+)-alpha-HTBZ"].value
    assert found.qtc_ms[0] == pytest.approx(slope * peak, rel=1e-3)


def test_a_drug_without_a_known_slope_has_no_qtc():
    assert math.isnan(outcome("reserpine 0.25 mg q24h x 7").qtc_ms[0])


def test_many_subjects_are_each_alone():
    people = [vm.Subject(cyp2d6=kind) for kind in ("poor", "normal", "ultrarapid")]
    run = vm.simulate("tetrabenazine 25 mg q12h x 14", subjects=people)
    together = vm.outcome.evaluate(run, condition=HD)
    for i, person in enumerate(people):
        alone = vm.outcome.evaluate(
            vm.simulate("tetrabenazine 25 mg q12h x 14", subject=person), condition=HD
        )
        assert together.benefit[i] == pytest.approx(alone.benefit[0], rel=1e-6)
    assert together.benefit[0] < together.benefit[1] < together.benefit[2]


def test_whom_the_kinetics_lost_has_no_outcome_and_the_others_keep_theirs(monkeypatch):
    run = vm.simulate("valbenazine 80 mg q24h x 7", subjects=[vm.Subject()] * 2)
    whole = vm.outcome.evaluate(run, condition=TD)
    read = day._read

    def half_lost(*arguments):
        found = read(*arguments)
        arrays = {"vmat2": found.vmat2.copy()}
        arrays["off_target"] = {key: array.copy() for key, array in found.off_target.items()}
        for array in (arrays["vmat2"], *arrays["off_target"].values()):
            array[0] = np.nan
        return replace(found, **arrays)

    monkeypatch.setattr(day, "_read", half_lost)
    found = vm.outcome.evaluate(run, condition=TD)
    for name in ("benefit", "responders", "prolactin", "occupancy"):
        values = getattr(found, name)
        assert np.isnan(values[0]), name
        assert values[1] == pytest.approx(getattr(whole, name)[1], rel=1e-6), name
    for name in SIDE_EFFECTS:
        assert np.isnan(found.probability[name][0]), name
