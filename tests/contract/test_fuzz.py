"""Whatever is thrown at a public function or stands in a file: success, or one clear error."""

from __future__ import annotations

import copy
import datetime
import decimal
import fractions
import pickle
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import vmatcore as vm
from vmatcore.drugs import Quantity
from vmatcore.errors import FileFormatError, ParameterError, ParameterTypeError, VmatError
from vmatcore.pk import Brain, Flow, Graph, Input, Readout, solve

quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
some = settings(derandomize=True, max_examples=60, deadline=None, suppress_health_check=quiet)
many = settings(some, max_examples=400)

#: No call below is given work that takes longer, even on a slow machine.
LONGEST_S = 5.0

SENTENCE = "valbenazine 80 mg q24h x 3"
RUN = vm.simulate(SENTENCE, every_h=12)
DRUG = vm.drugs.get("tetrabenazine")
GRAPH = Graph(["a", "b"], [Flow("a", "b", rate_per_h=0.5)], [Readout("x", "b")])


class Unprintable:
    def __repr__(self):
        raise RuntimeError("this object does not print")


def one_of_these(values):
    """Like sampled_from, which would have to print what cannot be printed."""
    return st.integers(0, len(values) - 1).map(lambda at: values[at])


NUMBERS = st.one_of(
    st.floats(),
    st.integers(),
    one_of_these([0, -0.0, 1e-300, 5e-324, 1e308, -1e308, 2**63, 2**64, 10**400, 10**5000]),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    NUMBERS,
    st.complex_numbers(),
    st.text(max_size=20),
    st.binary(max_size=5),
    one_of_these(
        [
            "", "nan", "1e5", "\ud800", "a\0b", "x" * 10_000, "valbenazine", "normal", "pk",
            object(), Unprintable(), int, NotImplemented, ..., slice(None), range(3), bytearray(1),
            decimal.Decimal("0.1"), decimal.Decimal("nan"), fractions.Fraction(1, 3),
            datetime.datetime(2026, 1, 1), datetime.timedelta(hours=1),
            np.float32(1.5), np.int8(-1), np.uint64(2**64 - 1), np.bool_(True), np.complex64(1),
            np.datetime64("NaT"), np.timedelta64(3, "h"), np.longdouble("1e4000"), np.str_("a"),
        ]
    ),
)  # fmt: skip
ARRAYS = st.one_of(
    st.lists(NUMBERS, max_size=5).map(lambda values: np.array(values, dtype=object)),
    st.lists(st.floats(), max_size=5).map(np.array),
    st.lists(st.floats(width=16), max_size=5).map(lambda values: np.array(values, ">f2")),
    one_of_these(
        [
            np.ones(()), np.ones((2, 2)), np.ones((0, 3)), np.zeros(0), np.zeros(0, "U1"),
            np.array([True]), np.array(["a"]), np.array([b"a"]), np.array([1j]), np.array([None]),
            np.array(["2026"], "M8[Y]"), np.array([1, 2], "m8[h]"), np.array([[1], [2]], object),
            np.zeros(2, [("a", "f8")]), np.zeros(2, "V4"), np.array([2**64 - 1]),
            np.ma.masked_array([1.0, 2.0], [False, True]), np.rec.array([(1,)], names="a"),
            np.broadcast_to(1.0, 3), np.array([1e308, 1e308]), np.array([0.0, np.nan]),
        ]
    ),
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
        | st.frozensets(st.integers(), max_size=3)
        | st.lists(inner, max_size=2).map(iter)
    ),
    max_leaves=6,
)


def attempt(call):
    """Only an error of the family may come out, and it keeps the rules of all errors."""
    start, error = time.perf_counter(), None
    try:
        call()
    except VmatError as caught:
        error = caught
    assert time.perf_counter() - start < LONGEST_S
    if error is not None:
        assert 0 < len(str(error)) <= 400
        assert "\n" not in str(error)
        for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
            assert (type(twin), str(twin)) == (type(error), str(error))


def quantity(**changes):
    return Quantity(**({"value": 1, "unit": "h", "source": "s", "status": "assumed"} | changes))


def call(function, *arguments, name=None, **others):
    """Give the value to one argument, by its place or by its name."""
    if name is None:
        return lambda value: function(*arguments, value, **others)
    return lambda value: function(*arguments, **(others | {name: value}))


