"""Draws of constants: their law in closed form, one stream each, shares that sum to one."""

import math
from dataclasses import replace

import numpy as np
import pytest

import vmatcore as vm
from vmatcore import uncertainty
from vmatcore.drugs import Quantity
from vmatcore.terminal import SITES
from vmatcore.uncertainty import Constant, draws

RUN = vm.simulate("tetrabenazine 25 mg q8h x 9")


def quantity(value, low, high, unit="nmol/L"):
    return Quantity(
        value=value, unit=unit, source="an example", status="assumed", low=low, high=high
    )


def constant(value, low, high, law="triangle", name="ki", unit="nmol/L"):
    return Constant(name, quantity(value, low, high, unit), name, law)


@pytest.mark.parametrize(("value", "low", "high"), [(2.0, 1.0, 8.0), (1.0, 1.0, 4.0)])
def test_a_triangle_has_its_ends_its_peak_and_its_median_on_a_logarithmic_scale(value, low, high):
    one = constant(value, low, high)
    left, mode, right = np.log([low, value, high])
    at_peak = (mode - left) / (right - left)
    ends = draws._triangular(one, np.array([0.0, at_peak, 1.0]))
    assert ends == pytest.approx([low, value, high], rel=1e-12)
    # Half of the area lies beyond the median, here to the right of the peak.
    median = right - math.sqrt(0.5 * (right - left) * (right - mode))
    assert np.log(draws._triangular(one, np.array([0.5])))[0] == pytest.approx(median, rel=1e-12)


def test_a_spread_from_zero_is_a_triangle_on_a_plain_scale():
    one = constant(1.0, 0.0, 4.0)
    assert draws._triangular(one, np.array([0.0, 0.25, 1.0])).tolist() == [0.0, 1.0, 4.0]


def test_a_fitted_number_has_its_interval_at_two_halves_of_a_normal_law():
    one = constant(2.0, 1.0, 8.0, "fitted")
    found = draws._halves(one, np.array([-1.96, -0.98, 0.0, 0.98, 1.96]))
    assert found == pytest.approx([1.0, math.sqrt(2.0), 2.0, 4.0, 8.0], rel=1e-12)
    from_zero = draws._halves(constant(2.0, 0.0, 8.0, "fitted"), np.array([-5.0, -1.96, -0.98, 0]))
    assert from_zero == pytest.approx([0.0, 0.0, 1.0, 2.0], abs=1e-12)
    nothing = draws._halves(constant(0.0, 0.0, 1.96, "fitted"), np.array([-1.0, 1.0]))
    assert nothing == pytest.approx([0.0, 1.0], abs=1e-12)


def test_draw_i_depends_on_the_seed_the_constant_and_i_alone():
    ki, other = constant(2.0, 1.0, 8.0), constant(2.0, 1.0, 8.0, name="other")
    alone = uncertainty.draw([ki], 1, 5).values["ki"]
    beside = uncertainty.draw([other, ki], 1, 50).values
    assert alone.tolist() == beside["ki"][:5].tolist()
    assert beside["ki"].tolist() != beside["other"].tolist()
    assert uncertainty.draw([ki], 2, 5).values["ki"].tolist() != alone.tolist()
    # Known values: the stream is named by SHA-256, which is the same everywhere.
    assert alone == pytest.approx(uncertainty.draw([ki], 1, 5).values["ki"], rel=0)


def test_what_has_no_spread_is_left_out():
    fixed = constant(2.0, 2.0, 2.0)
    found = uncertainty.draw([fixed], 1, 3)
    assert found.values == {}
    assert found.of(0) == {}


def test_one_number_in_several_places_is_one_unknown():
    found = uncertainty.draw(uncertainty.constants_of(RUN.occupancy), 1, 4)
    plus, minus = (f"moiety ({sign})-alpha-HTBZ: fraction_unbound" for sign in "+-")
    assert found.values[plus].tolist() == found.values[minus].tolist()
    assert plus in found.unknowns()
    assert minus not in found.unknowns()
    keys = {one.key for one in found.constants}
    assert len(found.unknowns()) == len(keys) < len(found.constants)


def terminals_drawn(seed, count, sites=tuple(SITES)):
    terminals = {site: SITES[site]() for site in sites}
    constants = [
        one for s, t in terminals.items() for one in uncertainty.constants_of_terminal(s, t)
    ]
    return constants, uncertainty.draw(constants, seed, count, terminals)


