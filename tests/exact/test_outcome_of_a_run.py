"""What a run, its tables and the command line say of outcome, and how long it lasts."""

import numpy as np
import pytest
from click.testing import CliRunner

import vmatcore as vm
from vmatcore import cli, metrics
from vmatcore.errors import ParameterError, ParameterTypeError, UnknownNameError
from vmatcore.signal.course import trapezoid

TD, HD = "tardive dyskinesia", "Huntington's chorea"


def outcome(regimen, *, condition=TD, drugs=(), **settings):
    return vm.outcome.evaluate(vm.simulate(regimen, drugs=drugs), condition=condition, **settings)


@pytest.mark.parametrize(
    "regimen", ["valbenazine 80 mg q24h x 14", "tetrabenazine 25 mg q8h x 21", "reserpine 1 mg"]
)
def test_hours_to_half_are_those_of_the_run_itself(regimen):
    run = vm.simulate(regimen, until_h=400)
    found = vm.outcome.to_half(run)
    assert found.occupancy_h[0] == pytest.approx(run.washout().occupancy_half_h[0], rel=1e-3)
    last = run.regimen.last_dose_h
    start, end = metrics.last_interval_h(run.regimen, 400.0, single_h=24.0)
    times = np.unique(np.concatenate([np.arange(0, end, 0.1), last + np.linspace(0, 800, 4001)]))
    content = run.read(times).terminal["striatal dopamine"].content[0]
    inside = (times >= start) & (times <= end)
    mean = (1 - content[inside]) @ trapezoid(times[inside])
    above = times[(times >= last) & (1 - content >= 0.5 * mean)][-1] - last
    assert found.content_h["striatal dopamine"][0] == pytest.approx(above, rel=0.01, abs=0.25)


def test_what_a_hyperbola_flattens_lasts_longer():
    found = vm.outcome.to_half(vm.simulate("valbenazine 80 mg q24h x 14"))
    assert found.d2_h[0] < found.benefit_h[0] < found.occupancy_h[0]


def test_a_run_without_a_dose_has_no_hours_to_half():
    with pytest.raises(ParameterError, match="must have a dose"):
        vm.outcome.to_half(vm.simulate("nothing", until_h=24))
    with pytest.raises(ParameterTypeError, match="`run` must be a Run"):
        vm.outcome.to_half(3)


def test_content_and_amine_fall_together_at_three_sites():
    found = outcome("valbenazine 80 mg q24h x 14")
    for site, content in found.content.items():
        assert 0 < content[0] < found.amine[site][0] < 1, site


def test_each_effect_is_half_when_what_brings_it_is_half():
    run = vm.simulate("valbenazine 80 mg q24h x 14")
    found = run.to_half
    # What counts the same fall lasts as long; what counts its square goes sooner.
    assert found.side_effect_h["parkinsonism"] == found.d2_h
    assert found.side_effect_h["akathisia"] < found.d2_h
    assert found.side_effect_h["somnolence"] < found.side_effect_h["depression"]
    linear = vm.outcome.to_half(run, hazard="linear")
    assert linear.side_effect_h["akathisia"] == found.d2_h
    assert linear.side_effect_h["somnolence"] == linear.side_effect_h["depression"]
    # QTc follows one moiety's plasma, so it is as long as that.
    metabolite = run.washout(moieties=["(+)-alpha-HTBZ"]).plasma_half_h
    np.testing.assert_allclose(found.qtc_h, metabolite, rtol=1e-3)
    assert np.isnan(vm.simulate("reserpine 0.25 mg q24h x 14").to_half.qtc_h)
    assert "side_effect akathisia: " in repr(found)
    with pytest.raises(UnknownNameError, match="hazard"):
        vm.outcome.to_half(run, hazard="square")


def test_a_run_knows_its_outcome():
    run = vm.simulate("valbenazine 80 mg q24h x 7", subject=vm.Subject(condition=HD))
    assert run.outcome.condition == HD
    assert run.outcome.benefit == vm.outcome.evaluate(run).benefit
    assert run.outcome is run.outcome


