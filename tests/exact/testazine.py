"""A made-up drug whose concentrations are known to fifty digits, by superposition."""

from __future__ import annotations

import math

import mpmath
import numpy as np

from tests.reference import pk as reference
from vmatcore import pk
from vmatcore.dosing import Regimen
from vmatcore.drugs import (
    Absorption,
    Compartment,
    Dose,
    DoseDependentAvailability,
    Drug,
    Elimination,
    Exchange,
    Moiety,
    Quantity,
)

# A drug with a lag, an availability, a tissue and a metabolite. 1 mg is 1000 nmol.
LAG_H, KA, CL, V, Q, V_TISSUE, TO_METABOLITE, CL_M = 0.7, 1.3, 6.0, 30.0, 9.0, 50.0, 0.4, 8.0
VALUES = {
    "molar_mass": (1000.0, "g/mol"),
    "lag": (LAG_H, "h"),
    "ka": (KA, "1/h"),
    "cl": (CL, "L/h"),
    "v": (V, "L"),
    "q": (Q, "L/h"),
    "v_tissue": (V_TISSUE, "L"),
    "to_metabolite": (TO_METABOLITE, "fraction"),
    "cl_m": (CL_M, "L/h"),
    "gain": (0.5, "ratio"),
    "half": (20.0, "mg"),
    "reference": (1.0, "mg"),
}


def moiety(name):
    return Moiety(
        name=name,
        molar_mass=Quantity.of(1000.0, "g/mol"),
        fraction_unbound=Quantity.of(0.5, "fraction"),
        log_p=Quantity.of(2.0, "log10"),
    )


DRUG = Drug(
    name="testazine",
    summary="",
    parameters={name: Quantity.of(*value) for name, value in VALUES.items()},
    doses=(Dose(compartment="Gut", lag="lag"),),
    compartments=(
        Compartment(name="Gut"),
        Compartment(name="Plasma", moiety="parent", volume="v"),
        Compartment(name="tissue", volume="v_tissue"),
        Compartment(name="made", moiety="metabolite", volume="v"),
    ),
    absorptions=(Absorption(source="Gut", target="Plasma", rate="ka"),),
    exchanges=(Exchange(between=("Plasma", "tissue"), clearance="q"),),
    eliminations=(
        Elimination(
            source="Plasma", enzyme="other", clearance="cl", share="to_metabolite", product="made"
        ),
        Elimination(source="Plasma", enzyme="other", clearance="cl", rest_of="to_metabolite"),
        Elimination(source="made", enzyme="other", clearance="cl_m"),
    ),
    moieties=(moiety("parent"), moiety("metabolite")),
    availability=DoseDependentAvailability(
        gain="gain", half_dose="half", reference_dose="reference"
    ),
)


GUT, PLASMA, TISSUE, MADE = range(4)
SYSTEM = reference.System(
    [
        (PLASMA, GUT, KA),
        (TISSUE, PLASMA, Q / V),
        (PLASMA, TISSUE, Q / V_TISSUE),
        (MADE, PLASMA, CL * TO_METABOLITE / V),
    ],
    [KA, CL / V + Q / V, Q / V_TISSUE, CL_M / V],
)


def available(dose_mg):
    """F of a dose into the gut."""
    return 1.0 + 0.5 * (dose_mg - 1.0) / (20.0 + dose_mg - 1.0)


def oral(time_h, dose_mg):
    return reference.Dose(GUT, 1000.0 * dose_mg * available(dose_mg), time_h + LAG_H)


def bolus(time_h, dose_mg):
    return reference.Dose(PLASMA, 1000.0 * dose_mg, time_h)


def infusion(time_h, dose_mg, rate, until_h=math.inf):
    hours = min(dose_mg / rate, until_h - time_h)
    return reference.Dose(PLASMA, 1000.0 * rate * hours, time_h, hours)


with mpmath.workdps(50):
    _MATRIX = mpmath.zeros(4)
    for _state, _rate in enumerate(SYSTEM.loss):
        _MATRIX[_state, _state] -= mpmath.mpf(_rate)
    for _to, _source, _rate in SYSTEM.gain:
        _MATRIX[_to, _source] += mpmath.mpf(_rate)
    RATES, MODES = mpmath.eig(_MATRIX)
    INVERSE = MODES**-1


def expected(doses, time_h):
    """Plasma concentrations by superposition at 50 digits, [parent, metabolite][time]."""
    with mpmath.workdps(50):
        table = [[mpmath.mpf(0)] * len(time_h) for _ in (PLASMA, MADE)]
        for dose in doses:
            for place, time in enumerate(time_h):
                lag = mpmath.mpf(float(time)) - mpmath.mpf(float(dose.start_h))
                if lag < 0 or dose.amount == 0:
                    continue
                over = mpmath.mpf(float(dose.duration_h))
                for mode, rate in enumerate(RATES):
                    grown = mpmath.exp(rate * lag)
                    if over:
                        grown = (grown - mpmath.exp(rate * max(lag - over, 0))) / (rate * over)
                    grown *= INVERSE[mode, dose.state] * dose.amount
                    for row, state in enumerate((PLASMA, MADE)):
                        table[row][place] += MODES[state, mode] * grown
        return np.array([[float(mpmath.re(v)) for v in row] for row in table]) / V


def simulated(events, time_h, **settings):
    regimen = events
    if not isinstance(events, Regimen):
        regimen = Regimen.from_events(events, drug="testazine")
    return pk.simulate(regimen, time_h=time_h, drugs=[DRUG], **settings).plasma_nmol_l


#: Read times, some of them at an event.
TIME_H = np.array([0.0, 0.3, 0.7, 1.0, 5.5, 8.0, 11.99, 12.0, 12.7, 23.0, 24.0, 26.0, 50.0, 100.0])
