"""The calls whose numbers must have the same bits on every machine."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import _core, drugs
from vmatcore.chain import simulate
from vmatcore.filling import BirthDeath, ProtonSupply, Steps
from vmatcore.filling import simulate as fill
from vmatcore.molecular import simulate as follow
from vmatcore.outcome.day import last_day
from vmatcore.outcome.drawn import drawn_days
from vmatcore.outcome.interval import constants_behind
from vmatcore.pk import (
    Brain,
    Flow,
    Graph,
    Input,
    Readout,
    Reset,
    Saturable,
    SteadyState,
    measured,
    solve,
    vary,
)
from vmatcore.pk import simulate as pk_simulate
from vmatcore.plasticity import Drive, Learning
from vmatcore.plasticity import simulate as learn
from vmatcore.release import FillingContent, LognormalQuantum, Synapse
from vmatcore.release import simulate as release
from vmatcore.signal import Region
from vmatcore.signal import simulate as sense
from vmatcore.spikes import gamma, poisson
from vmatcore.subject import Subject
from vmatcore.terminal import SITES, Load, Profile, Terminal
from vmatcore.terminal import simulate as terminal_stage
from vmatcore.uncertainty import Draws, draw
from vmatcore.vesicle import Vesicle

if TYPE_CHECKING:
    import numpy.typing as npt

    from vmatcore.occupancy import OccupancyResult

    FloatArray = npt.NDArray[np.float64]

    #: A name, and the call.
    Case = tuple[str, Callable[[], FloatArray]]

__all__ = ["cases"]


def cases() -> Iterator[Case]:
    """Yield the name of every golden hash and the call whose numbers it hashes."""
    yield from _random_cases()
    for number in range(30):
        yield f"random graph {number}", lambda n=number: _random_graph(n)  # type: ignore[misc]
    yield from _drug_cases()
    yield from _PLASMA.items()
    for number in range(5):
        yield f"saturable graph {number}", lambda n=number: _saturable_graph(n)  # type: ignore[misc]
    yield from _filling_cases()
    yield from _release_cases()
    for name, (terminal, driven) in _TERMINALS.items():
        yield f"terminal: {name}", lambda t=terminal, d=driven: _terminal(t, d)  # type: ignore[misc]
    for name, learning in _LEARNINGS.items():
        yield f"plasticity: {name}", lambda one=learning: _plasticity(one)  # type: ignore[misc]
    for part in ("contents", "molecules", "amine"):
        yield f"{part} at an hour of a run", lambda p=part: _at_an_hour(p)  # type: ignore[misc]
    for name in ("tetrabenazine", "valbenazine"):
        yield f"D2 activation under {name}", lambda n=name: _d2(n)  # type: ignore[misc]
    yield "tone over epochs", _tone
    for site in SITES:
        yield f"steady amine: {site}", lambda s=site: _amine(s)  # type: ignore[misc]
    yield "draws of constants", lambda: np.array([*_draws().values.values()])
    yield "D2 activation under draws of constants", _d2_of_draws


def _random_cases() -> Iterator[Case]:
    for kind in ("uniform", "exponential", "normal"):
        for seed in (0, 1, 2**32, 2**64 - 1):
            for replicate in (0, 1, 12345, 2**64 - 1):
                for stage in (1, 2):
                    yield (
                        f"{kind} seed {seed} stage {stage} replicate {replicate}",
                        lambda k=kind, s=seed, g=stage, r=replicate: (  # type: ignore[misc]
                            _core.random_draws(k, s, g, r, 1000)
                        ),
                    )
    for exponent in range(-6, 7):
        grid = np.linspace(1.0, 10.0, 1001) * 10.0**exponent
        yield f"ln at 1e{exponent}", lambda x=grid: _core.math_ln(x)  # type: ignore[misc]
        yield f"exp at -1e{exponent}", lambda x=grid: _core.math_exp(-x)  # type: ignore[misc]


def _drug_cases() -> Iterator[Case]:
    for name in drugs.names():
        for phenotype in drugs.enzymes()["CYP2D6"]:
            for part in ("plasma", "occupancy"):
                yield (
                    f"{name} in a {phenotype} metaboliser, {part}",
                    lambda n=name, p=phenotype, s=part: _drug(n, p, s),  # type: ignore[misc]
                )


def _filling_cases() -> Iterator[Case]:
    yield "filling with a proton supply", _with_proton_supply
    for method in ("closed_form", "ssa"):
        for name, (law, settings) in _FILLINGS.items():
            yield (
                f"filling of {name} by {method}",
                lambda v=law, m=method, s=settings: _filling(v, m, s),  # type: ignore[misc]
            )


def _release_cases() -> Iterator[Case]:
    for number, train in enumerate(_trains()):
        yield f"spikes {number}", lambda one=train: one.time_s  # type: ignore[misc]
    for name, content in _CONTENTS.items():
        for sites in (20, 100):
            for part in ("quanta", "molecules", "amine"):
                yield (
                    f"{part} of {sites} sites, {name}",
                    lambda c=content, n=sites, p=part: _release(c, n, p),  # type: ignore[misc]
                )


def _trains() -> list[Any]:
    every: dict[str, Any] = {"duration_s": 20.0, "synapses": 30, "seed": 5}
    return [
        poisson(rate_hz=Steps(time_s=[0, 5, 8], values=[2.0, 20.0, 4.0]), **every),
        gamma(rate_hz=4.0, interval_cv=0.3, **every),
        gamma(rate_hz=4.0, interval_cv=2.0, **every),
    ]


def _release(content: Any, sites: int, part: str) -> FloatArray:
    synapse = Synapse(sites=sites, probability=0.3, pool_per_site=3, active_share=0.9)
    found: Any = release(synapse, _trains()[0], content=content, seed=6)
    if part == "amine":
        found = sense(found, Region.dorsal_striatum())
        part = "amine_nmol_l"
    array: FloatArray = getattr(found, part)
    return array


_STEPS = Steps(time_s=[0, 50, 120], values=[1.0, 0.3, 0.6])

_FILLINGS: dict[str, tuple[Vesicle | BirthDeath, dict[str, Any]]] = {
    "dopamine": (Vesicle(), {"active": _STEPS, "start": "full"}),
    "serotonin": (Vesicle.serotonin(), {"active": 0.2}),
    "norepinephrine": (Vesicle.norepinephrine(), {"start": 2500}),
    "vesicles that differ": (Vesicle(volume_cv=0.5, transporters_vary=True), {"active": 0.5}),
    "switching copies": (Vesicle(), {"active": _STEPS, "binding": "telegraph"}),
    "lost copies": (Vesicle(), {"active": _STEPS, "binding": "irreversible"}),
    "limited places": (BirthDeath(birth_per_s=25.0, death_per_s=0.002, capacity=700), {}),
}


_CONTENTS: dict[str, Any] = {
    "lognormal": LognormalQuantum(molecules=30.0, cv=0.5),
    "filling": FillingContent(Vesicle(), active=_STEPS),
    "filling, lost copies": FillingContent(
        Vesicle(volume_cv=0.3), active=_STEPS, binding="irreversible"
    ),
}


def _filling(law: Vesicle | BirthDeath, method: str, settings: dict[str, Any]) -> FloatArray:
    times = [0.0, 10.0, 50.0, 90.0, 300.0]
    filled: Any = fill(law, time_s=times, vesicles=60, seed=11, method=method, **settings)
    array: FloatArray = filled.molecules
    return array


def _with_proton_supply() -> FloatArray:
    filled: Any = fill(
        Vesicle(proton_supply=ProtonSupply()),
        active=_STEPS,
        time_s=[0.0, 1.0, 5.0],
        vesicles=20,
        seed=11,
        method="ssa",
    )
    return np.stack([filled.molecules, filled.ph, filled.potential_mv])


_LOAD = Load.oral(5.0, absorption_per_h=1.1, elimination_per_h=0.1, every_h=12.0, doses=4)
_TERMINALS: dict[str, tuple[Terminal, Any]] = {
    "dopamine as published, steps": (Terminal.best2009(), Steps(time_s=[0, 7200], values=[1, 0.2])),
    "dopamine, doses": (Terminal.default(), _LOAD),
    "serotonin, doses": (Terminal.serotonin(), _LOAD),
    "norepinephrine, lines": (
        Terminal.norepinephrine(),
        Profile(time_h=[0, 2, 30], values=[1.0, 0.1, 0.8]),
    ),
}


def _terminal(terminal: Terminal, active: Any) -> FloatArray:
    mao = [value * terminal.value(_MAO[terminal.amine]) for value in (0.5, 0.8, 1.0, 1.7, 2.1)]
    many = terminal.with_values({_MAO[terminal.amine]: mao * 2})
    run = terminal_stage(active=active, terminal=many, time_h=[0, 0.3, 2, 7.7, 12, 40], fluxes=True)
    parts = [run.content_umol_l, run.cytosol_umol_l, run.outside_umol_l, run.acids_umol_l]
    return np.stack(parts + list(run.fluxes_umol_l_h.values()))


_MAO = {
    "dopamine": "mao_per_h",
    "norepinephrine": "mao_per_h",
    "serotonin": "mao_vmax_umol_l_h",
}


_LEARNINGS = {
    "default": Learning(),
    "all or none": Learning(save_steepness=math.inf, activity_per_s=math.inf),
    "a learning critic": Learning(critic_rate=0.02, learning_rate=0.1),
}


def _plasticity(learning: Learning) -> FloatArray:
    drive = Drive(
        days=[3.0, 0.5, 2.0],
        burst=[1.0, 0.4, 0.7],
        dip=[1.0, 0.3, 0.9],
        burst_chance=[0.8, 0.8, 0.6],
    )
    run = learn(drive, learning=learning, synapses=30, seed=9)
    return np.stack([run.go, run.no_go, run.expected])


def _random_graph(number: int) -> FloatArray:
    """A graph, its rates, its doses and its reads from our own stream."""
    uniform = iter(_core.random_draws("uniform", number, 0, 0, 400))

    def draw(low: float, high: float) -> float:
        return low + (high - low) * float(next(uniform))

    size = 2 + int(draw(0, 6))
    names = [f"c{i}" for i in range(size)]
    flows = [Flow(names[i], names[i + 1], rate_per_h=draw(0.01, 5.0)) for i in range(size - 1)]
    flows += [
        Flow(names[i], names[j], rate_per_h=draw(0.001, 1.0))
        for i in range(size)
        for j in range(i)
        if draw(0, 1) < 0.3
    ]
    flows.append(Flow(names[-1], None, rate_per_h=[draw(0.01, 2.0) for _ in range(11)]))
    graph = Graph(names, flows, [Readout(name, name) for name in names])
    doses = [
        Input(names[0], draw(1, 100), draw(0, 48), draw(0, 6) if i % 2 else 0.0) for i in range(5)
    ]
    time_h = np.sort([draw(0, 72) for _ in range(20)])
    return solve(graph, inputs=doses, time_h=time_h)


def _saturable_graph(number: int) -> FloatArray:
    """A depot, a plasma with a tissue and saturable elimination, and endless earlier doses."""
    draws = _core.random_draws("uniform", number, 0, 1, 50)
    flows: list[Flow | Saturable] = [
        Flow("depot", "plasma", rate_per_h=0.3 + 2.0 * draws[:10]),
        Flow("plasma", "tissue", rate_per_h=draws[10:20]),
        Flow("tissue", "plasma", rate_per_h=0.2 + draws[20:30]),
        Saturable(
            "plasma", None, maximum_per_h=10.0 + draws[30:40], half_amount=5.0 + 90.0 * draws[40:]
        ),
    ]
    graph = Graph(["depot", "plasma", "tissue"], flows, [Readout("plasma", "plasma")])
    dose = Input("depot", 50.0, 0.0, float(number % 2))
    entries: list[Input | Reset | SteadyState] = [
        SteadyState([dose], every_h=12.0),
        dose,
        Reset(40.0),
        Input("plasma", 9.0, 41.5),
    ]
    return solve(graph, inputs=entries, time_h=np.arange(0.0, 60.0, 0.75), rtol=1e-6)


_EVENTS = (
    'valbenazine 40 mg q12h x 4 ss1 id "a" & valbenazine 30 mg at 8 mg/h ss2 q9h x 3 after 5 h '
    'id "a" & valbenazine 80 mg q24h x 3 id "b" & valbenazine 20 mg reset after 30 h into "2" '
    'id "b"'
)
_PERSON = Subject(
    cyp2d6=1.25, comedication=["carbamazepine"], food="fed", hepatic_impairment="mild"
)


def _plasma(regimen: str, **settings: Any) -> FloatArray:
    array: FloatArray = pk_simulate(regimen, every_h=1.5, until_h=72.0, **settings).plasma_nmol_l
    return array


_PLASMA: dict[str, Callable[[], FloatArray]] = {
    "plasma under event tables": lambda: _plasma(_EVENTS),
    "plasma of a person with covariates": lambda: _plasma("valbenazine 80 mg", subject=_PERSON),
    "plasma of people who vary": lambda: _plasma(
        "valbenazine 80 mg", subjects=vary([Subject()] * 9, seed=3)
    ),
    "plasma as measured": lambda: measured(pk_simulate("valbenazine 80 mg"), seed=3),
    "a brain of two pools": lambda: (
        pk_simulate(
            "tetrabenazine 25 mg", every_h=1.5, brain=Brain.default(pools=2)
        ).brain_unbound_nmol_l
    ),
}


def _drug(name: str, phenotype: str, part: str) -> FloatArray:
    run = simulate(
        f"{name} 10 mg q12h x 4", every_h=1.5, until_h=72.0, subject=Subject(cyp2d6=phenotype)
    )
    found: Any = run.pk.plasma_nmol_l if part == "plasma" else run.occupancy.vmat2
    array: FloatArray = found
    return array


def _d2(name: str) -> FloatArray:
    run = simulate(f"{name} 20 mg q8h x 6", time_h=[48.0])
    return last_day([run.occupancy], 48.0)[0].d2


def _tone() -> FloatArray:
    """Read daily, and by the loop every half hour."""
    return simulate("tetrabenazine 20 mg q8h x 6", every_h=24.0, until_h=96.0).plasticity.tone


def _at_an_hour(part: str) -> FloatArray:
    run = simulate("tetrabenazine 25 mg q8h x 6", every_h=1.0)
    train = poisson(rate_hz=8.0, duration_s=10.0, synapses=40, seed=5)
    one: Any = follow(
        run, at_h=[41.5], synapses=40, vesicles=40, seed=5, train=train, window_h=1.0
    ).of()
    found: Any = {
        "contents": one.filling.molecules,
        "molecules": one.release.molecules,
        "amine": _heard(one),
    }[part]
    array: FloatArray = found
    return array


def _heard(one: Any) -> FloatArray:
    """The signal from a fixed level: that of the mean field rests on a sum of NumPy's."""
    block = {"D2": one.drives.d2_block}
    found = sense(one.release, Region.dorsal_striatum(), start=20.0, block=block)
    return np.stack([found.amine_nmol_l, *found.occupancy.values()])


def _amine(site: str) -> FloatArray:
    return simulate("tetrabenazine 20 mg q8h x 6", every_h=1.5).signal.amine[site]


def _drawn_run() -> OccupancyResult:
    return simulate("tetrabenazine 20 mg q8h x 6", time_h=[48.0]).occupancy


def _draws() -> Draws:
    constants = constants_behind(_drawn_run(), ("drugs", "brain", "terminals", "outcome"))
    return draw(constants, 9, 4, {site: make() for site, make in SITES.items()})


def _d2_of_draws() -> FloatArray:
    days = drawn_days(_drawn_run(), _draws(), 48.0)
    return np.concatenate([signal.d2 for _, signal, _ in days])
