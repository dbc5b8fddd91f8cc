"""The loop over epochs against plain Python, its parts, and what the hypothesis says."""

from __future__ import annotations

import dataclasses
import itertools
import pickle
import time

import numpy as np
import pytest

import vmatcore as vm
from tests.reference import epochs as reference
from tests.reference.plasticity import Rule
from vmatcore.epochs.days import means
from vmatcore.epochs.tone import tone_of
from vmatcore.errors import CancelledError, MemoryLimitError, ParameterError, ParameterTypeError
from vmatcore.outcome import day
from vmatcore.subject import CONDITIONS
from vmatcore.terminal.drives import driven_times

epochs, plasticity = vm.epochs, vm.plasticity
Adaptation, Condition, Learning = epochs.Adaptation, plasticity.Condition, plasticity.Learning
TD, CHOREA, TOURETTE, DYSTONIA = CONDITIONS

ILL, TREATED, AFTER = 200, 84, 56
OFF = {"adaptation": Adaptation(gain=0.0), "activity_feedback": 0.0}
HALF = vm.outcome.sources("half_effect")["d2"].value


@pytest.fixture(scope="module")
def run():
    return vm.simulate(
        f"valbenazine 80 mg q24h x {TREATED}",
        until_h=24 * (TREATED + AFTER),
        every_h=2,
        subjects=[vm.Subject(condition=TD), vm.Subject(condition=TD, cyp2d6="poor")],
    )


@pytest.fixture(scope="module")
def found(run):
    return run.plasticity


@pytest.fixture(scope="module")
def short():
    return vm.simulate("tetrabenazine 25 mg q8h x 30", until_h=15 * 24)


def oracle(rule, adaptation, feedback, chance):
    law = Rule(
        rule.learning_rate,
        rule.critic_rate,
        rule.lag_per_trace(),
        rule.decay_per_day,
        rule.save_threshold,
        rule.save_steepness,
        rule.most_weight,
    )
    return reference.Loop(
        law,
        rule.expected,
        rule.trials_per_day,
        rule.activity_per_s,
        rule.trace_s,
        chance,
        feedback,
        adaptation.gain,
        adaptation.time_days,
        HALF,
        plasticity.Condition.sources()["memory_gain"].value,
    )


SETTINGS = {
    "default": (Learning(), Adaptation(), 0.5, 0.8, 30.0, 1.0),
    "all feedback, long epochs": (Learning(), Adaptation(gain=2.0), 1.0, 0.9, 100.0, 2.5),
    "none": (Learning(), Adaptation(gain=0.0), 0.0, 0.8, 10.0, 1.0),
    "quick": (Learning(learning_rate=0.03), Adaptation(time_days=0.5), 0.7, 0.7, 3.3, 0.4),
    "no illness": (Learning(trials_per_day=3.0), Adaptation(), 0.3, 0.6, 0.0, 1.0),
    "no bursts": (Learning(), Adaptation(), 0.5, 0.0, 20.0, 1.0),
}


@pytest.mark.parametrize("case", SETTINGS.values(), ids=SETTINGS)
def test_the_loop_equals_plain_python(case, short):
    rule, adaptation, feedback, chance, ill_days, every = case
    got = epochs.simulate(
        short,
        ill_days=ill_days,
        every_days=every,
        learning=rule,
        adaptation=adaptation,
        activity_feedback=feedback,
        burst_chance=chance,
    )
    loop = oracle(rule, adaptation, feedback, chance)
    signal, hours = short.signal, short.signal.time_h.tolist()
    rows = []
    edges = got.day.tolist()
    for begin, end in itertools.pairwise(edges):
        if end <= 1e-9:
            rows.append((end - begin, 1.0, 1.0, 1.0))
            continue
        ends = 24.0 * begin, min(24.0 * end, hours[-1])
        levels = (
            reference.mean(hours, getattr(signal, name)[0].tolist(), *ends)
            for name in ("burst", "dip", "d2")
        )
        rows.append((end - begin, *levels))
    want = reference.follow(loop, got.ill_epochs, rows)
    for name, values in (
        ("go", want.go),
        ("no_go", want.no_go),
        ("receptor_number", want.number),
        ("tone", want.tone),
        ("activity_per_s", want.activity),
    ):
        assert getattr(got, name)[0] == pytest.approx(values, rel=1e-12, abs=1e-12), name
    for name, quantity in Condition.sources().items():
        if name == "memory_gain":
            continue
        signs = reference.severity(loop, got.ill_epochs, want, quantity.value)
        assert got.severity(name)[0] == pytest.approx(signs, rel=1e-12), name


