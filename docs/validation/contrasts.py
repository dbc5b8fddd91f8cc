"""The contrasts that the design of these drugs is said to bring, as numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import optimize

import vmatcore as vm
from docs.validation.simulated import ALPHA, BETA, HEAVY_ALPHA, HEAVY_BETA
from vmatcore.recovery import WashoutInterval

ISOMERS, HEAVY_ISOMERS = ALPHA + BETA, HEAVY_ALPHA + HEAVY_BETA
RECOVERY_D = (1.4, 3.0, 5.0, 9.0, 18.0)
REVERSIBLE = {
    "tetrabenazine": "tetrabenazine 25 mg q8h x 84",
    "deutetrabenazine": "deutetrabenazine 18 mg q12h x 56",
    "valbenazine": "valbenazine 80 mg q24h x 28",
}


def largest_lag_difference(regimen: str) -> tuple[float, float]:
    """Return how far occupancy strays from what plasma alone would hold at that moment.

    First the largest difference over the last dosing interval, then the largest
    from 6 h after the last dose on, when absorption is over.
    """
    run = vm.simulate(regimen)
    last = run.regimen.last_dose_h
    assert last is not None
    interval = run.regimen.interval_h()
    assert interval is not None
    found = []
    for window in (
        np.linspace(last, last + interval, 481),
        np.linspace(last + 6.0, last + 120.0, 481),
    ):
        at = run.read(window)
        load = sum(
            moiety.fraction_unbound.value * at.pk.plasma_nmol_l[0, i] * moiety.per_ki("VMAT2")
            for i, moiety in enumerate(at.pk.moieties)
        )
        found.append(float(np.abs(at.occupancy.vmat2[0] - load / (1.0 + load)).max()))
    return found[0], found[1]


def reserpine_outlasts_by_h() -> dict[float, tuple[float, float, float]]:
    """Return, by recovery half-time in d: hours to a tenth of plasma, of occupancy, and more."""
    found = {}
    for days in RECOVERY_D:
        run = vm.simulate("reserpine 0.25 mg q24h x 28", recovery_half_time_h=24.0 * days)
        fall = run.washout()
        plasma, held = fall.plasma_tenth_h.item(), fall.occupancy_tenth_h.item()
        found[days] = (plasma, held, held - plasma)
    return found


def _last_day(regimen: str, *own: vm.drugs.Drug) -> vm.occupancy.OccupancyResult:
    run = vm.simulate(regimen, drugs=own)
    return run.read(np.linspace(27 * 24.0, 28 * 24.0, 241)).occupancy


def _weakest_at_d2(drug: vm.drugs.Drug) -> vm.drugs.Drug:
    """Return the drug with every Ki at D2 at the upper end of its spread."""
    moieties = []
    for moiety in drug.moieties:
        affinities = dict(moiety.affinities)
        if "D2" in affinities:
            ki = affinities["D2"].ki
            weak = replace(ki, value=ki.spread[1], low=None, high=None)
            affinities["D2"] = replace(affinities["D2"], ki=weak)
        moieties.append(replace(moiety, affinities=affinities))
    return replace(drug, moieties=tuple(moieties))


def d2_at_equal_vmat2() -> dict[str, float]:
    """Return D2 block of tetrabenazine and valbenazine at equal mean VMAT2 occupancy.

    Valbenazine counts by a published lower bound of its Ki, so its block is at
    most what is returned. Tetrabenazine counts by recalled Ki, whose source was not
    checked: once as they are, once with every one at the end of its spread that
    makes its block smallest.
    """
    regimen = "tetrabenazine 25 mg q8h x 84"
    usual = _last_day(regimen)
    weak = _last_day(regimen, _weakest_at_d2(vm.drugs.get("tetrabenazine")))
    held = float(usual.vmat2.mean())

    def valbenazine(dose_mg: float) -> vm.occupancy.OccupancyResult:
        return _last_day(f"valbenazine {dose_mg:.6f} mg q24h x 28")

    dose = float(
        optimize.brentq(lambda mg: float(valbenazine(mg).vmat2.mean()) - held, 1.0, 80.0, xtol=1e-4)
    )
    most = float(valbenazine(dose).off_target_at_most["D2"].mean())
    light, least = (float(arm.off_target["D2"].mean()) for arm in (usual, weak))
    return {
        "vmat2": held,
        "valbenazine_mg": dose,
        "valbenazine_at_most": most,
        "tetrabenazine": light,
        "tetrabenazine_weakest": least,
        "ratio": light / most,
        "ratio_weakest": least / most,
    }


def flatness_at_equal_area() -> dict[str, float]:
    """Return peak:trough of total HTBZ, both twice daily, doses matched in area."""

    def total(drug: str, dose_mg: float, names: tuple[str, ...]):
        regimen = f"{drug} {dose_mg:.6f} mg q12h x 56"
        return vm.simulate(regimen).metrics("pk", totals={"total": names})

    light = total("tetrabenazine", 25.0, ISOMERS)
    per_mg = total("deutetrabenazine", 1.0, HEAVY_ISOMERS).auc.item()
    dose = light.auc.item() / per_mg
    heavy = total("deutetrabenazine", dose, HEAVY_ISOMERS)
    return {
        "deutetrabenazine_mg": dose,
        "area_ratio": heavy.auc.item() / light.auc.item(),
        "tetrabenazine": light.peak_to_trough.item(),
        "deutetrabenazine": heavy.peak_to_trough.item(),
        "ratio": heavy.peak_to_trough.item() / light.peak_to_trough.item(),
    }


def isotope_alone() -> float:
    """Return the same ratio with tetrabenazine's own tablet: the isotope alone."""
    tablet = vm.drugs.get("tetrabenazine").parameters["absorption_rate"].value
    heavy = vm.drugs.get("deutetrabenazine").with_parameters({"absorption_rate": tablet})

    def flatness(drug: vm.drugs.Drug, names: tuple[str, ...]) -> float:
        run = vm.simulate(f"{drug.name} 25 mg q12h x 56", drugs=[drug])
        return run.metrics("pk", totals={"total": names}).peak_to_trough.item()

    return flatness(heavy, HEAVY_ISOMERS) / flatness(vm.drugs.get("tetrabenazine"), ISOMERS)


def load_ratio_at_label_doses() -> float:
    """Return the mean of S = sum C_u/Ki under valbenazine over that under tetrabenazine."""

    def load(regimen: str) -> float:
        at = vm.simulate(regimen).read(np.linspace(27 * 24.0, 28 * 24.0, 241)).pk
        return sum(
            float(at.brain_unbound_nmol_l[0, i].mean()) * moiety.per_ki("VMAT2")
            for i, moiety in enumerate(at.moieties)
        )

    return load(REVERSIBLE["valbenazine"]) / load(REVERSIBLE["tetrabenazine"])


#: What the labels of tetrabenazine and deutetrabenazine ask for after reserpine, in days.
LABEL_WASHOUT_D = 20.0


def reserpine_washout() -> dict[str, WashoutInterval]:
    """Return the days until occupancy and contents are within a tenth of normal."""
    run = vm.simulate("reserpine 0.25 mg q24h x 28")
    asked = {
        "occupancy below 10 %": {"target": "occupancy"},
        "striatal dopamine above 90 %, vesicles renewed": {"target": "content"},
        "striatal dopamine above 90 %, copies renewed": {"target": "content", "renewal": "copies"},
        "limbic serotonin above 90 %": {"target": "content", "site": "limbic serotonin"},
    }
    return {
        name: vm.washout(run, seed=20, draws=50, **settings)  # type: ignore[arg-type]
        for name, settings in asked.items()
    }
