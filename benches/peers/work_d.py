"""Work D: dopamine terminals over 28 days of a daily drug, a read an hour.

The terminal is that of Best, Nijhout and Reed 2009 (doi:10.1186/1742-4682-6-21), eight equations
(BH2 = total - BH4). The drug blocks VMAT2: the share 1/(1 + S) works, S the load after a dose at
0, 24, ... 648 h from one compartment with first-order absorption. Seven parameters of the terminal
and the three of the drug are lognormal about their typical values (the medians) with a CV of 30 %,
independent of each other. Each terminal starts at its own rest. Read are cytosolic, vesicular and
extracellular dopamine and the acids (umol/L) at 0, 1, ... 672 h.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from .contest import Work

SEED = 20_262
TERMINALS = 10_000
CV = 0.30
DOSES = 28
INTERVAL_H = 24.0
READS_PER_DOSE = 24
TYPICAL = {  # the terminal in umol/L and h, then the drug
    "vmat_vmax": 7082.0,
    "vmat_km": 3.0,
    "vesicle_leak": 40.0,
    "dat_vmax": 8000.0,
    "mao": 10.0,
    "th_vmax": 125.0,
    "release": 1.0,
    "load": 6.0,
    "absorption_per_h": 1.0,
    "elimination_per_h": 0.1,
}
OF_TERMINAL = 7
STATES = 8
READ = (4, 5, 6, 7)
"""Cytosol, vesicles, outside, acids."""
GUESS = (125.7, 942.8, 319.14, 0.3559, 2.647, 80.97, 0.002024, 7.68)
CHECKED_ROWS = 10


@dataclass(frozen=True)
class Problem:
    """Parameters (terminal, parameter), starts (terminal, state) and the times of the reads."""

    parameters: np.ndarray
    start: np.ndarray
    time_h: np.ndarray

    @property
    def terminals(self) -> int:
        return len(self.parameters)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of the answer: terminal, quantity, time."""
        return self.terminals, len(READ), self.time_h.size


def rates(tyrosine, pool, bh4, dopa, cytosol, vesicles, outside, acids, p, active):
    """The eight slopes per h, in plain arithmetic: for floats, arrays and compilers alike."""
    ratio = outside / 0.002024
    hydroxylase = (
        0.56
        / (1.0 + tyrosine / 160.0)
        * (4.5 / (8.0 * ratio * ratio * ratio * ratio + 1.0) + 0.5)
        * p[5]
        * tyrosine
        * bh4
        / (tyrosine * bh4 + 46.0 * bh4 + 2760.0 * (1.0 + cytosol / 110.0))
    )
    bh2 = 360.0 - bh4
    reductase = 162.96296296296296 * bh2 / (100.0 + bh2) - 20.594059405940595 * bh4 / (10.0 + bh4)
    made = 10000.0 * dopa / (130.0 + dopa)
    filled = active * p[0] * cytosol / (p[1] + cytosol) - p[2] * vesicles
    released = p[6] * vesicles
    reuptake = p[3] * outside / (0.2 + outside)
    broken = 30.0 * outside / (3.0 + outside)
    oxidised = p[4] * cytosol
    return (
        240.99378881987578 - hydroxylase - 6.2 * tyrosine + 0.6 * pool,
        6.0 * tyrosine - 0.8 * pool,
        reductase - hydroxylase,
        hydroxylase - made,
        made - filled + reuptake - oxidised,
        filled - released,
        released - reuptake - broken - 400.0 * outside,
        oxidised + broken - 3.45 * acids,
    )


def loads(p) -> tuple[np.ndarray, np.ndarray]:
    """Amplitudes (dose,) of exp(-elimination t) and exp(-absorption t) from each dose on."""
    factor = p[7] * p[8] / (p[8] - p[9])
    slow, fast = np.empty(DOSES), np.empty(DOSES)
    slow_now = fast_now = 0.0
    for dose in range(DOSES):
        slow_now = slow_now * math.exp(-p[9] * INTERVAL_H) + factor
        fast_now = fast_now * math.exp(-p[8] * INTERVAL_H) - factor
        slow[dose], fast[dose] = slow_now, fast_now
    return slow, fast