def test_without_feedback_the_weights_are_the_expected_ones_bit_for_bit(run):
    got = epochs.simulate(run, **OFF)
    assert (got.activity_per_s == Learning().activity_per_s).all()
    assert (got.receptor_number == 1.0).all()
    for row in range(2):
        drive = plasticity.Drive(
            days=[1.0] * (ILL + TREATED + AFTER), burst=got.burst[row], dip=got.dip[row]
        )
        go, no_go = plasticity.expected(drive)
        assert got.go[row].tobytes() == go.tobytes()
        assert got.no_go[row].tobytes() == no_go.tobytes()


def test_epoch_after_epoch_synapses_are_those_of_one_long_call(short):
    got = epochs.simulate(short, ill_days=20, synapses=40, seed=7, **OFF)
    drive = plasticity.Drive(days=[1.0] * 35, burst=got.burst[0], dip=got.dip[0])
    whole = plasticity.simulate(drive, synapses=40, seed=7)
    (last,) = got.synapses
    assert last.go[:, -1].tobytes() == whole.go[:, -1].tobytes()
    assert last.no_go[:, -1].tobytes() == whole.no_go[:, -1].tobytes()
    assert last.trials == whole.trials
    means_of = [np.ascontiguousarray(whole.go[:, place]).mean() for place in range(36)]
    assert got.go[0].tolist() == means_of
    assert last.provenance["before"] == ()


def test_synapses_of_a_subject_are_those_it_has_alone_wherever_it_stands():
    poor = vm.Subject(cyp2d6="poor")

    def of(*people):
        cut = vm.simulate("valbenazine 80 mg q24h x 5", until_h=120, subjects=people)
        return epochs.simulate(cut, ill_days=10, synapses=30, seed=3)

    got, alone = of(vm.Subject(), poor, poor), of(poor)
    assert [one.first for one in got.synapses] == [0, 0, 0]
    for row in (1, 2):
        assert got.go[row].tobytes() == alone.go[0].tobytes()
        assert got.synapses[row].go.tobytes() == alone.synapses[0].go.tobytes()
    assert got.go[0, : 10 + 1].tobytes() == got.go[1, : 10 + 1].tobytes()
    assert got.go[0, -1] != got.go[1, -1]


def test_a_drawn_seed_is_recorded_and_repeats_the_synapses():
    cut = vm.simulate("valbenazine 80 mg q24h x 5", until_h=120)
    drawn = epochs.simulate(cut, ill_days=1, synapses=5)
    assert epochs.simulate(
        cut, ill_days=1, synapses=5, seed=drawn.provenance["seed"]
    ).go.tobytes() == (drawn.go.tobytes())


def test_many_synapses_come_near_their_mean(short):
    mean = epochs.simulate(short, ill_days=60)
    many = epochs.simulate(short, ill_days=60, synapses=3000, seed=1)
    assert many.engram[0, -1] == pytest.approx(mean.engram[0, -1], rel=0.05)


@pytest.mark.parametrize("regimen", ["valbenazine 80 mg q24h x 14", "tetrabenazine 25 mg q8h x 42"])
def test_a_tone_driven_sign_without_adaptation_is_the_calibrated_benefit(regimen):
    # Read as the outcome reads: coarsely, and the last day finely.
    reads = np.unique(np.concatenate([np.arange(0, 312, 0.5), day.grid(336.0)]))
    run = vm.simulate(regimen, time_h=reads, subject=vm.Subject(condition=TD))
    outcome = vm.outcome.evaluate(run)
    tone_alone = Condition(name="tone alone", tone_share=1.0)
    severity = epochs.simulate(run, **OFF).severity(tone_alone)[0, -1]
    assert severity == pytest.approx(1.0 + outcome.benefit[0] / outcome.baseline_score, rel=1e-7)


