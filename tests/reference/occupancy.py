"""Occupancy in plain functions: the law of mass action, and binding for good by integration."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.integrate import solve_ivp

from tests.reference.pk import Dose, System

#: scipy's own floor is 2.2e-14; atol is in nmol, and in the share bound.
_RELATIVE, _ABSOLUTE = 3e-14, 1e-18


class Ligand(NamedTuple):
    """What binds: ``factor`` turns the amount in ``state`` into unbound nmol/L at the target."""

    state: int
    factor: float
    ki_nmol_l: float
    on_l_per_nmol_h: float = 0.0


def held(unbound_nmol_l: list[float], ki_nmol_l: list[float], bound: float = 0.0) -> float:
    """Return the share held by competing ligands, when ``bound`` is gone for good."""
    load = sum(c / ki for c, ki in zip(unbound_nmol_l, ki_nmol_l, strict=True))
    return bound + (1 - bound) * load / (1 + load)


def bound(
    system: System,
    doses: list[Dose],
    ligands: list[Ligand],
    recovery_per_h: float,
    time_h: list[float],
) -> list[float]:
    """Return the share bound for good: b' = sum k_on C (1 - b)/(1 + S) - r b.

    The amounts and b are integrated together by an eighth-order rule, anew from
    each dose, with the tolerance near the last digit. Doses enter at once.
    """
    states = len(system.loss)
    matrix = -np.diag(system.loss)
    for to, source, rate in system.gain:
        matrix[to, source] += rate

    def slope(_time: float, values: np.ndarray) -> np.ndarray:
        amounts, share = values[:states], values[states]
        unbound = [amounts[ligand.state] * ligand.factor for ligand in ligands]
        load = sum(c / li.ki_nmol_l for c, li in zip(unbound, ligands, strict=True))
        binding = sum(c * li.on_l_per_nmol_h for c, li in zip(unbound, ligands, strict=True))
        change = binding * (1 - share) / (1 + load) - recovery_per_h * share
        return np.append(matrix @ amounts, change)

    doses = sorted(doses, key=lambda dose: dose.start_h)
    stops = sorted({*time_h, *(dose.start_h for dose in doses)})
    now, values, shares = stops[0], np.zeros(states + 1), {}
    for stop in stops:
        if stop > now:
            values = solve_ivp(
                slope, (now, stop), values, method="DOP853", rtol=_RELATIVE, atol=_ABSOLUTE
            ).y[:, -1]
        now = stop
        for dose in doses:
            if dose.start_h == stop:
                values[dose.state] += dose.amount
        shares[stop] = values[states]
    return [float(shares[time]) for time in time_h]