def test_without_a_condition_the_benefit_is_a_share_of_the_score():
    run = vm.simulate("valbenazine 80 mg q24h x 7")
    bare = run.outcome
    assert (bare.condition, bare.scale, bare.baseline_score) == (None, "% of the score", 100.0)
    assert np.isnan(bare.responders).all()
    assert "% of the score beyond placebo" in repr(bare)
    assert "responders" not in repr(bare)
    for condition in (TD, HD):
        scored = vm.outcome.evaluate(run, condition=condition)
        expected = 100 * scored.benefit / scored.baseline_score
        np.testing.assert_allclose(bare.benefit, expected, rtol=1e-14)
        assert scored.probability == bare.probability
    own = vm.outcome.evaluate(run, baseline_score=40)
    assert own.scale == "points"
    np.testing.assert_allclose(own.benefit, 0.4 * bare.benefit, rtol=1e-14)


def test_a_comparison_shows_the_outcome_unless_conditions_differ():
    arms = {"drug": "valbenazine 80 mg q24h x 7", "none": "nothing"}
    shared = vm.compare(arms, subject=vm.Subject(condition=HD), until_h=168)
    *_, day, fading = shared.tables()
    cells = {row[0]: dict(zip(day.columns[1:], row[1:], strict=True)) for row in day.rows}
    drug = shared["drug"]
    content = drug.outcome.content["striatal dopamine"][0]
    assert cells["content, striatal dopamine"]["drug"] == f"{100 * content:.0f} %"
    assert day.title.startswith("The last day, 144 to 168 h: ")
    assert cells["benefit, TMC"]["drug"] == f"{drug.outcome.benefit[0]:+.1f}"
    assert cells["benefit, TMC"]["none"] == "+0.0"
    for name, row in cells.items():
        if "benefit" not in name and "fit" not in name:
            assert row["none"].split(" (")[0] == row["no drug"], name
    hours = {row[0]: row[1:] for row in fading.rows}
    assert fading.columns == ("", "drug")  # nothing taken, nothing to wear off
    assert hours["benefit, TMC"] == (f"{drug.to_half.benefit_h[0]:.3g}",)
    assert set(hours) >= set(drug.outcome.probability)
    numbers = {
        (one.arm, one.item, one.metric): one.value for one in shared.readings() if one.arm == "drug"
    }
    assert numbers["drug", "akathisia", "probability"] == drug.outcome.probability["akathisia"][0]
    hazard = drug.to_half.side_effect_h["akathisia"][0]
    assert numbers["drug", "akathisia", "probability to half"] == hazard
    bare = vm.compare(arms, until_h=168).tables()
    assert len(bare) == 4
    assert "responders" not in {row[0] for row in bare[2].rows}
    assert "benefit, % of the score" in {row[0] for row in bare[2].rows}
    other = vm.compare(arms, subject=vm.Subject(condition="Tourette's disorder"), until_h=168)
    assert other.tables()[2] == bare[2]
    assert "No table of signals" not in shared.table()
    mixed = [vm.Subject(condition=condition) for condition in (TD, HD)]
    differing = vm.compare(arms, subjects=mixed, until_h=168)
    assert len(differing.tables()) == 2
    assert "because of people of different conditions: Huntington's chorea, " in differing.table()
    assert len(vm.compare({"none": "nothing"}, until_h=168).tables()) == 3
    assert vm.compare({}).tables()[2:] == ()


def test_hypotheses_are_marked_and_have_their_intervals_in_the_table_and_the_file():
    compared = vm.compare({"v": "valbenazine 80 mg q24h x 14"})
    cells = {row[0]: row[1] for row in compared.tables()[2].rows}
    found = compared["v"].outcome
    low, high = (
        100 * part["akathisia"][0] for part in (found.probability_low, found.probability_high)
    )
    assert cells["akathisia (h)"].endswith(f" % ({low:.2g}-{high:.2g})")
    kinds = {one.item: one.kind for one in compared.readings() if one.metric == "probability"}
    assert set(kinds.values()) == {"hypothesis"}
    (benefit,) = [one for one in compared.readings() if one.metric == "benefit"]
    assert (benefit.unit, benefit.item, benefit.kind) == ("%", "% of the score", "value")


