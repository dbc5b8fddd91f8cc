"""Whatever is thrown at a public function: success, or one clear error."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vmatcore as vm
from tests.contract.anything import ANYTHING, attempt, many, some
from vmatcore.drugs import Quantity
from vmatcore.pk import Brain, Flow, Graph, Input, Readout, solve

SENTENCE = "valbenazine 80 mg q24h x 3"
RUN = vm.simulate(SENTENCE, every_h=12)
DRUG = vm.drugs.get("tetrabenazine")
GRAPH = Graph(["a", "b"], [Flow("a", "b", rate_per_h=0.5)], [Readout("x", "b")])


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
    "solution graph": lambda v: vm.pk.solution(v, inputs=[], time_h=[0.0]),
    "solution reading": vm.pk.solution(GRAPH, inputs=[], time_h=[0.0]).of,
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
