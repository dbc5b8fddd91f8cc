"""Release with Brian2: every site a cell of one group, updated at each spike."""

from collections.abc import Callable

import brian2 as b2
import numpy as np

from .contest import Contender
from .quanta_problem import LOG_MEAN, LOG_SD, PROBABILITY, REFILL_S, SITES, SPIKES, Problem

b2.prefs.codegen.target = "cython"

STEP = """
fused = int(ready <= t) * int(rand() < p)
ready = ready * (1 - fused) + fused * (t - refill * log(rand()))
held = fused * exp(log_mean + log_sd * randn())
"""


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    if problem.own:
        raise ValueError("this contender does only spikes that all synapses share")
    pause = float(problem.trains.time_s[1])

    def call() -> np.ndarray:
        b2.start_scope()
        b2.seed(next(problem.seeds))
        b2.defaultclock.dt = pause * b2.second
        names = {
            "p": PROBABILITY,
            "refill": REFILL_S * b2.second,
            "log_mean": LOG_MEAN,
            "log_sd": LOG_SD,
        }
        sites = b2.NeuronGroup(
            problem.synapses * SITES, "ready : second\nfused : 1\nheld : 1", namespace=names
        )
        sites.ready = -1 * b2.second
        sites.run_regularly(STEP, dt=b2.defaultclock.dt, when="start")
        seen = b2.StateMonitor(sites, "held", record=True, when="end")
        b2.Network(sites, seen).run(SPIKES * pause * b2.second)
        held = np.asarray(seen.held)
        return held.reshape(problem.synapses, SITES, SPIKES).sum(axis=1).ravel()

    return call


CONTENDERS = (
    Contender(
        name="Brian2",
        prepare=prepare,
        packages=("brian2", "numpy"),
        size=200 * SPIKES,
        all_threads=False,
        note="building the network is part of every call",
    ),
)