def of_a_run(name, **others):
    for title, function, first in (
        ("simulate", vm.simulate, SENTENCE),
        ("pk.simulate", vm.pk.simulate, SENTENCE),
        ("compare", vm.compare, {"arm": SENTENCE}),
    ):
        yield f"{title} {name}", call(function, first, name=name, **others)


TARGETS = {
    **dict(of_a_run("time_h")),
    **dict(of_a_run("every_h", until_h=0.0)),
    **dict(of_a_run("until_h", every_h=1e305)),
    **{k: v for name in ("subject", "subjects", "drugs", "brain") for k, v in of_a_run(name)},
    **{k: v for name in ("threads", "progress", "cancel") for k, v in of_a_run(name)},
    "simulate": vm.simulate,
    "simulate recovery": call(vm.simulate, "reserpine 1 mg", name="recovery_half_time_h"),
    "simulate subjects": lambda v: vm.simulate(SENTENCE, subjects=[vm.Subject(), v]),
    "compare": vm.compare,
    "compare arm": lambda v: vm.compare({"arm": v}),
    "comparison": vm.compare({"arm": SENTENCE}).__getitem__,
    "Graph compartments": lambda v: Graph(v, [], []),
    "Graph flows": lambda v: Graph(["a"], v, []),
    "Graph readouts": lambda v: Graph(["a"], [], v),
    "Flow source": lambda v: Flow(v, "b", rate_per_h=1.0),
    "Flow target": lambda v: Flow("a", v, rate_per_h=1.0),
    "Flow rate": lambda v: Flow("a", "b", rate_per_h=v),
    "Flow drains": lambda v: Flow("a", "b", rate_per_h=1.0, drains=v),
    "Readout name": lambda v: Readout(v, "a"),
    "Readout compartment": lambda v: Readout("x", v),
    "Readout factor": lambda v: Readout("x", "a", per_amount=v),
    **{
        f"Input {name}": call(Input, name=name, **({"compartment": "a", "amount": 1} | {name: 0}))
        for name in ("compartment", "amount", "time_h", "duration_h")
    },
    "solve graph": lambda v: solve(v, inputs=[], time_h=[0.0]),
    **{
        f"solve {name}": call(solve, GRAPH, name=name, **({"inputs": [], "time_h": [0.0]}))
        for name in ("inputs", "time_h", "threads", "progress", "cancel")
    },
    "Brain": lambda v: vm.simulate(SENTENCE, time_h=[1.0], brain=Brain(parameters=v)),
    "Brain value": lambda v: Brain.default(volume=v),
    "Brain log P": Brain.default().equilibration_half_time_h,
    "read": RUN.pk.read,
    "index": RUN.pk.index,
    "of_subjects": RUN.pk.of_subjects,
    "exposure start": lambda v: RUN.pk.exposure_nmol_h_l(v, 1e300),
    "exposure end": lambda v: RUN.pk.exposure_nmol_h_l(0.0, v),
    "occupancy": vm.occupancy.simulate,
    **{
        f"occupancy {name}": call(vm.occupancy.simulate, RUN.pk, name=name)
        for name in ("recovery_half_time_h", "threads", "progress", "cancel")
    },
    "metrics": RUN.metrics,
    "metrics totals": lambda v: RUN.metrics("pk", totals=v),
    "metrics total": lambda v: RUN.metrics("pk", totals={"sum": v}),
    "washout": lambda v: RUN.washout(moieties=v),
    "at": RUN.at,
    "run read": RUN.read,
    "plot": RUN.plot,
    **{
        f"Subject {name}": call(vm.Subject, name=name)
        for name in (
            "cyp2d6",
            "weight_kg",
            "condition",
            "comedication",
            "food",
            "hepatic_impairment",
            "deviations",
        )
    },
    **{
        f"events {name}": lambda v, n=name: vm.Regimen.from_events(
            {"TIME": [0, 1], "AMT": [5, 5]} | {n: [0, v]}, drug="valbenazine"
        )
        for name in ("ID", "TIME", "AMT", "RATE", "II", "ADDL", "SS", "EVID", "CMT")
    },
    "events": lambda v: vm.Regimen.from_events(v, drug="valbenazine"),
    "events ignore": lambda v: vm.Regimen.from_events(
        {"TIME": [0], "AMT": [5]}, drug="valbenazine", ignore=v
    ),
    "each": vm.Regimen.each,
    "of": vm.Regimen.parse('valbenazine 80 mg id "a"').of,
    "maximum_per_h": lambda v: vm.pk.Saturable("a", None, maximum_per_h=v, half_amount=1.0),
    "half_amount": lambda v: vm.pk.Saturable("a", None, maximum_per_h=1.0, half_amount=v),
    "steady inputs": lambda v: vm.pk.SteadyState(v, every_h=1.0),
    "steady interval": lambda v: vm.pk.SteadyState([], every_h=v),
    "reset": vm.pk.Reset,
    "probe": vm.lipophilicity.probe,
    "vary": lambda v: vm.pk.vary([vm.Subject()], drugs=v, seed=1),
    "vary seed": lambda v: vm.pk.vary([vm.Subject()], seed=v),
    "measured": lambda v: vm.pk.measured(v, seed=1),
    "activity": vm.Subject().activity,
    "label drug": vm.label.regimen,
    "label kind": call(vm.label.regimen, "reserpine"),
    "label days": call(vm.label.regimen, "valbenazine", name="days"),
    "get": vm.drugs.get,
    "load": vm.drugs.load,
    "with_parameters": DRUG.with_parameters,
    "with a parameter": lambda v: DRUG.with_parameters({"exchange": v}),
    "moiety": DRUG.moiety,
    "per_ki": DRUG.moieties[0].per_ki,
    "Quantity.of": lambda v: Quantity.of(v, "h"),
    "Quantity.of unit": lambda v: Quantity.of(1.0, v),
    **{
        f"Quantity {name}": call(quantity, name=name)
        for name in ("value", "unit", "source", "status", "low", "high")
    },
}


