"""The terminals against the published numbers, an independent reference, and filling."""

import math
from dataclasses import replace

import numpy as np
import pytest

import vmatcore as vm
from tests.reference import terminal as reference
from vmatcore import _core
from vmatcore.drugs.quantity import Quantity
from vmatcore.work import Work

TIME_H = [0.0, 0.01, 0.1, 0.5, 1.0, 3.0, 10.0, 48.0, 400.0]
LONG_H = [0.0, 1e5]


def rest(terminal):
    work = Work.start(threads=1, progress=False)
    state = _core.terminal_steady(work, terminal.amine, terminal.table())[0]
    return dict(zip(_core.terminal_names(terminal.amine)[1], state.tolist(), strict=True))


def settled(active, **settings):
    return vm.terminal.simulate(active=active, time_h=LONG_H, **settings)


@pytest.mark.parametrize("make", [vm.Terminal.best2009, vm.Terminal.default])
def test_the_seven_printed_steady_values_come_out_at_their_printed_digits(make):
    found = rest(make())
    bh2 = make().value("biopterin_total_umol_l") - found["bh4"]
    assert round(found["cytosol"], 2) == 2.65
    assert round(found["content"]) == 81
    assert round(found["outside"], 3) == 0.002
    assert round(found["ldopa"], 2) == 0.36
    assert round(found["tyrosine"]) == 126
    assert round(found["bh4"]) == 319
    assert round(bh2) == 41
    assert found["tyrosine_pool"] == pytest.approx(6 / 0.8 * found["tyrosine"], rel=1e-12)


def test_the_published_fluxes_at_rest_come_out():
    run = vm.terminal.simulate(terminal=vm.Terminal.best2009(), time_h=[0.0], fluxes=True)
    flux = {name: float(value[0, 0]) for name, value in run.fluxes_umol_l_h.items()}
    assert round(flux["hydroxylation"], 2) == round(flux["decarboxylation"], 2) == 27.30
    assert round(flux["release"], 2) == 80.97
    assert round(flux["vmat_uptake"] - flux["leak"], 2) == 80.97
    assert round(flux["reuptake"], 2) == 80.14


@pytest.mark.parametrize("firing_hz", [4.0, 1.0])
def test_with_vmat2_shut_content_decays_exactly(firing_hz):
    time_h = np.array([0.0, 0.01, 0.1, 0.2, 0.35])
    run = vm.terminal.simulate(
        active=0.0,
        terminal=vm.Terminal.best2009(),
        firing_hz=firing_hz,
        time_h=time_h,
        relative_tolerance=1e-10,
    )
    exact = run.resting["content"][0] * np.exp(-(40 + firing_hz / 4) * time_h)
    np.testing.assert_allclose(run.content_umol_l[0], exact, rtol=5e-10)
    if firing_hz == 4.0:
        assert round(float(run.content_umol_l[0, 2]), 5) == 1.34183


def published(name):
    return reference.best2009 if name == "dopamine" else reference.serotonin


def kept(amine, pools):
    names = reference.DOPAMINE if amine == "dopamine" else reference.SEROTONIN
    wanted = ("cda", "vda", "eda", "hva") if amine == "dopamine" else ("c", "v", "e", "hiaa")
    return [pools[names.index(name)] for name in wanted]


@pytest.mark.parametrize("active", [1.0, 0.5, 0.1, 0.0])
@pytest.mark.parametrize("amine", ["dopamine", "serotonin"])
def test_follows_the_independent_reference(amine, active):
    terminal = vm.Terminal.best2009() if amine == "dopamine" else vm.Terminal.serotonin()
    slopes = published(amine)
    if amine == "serotonin":
        histamine = reference.rest(slopes)[reference.SEROTONIN.index("Gh")]
        terminal = terminal.with_values({"histamine_g": histamine})
    pools = reference.follow(slopes, reference.rest(slopes), TIME_H, active=active, fire=1.5)
    run = vm.terminal.simulate(
        active=active, terminal=terminal, firing_hz=1.5 * terminal.resting_hz, time_h=TIME_H
    )
    cytosol, content, outside, acids = kept(amine, pools)
    near = {"rtol": 2e-7, "atol": 1e-11}
    np.testing.assert_allclose(run.cytosol_umol_l[0], cytosol, **near)
    np.testing.assert_allclose(run.content_umol_l[0], content, **near)
    np.testing.assert_allclose(run.outside_umol_l[0], outside, **near)
    np.testing.assert_allclose(run.acids_umol_l[0], acids, **near)


