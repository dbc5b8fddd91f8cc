"""What terminals and their drives refuse, in words, and what they do not."""

import math

import numpy as np
import pytest

import vmatcore as vm

BAD = [
    ({"terminal": "best"}, TypeError, "`terminal` must be a Terminal, got 'best'"),
    ({"active": 1.5}, ValueError, "`active` must be in [0, 1], got 1.5"),
    ({"firing_hz": -1}, ValueError, "`firing_hz` must be in [0, 1000], got -1"),
    ({"time_h": [1.0, 0.5]}, ValueError, "`time_h[1]` must not be before the time before it"),
    ({"time_h": None}, TypeError, "`time_h` must be given where `active` has no times"),
    ({"clamp_cytosol": 1}, TypeError, "`clamp_cytosol` must be True or False, got 1"),
    ({"fluxes": "all"}, TypeError, "`fluxes` must be True or False, got 'all'"),
    ({"relative_tolerance": 1.0}, ValueError, "`relative_tolerance` must be in [1e-12, 0.01]"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), BAD)
def test_bad_arguments_are_refused_in_words(arguments, error, message):
    with pytest.raises(error) as caught:
        vm.terminal.simulate(**{"time_h": [0.0], **arguments})
    assert isinstance(caught.value, vm.VmatError)
    assert message in str(caught.value)


BAD_VALUES = [
    ({"mao": 3.0}, ValueError, "unknown parameter 'mao'; did you mean 'mao_per_h'?"),
    ({"mao_per_h": -1.0}, ValueError, "`mao_per_h` must be in [0, 1000000000000], got -1.0"),
    ({"mao_per_h": "much"}, TypeError, "`mao_per_h` must be a number or one for each terminal"),
    ({"mao_per_h": [1.0, math.nan]}, ValueError, "`mao_per_h[1]` must be in"),
    ({"dat_km_umol_l": 0.0}, ValueError, "`dat_km_umol_l` must be in [1e-12, "),
    ({"mao_per_h": [1.0, 2.0], "dat_km_umol_l": [1.0]}, ValueError, "must have one length"),
]


@pytest.mark.parametrize(("values", "error", "message"), BAD_VALUES)
def test_bad_values_are_refused_in_words(values, error, message):
    with pytest.raises(error) as caught:
        vm.Terminal.best2009().with_values(values)
    assert isinstance(caught.value, vm.VmatError)
    assert message in str(caught.value)


def test_profiles_and_occupancies_that_do_not_fit_are_refused():
    two = vm.terminal.Profile(time_h=[0, 1], values=[[1, 0.5], [1, 0.2]])
    three = vm.Terminal.default().with_values({"mao_per_h": [5.0, 10.0, 20.0]})
    with pytest.raises(ValueError, match="must be for one terminal or for as many, got 3, 2 and 1"):
        vm.terminal.simulate(active=two, terminal=three, time_h=[0, 1])
    with pytest.raises(ValueError, match=r"must be in \[0, 1\], got 1.2"):
        vm.terminal.simulate(active=vm.terminal.Profile(time_h=[0], values=[1.2]), time_h=[0, 1])
    with pytest.raises(ValueError, match="`time_h` must begin with 0"):
        vm.terminal.Profile(time_h=[1], values=[1])
    late = vm.simulate("tetrabenazine 25 mg", time_h=[5.0, 6.0])
    with pytest.raises(ValueError, match="must be an occupancy read from 0 h on"):
        vm.terminal.simulate(active=late.occupancy)


def test_no_times_and_no_flux_are_good():
    run = vm.terminal.simulate(active=0.5, time_h=[])
    assert run.content.shape == (1, 0)
    assert run.fluxes_umol_l_h == {}
    assert not run.failed.any()


BELOW_ZERO = [
    ({"knots_h": [0], "amplitudes": [[4.0, -4.0]], "rates_per_h": [1.0, 0.0]}, "0.0"),
    ({"knots_h": [0], "amplitudes": [[5.0, -4.0]], "rates_per_h": [1.0, 0.1]}, ""),
    ({"knots_h": [0, 10], "amplitudes": [[5.0, -4.0], [1, 0]], "rates_per_h": [1.0, 0.1]}, "10 h"),
    # Not negative at either end, but in between.
    (
        {"knots_h": [0], "amplitudes": [[1.0, -3.0, 2.2]], "rates_per_h": [0.0, 1.0, 2.0]},
        "h",
    ),
    ({"knots_h": [0], "amplitudes": [[-1.0]], "rates_per_h": [1.0]}, "-1 at 0 h"),
]


