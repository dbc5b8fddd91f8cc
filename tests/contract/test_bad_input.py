"""Every bad argument gets one clear error of the family; good ones get none."""

from __future__ import annotations

import numpy as np
import pytest

import vmatcore as vm
from tests.contract.family import Unprintable, refuse
from vmatcore.drugs import Quantity
from vmatcore.errors import (
    CancelledError,
    ParameterError,
    ParameterTypeError,
    UnknownNameError,
)
from vmatcore.pk import Brain, Flow, Graph, Input, PkResult, Readout, solve

NAN, INF = float("nan"), float("inf")
SENTENCE = "valbenazine 80 mg q24h x 3"
RUN = vm.simulate(SENTENCE, every_h=6)
DRUG = vm.drugs.get("tetrabenazine")
GRAPH = Graph(["a", "b"], [Flow("a", "b", rate_per_h=0.5)], [Readout("x", "b")])


def everywhere(**arguments):
    """The same arguments to each function that runs a regimen."""
    yield lambda: vm.simulate(SENTENCE, **arguments)
    yield lambda: vm.pk.simulate(SENTENCE, **arguments)
    yield lambda: vm.compare({"arm": SENTENCE}, **arguments)


def quantity(**changes):
    whole = {"value": 1.0, "unit": "h", "source": "label", "status": "measured"}
    return Quantity(**(whole | changes))


def exposure(start_h, end_h):
    return RUN.pk.exposure_nmol_h_l(start_h, end_h)


def solved(time_h=(0.0, 2.0), inputs=(("a", 1.0),), **arguments):
    return solve(GRAPH, inputs=[Input(*item) for item in inputs], time_h=time_h, **arguments)


# Name of the argument, what takes it, and whether a negative number breaks its rule too.
NUMBERS = [
    ("every_h", lambda v: vm.simulate(SENTENCE, every_h=v), True),
    ("every_h", lambda v: vm.pk.simulate(SENTENCE, every_h=v), True),
    ("until_h", lambda v: vm.simulate(SENTENCE, until_h=v), True),
    ("recovery_half_time_h", lambda v: vm.simulate(SENTENCE, recovery_half_time_h=v), True),
    ("recovery_half_time_h", lambda v: vm.occupancy.simulate(RUN.pk, recovery_half_time_h=v), True),
    ("amount", lambda v: Input("a", v), True),
    ("time_h", lambda v: Input("a", 1.0, v), False),
    ("duration_h", lambda v: Input("a", 1.0, 0.0, v), True),
    ("start_h", lambda v: exposure(v, 5.0), False),
    ("end_h", lambda v: exposure(0.0, v), True),
    ("weight_kg", lambda v: vm.Subject(weight_kg=v), True),
    ("days", lambda v: vm.label.regimen("valbenazine", days=v), True),
    ("value", lambda v: quantity(value=v), True),
    ("value", lambda v: Quantity.of(v, "h"), True),
    ("low", lambda v: quantity(low=v), True),
    ("high", lambda v: quantity(high=v), True),
    ("volume", lambda v: Brain.default(volume=v), True),
    ("exchange", lambda v: DRUG.with_parameters({"exchange": v}), True),
    ("log_p", lambda v: Brain.default().equilibration_half_time_h(v), False),
]
NOT_NUMBERS = ["1", b"1", True, 1j, [1.0], {}, np.ones(2), np.array(["1"]), np.datetime64("2026"),
               Unprintable(), int]  # fmt: skip


@pytest.mark.parametrize(("name", "call", "signed"), NUMBERS)
def test_a_number_that_is_none_or_breaks_its_rule_is_refused_by_name(name, call, signed):
    infinite = () if name == "recovery_half_time_h" else (INF,)  # there it means for good
    negative = (-1, -1e-9) if signed else ()
    for value in (NAN, np.float32("nan"), 10**400, 10**5000, *infinite, *negative):
        refuse(lambda v=value: call(v), ParameterError, f"`{name}`", "must be")
    for value in NOT_NUMBERS:
        refuse(lambda v=value: call(v), ParameterTypeError, f"`{name}`", "must be a number")