def test_the_serotonin_terminal_settles_in_the_published_vector():
    found = rest(vm.Terminal.serotonin())
    want = {
        "content": 67.43,
        "cytosol": 0.0376,
        "outside": 0.0601,
        "hydroxytryptophan": 1.611,
        "tryptophan": 20.165,
        "acids": 1.585,
        "g_protein": 0.8639,
        "regulator": 1.0068,
        "bound_autoreceptor": 0.9757,
    }
    for name, value in want.items():
        assert found[name] == pytest.approx(value, rel=0.005), name


def test_histamine_settles_at_the_value_that_is_assumed():
    histamine = reference.rest(reference.serotonin)[reference.SEROTONIN.index("Gh")]
    assert round(histamine, 4) == vm.Terminal.serotonin().value("histamine_g")


def test_the_norepinephrine_terminals_receptor_is_neutral_at_rest():
    terminal = vm.Terminal.norepinephrine()
    found = rest(terminal)
    assert found["outside"] == pytest.approx(terminal.value("autoreceptor_reference_umol_l"), 1e-9)
    dopamine = found["vesicular_dopamine"] / (found["vesicular_dopamine"] + found["content"])
    assert 0.02 < dopamine < 0.10


def test_blocking_vmat2_stops_the_synthesis_of_norepinephrine():
    shut = vm.terminal.simulate(
        active=0.0, terminal=vm.Terminal.norepinephrine(), time_h=[0.0, 48.0], fluxes=True
    )
    made = shut.fluxes_umol_l_h["beta_hydroxylation"][0]
    assert made[0] > 20
    assert made[1] < 1e-6
    assert shut.cytosol[0, 1] < 1e-3
    dopamine = vm.terminal.simulate(active=0.0, time_h=[0.0, 48.0], fluxes=True)
    assert dopamine.fluxes_umol_l_h["hydroxylation"][0, 1] > 20


@pytest.mark.parametrize("amine", ["dopamine", "norepinephrine"])
def test_no_amine_is_lost_between_the_pools(amine):
    """What enters by tyrosine hydroxylase leaves by oxidation, outside, or stays."""
    terminal = vm.Terminal.default() if amine == "dopamine" else vm.Terminal.norepinephrine()
    run = vm.terminal.simulate(active=0.3, terminal=terminal, time_h=LONG_H, fluxes=True)
    flux = {name: float(value[0, -1]) for name, value in run.fluxes_umol_l_h.items()}
    gone = flux["oxidation"] + flux["outside_catabolism"] + flux["outside_loss"]
    if amine == "dopamine":
        assert flux["hydroxylation"] == pytest.approx(gone, rel=1e-9)
    else:
        assert flux["beta_hydroxylation"] == pytest.approx(gone, rel=1e-9)
        assert flux["beta_hydroxylation"] < flux["hydroxylation"]


def test_with_the_cytosol_free_to_rise_a_block_is_felt_less():
    free = {f: settled(f).content[0, -1] for f in (0.5, 0.2, 0.1)}
    assert [round(float(value), 2) for value in free.values()] == [0.86, 0.58, 0.33]
    for active, content in free.items():
        clamped = settled(active, clamp_cytosol=True)
        assert clamped.cytosol[0, -1] == pytest.approx(1.0, abs=1e-8)
        assert clamped.content[0, -1] < content


def emptied_faster(vesicle):
    """The vesicle whose leak is the terminal's leak and release together."""
    rate = vesicle.leak_per_s() + 1 / 3600
    return replace(vesicle, leak_half_time_s=math.log(2) / rate)


@pytest.mark.parametrize("active", [1.0, 0.5, 0.2, 0.1])
def test_clamped_content_settles_at_the_vesicles_own(active):
    run = settled(active, clamp_cytosol=True)
    vesicle = replace(emptied_faster(vm.Vesicle()), cytosol_umol_l=float(run.resting["cytosol"][0]))
    assert run.molecules[0, -1] == pytest.approx(vesicle.content(active), rel=1e-8)


