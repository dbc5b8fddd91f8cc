"""What is installed, and whether this machine gives the same bits as every other."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import _core, drugs
from vmatcore.chain import simulate
from vmatcore.filling import BirthDeath, ProtonSupply, Steps
from vmatcore.filling import simulate as fill
from vmatcore.pk import Flow, Graph, Input, Readout, solve
from vmatcore.release import FillingContent, LognormalQuantum, Synapse
from vmatcore.release import simulate as release
from vmatcore.signal import Region
from vmatcore.signal import simulate as sense
from vmatcore.spikes import gamma, poisson
from vmatcore.subject import Subject
from vmatcore.terminal import Load, Profile, Terminal
from vmatcore.terminal import simulate as terminal_stage
from vmatcore.vesicle import Vesicle
from vmatcore.work import Work, available_bytes

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["facts", "golden", "hashes", "wrong_hashes"]

_GOLDEN = Path(__file__).parent / "golden.json"

_OPTIONAL = {"matplotlib": "figures (lab)"}


def facts() -> dict[str, str]:
    """Return what a bug report should say: versions, CPU level, threads, memory, extras."""
    free = available_bytes()
    found = {
        "vmatcore": _core.__version__,
        "random stream version": str(_core.STREAM_VERSION),
        "python": f"{platform.python_version()} ({sys.platform}, {platform.machine()})",
        "numpy": np.__version__,
        "cpu level": _core.cpu_level(),
        "threads by default": str(Work.start().threads),
        "memory free": "unknown" if free is None else f"{free / 1e9:.1f} GB",
    }
    for name, use in _OPTIONAL.items():
        installed = util.find_spec(name) is not None
        found[name] = metadata.version(name) if installed else f"not installed; gives {use}"
    return found


@cache
def golden() -> dict[str, str]:
    """Return the hashes that every machine must reproduce, by name."""
    found: dict[str, str] = json.loads(_GOLDEN.read_text(encoding="utf-8"))["hashes"]
    return found


def wrong_hashes() -> list[str]:
    """Return the names of the golden hashes that this machine does not reproduce."""
    found = hashes()
    return [name for name, value in golden().items() if found.get(name) != value]


def hashes() -> dict[str, str]:
    """Compute the hashes anew on this machine."""
    return {name: _hash(make()) for name, make in _cases()}


def _hash(array: FloatArray) -> str:
    little = np.ascontiguousarray(array, dtype="<f8")
    return hashlib.sha256(little.tobytes()).hexdigest()[:16]


def _cases() -> Iterator[tuple[str, Callable[[], FloatArray]]]:
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
    for number in range(30):
        yield f"random graph {number}", lambda n=number: _random_graph(n)  # type: ignore[misc]
    for name in drugs.names():
        for phenotype in drugs.enzymes()["CYP2D6"]:
            for part in ("plasma", "occupancy"):
                yield (
                    f"{name} in a {phenotype} metaboliser, {part}",
                    lambda n=name, p=phenotype, s=part: _drug(n, p, s),  # type: ignore[misc]
                )

    yield "filling with a proton supply", _with_proton_supply
    for method in ("closed_form", "ssa"):
        for name, (law, settings) in _FILLINGS.items():
            yield (
                f"filling of {name} by {method}",
                lambda v=law, m=method, s=settings: _filling(v, m, s),  # type: ignore[misc]
            )

    for name, (terminal, driven) in _TERMINALS.items():
        yield f"terminal: {name}", lambda t=terminal, d=driven: _terminal(t, d)  # type: ignore[misc]
    yield from _release_cases()


def _release_cases() -> Iterator[tuple[str, Callable[[], FloatArray]]]:
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


def _drug(name: str, phenotype: str, part: str) -> FloatArray:
    run = simulate(
        f"{name} 10 mg q12h x 4", every_h=1.5, until_h=72.0, subject=Subject(cyp2d6=phenotype)
    )
    found: Any = run.pk.plasma_nmol_l if part == "plasma" else run.occupancy.vmat2
    array: FloatArray = found
    return array


if __name__ == "__main__":
    # The content of golden.json, for a deliberate change of bits.
    print(json.dumps({"stream_version": _core.STREAM_VERSION, "hashes": hashes()}, indent=1))