TEXTS = [
    ("source", lambda v: Flow(v, "b", rate_per_h=1)),
    ("target", lambda v: Flow("a", v, rate_per_h=1)),
    ("name", lambda v: Readout(v, "a")),
    ("compartment", lambda v: Readout("x", v)),
    ("compartment", lambda v: Input(v, 1.0)),
    ("compartments", lambda v: Graph([v], [], [])),
    ("food", lambda v: vm.Subject(food=v)),
    ("hepatic_impairment", lambda v: vm.Subject(hepatic_impairment=v)),
    ("condition", lambda v: vm.Subject(condition=v)),
    ("enzyme", lambda v: vm.Subject().activity(v)),
    ("drug", vm.label.regimen),
    ("drug", vm.drugs.get),
    ("kind", lambda v: vm.label.regimen("valbenazine", v)),
    ("stage", RUN.metrics),
    ("stage", RUN.plot),
    ("moiety", RUN.pk.index),
    ("moiety", DRUG.moiety),
    ("moieties", lambda v: RUN.washout(moieties=[v])),
    ("totals", lambda v: RUN.metrics("pk", totals={"sum": [v]})),
    ("target", DRUG.moieties[0].per_ki),
    ("arm", vm.compare({"arm": SENTENCE}).__getitem__),
    ("unit", lambda v: quantity(unit=v)),
    ("source", lambda v: quantity(source=v)),
    ("status", lambda v: quantity(status=v)),
]


ARRAYS = [
    ("rate_per_h", lambda v: Flow("a", "b", rate_per_h=v), True),
    ("per_amount", lambda v: Readout("x", "a", per_amount=v), True),
    ("time_h", lambda v: solve(GRAPH, inputs=[], time_h=v), False),
    ("time_h", lambda v: vm.simulate(SENTENCE, time_h=v), False),
    ("time_h", RUN.pk.read, False),
    ("time_h", RUN.read, False),
]


@pytest.mark.parametrize(("name", "call", "signed"), ARRAYS)
def test_an_array_of_something_else_is_refused_by_name(name, call, signed):
    bad = ["abc", b"1", True, [True], [1j], ["1"], [[1.0], [2.0, 3.0]], {"a": 1}, {1.0}, object(),
           np.array([1, None]), np.array(["2026-01-01"], "M8[D]"), np.zeros(2, [("a", "f8")]),
           Unprintable(), [10**400], iter([1.0]), np.ma.masked_array([1, 2], [0, 1])]  # fmt: skip
    for value in bad:
        refuse(lambda v=value: call(v), ParameterTypeError, f"`{name}`")
    worse = [NAN, [1.0, INF], np.ones((2, 2)), np.array([1.0, NAN], "f4"), np.longdouble("1e4000")]
    for value in [*worse, *([-1.0, [1.0, -1e-9]] if signed else [[2.0, 1.0]])]:
        refuse(lambda v=value: call(v), ParameterError, f"`{name}")


LISTS = [
    ("compartments", lambda v: Graph(v, [], [])),
    ("flows", lambda v: Graph(["a"], v, [])),
    ("readouts", lambda v: Graph(["a"], [], v)),
    ("inputs", lambda v: solve(GRAPH, inputs=v, time_h=[0.0])),
    ("subjects", lambda v: vm.simulate(SENTENCE, subjects=v)),
    ("drugs", lambda v: vm.simulate(SENTENCE, drugs=v)),
    ("moieties", lambda v: RUN.washout(moieties=v)),
    ("totals", lambda v: RUN.metrics("pk", totals={"sum": v})),
]


MAPPINGS = [
    ("regimens", vm.compare),
    ("totals", lambda v: RUN.metrics("pk", totals=v)),
    ("values", DRUG.with_parameters),
    ("parameters", lambda v: Brain(parameters=v)),
]


ODD = [5, 10**5000, b"x", {"a"}, np.ones((2, 2)), Unprintable()]
KINDS = [
    *((*row, "a text", [*ODD, ["a"], {}]) for row in TEXTS),
    *(
        (*row, "a list", [5, "ab", b"x", {"a": 1}, {"a"}, Unprintable(), np.ones(())])
        for row in LISTS
    ),
    *((*row, "a mapping", [*ODD, "a", [("a", 1)]]) for row in MAPPINGS),
]