def test_whom_nobody_could_follow_does_not_blot_out_the_others():
    lost = vm.Subject(weight_kg=1e-300)
    regimen = "valbenazine 80 mg q24h x 7"
    alone = vm.simulate(regimen).outcome
    mixed = vm.simulate(regimen, subjects=[vm.Subject(), lost])
    assert "1 could not be followed" in repr(mixed.outcome)
    assert repr(alone).splitlines()[1:] == repr(mixed.outcome).splitlines()[2:]
    np.testing.assert_array_equal(
        mixed.to_half.benefit_h[:1], vm.simulate(regimen).to_half.benefit_h
    )
    assert "nan" not in vm.compare({"a": regimen}, subjects=[vm.Subject(), lost]).table()
    for people in ([lost], []):
        run = vm.simulate(regimen, subjects=people)
        assert run.outcome.benefit.shape == run.to_half.d2_h.shape == (len(people),)
        assert "nan" not in repr(run.outcome) + repr(run.to_half)
        assert "nan" not in vm.compare({"a": regimen}, subjects=people).table()


def test_people_with_regimens_of_their_own_have_their_tables_of_plasma_and_targets():
    columns = {"ID": [1, 1, 2, 2], "TIME": [0, 24, 0, 12], "AMT": [80, 80, 40, 40], "EVID": [1] * 4}
    own = vm.Regimen.from_events(columns, drug="valbenazine")
    compared = vm.compare({"a": own}, subjects=[vm.Subject()] * 2, until_h=72)
    assert len(compared.tables()) == 2
    assert {row[-1] for row in compared.tables()[0].rows} == {"-"}


def test_no_effect_no_known_effect_and_an_endless_one_are_told_apart():
    nothing = vm.simulate("valbenazine 0 mg q24h x 3").to_half
    for name in type(nothing).layout():
        values = getattr(nothing, name)
        for hours in values.values() if isinstance(values, dict) else [values]:
            assert np.isnan(hours).all(), name
    assert "qtc: no effect, or none known" in repr(vm.simulate("reserpine 0.25 mg").to_half)


def test_a_steady_state_is_refused_because_vesicles_have_no_history_before_it():
    columns = {"TIME": [0], "AMT": [25], "EVID": [1], "SS": [1], "II": [8], "ADDL": [2]}
    run = vm.simulate(vm.Regimen.from_events(columns, drug="tetrabenazine"))
    for ask in (lambda: run.outcome, lambda: run.to_half, lambda: run.terminal, lambda: run.signal):
        with pytest.raises(ParameterError, match="give the doses that lead to it"):
            ask()
    assert len(vm.compare({"a": run.regimen}).tables()) == 2


def test_runs_that_do_not_belong_together_are_refused():
    def one(days, condition=HD):
        subject = vm.Subject(condition=condition)
        return vm.simulate(f"valbenazine 80 mg q24h x {days}", subject=subject).occupancy

    evaluate = vm.outcome.evaluate_doses
    with pytest.raises(ParameterError, match="at least one result"):
        evaluate([])
    for wrong in (["x"], [vm.simulate("valbenazine 80 mg")]):
        with pytest.raises(ParameterTypeError, match=r"`occupancies\[0\]` must be an Occupancy"):
            evaluate(wrong)
    with pytest.raises(ParameterTypeError, match="`occupancies`"):
        evaluate(one(3))
    with pytest.raises(ParameterError, match="`at_h` must be given"):
        evaluate([one(3), one(2)])
    assert len(evaluate([one(3), one(2)], at_h=48).benefit) == 2
    with pytest.raises(ParameterError, match="`condition` must be given"):
        evaluate([one(3), one(3, TD)])