def test_tone_is_the_calibrated_curve_and_goes_on_smoothly_above_rest():
    activation = np.linspace(0.0, 3.0, 3001)
    tone = tone_of(activation, HALF)
    below = activation <= 1.0
    fall = 1.0 - activation[below]
    assert tone[below] == pytest.approx(1.0 - fall / (HALF + fall), rel=1e-14)
    assert tone[activation == 1.0] == 1.0
    assert (np.diff(tone) > 0).all()
    assert tone.max() < 2.0
    slopes = np.diff(tone_of(np.array([1 - 1e-6, 1.0, 1 + 1e-6]), HALF)) / 1e-6
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-5)
    assert slopes[0] == pytest.approx(1.0 / HALF, rel=1e-5)
    assert tone_of(np.array([1.3]), HALF)[0] - 1.0 == pytest.approx(
        1.0 - tone_of(np.array([0.7]), HALF)[0], rel=1e-12
    )


def test_a_program_is_acquired_fades_on_the_drug_and_comes_back_in_part(found):
    start, ill, treated, back = found.engram[0, [0, ILL, ILL + TREATED, ILL + TREATED + 28]]
    assert start == 0.0
    assert ill > 1.2
    assert treated < 0.3 * ill
    assert treated + 0.1 * (ill - treated) < back < treated + 0.6 * (ill - treated)


def test_chorea_is_back_in_two_weeks_and_dystonia_only_in_part_in_four(found):
    chorea, dystonia = found.severity(CHOREA)[0], found.severity(DYSTONIA)[0]
    assert chorea[ILL - 1] == dystonia[ILL - 1] == 1.0
    last = ILL + TREATED - 1
    assert chorea[last] < 0.7
    assert chorea[last + 14] > 0.9
    assert dystonia[last] < 0.4
    assert dystonia[last] + 0.1 < dystonia[last + 28] < 0.8
    ends = [found.severity(name)[0, last + 28] for name in (CHOREA, TOURETTE, TD, DYSTONIA)]
    assert ends == sorted(ends, reverse=True)


def test_there_are_two_time_scales_after_the_drug(found):
    """Days for tone, as the drug leaves; weeks for the engram."""
    last = ILL + TREATED - 1
    tone, engram = found.tone[0, last:], found.engram[0, last + 1 :]

    def half(values, end):
        return int(np.argmax(values - values[0] >= 0.5 * (end - values[0])))

    quick = half(tone, 1.0)
    slow = half(engram, found.engram[0, ILL])
    assert 1 <= quick <= 7
    assert slow >= 4 * quick


def test_on_the_drug_a_dystonia_goes_on_falling_when_chorea_does_not(found):
    chorea, dystonia = found.severity(CHOREA)[0], found.severity(DYSTONIA)[0]
    week, last = ILL + 13, ILL + TREATED - 1
    assert chorea[week] - chorea[last] < 0.1
    assert dystonia[week] - dystonia[last] > 0.2


SWITCHED_OFF = {
    "learning off": {"learning": Learning(learning_rate=0.0)},
    "bursts off": {"burst_chance": 0.0},
}


@pytest.mark.parametrize("settings", SWITCHED_OFF.values(), ids=SWITCHED_OFF)
def test_with_learning_off_or_bursts_off_all_four_curves_coincide(run, found, settings):
    got = epochs.simulate(run, **settings)
    curves = [got.severity(name).tobytes() for name in CONDITIONS]
    assert len(set(curves)) == 1
    assert got.severity(TD)[0, ILL + TREATED - 1] < 0.8
    assert len({found.severity(name).tobytes() for name in CONDITIONS}) == 4


def test_receptors_bring_tolerance_on_the_drug_and_a_rebound_after_it(run, found):
    plain = epochs.simulate(run, adaptation=Adaptation(gain=0.0))
    last = ILL + TREATED - 1
    assert (found.receptor_number[:, : ILL + 1] == 1.0).all()
    fall = 1.0 - found.d2[0, last]
    assert found.receptor_number[0, last] == pytest.approx(1.0 + 0.25 * fall, rel=0.02)
    assert found.tone[0, last] > plain.tone[0, last] + 0.01
    assert found.tone[0, last:].max() > 1.005
    assert plain.tone[0, last:].max() < 1.0 + 1e-6
    assert found.receptor_number[0, -1] == pytest.approx(1.0, abs=1e-3)
    strong = epochs.simulate(run, adaptation=Adaptation(gain=0.65, time_days=21.0))
    assert strong.tone[0, last:].max() > found.tone[0, last:].max()


