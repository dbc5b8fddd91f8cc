"""The contrasts that the design of these drugs is said to bring, as numbers."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import optimize

import vmatcore as vm

ISOMERS = ("(+)-alpha-HTBZ", "(-)-alpha-HTBZ", "(+)-beta-HTBZ", "(-)-beta-HTBZ")
HEAVY_ISOMERS = tuple(f"d6-{name}" for name in ISOMERS)
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


@cache
def _off_target(regimen: str, window: tuple[float, float]) -> tuple[float, float, float]:
    """Return mean VMAT2 occupancy, mean D2 block from known Ki, and at most."""
    run = vm.simulate(regimen)
    at = run.read(np.linspace(*window, 241)).occupancy
    return (
        float(at.vmat2.mean()),
        float(at.off_target["D2"].mean()),
        float(at.off_target_at_most["D2"].mean()),
    )


def d2_at_equal_vmat2() -> dict[str, float]:
    """Return D2 block of tetrabenazine and valbenazine at equal mean VMAT2 occupancy.

    Tetrabenazine counts by its published Ki alone (at least), valbenazine by the
    published lower bound of its Ki (at most), so their ratio is a lower bound.
    """
    days = 27 * 24.0
    held, light, _ = _off_target("tetrabenazine 25 mg q8h x 84", (days, days + 24.0))

    def excess(dose_mg: float) -> float:
        regimen = f"valbenazine {dose_mg:.6f} mg q24h x 28"
        return _off_target(regimen, (days, days + 24.0))[0] - held

    dose = float(optimize.brentq(excess, 1.0, 80.0, xtol=1e-4))
    _, _, most = _off_target(f"valbenazine {dose:.6f} mg q24h x 28", (days, days + 24.0))
    return {"vmat2": held, "valbenazine_mg": dose, "tetrabenazine_d2_at_least": light,
            "valbenazine_d2_at_most": most, "ratio_at_least": light / most}  # fmt: skip


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
