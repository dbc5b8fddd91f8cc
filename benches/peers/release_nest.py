"""Release with NEST: its quantal synapse counts the vesicles, NumPy gives them sizes.

Each synapse ends on a cell that forgets between two spikes, so that its potential just after a
spike is the number of vesicles. NEST itself knows no lognormal quantum.
"""

from collections.abc import Callable

import nest
import numpy as np

from .contest import Contender
from .quanta_problem import LOG_MEAN, LOG_SD, PROBABILITY, REFILL_S, SITES, SPIKES, Problem

nest.verbosity = nest.VerbosityLevel.ERROR
STEP_MS = 20.0
FORGET_MS = 8.0
FIRST_MS = 40.0


def counts(problem: Problem, threads: int, seed: int) -> np.ndarray:
    nest.ResetKernel()
    nest.SetKernelStatus(
        {"resolution": STEP_MS, "local_num_threads": threads, "rng_seed": seed, "print_time": False}
    )
    pause_ms = 1000.0 * float(problem.trains.time_s[1])
    generator = nest.Create(
        "spike_generator", params={"spike_times": FIRST_MS + pause_ms * np.arange(SPIKES)}
    )
    parrots = nest.Create("parrot_neuron", problem.synapses)
    cells = nest.Create(
        "iaf_psc_delta",
        problem.synapses,
        params={
            "tau_m": FORGET_MS,
            "E_L": 0.0,
            "V_m": 0.0,
            "V_th": 1e9,
            "V_reset": 0.0,
            "t_ref": STEP_MS,
        },
    )
    nest.Connect(generator, parrots, syn_spec={"delay": STEP_MS})
    nest.Connect(
        parrots,
        cells,
        "one_to_one",
        {
            "synapse_model": "quantal_stp_synapse",
            "n": SITES,
            "a": SITES,
            "U": PROBABILITY,
            "u": PROBABILITY,
            "tau_rec": 1000.0 * REFILL_S,
            "tau_fac": 0.0,
            "weight": 1.0,
            "delay": STEP_MS,
        },
    )
    arrives = FIRST_MS + 2.0 * STEP_MS
    meter = nest.Create(
        "multimeter",
        params={"record_from": ["V_m"], "interval": pause_ms, "offset": arrives},
    )
    nest.Connect(meter, cells)
    nest.Simulate(arrives + pause_ms * (SPIKES - 1) + STEP_MS)
    seen = meter.events
    order = np.lexsort((seen["times"], seen["senders"]))
    return np.rint(seen["V_m"][order]).astype(np.int64)


def prepare(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
    if problem.own:
        raise ValueError("this contender does only spikes that all synapses share")

    def call() -> np.ndarray:
        seed = next(problem.seeds)
        quanta = counts(problem, threads, seed)
        generator = np.random.default_rng(seed)
        held = np.exp(LOG_MEAN + LOG_SD * generator.standard_normal(int(quanta.sum())))
        totals = np.zeros(quanta.size)
        some = quanta > 0
        totals[some] = np.add.reduceat(held, (np.cumsum(quanta) - quanta)[some])
        return totals

    return call


CONTENDERS = (
    Contender(
        name="NEST",
        prepare=prepare,
        packages=("nest-simulator", "numpy"),
        size=1_000 * SPIKES,
        all_threads=False,
        note="quantal_stp_synapse counts, NumPy draws the sizes; building is part of every call",
    ),
)