def filled(run, active):
    """Filling's mean with the cytosol of a run; linear in the start, which is no whole number."""
    start = float(run.molecules[0, 0])
    below = math.floor(start)
    means = [
        vm.filling.simulate(
            emptied_faster(vm.Vesicle()),
            active=active,
            cytosol_umol_l=run.cytosol_steps(),
            time_s=run.time_h * 3600,
            start=below + i,
            method="mean",
        ).mean
        for i in (0, 1)
    ]
    return means[0] + (start - below) * (means[1] - means[0])


def test_content_is_fillings_mean_driven_by_the_terminals_cytosol():
    errors = []
    for reads in (1000, 2000):
        time_h = np.concatenate([[0.0], np.geomspace(1e-5, 30.0, reads)])
        run = vm.terminal.simulate(active=0.2, time_h=time_h, relative_tolerance=1e-10)
        errors.append(np.abs(filled(run, 0.2) / run.molecules[0] - 1).max())
    # The only difference are the cytosol's steps: second order in their length.
    assert errors[0] < 2e-5
    assert 3.5 < errors[0] / errors[1] < 4.5


def test_mao_decides_how_far_the_cytosol_refills_what_a_block_empties():
    strengths = [1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 100.0, 300.0, 1000.0]
    terminal = vm.Terminal.default().with_values({"mao_per_h": strengths})
    for active in (0.5, 0.25, 0.1):
        free = settled(active, terminal=terminal)
        clamped = settled(active, terminal=terminal, clamp_cytosol=True)
        assert (np.diff(free.cytosol_umol_l[:, -1]) < 0).all()
        assert (free.content[:, -1] > clamped.content[:, -1] - 1e-9).all()
        refilled = free.content[:, -1] - clamped.content[:, -1]
        assert refilled[3] > 0.1
        assert refilled[-1] < 0.001
        # Most at the published strength or twice it: weaker MAO leaves VMAT2 saturated.
        assert refilled.argmax() in (3, 4)


def test_a_flux_read_where_the_drive_jumps_is_the_new_one():
    steps = vm.filling.Steps(time_s=[0, 3600], values=[1.0, 0.0])
    run = vm.terminal.simulate(active=steps, time_h=[0.0, 0.5, 1.0, 1.0, 1.5], fluxes=True)
    uptake = run.fluxes_umol_l_h["vmat_uptake"][0]
    assert (uptake[:2] > 100).all()
    assert (uptake[2:] == 0).all()


def test_a_spread_parameter_gives_each_terminal_its_own_run():
    mao = [5.0, 10.0, 20.0]
    many = vm.Terminal.default().with_values({"mao_per_h": mao, "dat_km_umol_l": 0.3})
    run = vm.terminal.simulate(active=0.3, terminal=many, time_h=TIME_H)
    for row, value in enumerate(mao):
        one = vm.Terminal.default().with_values({"mao_per_h": value, "dat_km_umol_l": 0.3})
        alone = vm.terminal.simulate(active=0.3, terminal=one, time_h=TIME_H)
        np.testing.assert_array_equal(run.content_umol_l[row], alone.content_umol_l[0])


def test_steps_and_profiles_drive_the_same_terminal():
    steps = vm.filling.Steps(time_s=[0, 3600, 2 * 3600], values=[0.5, 0.2, 1.0])
    short = 1e-9
    profile = vm.terminal.Profile(
        time_h=[0, 1, 1 + short, 2, 2 + short], values=[0.5, 0.5, 0.2, 0.2, 1.0]
    )
    time_h = [0, 0.5, 1, 1.5, 2, 5]
    left = vm.terminal.simulate(active=steps, time_h=time_h)
    right = vm.terminal.simulate(active=profile, time_h=time_h)
    np.testing.assert_allclose(left.content, right.content, rtol=1e-6)


