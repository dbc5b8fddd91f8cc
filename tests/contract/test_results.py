"""Results are frozen, labelled, traceable, and survive pickling."""

import dataclasses
import pickle

import numpy as np
import pytest

import vmatcore as vm

RUN = vm.simulate(
    "tetrabenazine 25 mg q8h x 9 & reserpine 0.25 mg q24h x 3",
    subjects=[vm.Subject(), vm.Subject(cyp2d6="poor"), vm.Subject(weight_kg=50.0)],
    every_h=2.0,
)
RESULTS = [RUN.pk, RUN.occupancy, RUN.metrics("pk"), RUN.metrics("occupancy"), RUN.washout()]
SIZES = {"subject": 3, "moiety": 7, "time": len(RUN.pk.time_h)}


def arrays(result):
    for name, axis in result.layout().items():
        value = getattr(result, name)
        for array in value.values() if isinstance(value, dict) else [value]:
            yield name, axis, array


@pytest.mark.parametrize("result", RESULTS, ids=lambda r: type(r).__name__)
def test_every_array_says_its_axes_and_its_unit(result):
    for name, axis, array in arrays(result):
        assert array.ndim == len(axis.axes), name
        assert axis.unit, name
        for axis_name, size in zip(axis.axes, array.shape, strict=True):
            assert SIZES.get(axis_name, size) == size, name
        assert array.dtype == np.float64


@pytest.mark.parametrize("result", RESULTS, ids=lambda r: type(r).__name__)
def test_no_array_can_be_written_to(result):
    for _, _, array in arrays(result):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0


@pytest.mark.parametrize("result", RESULTS, ids=lambda r: type(r).__name__)
def test_no_field_can_be_replaced(result):
    for name in result.layout():
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(result, name, None)


@pytest.mark.parametrize("result", RESULTS, ids=lambda r: type(r).__name__)
def test_a_pickled_result_is_equal_and_still_frozen(result):
    copy = pickle.loads(pickle.dumps(result))
    for (_, _, mine), (_, _, other) in zip(arrays(result), arrays(copy), strict=True):
        np.testing.assert_array_equal(mine, other)
        assert not other.flags.writeable


@pytest.mark.parametrize("result", RESULTS, ids=lambda r: type(r).__name__)
def test_the_text_of_a_result_names_every_array_with_its_unit(result):
    for name, axis in result.layout().items():
        assert name in repr(result)
        assert axis.unit in repr(result)


def test_provenance_holds_all_that_is_needed_to_run_again():
    traced = RUN.provenance
    assert traced["version"] == vm.__version__
    assert traced["stream_version"] == 1
    assert traced["doses"] == RUN.regimen.doses()
    assert traced["subjects"] == RUN.subjects
    again = vm.simulate(
        traced["regimen"],
        subjects=traced["subjects"],
        time_h=RUN.pk.time_h,
        drugs=traced["drugs"],
        brain=traced["brain"],
        recovery_half_time_h=traced["recovery_half_time_h"],
    )
    np.testing.assert_array_equal(again.occupancy.vmat2, RUN.occupancy.vmat2)
    for drug in traced["drugs"]:
        for quantity in drug.parameters.values():
            assert quantity.source
            assert quantity.status
        for moiety in drug.moieties:
            assert all(affinity.ki.source for affinity in moiety.affinities.values())
    assert traced["enzymes"]["CYP2D6"]["poor"].value == 0.0


def test_the_subject_axis_is_always_there():
    one = vm.simulate("valbenazine 40 mg")
    assert one.pk.plasma_nmol_l.shape[0] == 1
    none = vm.simulate("valbenazine 40 mg", subjects=[])
    assert none.pk.plasma_nmol_l.shape[0] == 0
    assert none.occupancy.vmat2.shape[0] == 0


def test_a_run_read_at_one_time_equals_the_course_there():
    at = RUN.at(48.0)
    column = int(np.flatnonzero(RUN.pk.time_h == 48.0)[0])
    np.testing.assert_allclose(
        at.pk.plasma_nmol_l[:, :, 0], RUN.pk.plasma_nmol_l[:, :, column], rtol=1e-12
    )
    np.testing.assert_allclose(at.occupancy.vmat2[:, 0], RUN.occupancy.vmat2[:, column], rtol=1e-7)


def test_compared_arms_are_the_runs_themselves():
    arms = {"a": "valbenazine 40 mg q24h x 3", "b": "valbenazine 80 mg q24h x 3"}
    found = vm.compare(arms)
    assert list(found) == ["a", "b"]
    np.testing.assert_array_equal(
        found["b"].occupancy.vmat2, vm.simulate(arms["b"]).occupancy.vmat2
    )
    with pytest.raises(vm.errors.UnknownNameError, match="arm"):
        found["c"]


def test_the_tables_say_when_only_a_bound_or_nothing_is_known():
    _, targets, *_ = vm.compare({"v": "valbenazine 80 mg q24h x 3"}).tables()
    (row,) = targets.rows
    assert row[3].startswith("< ")
    assert row[4] == "no data"