def test_the_more_severe_the_sign_the_more_often_its_program_runs(run, found):
    base = Learning().activity_per_s
    activity = found.activity_per_s[0]
    assert (np.diff(activity[:ILL]) > 0).all()
    assert activity[ILL] == pytest.approx(base, rel=0.05)
    assert 0.5 * base < activity[ILL + TREATED - 1] < 0.7 * base
    free = epochs.simulate(run, activity_feedback=0.0)
    assert found.engram[0, -1] < free.engram[0, -1]


def test_finer_epochs_change_little(run, found):
    """A little: saving is steep in bursts, so hours of the day save more than its mean does."""
    fine = epochs.simulate(run, every_days=0.25)
    last = ILL + TREATED
    assert fine.day[4 * last] == found.day[last] == TREATED
    for place in (last, -1):
        at = 4 * place if place > 0 else place
        assert fine.engram[0, at] == pytest.approx(found.engram[0, place], abs=0.03)
    assert fine.severity()[0, -1] == pytest.approx(found.severity()[0, -1], abs=0.01)


READS = {
    "ends": [0, 672],
    "days": 24.0,
    "sevens": 7.0,
    "two hours": 2.0,
    "ends and one": [0, 5, 672],
}


@pytest.fixture(scope="module")
def half_hours():
    return vm.simulate("valbenazine 80 mg q24h x 28", until_h=672, every_h=0.5).plasticity


def four_weeks(reads):
    given = {"every_h": reads, "until_h": 672} if isinstance(reads, float) else {"time_h": reads}
    return vm.simulate("valbenazine 80 mg q24h x 28", **given).plasticity


@pytest.mark.parametrize("reads", READS.values(), ids=READS)
def test_the_loop_does_not_depend_on_how_far_apart_the_reads_are(reads, half_hours):
    got = four_weeks(reads)
    for name in ("burst", "dip", "d2", "go", "no_go", "tone"):
        assert getattr(got, name).tobytes() == getattr(half_hours, name).tobytes(), name


@pytest.mark.parametrize("reads", [0.7, 0.25, 0.1])
def test_reads_between_half_hours_change_means_and_engram_by_less_than_a_thousandth(
    reads, half_hours
):
    got = four_weeks(reads)
    for name in ("burst", "dip", "d2"):
        assert getattr(got, name) == pytest.approx(getattr(half_hours, name), abs=1e-3), name
    assert got.engram[0, -1] == pytest.approx(half_hours.engram[0, -1], abs=1e-3)
    assert got.burst.tobytes() != half_hours.burst.tobytes()


def test_half_hours_are_added_where_reads_are_further_apart_and_none_twice():
    thirds = np.cumsum(np.full(9, 1.0 / 3.0))
    got = driven_times(np.concatenate([[0.0], thirds, [5.2]]))
    assert (np.diff(got) > 1e-3).all()
    assert np.diff(got).max() <= 0.5
    assert set(thirds) < set(got)
    assert set(np.arange(3.5, 5.2, 0.5)) < set(got)
    assert driven_times(np.array([0.0])).tolist() == [0.0]


def test_finely_read_blocks_of_subjects_are_the_subjects_one_by_one():
    people = [vm.Subject(weight_kg=50.0 + row) for row in range(130)]
    some = vm.simulate("valbenazine 80 mg q24h x 2", every_h=24, subjects=people).plasticity
    for row in (0, 63, 64, 129):
        one = vm.simulate("valbenazine 80 mg q24h x 2", every_h=24, subject=people[row]).plasticity
        assert some.burst[row].tobytes() == one.burst[0].tobytes()
        assert some.go[row].tobytes() == one.go[0].tobytes()
    assert len(set(some.d2[:, -1])) == 130


def test_means_of_epochs_are_those_of_straight_lines():
    times = np.array([0.0, 1.0, 4.0, 30.0, 50.0])
    values = np.array([[1.0, 0.0, 2.0, 1.0, 5.0], [1.0, 1.0, 1.0, 1.0, 1.0]])
    edges = np.array([0.0, 24.0, 48.0, 50.0])
    got = means(times, values, edges)
    for place, (begin, end) in enumerate(itertools.pairwise(edges)):
        wanted = reference.mean(times.tolist(), values[0].tolist(), begin, end)
        assert got[0, place] == pytest.approx(wanted, rel=1e-13)
    assert got[1].tolist() == [1.0, 1.0, 1.0]
    many = means(times, np.repeat(values, 100, axis=0), edges)
    assert many[::100].tolist() == got.tolist()


