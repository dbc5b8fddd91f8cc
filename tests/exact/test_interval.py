"""The outcome with an interval: what it is made of, exactly; order, pairing, refusal."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

import vmatcore as vm
from vmatcore.errors import CancelledError, MemoryLimitError
from vmatcore.outcome import SIDE_EFFECTS, drawn, interval
from vmatcore.outcome.stage import of_day
from vmatcore.terminal import SITES
from vmatcore.uncertainty import Draws, constants_of, constants_of_terminal

TD, HD = "tardive dyskinesia", "Huntington's chorea"
PLAIN = ("occupancy", "d2_fall", "benefit", "prolactin", "qtc_ms")


@pytest.fixture(scope="module")
def tetrabenazine():
    return vm.simulate("tetrabenazine 25 mg q8h x 21", subject=vm.Subject(condition=HD))


@pytest.fixture(scope="module")
def found(tetrabenazine):
    return interval(tetrabenazine, draws=40, seed=1)


def effects_of(one):
    yield from ((name, getattr(one, name)) for name in (*PLAIN, "responders"))
    for part in ("content", "amine", "probability", "excess"):
        yield from ((f"{part} {key}", values) for key, values in getattr(one, part).items())


def test_without_a_spread_every_draw_is_the_outcome_itself(tetrabenazine):
    none = interval(tetrabenazine, draws=3, seed=1, of=[])
    plain = vm.outcome.evaluate(tetrabenazine)
    assert none.constants == {}
    for effects in (none.low, none.median, none.high):
        for name in (*PLAIN, "responders"):
            np.testing.assert_array_equal(getattr(effects, name), getattr(plain, name))
        for name in SIDE_EFFECTS:
            np.testing.assert_array_equal(effects.probability[name], plain.probability[name])
            np.testing.assert_array_equal(effects.excess[name], plain.excess(name))
        for site in SITES:
            np.testing.assert_array_equal(effects.content[site], plain.content[site])
            np.testing.assert_array_equal(effects.amine[site], plain.amine[site])


def test_constants_drawn_at_their_values_give_the_bits_of_the_outcome(tetrabenazine):
    constants = list(constants_of(tetrabenazine.occupancy))
    for site, make in SITES.items():
        constants += constants_of_terminal(site, make())
    own = Draws(
        count=1,
        constants=tuple(constants),
        values={one.name: np.array([one.quantity.value]) for one in constants},
        drawn_again=0,
    )
    end_h = tetrabenazine.regimen.last_dose_h + 8.0
    plain = vm.outcome.evaluate(tetrabenazine)
    ((_, levels, read),) = drawn.drawn_days(tetrabenazine.occupancy, own, end_h)
    settings = {
        name: plain.provenance[name]
        for name in ("condition", "history", "susceptibility", "driver", "hazard")
    }
    same = of_day(levels, [read], end_h, **settings, baseline_score=None)
    for name in PLAIN:
        np.testing.assert_array_equal(getattr(same, name), getattr(plain, name))
    for name in SIDE_EFFECTS:
        np.testing.assert_array_equal(same.probability[name], plain.probability[name])


def test_low_median_and_high_are_in_order_for_every_effect(found):
    together = zip(
        *(list(effects_of(e)) for e in (found.low, found.median, found.high)), strict=True
    )
    for (name, low), (_, median), (_, high) in together:
        assert low[0] <= median[0] <= high[0], name
        assert low[0] < high[0], name


def test_the_value_is_the_outcome(found, tetrabenazine):
    np.testing.assert_array_equal(found.value.benefit, vm.outcome.evaluate(tetrabenazine).benefit)


def test_more_draws_keep_the_first_and_other_seeds_differ(found, tetrabenazine):
    few = interval(tetrabenazine, draws=7, seed=1)
    for (name, some), (_, more) in zip(effects_of(few.draws), effects_of(found.draws), strict=True):
        np.testing.assert_array_equal(some, more[:, :7], err_msg=name)
    assert interval(tetrabenazine, draws=7, seed=2).draws.benefit.tolist() != (
        few.draws.benefit.tolist()
    )
    assert few.provenance["seed"] == 1


def test_a_wider_share_holds_a_narrower_one(tetrabenazine, found):
    half = interval(tetrabenazine, draws=40, seed=1, share=0.5)
    for (name, inner), (_, outer) in zip(
        effects_of(half.high), effects_of(found.high), strict=True
    ):
        assert inner[0] <= outer[0], name
    np.testing.assert_array_equal(half.median.benefit, found.median.benefit)


def test_arms_with_one_seed_share_their_draws(found):
    heavy = interval(
        vm.simulate("deutetrabenazine 12.5 mg q12h x 14"), condition=HD, draws=40, seed=1
    )
    pairs = {
        "drug tetrabenazine: plus_to_alpha": "drug deutetrabenazine: plus_to_alpha",
        "drug tetrabenazine: fraction_absorbed": "drug deutetrabenazine: fraction_absorbed",
        "moiety (+)-alpha-HTBZ: ki VMAT2": "moiety d6-(+)-alpha-HTBZ: ki VMAT2",
        "brain: unbound_partition": "brain: unbound_partition",
        "outcome half_effect: d2": "outcome half_effect: d2",
    }
    for light, name in pairs.items():
        np.testing.assert_array_equal(found.constants[light], heavy.constants[name])
    for name in found.constants:
        if name.startswith(("terminal", "brain", "outcome placebo")):
            np.testing.assert_array_equal(found.constants[name], heavy.constants[name])
    # What is shared cancels: the difference is less spread than it would be unpaired.
    one, two = found.draws.benefit[0], heavy.draws.benefit[0]
    assert np.var(one - two) < 0.2 * (np.var(one) + np.var(two))


def test_a_wider_spread_widens_the_interval():
    widths = []
    for factor in (1.1, 1.5, 3.0):
        drug = vm.drugs.get("valbenazine")
        moieties = []
        for one in drug.moieties:
            ki = one.affinities["VMAT2"].ki
            wide = replace(ki, low=ki.value / factor, high=ki.value * factor)
            held = {**one.affinities, "VMAT2": replace(one.affinities["VMAT2"], ki=wide)}
            moieties.append(replace(one, affinities=held))
        parameters = {n: replace(q, low=None, high=None) for n, q in drug.parameters.items()}
        own = replace(drug, moieties=tuple(moieties), parameters=parameters)
        run = vm.simulate("valbenazine 40 mg q24h x 7", drugs=[own])
        some = interval(run, draws=30, seed=4, of=["drugs"])
        widths.append(float(some.high.occupancy[0] - some.low.occupancy[0]))
    assert 0 < widths[0] < widths[1] < widths[2]


def test_the_numbers_of_the_outcome_alone_follow_its_law(tetrabenazine):
    some = interval(tetrabenazine, draws=25, seed=3, of=["outcome"])
    plain = vm.outcome.evaluate(tetrabenazine)
    half, score = (
        some.constants[name]
        for name in ("outcome half_effect: d2", f"outcome {HD}: baseline_score")
    )
    fall = plain.d2_fall[0]
    assert some.draws.benefit[0] == pytest.approx(-score * fall / (half + fall), rel=1e-12)
    np.testing.assert_array_equal(some.draws.occupancy[0], np.full(25, plain.occupancy[0]))
    rest = some.constants["outcome placebo: parkinsonism"]
    beyond = some.draws.probability["parkinsonism"][0] - some.draws.excess["parkinsonism"][0]
    assert beyond == pytest.approx(rest, rel=1e-12)


def test_only_numbers_that_play_a_part_are_drawn(found, tetrabenazine):
    names = {name for name in found.constants if name.startswith("outcome")}
    assert "outcome depression: history_factor" not in names
    assert "outcome hazard: akathisia_linear" not in names
    assert "outcome half_effect: occupancy" not in names
    assert "outcome qtc: valbenazine" not in names
    other = interval(
        tetrabenazine,
        draws=2,
        seed=1,
        history=True,
        susceptibility=1.0,
        driver="occupancy",
        hazard="linear",
        baseline_score=20.0,
    ).constants
    assert "outcome depression: history_factor" in other
    assert "outcome depression: susceptibility_variance" not in other
    assert "outcome hazard: akathisia_linear" in other
    assert "outcome half_effect: occupancy" in other
    assert f"outcome {HD}: baseline_score" not in other


def test_a_known_mover_comes_first(found):
    assert next(iter(found.movers())) == "outcome half_effect: d2"
    assert next(iter(found.movers("occupancy"))) == "brain: unbound_partition"
    assert found.movers("occupancy")["brain: unbound_partition"] > 0.5
    assert abs(found.movers("somnolence")["outcome hazard: somnolence_convex"]) > 0.3


def test_people_keep_their_axis_and_who_failed_leaves_the_others_alone():
    steep = vm.drugs.get("valbenazine").with_parameters({"clearance_weight_exponent": 4.0})
    people = [vm.Subject(), vm.Subject(weight_kg=1e9), vm.Subject(cyp2d6="poor")]
    some, good = (
        interval(
            vm.simulate("valbenazine 80 mg q24h x 3", drugs=[steep], subjects=who),
            draws=3,
            seed=1,
        )
        for who in (people, people[::2])
    )
    assert np.isnan(some.median.benefit[1])
    assert some.not_followed.tolist() == [0.0, 3.0, 0.0]
    np.testing.assert_allclose(some.draws.benefit[[0, 2]], good.draws.benefit, rtol=1e-6)
    assert some.median.occupancy[2] > some.median.occupancy[0]
    text = repr(some)
    assert "\n  1 could not be followed; the medians are those of the others\n" in text
    assert "draws could not" not in text
    assert "are left out" not in text
    assert some.movers(subject=1) == {}


def test_the_card_says_who_lost_draws_and_nothing_else_where_nobody_was_followed(found):
    def lost(*rows):
        """The interval of people of whom so many draws were lost."""

        def repeated(values):
            return np.repeat(values, len(rows), axis=0)

        def people(part):
            changed = {
                name: (
                    {key: repeated(one) for key, one in getattr(part, name).items()}
                    if isinstance(getattr(part, name), dict)
                    else repeated(getattr(part, name))
                )
                for name in part.layout()
            }
            return replace(part, **changed)

        parts = {n: people(getattr(found, n)) for n in ("value", "low", "median", "high", "draws")}
        return repr(replace(found, **parts, not_followed=np.array(rows, dtype=float)))

    some = lost(0, 40, 7, 2).splitlines()
    assert some[1:3] == [
        "  1 could not be followed; the medians are those of the others",
        "  2 lost up to 7 of 40 draws, which could not be followed and are left out",
    ]
    assert some[3].startswith("  occupancy: ")
    assert lost(40, 40).splitlines()[1:] == ["  2 could not be followed"]
    assert "followed" not in lost(0, 0)


def test_nobody_is_no_error_and_has_empty_arrays():
    nobody = vm.simulate("valbenazine 80 mg q24h x 7", subjects=[])
    some = interval(nobody, draws=3, seed=1)
    assert {values.shape for _, values in effects_of(some.draws)} == {(0, 3)}
    for effects in (some.low, some.median, some.high):
        assert {values.shape for _, values in effects_of(effects)} == {(0,)}
    assert some.not_followed.shape == (0,)
    assert some.movers() == {}
    text = repr(some)
    assert "0 subject(s)" in text
    assert "nan" not in text
    assert len(text.splitlines()) == 1


def test_each_may_have_a_regimen_of_its_own_and_nothing_is_no_effect():
    both = vm.Regimen.each(
        {n: vm.Regimen.parse(f"tetrabenazine {mg} mg q8h x 9") for n, mg in (("a", 5), ("b", 25))}
    )
    some = interval(vm.simulate(both), draws=3, seed=1, at_h=72.0)
    alone = interval(vm.simulate("tetrabenazine 25 mg q8h x 9"), draws=3, seed=1, at_h=72.0)
    np.testing.assert_allclose(some.draws.benefit[1], alone.draws.benefit[0], rtol=1e-9)
    nothing = interval(vm.simulate("nothing", until_h=48), draws=4, seed=1)
    assert abs(nothing.draws.benefit).max() < 1e-6
    assert nothing.movers("occupancy") == {}


def test_the_text_is_a_card_with_the_strongest_constants(found):
    text = repr(found)
    assert "95 % intervals of 40 draws" in text
    assert "benefit: " in text
    assert "TMC points beyond placebo" in text
    assert "outcome half_effect: d2" in text
    assert text.count(" to ") >= 15


def test_a_value_far_from_the_draws_median_stands_beside_it():
    some = interval(vm.simulate("reserpine 0.25 mg q24h x 28"), draws=60, seed=1)
    card = {line.split(": ")[0].strip(): line for line in repr(some).splitlines()[1:]}
    kinds = {"occupancy": "occupancy", "d2_fall": "fall of D2 activation", "benefit": "benefit"}
    shown = set()
    for name, words in kinds.items():
        value, low, median, high = (
            float(getattr(effects, name)[0]) * (1.0 if name == "benefit" else 100.0)
            for effects in (some.value, some.low, some.median, some.high)
        )
        aside = abs(value - median) > 0.25 * (high - low)
        shown.add(aside)
        assert (f", median {median:.3g})" in card[words]) is aside, card[words]
        assert f"{value:.3g} ({low:.3g} to {high:.3g}" in card[words]
    assert shown == {True, False}
    assert ", median " in card["occupancy"]


def test_the_interval_of_the_benefit_is_wider_than_that_of_the_half_effect(found):
    width = found.high.benefit[0] - found.low.benefit[0]
    assert width > 0.8 * float(found.value.benefit_high[0] - found.value.benefit_low[0])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"draws": 0}, ValueError, "`draws` must be in [1, 10000], got 0"),
        ({"draws": 2.0}, TypeError, "`draws` must be a whole number, got 2.0"),
        ({"share": 1}, ValueError, "`share` must be in (0, 1), got 1"),
        ({"seed": -1}, ValueError, "`seed` must be in"),
        ({"of": ["drug"]}, ValueError, "did you mean 'drugs'?"),
        ({"of": [3]}, TypeError, "`of` must be a text"),
        ({"of": 3}, TypeError, "`of` must be"),
        ({"condition": "tardive"}, ValueError, "condition with a scale"),
        ({"driver": "d1"}, ValueError, "did you mean 'd2'?"),
        ({"history": 1}, TypeError, "`history` must be True or False"),
        ({"at_h": 0}, ValueError, "`at_h` must be in (0"),
        ({"cancel": 1}, TypeError, "`cancel` must be a CancelToken"),
        ({"threads": 0}, ValueError, "`threads` must be in"),
        ({"progress": 1}, TypeError, "`progress` must be None, True, False or a callable"),
    ],
)
def test_bad_arguments_are_refused_in_words(tetrabenazine, arguments, error, message):
    with pytest.raises(error) as caught:
        interval(tetrabenazine, **{"draws": 1, **arguments})
    assert isinstance(caught.value, vm.VmatError)
    assert message in str(caught.value)


def test_what_is_no_run_effect_or_subject_is_refused(found):
    with pytest.raises(TypeError, match="`run` must be a Run"):
        interval("tetrabenazine")
    with pytest.raises(ValueError, match="did you mean 'akathisia'"):
        found.movers("akathisa")
    with pytest.raises(ValueError, match="`subject` must be in"):
        found.movers(subject=1)
    with pytest.raises(ValueError, match="`share` must be in"):
        found.draws.at(1.5)


def test_what_cannot_fit_is_refused():
    people = [vm.Subject()] * 20_000
    run = vm.simulate("tetrabenazine 25 mg", time_h=[1.0], subjects=people)
    with pytest.raises(MemoryLimitError, match="fewer draws or subjects"):
        interval(run, draws=10_000, at_h=24.0)


def test_progress_counts_every_draw_and_a_token_stops(tetrabenazine):
    told = []
    interval(tetrabenazine, draws=5, seed=1, progress=told.append)
    assert told == [1, 2, 3, 4, 5]
    token = vm.CancelToken()
    threading.Timer(0.3, token.cancel).start()
    start = time.perf_counter()
    with pytest.raises(CancelledError):
        interval(tetrabenazine, draws=10_000, seed=1, cancel=token)
    assert time.perf_counter() - start < 3.0


def test_threads_change_nothing(tetrabenazine):
    one, two = (interval(tetrabenazine, draws=4, seed=1, threads=n) for n in (1, 2))
    for (name, mine), (_, other) in zip(effects_of(one.draws), effects_of(two.draws), strict=True):
        np.testing.assert_array_equal(mine, other, err_msg=name)