def test_figures_have_one_line_for_each_arm_and_a_band_for_reserpine():
    arms = {"r": "reserpine 0.25 mg q24h x 3", "v": "valbenazine 80 mg q24h x 3"}
    figure = vm.compare(arms).plot()
    plasma, held, amines, effects, fall, content, active, hours = figure.axes
    for axes in (plasma, held, fall, content, active):
        assert len(axes.lines) == 2
    assert len(fall.collections) == 1
    # Dots: content at three sites, D2, amine at three; benefit and five side effects with
    # intervals; hours of six levels and five side effects.
    assert [len(axes.lines) for axes in (amines, effects, hours)] == [14, 24, 22]
    steady = {"v": "valbenazine 80 mg q24h x 3 ss1"}
    assert len(vm.compare(steady).plot().axes) == 3  # no history, no signals
    columns = {"ID": [1, 2], "TIME": [0, 0], "AMT": [80, 40], "EVID": [1, 1]}
    own = vm.Regimen.from_events(columns, drug="valbenazine")
    with pytest.raises(vm.errors.ParameterError, match="one regimen for all subjects"):
        vm.compare({"own": own}, subjects=[vm.Subject()] * 2, until_h=72).plot()
    assert len(RUN.plot("pk").axes[0].lines) == 7
    assert len(RUN.plot("occupancy").axes[0].lines) == 3
    assert len(RUN.plot("signal").axes[0].lines) == 5
    severity = RUN.plot("plasticity").axes[0].lines
    assert len(severity) == 4
    np.testing.assert_array_equal(
        severity[1].get_ydata(), RUN.plasticity.severity("Huntington's chorea")[0]
    )


def test_the_figure_shows_what_the_run_says():
    compared = vm.compare({"v": "valbenazine 80 mg q24h x 14"})
    run = compared["v"]
    amines, effects, hours = (compared.plot().axes[place] for place in (2, 3, 7))
    content = [float(line.get_xdata()[0]) for line in amines.lines[:3]]
    np.testing.assert_allclose(content, [float(c[0]) for c in run.outcome.content.values()])
    shown = [float(line.get_xdata()[0]) for line in effects.lines[1::2]]
    chances = [run.outcome.excess(name)[0] for name in run.outcome.probability]
    np.testing.assert_allclose(shown, [-run.outcome.benefit[0] / 100, *chances], rtol=1e-12)
    assert float(hours.lines[0].get_xdata()[0]) == run.to_half.occupancy_h[0]


def test_each_drug_of_a_mixture_is_read_over_its_own_interval():
    alone = vm.simulate("valbenazine 80 mg q24h x 28").metrics("pk")
    mixed = vm.simulate("valbenazine 80 mg q24h x 28 & tetrabenazine 25 mg q8h x 84")
    found = mixed.metrics("pk")
    place = found.items.index("valbenazine")
    assert found.interval_h[place] == (648.0, 672.0)
    assert found.interval_h[found.items.index("(+)-beta-HTBZ")] == (664.0, 672.0)
    np.testing.assert_allclose(found.peak_to_trough[0, place], alone.peak_to_trough[0, 0])
    assert mixed.metrics("occupancy").interval_h[0] == (648.0, 672.0)


def test_a_single_dose_long_ago_does_not_stretch_the_interval_of_the_others():
    mixed = vm.simulate("reserpine 0.25 mg & tetrabenazine 25 mg q8h x 84")
    assert mixed.metrics("occupancy").interval_h[0] == (664.0, 672.0)
    after = vm.simulate(
        "tetrabenazine 25 mg q8h x 3 then reserpine 0.25 mg after 10 d", until_h=400
    )
    assert after.metrics("occupancy").interval_h[0] == (264.0, 400.0)


def test_the_order_in_which_a_drug_lists_its_moieties_changes_no_number():
    drug = vm.drugs.get("valbenazine")
    turned = dataclasses.replace(drug, moieties=drug.moieties[::-1])
    one = vm.simulate("valbenazine 80 mg q24h x 3")
    other = vm.simulate("valbenazine 80 mg q24h x 3", drugs=[turned])
    for moiety in drug.moieties:
        i, j = one.pk.index(moiety.name), other.pk.index(moiety.name)
        np.testing.assert_array_equal(one.pk.plasma_nmol_l[:, i], other.pk.plasma_nmol_l[:, j])
    np.testing.assert_allclose(one.occupancy.vmat2, other.occupancy.vmat2, rtol=1e-14)
    np.testing.assert_allclose(one.metrics("pk").auc[:, ::-1], other.metrics("pk").auc, rtol=1e-14)


def test_the_block_is_shared_by_who_does_it_now():
    regimen = "reserpine 0.25 mg q24h x 28 then tetrabenazine 25 mg q8h x 42 after 60 d"
    readings = vm.compare({"switch": regimen}).readings()
    share = {r.item: r.value for r in readings if r.metric == "share of VMAT2 block"}
    assert share["reserpine"] < 0.01
    assert share["(+)-beta-HTBZ"] > 0.6
    moieties = [name for name in share if "total" not in name]
    assert sum(share[name] for name in moieties) == pytest.approx(1.0)


def test_readings_carry_the_range_of_what_is_assumed():
    readings = vm.compare({"r": "reserpine 0.25 mg q24h x 28"}).readings()
    (mean,) = [r for r in readings if (r.item, r.metric) == ("VMAT2", "mean")]
    assert mean.low < 0.1 < mean.value < 0.9 < mean.high
    (half,) = [r for r in readings if r.metric == "to half"]
    assert half.low < half.value < half.high


def test_an_arm_without_a_dose_is_shown_and_not_refused():
    arms = vm.compare({"none": "nothing", "v": "valbenazine 40 mg q24h x 3"})
    assert arms.plot().axes
    text = arms.table()
    assert "no dose" in text
    assert "nan" not in text