@pytest.mark.parametrize("target", TARGETS)
@some
@given(value=ANYTHING)
def test_anything_thrown_at_an_argument_gives_a_result_or_an_error_of_the_family(target, value):
    attempt(lambda: TARGETS[target](value))


WILD = st.one_of(
    st.floats(allow_nan=False),
    st.sampled_from([0.0, 1.0, 5e-324, 1e-300, 1e-9, 1e9, 1e300, 1.7e308]),
)
TIME = WILD.filter(lambda value: abs(value) < 1e6 or abs(value) > 1e200)


@many
@given(
    rates=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), WILD.map(abs)), max_size=6),
    inputs=st.lists(st.tuples(st.integers(0, 3), WILD.map(abs), TIME, WILD.map(abs)), max_size=4),
    time_h=st.lists(TIME, max_size=5).map(sorted),
)
def test_wild_numbers_in_a_sound_system_give_numbers_or_an_error(rates, inputs, time_h):
    names = ["a", "b", "c", "d"]

    def run():
        flows = [
            Flow(names[i], [*names, None][j], rate_per_h=rate, drains=i < j or j == 4)
            for i, j, rate in rates
            if i != j
        ]
        graph = Graph(names, flows, [Readout(name, name) for name in names])
        doses = [Input(names[i], *numbers) for i, *numbers in inputs]
        values = solve(graph, inputs=doses, time_h=time_h)
        assert values.shape == (1, 4, len(time_h))
        assert (np.isnan(values) | (values >= 0)).all()

    attempt(run)


@many
@given(
    drug=st.sampled_from(vm.drugs.names()),
    dose=WILD.map(abs),
    values=st.dictionaries(st.integers(0, 30), WILD.map(abs), max_size=3),
    brain=st.dictionaries(st.sampled_from(sorted(vm.drugs.brain())), WILD.map(abs), max_size=2),
    weight=WILD.map(abs),
)
def test_wild_numbers_in_a_drug_give_shares_or_an_error(drug, dose, values, brain, weight):
    def run():
        shipped = vm.drugs.get(drug)
        names = sorted(shipped.parameters)
        own = shipped.with_parameters({names[i % len(names)]: v for i, v in values.items()})
        run = vm.simulate(
            vm.Regimen.repeat(drug, dose_mg=dose, every_h=12, doses=2),
            time_h=[0.0, 1.0, 30.0],
            drugs=[own],
            brain=Brain.default(**brain),
            subject=vm.Subject(weight_kg=weight),
        )
        for held in (run.occupancy.vmat2, *run.occupancy.off_target.values()):
            assert (np.isnan(held) | ((held >= 0) & (held <= 1))).all()

    attempt(run)