@pytest.mark.parametrize(("name", "call", "kind", "bad"), KINDS)
def test_an_argument_of_the_wrong_kind_is_refused_by_name(name, call, kind, bad):
    for value in bad:
        refuse(lambda v=value: call(v), ParameterTypeError, f"`{name}", f"must be {kind}")
    if kind == "a list":
        for value in ([5], [None], [5, "a"], np.ones(2), [Unprintable()]):
            refuse(lambda v=value: call(v), ParameterTypeError, f"`{name}")


SYNAPSE = vm.Synapse(sites=1, probability=0.5)
TRAIN = vm.spikes.regular(rate_hz=1, duration_s=2)
RELEASED = vm.release.expected(SYNAPSE, TRAIN)
REGION = vm.Region.dorsal_striatum()


def test_settings_of_a_call_are_refused_by_name_in_every_function():
    bad = [("threads", value) for value in (0, -1, 1025, 10**30, 2.0, "2", True, [2])]
    bad += [("progress", value) for value in (0, 1, "yes", [], {})]
    bad += [("cancel", value) for value in (True, 0, object(), vm.CancelToken, "now")]
    for name, value in bad:
        setting = {name: value}
        calls = [*everywhere(**setting), lambda s=setting: solve(GRAPH, inputs=[], time_h=[0], **s)]
        calls += [lambda s=setting: RUN.pk.read([0.0], **s)]
        calls += [lambda s=setting: vm.occupancy.simulate(RUN.pk, **s)]
        calls += [lambda s=setting: vm.pk.simulate("nothing", **s)]
        calls += [lambda s=setting: vm.spikes.poisson(rate_hz=1, duration_s=1, **s)]
        calls += [lambda s=setting: vm.release.simulate(SYNAPSE, TRAIN, **s)]
        calls += [lambda s=setting: vm.signal.simulate(RELEASED, REGION, **s)]
        for call in calls:
            refuse(call, ParameterError | ParameterTypeError, f"`{name}`")


