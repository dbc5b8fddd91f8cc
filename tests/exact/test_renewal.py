"""Copies lost for good and vesicles renewed: identities, limits and the rat."""

import math

import numpy as np
import pytest

import vmatcore as vm
from vmatcore import preclinical
from vmatcore.terminal import Profile, Renewal

GRID_H = np.concatenate([[0.0], np.geomspace(0.02, 400.0, 500)])


def pulse(hits, renewal_per_h, half_life_h=0.5):
    gone = 2.0 ** (-GRID_H / half_life_h)
    return Renewal(time_h=GRID_H, hits=hits * (1 - gone), renewal_per_h=renewal_per_h)


def test_the_mean_share_obeys_the_equation_of_binding():
    """b' = h (1 - b) - r b, whoever is renewed."""
    from scipy.integrate import solve_ivp

    rate, decay = 0.01, math.log(2) / 0.5
    share = pulse(3.0, rate).mean_share()[0]

    def slope(time, bound):
        return 3.0 * decay * np.exp(-decay * time) * (1 - bound) - rate * bound

    bound = solve_ivp(slope, (0, 400), [0.0], t_eval=GRID_H, rtol=1e-10, atol=1e-12).y[0]
    np.testing.assert_allclose(share, 1 - bound, rtol=2e-3)


def test_the_mean_share_is_the_occupancys():
    run = vm.simulate("reserpine 0.5 mg q24h x 3", every_h=0.25, until_h=200)
    share = Renewal.of(run.occupancy).mean_share()
    np.testing.assert_allclose(share, run.occupancy.active, atol=2e-4)


def test_without_loss_nothing_differs_from_the_plain_drive():
    run = vm.simulate("tetrabenazine 25 mg q8h x 3", every_h=0.25, until_h=48)
    plain = vm.terminal.simulate(active=run.occupancy)
    aged = vm.terminal.simulate(active=Renewal.of(run.occupancy))
    np.testing.assert_allclose(aged.content, plain.content, rtol=1e-7)


def test_whole_vesicles_recover_more_slowly_than_copies():
    """Content is concave in the share of live copies, so a mixture holds less."""
    drive = pulse(5.0, 0.005)
    copies = vm.terminal.simulate(
        active=Profile(time_h=GRID_H, values=drive.mean_share()), time_h=GRID_H
    )
    vesicles = vm.terminal.simulate(active=drive)
    late = GRID_H > 24
    assert (vesicles.content[0, late] < copies.content[0, late]).all()
    assert (copies.content - vesicles.content)[0, late].max() > 0.05


def test_the_mixture_is_that_of_new_and_old_vesicles():
    """After one pulse: old vesicles at exp(-hits), new ones at 1; clamped, so each is alone."""
    rate, hits = 0.005, 2.0
    drive = pulse(hits, rate, half_life_h=0.05)
    run = vm.terminal.simulate(active=drive, clamp_cytosol=True)

    def settled(active):
        return vm.terminal.simulate(active=active, time_h=[1e4], clamp_cytosol=True).content[0, 0]

    old, new = settled(math.exp(-hits)), settled(1.0)
    late = GRID_H > 20
    aged = np.exp(-rate * GRID_H[late])
    np.testing.assert_allclose(run.content[0, late], aged * old + (1 - aged) * new, rtol=2e-3)


def test_serotonin_does_not_care_who_is_renewed():
    """Its VMAT2 carries nothing out, so content is proportional to the share."""
    drive = pulse(3.0, 0.005)
    copies = vm.terminal.simulate(
        active=Profile(time_h=GRID_H, values=drive.mean_share()),
        terminal=vm.Terminal.serotonin(),
        time_h=GRID_H,
    )
    vesicles = vm.terminal.simulate(active=drive, terminal=vm.Terminal.serotonin())
    np.testing.assert_allclose(vesicles.content, copies.content, rtol=1e-5)


def test_each_terminal_has_its_own_loss_and_renewal():
    both = Renewal(
        time_h=[0.0, 1.0, 50.0, 100.0],
        hits=[[0, 1, 1, 1], [0, 3, 3, 3]],
        renewal_per_h=[0.0, 0.02],
    )
    found = vm.terminal.simulate(active=both, time_h=[0, 2, 100])
    for row in range(2):
        one = Renewal(
            time_h=both.time_h, hits=both.hits[row], renewal_per_h=float(both.renewal_per_h[row])
        )
        alone = vm.terminal.simulate(active=one, time_h=[0, 2, 100])
        np.testing.assert_allclose(found.content[row], alone.content[0], rtol=1e-5)
    assert found.content[0, 2] == pytest.approx(found.content[0, 1], rel=0.02)
    assert found.content[1, 2] > 2 * found.content[1, 1]