def test_the_command_shows_and_writes_the_outcome(tmp_path):
    arguments = ["compare", "--no-figure", "--condition", TD, "--days", "40", "-o", str(tmp_path)]
    done = CliRunner().invoke(cli.main, arguments)
    assert done.exit_code == 0, done.output
    assert "benefit, AIMS" in done.output
    assert "Hours after the last dose until each is half" in done.output
    written = (tmp_path / "compare.csv").read_text(encoding="utf-8")
    for item in (
        "valbenazine,AIMS,benefit,",
        "reserpine,depression,probability,",
        "tetrabenazine,QTc,prolongation to half,",
        ",hypothesis",
    ):
        assert item in written


def test_the_condition_of_the_subjects_is_taken_and_asked_for_where_they_differ():
    regimen = "valbenazine 80 mg q24h x 2"
    run = vm.simulate(regimen, subject=vm.Subject(condition=HD))
    assert vm.outcome.evaluate(run).condition == HD
    mixed = vm.simulate(regimen, subjects=[vm.Subject(condition=HD), vm.Subject()])
    with pytest.raises(ParameterError, match="`condition` must be given"):
        vm.outcome.evaluate(mixed)
    # What has no scale here still has side effects, and a share of its score.
    without_a_scale = vm.simulate(regimen, subject=vm.Subject(condition="tardive dystonia"))
    assert without_a_scale.outcome.condition is None
    assert without_a_scale.outcome.scale == "% of the score"


def test_a_single_dose_is_looked_at_for_a_day_however_long_the_run():
    found = [vm.simulate("tetrabenazine 25 mg", until_h=until) for until in (24, 48, 500)]
    for run in found:
        assert run.outcome.interval_h == (0.0, 24.0)
        np.testing.assert_allclose(run.outcome.benefit, found[0].outcome.benefit, rtol=1e-12)
        np.testing.assert_allclose(run.to_half.d2_h, found[0].to_half.d2_h, rtol=1e-12)
    last = vm.simulate("valbenazine 80 mg q24h x 7 then 80 mg after 14 d", until_h=900)
    assert last.outcome.interval_h == (504.0, 528.0)


def test_what_is_read_of_a_run_changes_no_level():
    regimen = "valbenazine 80 mg q24h x 14"
    fine = vm.simulate(regimen)
    assert fine.pk.time_h[328] == 164.0
    for other in (vm.simulate(regimen, time_h=[0, 164, 336]), vm.simulate(regimen, every_h=24)):
        for one in (other.at(164), other.read([164.0, 164.0, 200.0])):
            for name in ("d2", "burst", "dip"):
                wanted = getattr(fine.signal, name)[0, 328]
                assert getattr(one.signal, name)[0, 0] == pytest.approx(wanted, rel=1e-6)
            for site, content in fine.signal.content.items():
                got = one.terminal[site].content[0, 0]
                assert got == pytest.approx(content[0, 328], rel=1e-5)


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"condition": "tardive dyskinesias"}, UnknownNameError, "did you mean"),
        ({"condition": "Tourette's disorder"}, UnknownNameError, "condition with a scale"),
        ({"driver": "d1"}, UnknownNameError, "driver"),
        ({"hazard": "cubic"}, UnknownNameError, "hazard"),
        ({"history": 1}, ParameterTypeError, "`history` must be True or False"),
        ({"susceptibility": -1.0}, ParameterError, "`susceptibility`"),
        ({"baseline_score": 0.0}, ParameterError, "`baseline_score`"),
        ({"at_h": 0.0}, ParameterError, "`at_h`"),
    ],
)
def test_what_breaks_a_rule_is_refused(settings, error, words):
    run = vm.simulate("valbenazine 80 mg q24h x 2")
    with pytest.raises(error, match=words):
        vm.outcome.evaluate(run, **({"condition": TD} | settings))


def test_what_is_not_a_run_is_refused():
    with pytest.raises(ParameterTypeError, match="`run` must be a Run"):
        vm.outcome.evaluate("valbenazine 80 mg q24h x 2", condition=TD)


def test_the_print_out_marks_hypotheses_and_shows_intervals():
    text = repr(outcome("valbenazine 80 mg q24h x 14"))
    assert "AIMS points beyond placebo" in text
    assert "parkinsonism: " in text
    assert text.count("(hypothesis)") == 6