ROWS = [
    # call, exception, words of the message
    (lambda: vm.simulate(5), ParameterTypeError, "`regimen`"),
    (lambda: vm.simulate("valbenazine 80 mg q24h"), ParameterError, "`regimen`", "x 28"),
    (lambda: vm.simulate("valbenazin 80 mg"), UnknownNameError, "drug 'valbenazin'",
     "did you mean 'valbenazine'"),
    (lambda: vm.simulate("valbenazine 1e305 mg"), ParameterError, "dose_mg"),
    (lambda: vm.simulate("aspirin 80 mg", drugs=[DRUG]), UnknownNameError, "drug 'aspirin'"),
    (lambda: vm.compare({"a": SENTENCE, "b": 5}), ParameterTypeError, "`regimen`"),
    (lambda: vm.compare({"a": SENTENCE})["b"], UnknownNameError, "arm 'b'"),
    (lambda: vm.simulate(SENTENCE, time_h=[0.0], until_h=5.0), ParameterError, "`until_h`"),
    (lambda: vm.simulate(SENTENCE, every_h=1e-300), ParameterError, "`every_h`", "1e-300"),
    (lambda: vm.simulate(SENTENCE, subject="poor"), ParameterTypeError, "`subject`", "Subject"),
    (lambda: vm.simulate(SENTENCE, subjects=[vm.Subject(), 3]), ParameterTypeError,
     "`subjects[1]`"),
    (lambda: vm.simulate(SENTENCE, subject=vm.Subject(), subjects=[]), ParameterError,
     "`subject`", "`subjects`"),
    (lambda: vm.simulate(SENTENCE, brain={"volume": 1}), ParameterTypeError, "`brain`", "Brain"),
    (lambda: vm.simulate("reserpine 1 mg", recovery_half_time_h=1e-320), ParameterError,
     "recovery"),
    (lambda: vm.occupancy.simulate(RUN), ParameterTypeError, "`pk`", "PkResult"),
    (lambda: RUN.metrics("pkk"), UnknownNameError, "stage 'pkk'", "did you mean 'pk'"),
    (lambda: RUN.plot("occupancies"), UnknownNameError, "did you mean 'occupancy'"),
    (lambda: RUN.metrics("pk", totals={"sum": ["HTBZ"]}), UnknownNameError, "moiety 'HTBZ'"),
    (lambda: RUN.washout(moieties=["HTBZ"]), UnknownNameError, "moiety 'HTBZ'"),
    (lambda: RUN.pk.index("valbenazin"), UnknownNameError, "did you mean 'valbenazine'"),
    (lambda: RUN.pk.of_subjects(0), ParameterTypeError, "`rows`", "slice"),
    (lambda: vm.simulate("nothing").metrics("pk"), ParameterError, "`regimen`", "dose"),
    (lambda: vm.simulate("nothing").washout(), ParameterError, "`regimen`", "dose"),
    (lambda: exposure(5.0, 1.0), ParameterError, "`end_h`", "at least 5"),
    (lambda: RUN.read([3.0, 1.0]), ParameterError, "`time_h[1]`", "sort"),
    (lambda: RUN.at(NAN), ParameterError, "`time_h[0]`", "nan"),
    (lambda: RUN.at([1.0]), ParameterError, "`time_h`", "(1, 1)"),
    (lambda: RUN.at("5"), ParameterTypeError, "`time_h`", "'5'"),
    (lambda: vm.compare({"a": "valbenazine 5 mg"}, time_h=[]).table(), ParameterError, "`regimen`"),
    (lambda: Flow("a", "a", rate_per_h=1), ParameterError, "`target`"),
    (lambda: Flow("a", None, rate_per_h=1, drains=False), ParameterError, "`drains`"),
    (lambda: Flow("a", "b", rate_per_h=1, drains="no"), ParameterTypeError, "`drains`"),
    (lambda: Flow("a", "b", rate_per_h=[1.0, -2.0]), ParameterError, "`rate_per_h[1]`", "-2.0"),
    (lambda: Graph(["a", "a"], [], []), ParameterError, "`compartments`", "'a' twice"),
    (lambda: Graph(["gut"], [Flow("gutt", None, rate_per_h=1)], []), UnknownNameError,
     "compartment 'gutt'", "did you mean 'gut'"),
    (lambda: Graph(["a"], [Flow("a", None, rate_per_h=[1, 2])], [Readout("x", "a",
     per_amount=[1, 2, 3])]), ParameterError, "one length", "[2, 3]"),
    (lambda: Graph(["a"], [Readout("x", "a")], []), ParameterTypeError, "`flows[0]`", "Flow"),
    (lambda: solve("a", inputs=[], time_h=[0]), ParameterTypeError, "`graph`"),
    (lambda: solve(GRAPH, inputs=[Input("c", 1.0)], time_h=[0]), UnknownNameError, "'c'"),
    (lambda: solve(GRAPH, inputs=[("a", 1.0)], time_h=[0]), ParameterTypeError, "`inputs[0]`"),
    (lambda: Input("a", 1.0, 1e308, 1e308), ParameterError, "`duration_h`"),
    (lambda: solved(inputs=[("a", 1e308, 0.0, 1.0)] * 2), ParameterError, "`inputs`"),
    (lambda: Input("a", 1e300, 0.0, 1e-300), ParameterError, "`duration_h`"),
    (lambda: Brain.default(volumes=1.0), UnknownNameError, "did you mean 'volume'"),
    (lambda: Brain.default(volume=0.0), ParameterError, "`volume`"),
    (lambda: Brain.default(unbound_partition=0.0), ParameterError, "`unbound_partition`"),
    (lambda: Brain(parameters={}), ParameterError, "`parameters`"),
    (lambda: vm.Subject(cyp2d6="por"), UnknownNameError, "'por'", "did you mean 'poor'"),
    (lambda: vm.Subject(condition="chorea"), UnknownNameError, "'chorea'", "Huntington"),
    (lambda: vm.Subject(weight_kg=0), ParameterError, "`weight_kg`", "positive", "got 0"),
    (lambda: vm.label.regimen("aspirin"), UnknownNameError, "drug 'aspirin'"),
    (lambda: vm.label.regimen("valbenazine", "source"), UnknownNameError, "'source'"),
    (lambda: vm.label.regimen("valbenazine", "usal"), UnknownNameError, "did you mean 'usual'"),
    (lambda: vm.label.regimen("valbenazine", days=7), ParameterError, "`days`", "7"),
    (lambda: vm.label.regimen("valbenazine", days=1e9), ParameterError, "`days`"),
    (lambda: vm.drugs.get("Valbenazine "), UnknownNameError, "did you mean 'valbenazine'"),
    (lambda: DRUG.with_parameters({"clearence": 1.0}), UnknownNameError, "'clearence'"),
    (lambda: DRUG.with_parameters({"isotope_effect.CYP2D6": 1.0}), UnknownNameError, "CYP2D6"),
    (lambda: DRUG.with_parameters({"molar_mass": 0}), ParameterError, "`molar_mass`"),
    (lambda: DRUG.with_parameters({"central_volume": 0}), ParameterError, "`central_volume`"),
    (lambda: vm.drugs.get("deutetrabenazine").with_parameters({"isotope_effect.CYP2D6": 0}),
     ParameterError, "CYP2D6"),
    (lambda: quantity(status="guessed"), ParameterError, "`status`", "assumed", "'guessed'"),
    (lambda: quantity(low=2.0), ParameterError, "`low`", "[0, 1]"),
    (lambda: quantity(high=0.5), ParameterError, "`high`", "at least 1"),
    (lambda: vm.drugs.get("x" * 10_000), UnknownNameError, "..."),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_each_rule_of_its_own_has_an_error_that_names_what_broke_it(row):
    call, kind, *words = row
    refuse(call, kind, *words)


@pytest.mark.parametrize("value", ["", "0", "-1", "1025", "two", "1.5", " 2", "２", "9" * 5000])
def test_a_bad_number_of_threads_in_the_environment_is_refused_by_name(monkeypatch, value):
    monkeypatch.setenv("VMATCORE_NUM_THREADS", value)
    refuse(lambda: vm.simulate(SENTENCE), ParameterError, "`VMATCORE_NUM_THREADS`", "1024")
    assert vm.simulate(SENTENCE, threads=2).pk.time_h.size


@pytest.mark.parametrize("value", ["", "AVX2", "sse", "baseline ", "x" * 1000, "\udcff"])
def test_a_bad_cpu_level_in_the_environment_is_refused_by_name(monkeypatch, value):
    monkeypatch.setenv("VMATCORE_CPU", value)
    refuse(lambda: vm.simulate(SENTENCE), ParameterError, "`VMATCORE_CPU`", "baseline")


def test_a_used_token_stops_even_the_shortest_call():
    token = vm.CancelToken()
    token.cancel()
    assert token.cancelled
    for call in [*everywhere(cancel=token), lambda: RUN.pk.read([0.0], cancel=token)]:
        refuse(call, CancelledError, "cancelled")
    refuse(lambda: solve(GRAPH, inputs=[], time_h=[0], cancel=token), CancelledError, "cancelled")
    refuse(lambda: vm.occupancy.simulate(RUN.pk, cancel=token), CancelledError, "cancelled")


def test_a_refused_call_changes_nothing():
    rates, time_h = np.array([1.0, -1.0]), np.array([3.0, 1.0])
    refuse(lambda: Flow("a", "b", rate_per_h=rates), ParameterError, "rate_per_h")
    refuse(lambda: solve(GRAPH, inputs=[], time_h=time_h), ParameterError, "time_h")
    assert (rates.tolist(), time_h.tolist()) == ([1.0, -1.0], [3.0, 1.0])
    assert isinstance(RUN.pk, PkResult)
    with pytest.raises(ValueError, match="read-only"):
        RUN.pk.plasma_nmol_l[0] = 0.0


TIMES = np.array([0.0, 2.0, 4.0, 4.0, 8.0])
GOOD = {
    "doses of nothing": lambda: vm.simulate("valbenazine 0 mg q24h x 3").occupancy.vmat2.max() == 0,
    "no doses": lambda: vm.simulate("valbenazine 5 mg q24h x 0").pk.plasma_nmol_l.max() == 0,
    "an empty regimen": lambda: vm.simulate("nothing").pk.plasma_nmol_l.shape == (1, 0, 97),
    "one read time": lambda: RUN.at(5).occupancy.vmat2.shape == (1, 1),
    "no read times": lambda: RUN.read([]).occupancy.vmat2.shape == (1, 0),
    "no reads of reserpine": lambda: vm.simulate("reserpine 1 mg", time_h=[]).pk.time_h.size == 0,
    "reads before the first dose": lambda: RUN.read([-5, -1]).pk.plasma_nmol_l.max() == 0,
    "no subjects": lambda: vm.simulate(SENTENCE, subjects=[]).metrics("pk").cmax.shape == (0, 2),
    "no subjects on reserpine": lambda: vm.simulate("reserpine 1 mg", subjects=()).washout()
    .occupancy_half_h.shape == (0,),
    "a figure of nobody": lambda: vm.simulate(SENTENCE, subjects=[]).plot().axes,
    "a figure of no doses": lambda: vm.simulate("nothing").plot("pk").axes,
    "no arms": lambda: len(vm.compare({})) == 0,
    "no compartments": lambda: solve(Graph([], [], []), inputs=[], time_h=[0]).shape == (1, 0, 1),
    "no readings": lambda: solve(Graph(["a"], [], []), inputs=[], time_h=[0]).shape == (1, 0, 1),
    "no rates": lambda: Graph(["a"], [Flow("a", None, rate_per_h=[])], []).subjects == 0,
    "no inputs": lambda: solved(inputs=()).tolist() == [[[0.0, 0.0]]],
    "a rate of zero": lambda: Flow("a", "b", rate_per_h=0).rate_per_h == 0,
    "a tiny amount": lambda: solved(inputs=[("a", 1e-300)])[0, 0, 1] == pytest.approx(
        (1 - np.exp(-1)) * 1e-300, rel=1e-12, abs=0
    ),
    "a lost duration": lambda: solved([1e10, 2e10], [("a", 3, 1e10, 1e-10)]).max() > 2.9,
    "no recovery": lambda: vm.simulate("reserpine 1 mg", recovery_half_time_h=INF).occupancy,
    "a denormal amount": lambda: solved(inputs=[("a", 5e-324)]).min() == 0,
    "a huge amount": lambda: np.isfinite(solved(inputs=[("a", 1e300)])).all(),
    "a time as a number": lambda: solved(time_h=2).shape == (1, 1, 1),
    "NumPy whole numbers": lambda: solved(time_h=np.int8([0, 2]), threads=np.uint16(2)).size == 2,
    "NumPy numbers": lambda: Input("a", np.float32(1), np.int64(0), np.float16(2)).amount == 1.0,
    "a weight in whole kg": lambda: vm.Subject(weight_kg=np.int32(80)).weight_kg == 80.0,
    "a tuple of subjects": lambda: vm.simulate(SENTENCE, subjects=RUN.subjects).pk.time_h.size,
    "an array of names": lambda: Graph(np.array(["a"]), (), ()).compartments == ("a",),
    "progress in silence": lambda: solved(progress=False, cancel=vm.CancelToken()).size == 2,
    "a shared name of readings": lambda: Graph(["a"], [], [Readout("x", "a")] * 2).names == ("x",),
    "a regimen in Greek": lambda: "µg" not in str(vm.Regimen.parse("valbenazine 80 µg")),
    "days past the steps": lambda: str(vm.label.regimen("valbenazine", days=8)).endswith("80 mg"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_good_input_is_not_refused(name):
    assert GOOD[name]()


def layouts(values):
    readonly = values.copy()
    readonly.flags.writeable = False
    yield from (readonly, values.tolist(), tuple(values), values.astype(">f8"))
    yield from (
        values.astype("<i2"),
        values.astype("f4"),
        np.asfortranarray(np.stack([values, values]))[1],
    )
    yield from (np.repeat(values, 3)[::3], values[::-1].copy()[::-1], values.astype("longdouble"))
    yield np.frombuffer(b"x" + values.tobytes(), dtype="u1")[1:].view("f8")  # misaligned


@pytest.mark.parametrize("time_h", list(layouts(TIMES)))
def test_the_layout_of_an_array_changes_no_bit(time_h):
    rates = [Flow("a", "b", rate_per_h=time_h), Flow("b", None, rate_per_h=TIMES)]
    graph = Graph(["a", "b"], rates, [Readout("x", "b", per_amount=time_h)])
    plain = [Flow("a", "b", rate_per_h=TIMES), Flow("b", None, rate_per_h=TIMES)]
    expected = Graph(["a", "b"], plain, [Readout("x", "b", per_amount=TIMES)])
    dose = [Input("a", 3.0)]
    got = solve(graph, inputs=dose, time_h=time_h)
    assert got.tobytes() == solve(expected, inputs=dose, time_h=TIMES).tobytes()
    assert got.flags.c_contiguous
    assert got.dtype == np.dtype("f8")
