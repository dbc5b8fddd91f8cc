"""Release with NEURON: a point process in NMODL, compiled when it is first needed."""

import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from neuron import h

from .contest import Contender
from .quanta_problem import LOG_MEAN, LOG_SD, PROBABILITY, REFILL_S, SITES, SPIKES, Problem

MECHANISM = f"""
NEURON {{
    POINT_PROCESS QuantalRelease
    RANGE held
    RANDOM dice
}}
ASSIGNED {{
    ready[{SITES}]
    held
}}
INITIAL {{
    held = 0
    FROM site = 0 TO {SITES - 1} {{
        ready[site] = -1
    }}
}}
NET_RECEIVE(weight) {{
    held = 0
    FROM site = 0 TO {SITES - 1} {{
        if (ready[site] <= t) {{
            if (random_uniform(dice) < {PROBABILITY}) {{
                ready[site] = t + {1000.0 * REFILL_S} * random_negexp(dice)
                held = held + exp({LOG_MEAN!r} + {LOG_SD!r} * random_normal(dice))
            }}
        }}
    }}
}}
"""


@cache
def load() -> None:
    folder = Path(tempfile.mkdtemp(prefix="release-neuron-"))
    (folder / "release.mod").write_text(MECHANISM)
    compiler = Path(sysconfig.get_path("scripts")) / "nrnivmodl"
    done = subprocess.run(
        [sys.executable, str(compiler)], cwd=folder, capture_output=True, text=True, check=False
    )
    libraries = list(folder.glob("*/libnrnmech.so")) + list(folder.glob("*/.libs/libnrnmech.so"))
    if not libraries:
        raise RuntimeError(f"nrnivmodl made no library: {(done.stdout + done.stderr)[-200:]}")
    h.nrn_load_dll(str(libraries[0]))


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    if problem.own:
        raise ValueError("this contender does only spikes that all synapses share")
    load()
    pause_ms = 1000.0 * float(problem.trains.time_s[1])

    def call() -> np.ndarray:
        seed = next(problem.seeds)
        section = h.Section(name="terminal")
        source = h.NetStim()
        source.interval, source.start = pause_ms, 0.5 * pause_ms
        source.number, source.noise = SPIKES, 0
        kept = []
        for synapse in range(problem.synapses):
            process = h.QuantalRelease(section(0.5))
            process.dice.set_ids(seed, synapse, 1)
            connection = h.NetCon(source, process, -1, 0, 1)
            seen = h.Vector().record(process._ref_held, pause_ms)
            kept.append((process, connection, seen))
        h.dt = 0.25 * pause_ms
        h.finitialize(0)
        while h.t < pause_ms * (SPIKES + 0.1):
            h.fadvance()
        return np.concatenate([np.array(seen)[1 : SPIKES + 1] for _, _, seen in kept])

    return call


CONTENDERS = (
    Contender(
        name="NEURON",
        prepare=prepare,
        packages=("neuron", "numpy"),
        size=300 * SPIKES,
        all_threads=False,
        note="a mechanism in NMODL, site by site; building is part of every call",
    ),
)
