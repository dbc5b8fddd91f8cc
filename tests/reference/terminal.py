"""The terminals in plain functions, as published, integrated by SciPy.

Written from the published equations and not from the package: pools that the
package removes by conservation (BH2, SERT in store) are followed here, and so is
the histamine cascade.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from scipy.integrate import solve_ivp

NADPH, NADP = 330.0, 26.0

#: Pools of the dopamine terminal, in order.
DOPAMINE = ("tyr", "pool", "bh4", "bh2", "ldopa", "cda", "vda", "eda", "hva")

#: Pools of the serotonin terminal, in order.
SEROTONIN = (
    *("trp", "pool", "bh4", "bh2", "htp", "c", "v", "e", "g", "hiaa"),
    *("bound", "G", "T", "S", "P", "Bh", "Gh", "Th"),
)


def best2009(
    state: list[float],
    active: float = 1.0,
    fire: float = 1.0,
    vmat: Callable[[float, float, float], float] | None = None,
    cytosol_fraction: float = 1.0,
    mao: float = 10.0,
) -> list[float]:
    """Return the slopes of the dopamine terminal, per h."""
    tyr, pool, bh4, bh2, ldopa, cda, vda, eda, hva = state
    inlet = 400 * 97 / (64 + 97)
    receptor = 4.5 / (8 * (eda / 0.002024) ** 4 + 1) + 0.5
    hydroxylase = (
        0.56 / (1 + tyr / 160) * receptor * 125 * tyr * bh4
        / (tyr * bh4 + 46 * bh4 + 46 * 60 * (1 + cda / 110))
    )  # fmt: skip
    reductase = 200 * bh2 * NADPH / ((100 + bh2) * (75 + NADPH))
    reductase -= 80 * bh4 * NADP / ((10 + bh4) * (75 + NADP))
    aadc = 10000 * ldopa / (130 + ldopa)
    filling = active * 7082 * cda / (3 + cda) - 40 * vda if vmat is None else vmat(cda, vda, active)
    dat = 8000 * eda / (0.2 + eda)
    outside = 30 * eda / (3 + eda)
    return [
        inlet - hydroxylase - 6 * tyr + 0.6 * pool - 0.2 * tyr,
        6 * tyr - 0.6 * pool - 0.2 * pool,
        reductase - hydroxylase,
        hydroxylase - reductase,
        hydroxylase - aadc,
        (aadc - filling + dat - mao * cda) / cytosol_fraction,
        filling - fire * vda,
        fire * vda - dat - outside - 400 * eda,
        mao * cda + outside - 3.45 * hva,
    ]


def serotonin(state: list[float], active: float = 1.0, fire: float = 1.0) -> list[float]:
    """Return the slopes of the serotonin terminal, per h; histamine stands at 1.39 umol/L."""
    trp, pool, bh4, bh2, htp, c, v, e, g, hiaa, bound, gp, t, s, p, bh, gh, th = state
    inlet = 700 * 96 / (330 + 96)
    synthesis = 1 - 0.5 * (gp - 0.8639)
    tph = synthesis * 278 * trp / (40 + trp + trp * trp / 1000) * bh4 / (20 + bh4)
    reductase = 5000 * bh2 * NADPH / ((100 + bh2) * (75 + NADPH))
    reductase -= 3 * bh4 * NADP / ((10 + bh4) * (75 + NADP))
    aadc = 400 * htp / (160 + htp)
    vmat = active * 1230 * c / (0.2 + c) - v
    sert = 250 * s * e / (0.060 + e)
    gate = min(max((e - 0.0605) / 0.02, 0.0), 1.0)
    uptake2 = 0.05 * gate * 1400 * e / (0.17 + e)

    def mao(x: float) -> float:
        return 4000 * x / (95 + x)

    release = (1.89 - 0.5 * (gp - 0.8639)) * (1 - (gh - 0.6947)) * fire * v
    binding = 36000 * e * (10 - bound) - 20000 * bound
    inward = 2 / (1 + math.exp(-500 * (gp - 0.8639)))
    return [
        inlet - tph - (9 * trp - 0.6 * pool) - 2 * trp,
        9 * trp - 0.6 * pool - pool,
        reductase - tph,
        tph - reductase,
        tph - aadc,
        aadc - vmat + sert - mao(c) - c,
        vmat - release,
        release - sert - uptake2 - 40 * e - binding + c + g,
        uptake2 - mao(g) - g,
        mao(c) + mao(g) - hiaa,
        binding,
        20 * bound**2 * (10 - gp) - 200 * t * gp,
        30 * gp**2 * (10 - t) - 200 * t,
        inward * p - s,
        s - inward * p,
        432 * 1.39 * (10 - bh) - 1440 * bh,
        4.32 * bh**2 * (1 - gh) - 1.296 * th * gh,
        14.4 * gh**2 * (60 - th) - 25.92 * th,
    ]


#: Where the searches for the steady states begin.
STARTS: Mapping[Callable, list[float]] = {
    best2009: [126.0, 943.0, 319.0, 41.0, 0.36, 2.65, 81.0, 0.002, 7.7],
    serotonin: [
        *(20.2, 113.0, 0.9, 0.1, 1.6, 0.0376, 67.4, 0.06, 0.0, 1.58),
        *(0.976, 0.8639, 1.0068, 1.0, 1.0, 2.94, 0.6947, 12.7),
    ],
}


def follow(
    slopes: Callable, start: list[float], time_h: list[float], relative: float = 1e-11, **settings
) -> np.ndarray:
    """Return the pools at some times, (pool, time), from ``start`` at 0 h."""
    solution = solve_ivp(
        lambda _, state: slopes(state, **settings),
        (0.0, time_h[-1]),
        start,
        method="LSODA",
        t_eval=time_h,
        rtol=relative,
        atol=1e-13,
    )
    assert solution.success, solution.message
    return solution.y


def rest(slopes: Callable, **settings) -> list[float]:
    """Return the state in which a terminal settles."""
    return list(follow(slopes, STARTS[slopes], [5000.0], **settings)[:, -1])