def test_the_severity_of_the_subjects_own_condition(found):
    assert found.severity().tobytes() == found.severity(TD).tobytes()
    mixed = dataclasses.replace(found, subjects=(vm.Subject(condition=TD), vm.Subject()))
    with pytest.raises(
        ParameterError, match=r"share one, got \['tardive dyskinesia'\] and subjects without one"
    ):
        mixed.severity()
    several = dataclasses.replace(
        found, subjects=tuple(vm.Subject(condition=name) for name in (TD, CHOREA))
    )
    with pytest.raises(ParameterError, match=r"share one, got .*chorea.*dyskinesia.*\]$"):
        several.severity()
    for people in ((vm.Subject(),), (vm.Subject(), vm.Subject()), ()):
        none = dataclasses.replace(found, subjects=people)
        with pytest.raises(ParameterError, match="where no subject has one, got None"):
            none.severity()


def test_whom_an_earlier_stage_lost_is_nan_from_day_0_on_and_the_others_are_not():
    people = [vm.Subject(), vm.Subject(weight_kg=1e-300)]
    run = vm.simulate("valbenazine 80 mg q24h x 3", subjects=people, every_h=2)
    for settings in ({}, {"synapses": 10, "seed": 1}):
        got = epochs.simulate(run, ill_days=5, **settings)
        assert np.isnan(got.tone[1, 5:]).all()
        assert np.isnan(got.go[1, 6:]).all()
        assert np.isfinite(got.go[0]).all()
        assert np.isfinite(got.tone[1, :5]).all()
        card = repr(got)
        assert "\n  1 could not be followed; the medians are those of the others\n" in card
        assert "nan" not in card
        alone = epochs.simulate(
            vm.simulate("valbenazine 80 mg q24h x 3", subjects=people[:1]), ill_days=5, **settings
        )
        assert card.splitlines()[2:] == repr(alone).splitlines()[1:]


def test_the_card_of_people_of_whom_none_could_be_followed_says_so_and_no_more():
    people = [vm.Subject(weight_kg=1e-300)] * 2
    run = vm.simulate("valbenazine 80 mg q24h x 3", subjects=people)
    assert repr(run.plasticity) == (
        "Epochs (hypothesis), 2 subject(s), 200 days ill, 3 followed\n  2 could not be followed"
    )


def test_the_card_without_ill_days_has_no_minus_zero(short):
    card = repr(epochs.simulate(short, ill_days=0))
    assert card.startswith("Epochs (hypothesis), 1 subject(s), 0 days ill, 15 followed\n")


def test_months_take_seconds():
    start = time.perf_counter()
    year = vm.simulate("valbenazine 80 mg q24h x 365", every_h=2)
    assert year.plasticity.go.shape == (1, 1 + 200 + 365)
    assert time.perf_counter() - start < 20.0


def test_the_loop_of_a_thousand_people_takes_seconds(run):
    fine = run.read(np.arange(0.0, 24.0 * (TREATED + AFTER) + 0.25, 0.5))
    signal, many = fine.signal, {}
    for name in ("d2", "d2_block", "burst", "dip", "vmat2"):
        many[name] = np.repeat(getattr(signal, name), 500, axis=0)
    people = dataclasses.replace(signal, **many)

    class Crowd:
        signal = people
        occupancy = fine.occupancy
        subjects = run.subjects * 500

    start = time.perf_counter()
    got = epochs.simulate(Crowd())
    assert time.perf_counter() - start < 20.0
    assert got.go.shape == (1000, ILL + TREATED + AFTER + 1)
    assert got.go[0].tobytes() == run.plasticity.go[0].tobytes()


def test_reading_people_finely_over_months_takes_seconds():
    people = [vm.Subject(weight_kg=50.0 + row / 5.0) for row in range(250)]
    days = vm.simulate(
        f"valbenazine 80 mg q24h x {TREATED}", until_h=24 * TREATED, every_h=24, subjects=people
    )
    start = time.perf_counter()
    assert days.plasticity.go.shape == (250, 1 + ILL + TREATED)
    assert time.perf_counter() - start < 20.0