def _rest(parameters: np.ndarray) -> np.ndarray:
    """The steady state of every terminal by implicit Euler with ever longer steps."""
    columns = parameters.T
    state = np.repeat(np.array(GUESS)[:, None], len(parameters), axis=1)

    def slopes(at):
        return np.stack([np.broadcast_to(part, at[0].shape) for part in rates(*at, columns, 1.0)])

    step_h = 1e-3
    for _ in range(120):
        now = slopes(state)
        jacobian = np.empty((len(parameters), STATES, STATES))
        for j in range(STATES):
            change = 1e-7 * np.abs(state[j]) + 1e-12
            up = state.copy()
            up[j] += change
            jacobian[:, :, j] = ((slopes(up) - now) / change).T
        matrix = np.eye(STATES) / step_h - jacobian
        state = state + np.linalg.solve(matrix, now.T[:, :, None])[:, :, 0].T
        step_h = min(step_h * 1.5, 1e9)
    return np.ascontiguousarray(state.T)


def make(terminals: int) -> Problem:
    """The first terminals of the work: one does not depend on how many are asked for."""
    spread = math.sqrt(math.log1p(CV**2))
    draws = np.random.default_rng(SEED).standard_normal((TERMINALS, len(TYPICAL)))[:terminals]
    parameters = np.array(list(TYPICAL.values())) * np.exp(spread * draws)
    return Problem(
        parameters=parameters,
        start=_rest(parameters),
        time_h=np.arange(DOSES * READS_PER_DOSE + 1) * (INTERVAL_H / READS_PER_DOSE),
    )


def solve_by_scipy(parameters, start, relative: float, absolute: float, method: str) -> np.ndarray:
    """One terminal's answer (quantity, time) by SciPy, restarted at every dose."""
    from scipy.integrate import solve_ivp

    p = tuple(float(value) for value in parameters)
    slow, fast = loads(p)
    reads = np.linspace(0.0, INTERVAL_H, READS_PER_DOSE + 1)
    answer = np.empty((len(READ), DOSES * READS_PER_DOSE + 1))
    state = np.array(start)
    for dose in range(DOSES):

        def slopes(time, at, a=slow[dose], b=fast[dose]):
            load = a * math.exp(-p[9] * time) + b * math.exp(-p[8] * time)
            return rates(*at.tolist(), p, 1.0 / (1.0 + load))

        found = solve_ivp(
            slopes,
            (0.0, INTERVAL_H),
            state,
            method=method,
            t_eval=reads,
            rtol=relative,
            atol=absolute,
        )
        first = dose * READS_PER_DOSE
        answer[:, first : first + READS_PER_DOSE + 1] = found.y[list(READ)]
        state = found.y[:, -1]
    return answer


@cache
def reference(parameters: tuple[float, ...], start: tuple[float, ...]) -> np.ndarray:
    return solve_by_scipy(parameters, start, 1e-11, 1e-16, "LSODA")


def check(problem: Problem, answer: np.ndarray) -> float:
    """The largest relative error of the checked rows."""
    well_formed = (
        isinstance(answer, np.ndarray)
        and answer.shape == problem.shape
        and answer.dtype == np.float64
        and answer.flags.c_contiguous
        and bool(np.isfinite(answer).all())
    )
    if not well_formed:
        return math.inf
    worst = 0.0
    rows = np.unique(np.linspace(0, problem.terminals - 1, CHECKED_ROWS).astype(int))
    for row in rows:
        truth = reference(tuple(problem.parameters[row]), tuple(problem.start[row]))
        worst = max(worst, float(np.abs(answer[row] / truth - 1.0).max()))
    return worst


WORK = Work(
    name="D",
    title="dopamine terminals over 28 daily doses, 673 hourly reads, stiff",
    rule=(
        "The answer is a float64 array (terminal, cytosol and vesicles and outside and acids in "
        "umol/L, time). The relative error of every output of the checked terminals, against "
        "LSODA at 1e-11 restarted at every dose, is below 5e-6, five times the tolerance of 1e-6; "
        "whoever needs a tighter setting for it takes it. Checked are 10 terminals spread evenly "
        "with both ends. Others are given the steady states to start from; vmatcore finds its own."
    ),
    unit="terminals",
    size=TERMINALS,
    make=make,
    check=check,
    error="largest relative error",
    tolerance=5e-6,
)