@pytest.mark.parametrize(("arguments", "where"), BELOW_ZERO)
def test_a_load_below_zero_is_refused_wherever_it_is(arguments, where):
    with pytest.raises(vm.errors.ParameterError, match="must not sum to less than 0") as caught:
        vm.terminal.Load(**arguments)
    assert where in str(caught.value)


def test_loads_that_touch_zero_are_good():
    vm.terminal.Load(knots_h=[0], amplitudes=[[4.0, -4.0]], rates_per_h=[0.1, 1.0])
    vm.terminal.Load(knots_h=[0], amplitudes=[[1.0, -2.0, 1.0]], rates_per_h=[0.0, 1.0, 2.0])
    vm.terminal.Load(knots_h=[0, 1], amplitudes=[[0.0], [2.0]], rates_per_h=[0.0])


def test_reads_beyond_what_drives_the_terminal_are_refused():
    occupancy = vm.simulate("tetrabenazine 25 mg", until_h=24.0).occupancy
    renewal = vm.terminal.Renewal(time_h=[0, 1, 24], hits=[0, 2, 2], renewal_per_h=0.01)
    for active in (occupancy, renewal):
        vm.terminal.simulate(active=active, time_h=[0, 24])
        with pytest.raises(ValueError, match="`time_h` must end where `active` does, at 24 h"):
            vm.terminal.simulate(active=active, time_h=[0, 24.5])


def test_a_vesicle_that_makes_its_own_gradient_is_refused_by_that_name():
    supply = vm.filling.ProtonSupply()
    for make in (vm.Terminal.default, vm.Terminal.norepinephrine):
        with pytest.raises(ValueError, match=r"proton supply, got ProtonSupply\("):
            make(vm.Vesicle(proton_supply=supply))
        with pytest.raises(ValueError, match="got lumen_km_mmol_l=50"):
            make(vm.Vesicle(lumen_km_mmol_l=50.0))


def test_cytosol_steps_are_of_a_terminal_that_is_there():
    run = vm.terminal.simulate(active=0.2, time_h=[0, 1, 2])
    assert len(run.cytosol_steps().values) == 2
    for wrong, error in ((5, ValueError), (-1, ValueError), (0.0, TypeError)):
        with pytest.raises(error, match="`terminal` must be") as caught:
            run.cytosol_steps(wrong)
        assert isinstance(caught.value, vm.VmatError)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"knots_h": [1.0]}, "`knots_h` must begin with 0 and rise"),
        ({"rates_per_h": [-0.1]}, "must hold 1 to 4 rates that are not negative"),
        ({"rates_per_h": [0.1] * 5}, "must hold 1 to 4 rates"),
        ({"amplitudes": [[1.0], [2.0]]}, "`amplitudes` must have 1 knots of 1 terms"),
        ({"amplitudes": [[-1.0]]}, "`amplitudes` must not sum to less than 0"),
        ({"amplitudes": [[np.nan]]}, "`amplitudes` must be finite"),
        ({"amplitudes": [["much"]]}, "`amplitudes` must be numbers"),
    ],
)
def test_bad_loads_are_refused_in_words(arguments, message):
    good = {"knots_h": [0.0], "amplitudes": [[1.0]], "rates_per_h": [0.1]}
    with pytest.raises(vm.VmatError) as caught:
        vm.terminal.Load(**{**good, **arguments})
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"absorption_per_h": 0.1}, "`absorption_per_h` must differ from `elimination_per_h`"),
        ({"doses": 0}, "`doses` must be in [1, 100000], got 0"),
        ({"every_h": 0.0}, "`every_h` must be"),
        ({"load": -1.0}, "`load` must not be negative, got -1.0"),
        ({"load": [1.0, 2.0], "elimination_per_h": [0.1, 0.2, 0.3]}, "must be for as many"),
    ],
)
def test_bad_oral_loads_are_refused_in_words(arguments, message):
    good = {
        "load": 5.0,
        "absorption_per_h": 1.0,
        "elimination_per_h": 0.1,
        "every_h": 24.0,
        "doses": 3,
    }
    merged = {**good, **arguments}
    with pytest.raises(vm.VmatError) as caught:
        vm.terminal.Load.oral(merged.pop("load"), **merged)
    assert message in str(caught.value)