def test_the_result_is_frozen_traceable_and_has_a_card(run, found):
    assert run.plasticity is found
    card = repr(found)
    assert card.startswith("Epochs (hypothesis), 2 subject(s), 200 days ill, 140 followed")
    assert all(name in card for name in (*CONDITIONS, "engram", "D2 receptors"))
    assert (found.day[0], found.day[ILL], found.day[-1]) == (-200.0, 0.0, 140.0)
    for name in found.layout():
        with pytest.raises(ValueError, match="read-only"):
            getattr(found, name)[...] = 0.0
    made = found.provenance
    again = epochs.simulate(
        run,
        learning=Learning(**made["learning"]),
        adaptation=Adaptation(**made["adaptation"]),
        **{name: made[name] for name in ("ill_days", "activity_feedback", "burst_chance")},
    )
    assert again.go.tobytes() == found.go.tobytes()
    assert pickle.loads(pickle.dumps(found)).tone.tobytes() == found.tone.tobytes()


def test_a_run_of_no_length_leaves_the_ill_days_alone():
    run = vm.simulate("nothing", time_h=[0.0])
    got = epochs.simulate(run, ill_days=3)
    assert got.tone.shape == (1, 3)
    assert repr(got) == "Epochs (hypothesis), 1 subject(s), 3 days ill, 0 followed"


def test_every_number_says_where_it_is_from_and_how_far():
    for name, quantity in epochs.sources().items():
        assert quantity.status in ("derived", "assumed"), name
        low, high = quantity.spread
        assert low <= quantity.value <= high
        assert low < high


def test_progress_counts_epochs_and_a_token_stops_the_loop(short):
    told = []
    epochs.simulate(short, ill_days=4, progress=told.append)
    assert told == list(range(1, 20))
    token = vm.CancelToken()
    with pytest.raises(CancelledError):
        epochs.simulate(short, cancel=token, progress=lambda _: token.cancel())


def test_what_cannot_fit_is_refused(short, monkeypatch):
    assert short.signal is not None
    monkeypatch.setattr("vmatcore.work.available_bytes", lambda: 1000)
    with pytest.raises(MemoryLimitError, match="fewer subjects or epochs"):
        epochs.simulate(short)


BAD = {
    "ill_days": ({"ill_days": -1.0}, "`ill_days`"),
    "every_days": ({"every_days": 0.0}, "`every_days`"),
    "too many": ({"ill_days": 1e6, "every_days": 1e-3}, "at most 1e6 epochs"),
    "activity_feedback": ({"activity_feedback": 1.5}, "`activity_feedback` must be in \\[0, 1\\]"),
    "burst_chance": ({"burst_chance": -0.1}, "`burst_chance`"),
    "synapses": ({"synapses": 0}, "`synapses`"),
    "seed": ({"seed": 3}, "`seed` must be left out without `synapses`"),
    "critic_rate": ({"learning": Learning(critic_rate=0.1)}, "`learning.critic_rate` must be 0"),
}
WRONG_TYPES = {
    "learning": ({"learning": 0.1}, "`learning` must be a Learning"),
    "adaptation": ({"adaptation": 0.1}, "`adaptation` must be a Adaptation"),
    "synapses": ({"synapses": 2.5}, "`synapses`"),
}


@pytest.mark.parametrize(("settings", "words"), BAD.values(), ids=BAD)
def test_what_breaks_a_rule_is_refused(short, settings, words):
    with pytest.raises(ParameterError, match=words):
        epochs.simulate(short, **settings)


@pytest.mark.parametrize(("settings", "words"), WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_a_wrong_type_is_refused(short, settings, words):
    with pytest.raises(ParameterTypeError, match=words):
        epochs.simulate(short, **settings)


def test_a_mean_weight_above_the_largest_is_refused_and_synapses_meet_it(short):
    rule = Learning(trials_per_day=100.0)
    with pytest.raises(ParameterError, match=r"`learning\.most_weight` must be at least"):
        epochs.simulate(short, learning=rule)
    got = epochs.simulate(short, learning=rule, ill_days=200, synapses=20, seed=1)
    assert 0.9 * rule.most_weight < got.go.max() <= rule.most_weight


def test_what_is_no_run_or_no_rule_is_refused(short, found):
    with pytest.raises(ParameterTypeError, match="`run` must be a Run"):
        epochs.simulate(short.occupancy)
    with pytest.raises(ParameterError, match="`gain`"):
        Adaptation(gain=-1.0)
    with pytest.raises(ParameterError, match="`time_days`"):
        Adaptation(time_days=0.0)
    with pytest.raises(ParameterError, match="did you mean"):
        found.severity("tardive dystonya")
    with pytest.raises(ParameterTypeError, match="`condition` must be a Condition"):
        found.severity(3)