def test_a_linear_drive_is_followed_and_not_stepped():
    profile = vm.terminal.Profile(time_h=[0, 10], values=[1.0, 0.0])
    time_h = np.linspace(0, 10, 11)
    run = vm.terminal.simulate(active=profile, terminal=vm.Terminal.best2009(), time_h=time_h)
    start = reference.rest(reference.best2009)

    def slopes(time, state):
        return reference.best2009(state, active=1 - time / 10)

    from scipy.integrate import solve_ivp

    want = solve_ivp(slopes, (0, 10), start, method="LSODA", t_eval=time_h, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(run.content_umol_l[0], want.y[6], rtol=1e-7)


def test_a_site_may_have_a_terminal_of_its_own():
    own = vm.Terminal.serotonin().with_values({"mao_km_umol_l": [50.0, 94.0]})
    three = vm.terminal.sites(active=0.3, time_h=[0.0, 48.0], terminals={"limbic serotonin": own})
    alone = vm.terminal.simulate(
        active=0.3, time_h=[0.0, 48.0], terminal=own, relative_tolerance=1e-6
    )
    np.testing.assert_array_equal(three["limbic serotonin"].content, alone.content)
    usual = vm.terminal.sites(active=0.3, time_h=[0.0, 48.0])
    np.testing.assert_array_equal(
        three["striatal dopamine"].content, usual["striatal dopamine"].content
    )
    with pytest.raises(ValueError, match="did you mean 'limbic serotonin'"):
        vm.terminal.sites(active=0.3, time_h=[0.0], terminals={"limbic serotonine": own})
    with pytest.raises(TypeError, match="`terminal` must be a Terminal"):
        vm.terminal.sites(active=0.3, time_h=[0.0], terminals={"limbic serotonin": 1.0})
    with pytest.raises(TypeError, match="`terminals` must be"):
        vm.terminal.sites(active=0.3, time_h=[0.0], terminals=3)


def test_one_occupancy_drives_three_sites():
    run = vm.simulate("tetrabenazine 25 mg q8h x 9", every_h=0.5, until_h=96)
    three = vm.terminal.sites(active=run.occupancy)
    assert list(three) == ["striatal dopamine", "limbic serotonin", "cortical norepinephrine"]
    for found in three.values():
        assert found.content.shape == run.occupancy.vmat2.shape
        assert found.content[0, 0] == 1
        assert found.content.min() < 0.8
        low = run.occupancy.time_h[found.content[0].argmin()]
        assert 24 < low < 96


def test_a_run_has_its_terminals():
    run, coarse = (
        vm.simulate("valbenazine 80 mg q24h x 2", every_h=every, until_h=48) for every in (0.5, 6.0)
    )
    assert run.terminal is run.terminal
    three = vm.terminal.sites(active=run.occupancy)
    for site, found in run.terminal.items():
        np.testing.assert_array_equal(found.content, three[site].content)
        # Driven every half hour, whatever is read.
        every_sixth = coarse.terminal[site].content
        np.testing.assert_allclose(every_sixth, found.content[:, ::12], rtol=1e-5)


def test_tighter_tolerances_agree():
    runs = [
        vm.terminal.simulate(active=0.1, time_h=TIME_H, relative_tolerance=tolerance)
        for tolerance in (1e-4, 1e-6, 1e-11)
    ]
    for run, tolerance in zip(runs, (1e-4, 1e-6), strict=False):
        error = np.abs(run.content_umol_l / runs[2].content_umol_l - 1).max()
        assert error < 5 * tolerance


def test_every_number_has_a_source_and_a_status():
    presets = (
        vm.Terminal.best2009(),
        vm.Terminal.default(),
        vm.Terminal.serotonin(),
        vm.Terminal.norepinephrine(),
    )
    for terminal in presets:
        for name, quantity in terminal.parameters.items():
            assert isinstance(quantity, Quantity), name
            assert len(quantity.source) > 10, name
    assert any("full block" in note for note in presets[0].notes)


def test_a_terminal_without_a_steady_state_is_nan_and_leaves_the_others_alone():
    """Far more histamine turns its published inhibition of release into a negative release."""
    many = vm.Terminal.serotonin().with_values({"histamine_g": [0.6947, 69.47, 0.6947]})
    run = vm.terminal.simulate(active=0.5, terminal=many, time_h=[0, 5])
    assert run.failed.tolist() == [False, True, False]
    assert np.isnan(run.content_umol_l[1]).all()
    np.testing.assert_array_equal(run.content_umol_l[0], run.content_umol_l[2])
    hopeless = vm.Terminal.serotonin().with_values({"histamine_g": 69.47})
    with pytest.raises(vm.errors.SolverError, match="no terminal could be followed to 5 h"):
        vm.terminal.simulate(active=0.5, terminal=hopeless, time_h=[0, 5])