MOLE = '{ value = 300, unit = "g/mol", source = "s", status = "assumed" }'
OTHER = '{ value = 0.1, unit = "-", source = "s", status = "assumed" }'
FILE = f"""
name = "mine"
[parameters]
molar_mass = {MOLE}
ka = {OTHER}
v = {OTHER}
[[dose]]
compartment = "gut"
[[compartment]]
name = "gut"
[[compartment]]
name = "plasma"
moiety = "m"
volume = "v"
[[absorption]]
from = "gut"
to = "plasma"
rate = "ka"
[[elimination]]
from = "plasma"
enzyme = "other"
clearance = "ka"
[moiety.m]
molar_mass = {MOLE}
fraction_unbound = {OTHER}
log_p = {OTHER}
[label]
usual = "10 mg q24h"
"""
EDITS = [
    # what is replaced, by what, the key in the message, other words
    ('name = "mine"', "", "name", "missing"),
    ('name = "mine"', "name = 5", "name", "text"),
    ('name = "mine"', 'name = "two words"', "name", "two words"),
    ('name = "mine"', 'name = "mine"\nsumary = "x"', "sumary", "did you mean 'summary'"),
    ('name = "mine"', 'name = "mine"\nliver = 4', "liver", "table"),
    (f"ka = {OTHER}", "ka = 1", "parameters.ka", "table"),
    (f"ka = {OTHER}", "ka = { value = 1 }", "parameters.ka", "unit"),
    (f"ka = {OTHER}", f"ka = {OTHER.replace('0.1', '-1')}", "parameters.ka", "-1"),
    (f"ka = {OTHER}", f"ka = {OTHER.replace('0.1', chr(34) * 2)}", "parameters.ka", "number"),
    (f"ka = {OTHER}", f"ka = {OTHER.replace('status', 'state')}", "parameters.ka", "'status'"),
    (f"v = {OTHER}", f"v = {OTHER.replace('0.1', '0')}", "v", "0"),
    (f"molar_mass = {MOLE}\nka", "ka", "parameters", "molar_mass"),
    (f"molar_mass = {MOLE}\nka", f"molar_mass = {MOLE.replace('300', '0')}\nka", "molar_mass", "0"),
    ("[[dose]]", "[dose]", "dose", "[[dose]]"),
    ('compartment = "gut"', "", "dose[0]", "compartment"),
    ('compartment = "gut"', 'compartment = "gutt"', "dose[0]", "did you mean 'gut'"),
    ('compartment = "gut"', "compartment = 5", "dose[0]", "text"),
    ('compartment = "gut"', 'compartment = "gut"\nlag = "kaa"', "dose[0]", "did you mean 'ka'"),
    ('name = "gut"', 'name = "plasma"', "compartment", "'plasma' twice"),
    ('name = "gut"', "name = 7", "compartment[0]", "text"),
    ('moiety = "m"', 'moiety = "n"', "compartment[1]", "moiety 'n'"),
    ('moiety = "m"', 'moiety = ["m"]', "compartment[1]", "text"),
    ('volume = "v"', "", "plasma", "volume"),
    ('volume = "v"', 'volume = ["v"]', "compartment[1]", "text"),
    ('from = "gut"', "", "absorption[0]", "'from'"),
    ('rate = "ka"', 'rate = "kaa"', "absorption[0]", "did you mean 'ka'"),
    ('rate = "ka"', 'rate = "ka"\ntransits = 2.5', "absorption[0]", "transits"),
    ('rate = "ka"', 'rate = "ka"\ntransits = 9999999', "absorption[0]", "transits"),
    ('rate = "ka"', 'rate = "ka"\nliver = "no"', "absorption[0]", "liver"),
    ('rate = "ka"', 'rate = "ka"\nliver = true', "liver", "mine"),
    ('enzyme = "other"', 'enzyme = ["other"]', "elimination[0]", "text"),
    ('enzyme = "other"', 'enzyme = "other"\nto = "plasma"', "elimination[0]", "plasma"),
    ("[moiety.m]", '[moiety.m]\nlike = "n"', "moiety.m", "moiety 'n'"),
    ("[moiety.m]", "[moiety.m]\nlike = []", "moiety.m", "text"),
    ("[moiety.m]", "[moiety.m]\nki = 5", "moiety.m.ki", "table"),
    ("[moiety.m]", f"[moiety.m]\nki.VMAT3 = {OTHER}", "moiety.m.ki", "did you mean 'VMAT2'"),
    (f"fraction_unbound = {OTHER}", "", "moiety.m", "fraction_unbound"),
    (f"fraction_unbound = {OTHER}", f"fraction = {OTHER}", "moiety.m", "'fraction_unbound'"),
    (f"\nfraction_unbound = {OTHER}", f"\nfraction_unbound = {MOLE}", "moiety.m", "300"),
    ('usual = "10 mg q24h"', "usual = 5", "label.usual", "text"),
    ("[label]", "[reported_together]\nx = 5\n[label]", "reported_together.x", "list"),
    ("[label]", '[reported_together]\nx = ["q"]\n[label]', "reported_together.x", "moiety 'q'"),
    ("[label]", "[weight_exponent]\nv = []\n[label]", "weight_exponent.v", "text"),
    ("[label]", '[[exchange]]\nbetween = ["gut"]\nclearance = "ka"\n[label]', "exchange[0]", "two"),
    ('name = "mine"', "name = " + "[" * 5000, "TOML", "mine.toml"),
    (f"v = {OTHER}", "v = " + "9" * 5000, "TOML", "mine.toml"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key", "word"), EDITS)
def test_a_bad_drug_file_is_refused_with_the_path_of_its_key(tmp_path, old, new, key, word):
    assert FILE.count(old) >= 1
    path = tmp_path / "mine.toml"
    path.write_text(FILE.replace(old, new, 1))
    with pytest.raises(VmatError) as caught:
        vm.drugs.load(path)
    assert key in str(caught.value)
    assert word in str(caught.value)
    attempt(lambda: vm.drugs.load(path))


LINES = FILE.strip().splitlines()
WORDS = ["", "a", "= 1", "[[dose]]", "[parameters]", "[moiety.m]", "1", "{}", "[]", "true", "nan"]


@many
@given(st.data())
def test_a_drug_file_with_a_changed_line_gives_a_drug_or_an_error(tmp_path, data):
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        key, equals, value = lines[at].partition(" = ")
        other = data.draw(st.sampled_from([*WORDS, *(line.partition(" = ")[2] for line in LINES)]))
        lines[at] = data.draw(st.sampled_from([other, f"{key} = {other}", f"{value}{equals}", ""]))
    path = tmp_path / "mine.toml"
    path.write_text("\n".join(lines))

    def run():
        drug = vm.drugs.load(path)
        vm.simulate(f"{drug.name} 1 mg", drugs=[drug], time_h=[0.0, 1.0]).metrics("pk")

    attempt(run)


@pytest.mark.parametrize("label", ["10 q24h", "", "9 mg q1h x 5 then 3 mg", "1 mg for x d then 3"])
def test_a_label_that_is_no_regimen_is_refused_by_its_key(tmp_path, label):
    path = tmp_path / "mine.toml"
    path.write_text(FILE.replace("10 mg q24h", label))
    with pytest.raises(ParameterError, match=r"`label\.usual` of 'mine'"):
        vm.label.regimen(vm.drugs.load(path))


def test_a_good_drug_file_runs(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(FILE)
    for name in (path, str(path)):
        drug = vm.drugs.load(name)
        run = vm.simulate(vm.label.regimen(drug), drugs=[drug])
        assert run.metrics("pk").cmax.min() > 0


def test_what_is_no_drug_file_is_refused_with_its_path(tmp_path):
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    for name in ("missing", "", "binary", "missing/x", "nul\0", "\udcff"):
        with pytest.raises(FileFormatError) as caught:
            vm.drugs.load(tmp_path / name)
        assert tmp_path.name in str(caught.value)
        attempt(lambda n=name: vm.drugs.load(tmp_path / n))
    for path in (None, 5, b"x", ["a"], 1.5, Unprintable()):
        with pytest.raises(ParameterTypeError, match="`path` must be"):
            vm.drugs.load(path)