def test_what_terminals_share_with_one_source_is_one_draw_even_where_it_is_drawn_again():
    """500 draws: some of the striatal and of the cortical terminal are none at rest."""
    constants, found = terminals_drawn(1, 500)
    own = [
        {one.name.removeprefix(start): one for one in constants if one.name.startswith(start)}
        for start in (f"terminal {site}: " for site in SITES)
    ]
    striatal, serotonin, cortical = own
    shared = 0
    for name in striatal.keys() & cortical.keys():
        first, second = striatal[name].quantity, cortical[name].quantity
        one = (first.value, first.spread, first.source) == (
            second.value,
            second.spread,
            second.source,
        )
        assert (striatal[name].key == cortical[name].key) is one, name
        if one and first.spread != (first.value,) * 2:
            shared += 1
            np.testing.assert_array_equal(
                found.values[striatal[name].name], found.values[cortical[name].name]
            )
    assert shared == 33
    # Serotonin's terminal is another cell with sources of its own.
    assert not {one.key for one in serotonin.values()} & {
        one.key for part in (striatal, cortical) for one in part.values()
    }
    assert len(found.unknowns()) == len(found.values) - 33
    alone = {site: terminals_drawn(1, 500, (site,))[1] for site in SITES}
    again = {site: one.drawn_again for site, one in alone.items()}
    assert again["striatal dopamine"] + again["cortical norepinephrine"] > 0
    # A draw that is made again is so in both that share, and in no other terminal.
    for name, values in alone["limbic serotonin"].values.items():
        np.testing.assert_array_equal(found.values[name], values)
    once = uncertainty.draw(constants, 1, 500)
    moved = {
        tuple(found.values[one.name] != once.values[one.name])
        for one in once.constants
        if one.name.removeprefix("terminal ").startswith(("striatal", "cortical"))
    }
    (rows,) = moved  # the same draws in every constant of both
    assert 0 < sum(rows) <= found.drawn_again - again["limbic serotonin"]


def test_terminals_that_share_are_all_at_rest_in_every_draw():
    _, found = terminals_drawn(1, 500)
    for site, make in SITES.items():
        rows = found.starting(f"terminal {site}: ")
        with_rows = make().with_values(rows)
        rest = vm.terminal.simulate(terminal=with_rows, time_h=[0]).resting["content"]
        own = vm.terminal.simulate(terminal=make(), time_h=[0]).resting["content"]
        assert ((rest > own / 3) & (rest < 3 * own)).all(), site


def test_draws_made_again_do_not_depend_on_how_many_there_are():
    few, more = (terminals_drawn(1, count)[1] for count in (300, 500))
    for name, values in few.values.items():
        np.testing.assert_array_equal(values, more.values[name][:300], err_msg=name)


def test_a_lower_bound_of_a_ki_is_not_drawn_and_holds_nothing():
    found = uncertainty.draw(uncertainty.constants_of(RUN.occupancy), 1, 2)
    assert "moiety (+)-beta-HTBZ: ki D2" not in found.values
    assert "moiety (-)-beta-HTBZ: ki D2" in found.values
    assert "moiety (-)-beta-HTBZ: ki 5-HT7" in found.values


def test_the_values_themselves_give_the_bits_of_the_run():
    times = np.array([0.0, 1.5, 70.0])
    own = {one.name: one.quantity.value for one in uncertainty.constants_of(RUN.occupancy)}
    same, plain = uncertainty.held(RUN.occupancy, times, own), RUN.read(times).occupancy
    np.testing.assert_array_equal(same.vmat2, plain.vmat2)
    np.testing.assert_array_equal(same.off_target["D2"], plain.off_target["D2"])
    np.testing.assert_array_equal(same.pk.plasma_nmol_l, plain.pk.plasma_nmol_l)


def test_isomers_share_what_forms_of_their_enantiomer():
    """Area times clearance of two isomers is half of what is absorbed, in every draw."""
    names = ("plus_to_alpha", "minus_to_alpha", "beta_cyp2d6_clearance", "fraction_absorbed")
    found = uncertainty.draw(uncertainty.constants_of(RUN.occupancy), 7, 8)
    once = vm.simulate("tetrabenazine 25 mg").occupancy
    areas = []
    for number in range(8):
        values = {
            f"drug tetrabenazine: {n}": found.of(number)[f"drug tetrabenazine: {n}"] for n in names
        }
        pk = uncertainty.held(once, np.array([0.0]), values).pk
        area = pk.exposure_nmol_h_l(0.0, 2000.0)[0]
        numbers = {n: q.value for n, q in pk.drugs[0].parameters.items()}
        alpha = numbers["alpha_cyp2d6_clearance"] + numbers["alpha_other_clearance"]
        beta = numbers["beta_cyp2d6_clearance"] + numbers["beta_other_clearance"]
        half = 0.5 * 25e6 / numbers["molar_mass"] * numbers["fraction_absorbed"]
        for sign in "+-":
            formed = alpha * area[pk.index(f"({sign})-alpha-HTBZ")]
            formed += beta * area[pk.index(f"({sign})-beta-HTBZ")]
            assert formed == pytest.approx(half, rel=1e-6)
        areas.append(area[pk.index("(+)-alpha-HTBZ")])
    assert max(areas) > 1.3 * min(areas)


