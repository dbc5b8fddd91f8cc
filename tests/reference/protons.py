"""A vesicle that spends its proton gradient, in plain Python: every molecule, proton and ion.

The same numbers and operations as the core, so the contents agree to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tests.reference import transforms
from tests.reference.filling import Cohort, Course
from tests.reference.xoshiro import Xoshiro

LN_10 = math.log(10.0)
# Molecules, protons, protons of amine, chloride: pump, leak, exchange and amine, in and out.
CHANGES = (
    (0, 1, 0, 0),
    (0, -1, 0, 0),
    (0, 1, 0, 0),
    (0, -1, 0, 0),
    (0, 1, 0, -2),
    (0, -1, 0, 2),
    (1, 0, -1, 0),
    (-1, 0, 1, 0),
    (-1, 1, 0, 0),
)


@dataclass
class Lumen:
    """What is inside one vesicle."""

    supply: Mapping[str, float]
    volume: float
    diameter: float
    molecules: float
    protons: float = 0.0

    def __post_init__(self) -> None:
        self.start_molecules = self.molecules
        self.start_chloride = math.floor(self.supply["start_chloride"] * self.volume)
        self.chloride = float(self.start_chloride)
        self.area = self.diameter * self.diameter

    @property
    def ph(self) -> float:
        """PH of the lumen."""
        return self.supply["start_ph"] - self.protons / (
            self.supply["buffer_protons"] * self.volume
        )

    @property
    def potential_mv(self) -> float:
        """Potential against the cytosol in mV."""
        charge = self.protons + (self.molecules - self.start_molecules)
        charge -= self.chloride - self.start_chloride
        return self.supply["start_mv"] + self.supply["charge_mv"] / self.area * charge

    def rates(self, influx: float, efflux: float, working: float, leak: float) -> list[float]:
        """Return the passages per s through every way; influx and efflux are of one copy."""
        own, exp = self.supply, transforms.exp
        thermal, inside = own["thermal_mv"], self.potential_mv
        across = inside - own["surface_mv"]
        gradient = thermal * (LN_10 * (own["cytosol_ph"] - self.ph))

        back = exp((across + gradient - own["stall_mv"]) / own["stall_slope_mv"])
        slowed = 1.0 + exp((across - own["half_mv"]) / own["slope_mv"])
        turns = own["pump_copies"] * own["most_per_s"] / (slowed + own["stall_weight"] * back)

        through = own["leak_per_s"] * self.area * bernoulli(-(across / thermal))
        leak_in = through * exp(-LN_10 * own["cytosol_ph"]) * exp(-(inside / thermal))
        leak_out = through * exp(-LN_10 * self.ph)

        outside = own["cytosol_chloride"] * self.volume
        ratio = transforms.ln(outside / max(self.chloride, 1.0))
        drive = 3.0 * inside + gradient + 2.0 * thermal * ratio
        turned = (drive + own["exchange_turn_mv"]) / own["exchange_slope_mv"]
        near = 1.0 / (1.0 + exp(-2.0 * turned))
        far = (1.0 - near) * own["exchange_far_per_s_mv3"] * (drive * drive)
        cycles = (near * own["exchange_per_s_mv"] + far) * thermal * self.area
        push = drive / thermal

        count = own["protons_per_amine"]
        decades = (count * gradient + (count - 1.0) * inside) / thermal
        each = efflux / self.volume * (own["ceiling"] * exp(-decades))
        loaded = 1.0 + self.molecules * each / own["turnover_per_s"]
        return [
            turns,
            turns * back,
            leak_in,
            leak_out,
            0.0 if self.chloride < 2.0 else cycles * bernoulli(push),
            cycles * bernoulli(-push),
            working * influx / loaded,
            self.molecules * (working * each) / loaded,
            self.molecules * leak,
        ]

    def pass_through(self, way: int) -> None:
        """Let one passage happen."""
        molecules, protons, for_amine, chloride = CHANGES[way]
        self.molecules += molecules
        self.protons += protons + self.supply["protons_per_amine"] * for_amine
        self.chloride += chloride


def bernoulli(x: float) -> float:
    """Return x/(e^x - 1)."""
    return 1.0 - 0.5 * x if -1e-5 <= x < 1e-5 else x / (transforms.exp(x) - 1.0)


def ssa(cohort: Cohort, supply: Mapping[str, float], row: int) -> list[tuple[float, float, float]]:
    """Return molecules, pH and potential of one vesicle at the reads."""
    course = Course(cohort, row)
    generator = Xoshiro.from_stream(cohort.stream(row, "events"))
    lumen = Lumen(supply, course.volume, course.diameter, float(course.start()))
    now, reads = 0.0, []
    while len(reads) < len(cohort.time_s):
        here = cohort.segments[course.segment]
        rates = lumen.rates(
            here.influx_per_s, here.efflux_per_s, course.working, course.rates().leak
        )
        total = 0.0
        for rate in rates:
            total += rate
        wait = -transforms.ln(transforms.uniform(generator.word()))
        point = transforms.uniform(generator.word()) * total
        event_s = now + wait / total if total > 0.0 else math.inf
        changes = course.until_s <= event_s
        while len(reads) < len(cohort.time_s):
            time_s = cohort.time_s[len(reads)]
            if time_s > course.until_s if changes else time_s >= event_s:
                break
            reads.append((lumen.molecules, lumen.ph, lumen.potential_mv))
        if changes:
            now = course.until_s
            if len(reads) < len(cohort.time_s):
                course.advance()
        else:
            now = event_s
            below, way = 0.0, 0
            for i, rate in enumerate(rates):
                if rate > 0.0:
                    way, below = i, below + rate
                    if point < below:
                        break
            lumen.pass_through(way)
    return reads
