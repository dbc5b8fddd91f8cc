"""What lipophilicity does to a drug of the brain: a probe whose plasma never changes.

The probe has the kinetics of a typical active alcohol in plasma, whatever its log P; only
its entry into the brain follows log P. So every difference in :func:`scan` is the brain's.
A drug that is too lipophilic reaches the same plateau, but days later, and leaves days
later: its onset is set by permeability times the unbound fraction, and the fraction falls
faster than permeability rises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vmatcore import check
from vmatcore.arithmetic import LN_2
from vmatcore.dosing import Regimen
from vmatcore.drugs import Absorption, Compartment, Dose, Drug, Elimination, Moiety, Quantity
from vmatcore.errors import ParameterError, ParameterTypeError, SolverError, shown
from vmatcore.pk import Brain, PkResult, simulate
from vmatcore.result import Result, labelled

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.figure import Figure

    FloatArray = npt.NDArray[np.float64]

__all__ = ["LipophilicityResult", "probe", "scan"]

_ASSUMED = "assumed: a typical active alcohol of tetrabenazine, the same at every log P"
_HALF_LIFE_H = 5.0
_VOLUME_L = 100.0

#: Read this finely: h within an interval, and shares of a decade over onset and washout.
_STEPS = 480
_PER_RUN = 3000
_HORIZON_H = 24.0 * 365

#: Onset and washout of a brain with a longer half-time reach beyond what is read.
_SLOWEST_H = 0.9 * _HORIZON_H


def _quantity(value: float, unit: str) -> Quantity:
    return Quantity(value=value, unit=unit, source=_ASSUMED, status="assumed")


def probe(log_p: float) -> Drug:
    """Return the probe drug at a log P.

    Parameters
    ----------
    log_p : float
        Octanol-water partition coefficient, decadic logarithm.

    Returns
    -------
    Drug
        One compartment, half-life 5 h, absorbed at 1.5 /h, half unbound in plasma.

    Raises
    ------
    ParameterError, ParameterTypeError
        If the log P is not a finite number.

    Examples
    --------
    >>> probe(2.7).moieties[0].log_p.value
    2.7
    """
    moiety = Moiety(
        name="probe",
        molar_mass=_quantity(320.0, "g/mol"),
        fraction_unbound=_quantity(0.5, "fraction"),
        log_p=_quantity(check.number("log_p", log_p), "log10"),
    )
    return Drug(
        name="probe",
        summary="a probe of brain entry",
        parameters={
            "molar_mass": _quantity(320.0, "g/mol"),
            "absorption_rate": _quantity(1.5, "1/h"),
            "volume": _quantity(_VOLUME_L, "L"),
            "clearance": _quantity(LN_2 / _HALF_LIFE_H * _VOLUME_L, "L/h"),
        },
        doses=(Dose(compartment="gut"),),
        compartments=(
            Compartment(name="gut"),
            Compartment(name="plasma", moiety="probe", volume="volume"),
        ),
        absorptions=(Absorption(source="gut", target="plasma", rate="absorption_rate"),),
        eliminations=(Elimination(source="plasma", enzyme="other", clearance="clearance"),),
        moieties=(moiety,),
    )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LipophilicityResult(Result):
    """Onset, plateau, washout and exposure of the brain over log P.

    Attributes
    ----------
    log_p : ndarray (log_p,)
        Where.
    equilibration_half_time_h : ndarray (log_p,)
        ln 2 V_b/(PS_eff f_u,b), what sets all the rest.
    onset_h : ndarray (log_p,)
        From the first dose until the unbound brain concentration first reaches half of
        its mean at steady state.
    washout_h : ndarray (log_p,)
        From the last dose of a steady state until it stays below half of that mean.
    plateau : ndarray (log_p,)
        Mean unbound concentration of brain over plasma at steady state.
    swing : ndarray (log_p,)
        Peak over trough of the unbound brain concentration at steady state.
    single_dose_peak : ndarray (log_p,)
        Peak of the unbound brain concentration after one dose, over that of plasma.
    total_per_unbound : ndarray (log_p,)
        Total over unbound concentration in brain: the drug held by membranes.
    """

    log_p: FloatArray = labelled("log_p", unit="log10")
    equilibration_half_time_h: FloatArray = labelled("log_p", unit="h")
    onset_h: FloatArray = labelled("log_p", unit="h")
    washout_h: FloatArray = labelled("log_p", unit="h")
    plateau: FloatArray = labelled("log_p", unit="ratio")
    swing: FloatArray = labelled("log_p", unit="ratio")
    single_dose_peak: FloatArray = labelled("log_p", unit="ratio")
    total_per_unbound: FloatArray = labelled("log_p", unit="ratio")

    def plot(self) -> Figure:
        """Return the figure: how soon, how high after one dose, and how long, over log P.

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install 'vmatcore[lab]'``.
        """
        from vmatcore import plotting

        return plotting.lipophilicity_figure(self)


def scan(
    log_p: Sequence[float] | None = None, *, every_h: float = 12.0, brain: Brain | None = None
) -> LipophilicityResult:
    """Give the probe drug at each log P, and read what its brain does.

    Parameters
    ----------
    log_p : sequence of float, optional
        From 0 to 7 in quarters by default. At most 7.5, and the equilibration half-time
        of the brain at most 7884 h: beyond, a steady state is years away.
    every_h : float
        The dosing interval, h.
    brain : Brain, optional
        The laws of brain entry.

    Returns
    -------
    LipophilicityResult

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    SolverError
        If a brain is too fast to be simulated.

    Notes
    -----
    Both laws in log P are assumed: permeability doubles with each unit, the unbound
    fraction is 1/(1 + 0.07 10^(0.7 log P)); see :class:`vmatcore.pk.Brain`.

    Examples
    --------
    >>> found = scan([2.0, 6.0])
    >>> bool(found.onset_h[1] > 10 * found.onset_h[0])
    True
    >>> found.plateau.round(6).tolist()
    [1.0, 1.0]
    """
    every_h = check.number("every_h", every_h, minimum=0.1, maximum=240.0)
    if brain is not None and not isinstance(brain, Brain):
        raise ParameterTypeError(f"`brain` must be a Brain, got {shown(brain)}")
    laws = Brain.default() if brain is None else brain
    chosen = np.arange(0.0, 7.01, 0.25) if log_p is None else log_p
    values = check.numbers("log_p", chosen, maximum=7.5)
    if not values:
        raise ParameterError("`log_p` must hold a value, got none")
    for i, value in enumerate(values):
        half_time_h = laws.equilibration_half_time_h(value)
        if not half_time_h <= _SLOWEST_H:
            raise ParameterError(
                f"`log_p[{i}]` must give the brain an equilibration half-time of at most "
                f"{_SLOWEST_H:g} h, got {value!r} with {half_time_h:g} h"
            )
    rows = np.array([_row(value, every_h, laws) for value in values])
    names = list(LipophilicityResult.layout())[1:]
    columns = {name: np.ascontiguousarray(rows[:, i]) for i, name in enumerate(names)}
    return LipophilicityResult(log_p=np.array(values), **columns)


def _row(log_p: float, every_h: float, brain: Brain) -> tuple[float, ...]:
    """Everything about one log P, in the order of the result."""
    drug = probe(log_p)
    free = drug.moieties[0].fraction_unbound.value

    def run(regimen: Regimen, time_h: FloatArray) -> PkResult:
        found = simulate(regimen, time_h=time_h, drugs=[drug], brain=brain, progress=False)
        if found.failed:
            raise SolverError(f"the probe of log P {log_p:g} failed: {found.status[0]}")
        return found

    endless = Regimen.parse(f"probe 10 mg q{every_h!r}h x 1 ss1")
    inside = run(endless, np.linspace(0.0, every_h, _STEPS + 1))
    unbound, plasma = inside.brain_unbound_nmol_l[0, 0], free * inside.plasma_nmol_l[0, 0]
    mean, plasma_mean = _mean(unbound), _mean(plasma)
    half = 0.5 * mean
    hours = np.concatenate([[0.0], np.geomspace(0.01, _HORIZON_H, _PER_RUN)])
    begun = run(Regimen.repeat("probe", dose_mg=10, every_h=every_h, doses=_doses(every_h)), hours)
    rising = begun.brain_unbound_nmol_l[0, 0]
    first = int(np.argmax(rising >= half))
    fall = run(endless, hours).brain_unbound_nmol_l[0, 0]
    last = int(np.flatnonzero(fall >= half)[-1])
    once = run(Regimen.once("probe", dose_mg=10), hours)
    peak = once.brain_unbound_nmol_l.max() / (free * once.plasma_nmol_l.max())
    return (
        brain.equilibration_half_time_h(log_p),
        _crossing(hours, rising, first - 1, half),
        _crossing(hours, fall, last, half),
        mean / plasma_mean,
        float(unbound.max() / unbound.min()),
        float(peak),
        1.0 / brain.fraction_unbound(log_p),
    )


def _doses(every_h: float) -> int:
    return int(_HORIZON_H / every_h) + 1


def _mean(values: FloatArray) -> float:
    """Simpson's rule over an even number of steps."""
    weights = np.ones(_STEPS + 1)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    return float((values * weights).sum() / (3.0 * _STEPS))


def _crossing(hours: FloatArray, values: FloatArray, before: int, limit: float) -> float:
    """When a value crosses a limit between two reads, linear between them."""
    rise = values[before + 1] - values[before]
    share = (limit - values[before]) / rise if rise else 0.0
    return float(hours[before] + share * (hours[before + 1] - hours[before]))