def test_the_ends_of_the_isomers_spread_are_the_published_ranges():
    """1 to 10 % of circulating HTBZ for the two minor isomers; alpha:beta 3 (d6) at the end."""
    drug = vm.drugs.get("tetrabenazine").parameters
    alpha = drug["alpha_cyp2d6_clearance"].value + drug["alpha_other_clearance"].value
    beta = drug["beta_cyp2d6_clearance"].value + drug["beta_other_clearance"].value
    major = {"(-)-alpha": 0.934 / alpha, "(+)-beta": 0.95755 / beta}
    whole = sum(major.values()) / 0.95
    for end, share in zip(drug["plus_to_alpha"].spread, (0.01, 0.10), strict=True):
        assert end / alpha / whole == pytest.approx(share, rel=0.02)
    for end, share in zip(drug["minus_to_alpha"].spread, (0.10, 0.01), strict=True):
        assert (1.0 - end) / beta / whole == pytest.approx(share, rel=0.02)
    heavy = vm.drugs.get("deutetrabenazine")
    for end, ratio in zip(drug["beta_cyp2d6_clearance"].spread, (1.86**2 / 3, 3.0), strict=True):
        own = heavy.with_parameters({"beta_cyp2d6_clearance": end})
        pk = vm.pk.simulate("deutetrabenazine 25 mg", time_h=[0.0], drugs=[own])
        area = pk.exposure_nmol_h_l(0.0, 2000.0)[0]
        by = {
            kind: sum(area[pk.index(f"d6-({sign})-{kind}-HTBZ")] for sign in "+-")
            for kind in ("alpha", "beta")
        }
        assert by["alpha"] / by["beta"] == pytest.approx(ratio, rel=0.02)


def test_a_cohorts_median_moves_by_the_factor_of_its_parameter():
    person = vm.Subject(condition="tardive dyskinesia")
    run = vm.simulate("valbenazine 80 mg", subject=person)
    values = {"drug valbenazine: clearance": 25.0}
    pk = uncertainty.held(run.occupancy, np.array([0.0]), values).pk
    median = pk.drugs[0].conditions["tardive dyskinesia"]["clearance"].value
    assert median == pytest.approx(26.0 * 25.0 / 23.2, rel=1e-12)


def test_factors_of_a_meal_are_drawn_for_who_eats():
    fed = vm.simulate("valbenazine 80 mg", subject=vm.Subject(food="fed")).occupancy
    names = {one.name for one in uncertainty.constants_of(fed)}
    assert "fed valbenazine: availability" in names
    fasted = vm.simulate("valbenazine 80 mg").occupancy
    assert "fed valbenazine: availability" not in {
        one.name for one in uncertainty.constants_of(fasted)
    }
    half = uncertainty.held(
        fed, np.array([24.0]), {"fed valbenazine: availability": 0.5 * 0.9354}
    ).pk
    whole = uncertainty.held(fed, np.array([24.0]), {}).pk
    assert half.plasma_nmol_l == pytest.approx(0.5 * whole.plasma_nmol_l, rel=1e-9)


def test_the_pools_of_the_brain_are_kept():
    brain = vm.pk.Brain.default(pools=2)
    run = vm.simulate("tetrabenazine 25 mg", brain=brain)
    pk = uncertainty.held(run.occupancy, np.array([1.0]), {"brain: permeability": 0.1}).pk
    assert pk.brain.pools == 2
    assert pk.brain == replace(brain, parameters=pk.brain.parameters)
    assert pk.brain.parameters["permeability"].value == 0.1


def test_rank_correlations_are_spearmans():
    from scipy import stats

    first, second = np.random.default_rng(1).normal(size=(2, 50))
    found = uncertainty.rank_correlations({"a": first, "b": second}, np.exp(first) + 0.5 * second)
    wanted = stats.spearmanr(first, np.exp(first) + 0.5 * second).statistic
    assert found["a"] == pytest.approx(wanted, rel=1e-12)
    assert list(found) == ["a", "b"]
    assert uncertainty.rank_correlations({"a": first}, np.ones(50)) == {}