BAD = [
    ({"time_h": [1.0], "hits": [0.0]}, ValueError, "`time_h` must begin with 0 and rise"),
    ({"hits": [0.0, 2.0, 1.0]}, ValueError, "`hits` must not fall"),
    ({"hits": [0.0, 2.0]}, ValueError, "`hits` must have one number for each of 3 times"),
    ({"hits": ["a", "b", "c"]}, TypeError, "`hits` must be numbers"),
    ({"load": [[0, 0, 0], [0, 0, 0]]}, ValueError, "`load` must be shaped like `hits`"),
    ({"renewal_per_h": -1}, ValueError, "`renewal_per_h` must be in [0, 1000000], got -1"),
    ({"renewal_per_h": [1, 2]}, ValueError, "or one for each of 1 terminals, got 2"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), BAD)
def test_bad_renewals_are_refused_in_words(arguments, error, message):
    good = {"time_h": [0.0, 1.0, 2.0], "hits": [0.0, 1.0, 1.0], "renewal_per_h": 0.01}
    with pytest.raises(error) as caught:
        Renewal(**{**good, **arguments})
    assert isinstance(caught.value, vm.VmatError)
    assert message in str(caught.value)


def test_a_larger_dose_takes_more_and_no_dose_nothing():
    contents = [
        preclinical.reserpine(dose, time_h=[24.0]).content[0, 0] for dose in (0.0, 0.1, 1.0, 10.0)
    ]
    assert contents[0] == pytest.approx(1.0, abs=1e-9)
    assert (np.diff(contents) < 0).all()
    assert preclinical.tetrabenazine(0.0, time_h=[1.0]).content[0, 0] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: preclinical.reserpine(-1, time_h=[1]), "`dose_mg_kg` must be in [0, 10000]"),
        (lambda: preclinical.reserpine(1, time_h=[]), "`time_h` must hold a time, got []"),
        (lambda: preclinical.reserpine(1, time_h=[1], renewal="copy"), "did you mean 'copies'?"),
        (lambda: preclinical.reserpine(1, time_h=[1], values={"hits": 1}), "unknown parameter"),
        (lambda: preclinical.tetrabenazine(1, time_h=[-1]), "`time_h[0]` must be finite and not"),
    ],
)
def test_bad_doses_are_refused_in_words(call, message):
    with pytest.raises(vm.VmatError) as caught:
        call()
    assert message in str(caught.value)


def test_a_subject_that_failed_is_nan_and_leaves_the_others_alone():
    steep = vm.drugs.get("valbenazine").with_parameters({"clearance_weight_exponent": 4.0})
    people = [vm.Subject(), vm.Subject(weight_kg=1e9), vm.Subject(cyp2d6="poor")]
    runs = [
        vm.simulate("valbenazine 80 mg q24h x 2", drugs=[steep], subjects=some, until_h=96)
        for some in (people, people[::2])
    ]
    three, two = (vm.terminal.simulate(active=Renewal.of(run.occupancy)) for run in runs)
    assert three.failed.tolist() == [False, True, False]
    np.testing.assert_allclose(three.content[::2], two.content, rtol=1e-6)


def test_a_terminal_that_fails_leaves_the_ages_of_the_others_alone():
    """One terminal far outside biology must not end the rounds for the others."""
    drive = pulse(2.0, 0.01)
    terminal = vm.Terminal.default()
    alone = vm.terminal.simulate(active=drive, terminal=terminal, time_h=[0, 24])
    many = terminal.with_values({"dat_km_umol_l": [terminal.value("dat_km_umol_l"), 1e-12]})
    both = vm.terminal.simulate(active=drive, terminal=many, time_h=[0, 24])
    assert both.failed.tolist() == [False, True]
    np.testing.assert_allclose(both.content[0], alone.content[0], rtol=1e-9)


def test_a_renewal_says_which_of_its_terminals_failed():
    with pytest.raises(TypeError, match="`failed` must be True or False for each of 1 terminals"):
        Renewal(time_h=[0, 1], hits=[0, 1], renewal_per_h=0.01, failed=[True, False])
