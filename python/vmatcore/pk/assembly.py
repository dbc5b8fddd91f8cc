"""From a declared drug and its takers to a compartment system with numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from vmatcore.arithmetic import power
from vmatcore.drugs import Drug, Elimination
from vmatcore.drugs.rules import AVAILABILITY, must_act
from vmatcore.errors import ParameterError
from vmatcore.pk.brain import Brain
from vmatcore.pk.flows import Flow, Readout
from vmatcore.pk.graph import Graph
from vmatcore.subject import REFERENCE_WEIGHT_KG, Subject

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["assemble"]


#: Rates beyond this could add up to infinity.
_LARGEST = 1e300


def assemble(
    drug: Drug,
    subjects: Sequence[Subject],
    brain: Brain,
    *,
    exposure: bool = False,
    lost: dict[int, str] | None = None,
) -> Graph:
    """Return the system of one drug in these subjects, brain included.

    It reads ``plasma:M`` and ``brain:M`` (unbound) for every moiety M, in
    nmol/L; with ``exposure`` it reads the integral of plasma instead, in nmol h/L.
    A subject whose numbers break a rule gets an entry in ``lost``, which says why, and
    rates without meaning; without ``lost`` it is a ParameterError.
    """
    # What divides by zero or leaves the range of numbers becomes a rate that is refused.
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        assembly = _Assembly(drug, subjects, brain)
        graph = assembly.graph(exposure)
    if lost is not None:
        lost.update(assembly.lost)
    elif assembly.lost:
        raise ParameterError(assembly.lost[min(assembly.lost)])
    return graph


class _Assembly:
    def __init__(self, drug: Drug, subjects: Sequence[Subject], brain: Brain) -> None:
        self._drug = drug
        self._subjects = subjects
        self._brain = brain
        self._flows: list[Flow] = []
        #: By number of the subject, why it cannot be simulated.
        self.lost: dict[int, str] = {}
        self._own = self._deviations()
        self._names = [place.name for place in drug.compartments]
        self._volume = {
            place.name: self._value(place.volume)
            for place in drug.compartments
            if place.volume is not None
        }

    def graph(self, exposure: bool) -> Graph:
        self._absorb()
        for exchange in self._drug.exchanges:
            one, other = exchange.between
            clearance = self._value(exchange.clearance)
            self._flow(one, other, clearance / self._volume[one])
            self._flow(other, one, clearance / self._volume[other])
        for place in self._volume:
            self._eliminate(place)
        readouts = self._read_exposure() if exposure else self._read_plasma_and_brain()
        return Graph(self._names, self._flows, readouts)

    def _value(self, name: str) -> FloatArray:
        """One parameter in every subject: by condition, weight, food and its own deviation."""
        drug = self._drug
        reference = drug.parameters[name].value
        values = np.full(len(self._subjects), reference)
        exponent = drug.weight_exponents.get(name)
        for i, subject in enumerate(self._subjects):
            if subject.condition is not None:
                own = drug.conditions.get(subject.condition, {}).get(name)
                values[i] = reference if own is None else own.value
            if exponent is not None:
                relative = subject.weight_kg / REFERENCE_WEIGHT_KG
                values[i] *= power(relative, drug.parameters[exponent].value)
            if subject.food == "fed" and name in drug.fed:
                values[i] *= drug.fed[name].value
        return values * self._own.get(name, 1.0)

    def _share(self, name: str) -> FloatArray:
        """A parameter that is a share of something, in every subject."""
        values = self._value(name)
        return self._right(f"`{name}` must be at most 1", values, values <= 1)

    def _per_litre(self, place: str) -> FloatArray:
        per_litre = 1.0 / self._volume[place]
        good = np.isfinite(per_litre)
        return self._right(f"1/volume of {place!r} must be finite", per_litre, good)

    def _flow(
        self, source: str, target: str | None, rate: FloatArray | float, drains: bool = True
    ) -> None:
        if isinstance(rate, np.ndarray):
            where = f"from {source!r}" + (f" to {target!r}" if target is not None else "")
            rule = f"the rate per h {where} must be in [0, {_LARGEST:g}]"
            rate = self._right(rule, rate, (rate >= 0) & (rate <= _LARGEST))
        self._flows.append(Flow(source, target, rate_per_h=rate, drains=drains))

    def _right(self, rule: str, values: FloatArray, good: npt.NDArray[np.bool_]) -> FloatArray:
        """The values, 0 for subjects that break a rule, who are lost."""
        for i in np.flatnonzero(~good).tolist():
            self.lost.setdefault(i, f"subject {i}: {rule}, got {float(values[i])!r}")
        return np.where(good, values, 0.0)

    def _deviations(self) -> dict[str, FloatArray]:
        """By parameter, how much larger than typical it is in each subject."""
        found: dict[str, FloatArray] = {}
        for i, subject in enumerate(self._subjects):
            for drug, name, deviation in subject.deviations:
                if drug != self._drug.name:
                    continue
                must_act(self._drug, "deviations", name)
                ones = np.ones(len(self._subjects))
                found.setdefault(name, ones)[i] = power(np.e, deviation)
        return found

    def _absorbed(self) -> FloatArray:
        """What share of the fasted one is absorbed, in each subject."""
        fed = self._drug.fed.get(AVAILABILITY)
        share = 1.0 if fed is None else fed.value
        return np.array([share if s.food == "fed" else 1.0 for s in self._subjects])

    def _clearance(self, path: Elimination) -> FloatArray:
        """The clearance of one path: its share, its enzyme, its isotope effect."""
        clearance = self._value(path.clearance)
        if path.share is not None:
            clearance = clearance * self._share(path.share)
        if path.rest_of is not None:
            clearance = clearance * (1.0 - self._share(path.rest_of))
        effect = self._drug.isotope_effects.get(path.enzyme)
        if effect is not None:
            clearance = clearance / effect.value
        activity = np.array([subject.activity(path.enzyme) for subject in self._subjects])
        return np.asarray(clearance * activity, dtype=np.float64)

    def _paths(self, place: str, liver: bool) -> list[Elimination]:
        return [p for p in self._drug.eliminations if p.source == place and p.liver == liver]

    def _intrinsic(self, place: str) -> FloatArray:
        """All intrinsic clearance of a place in the liver, x = f_u CL_int."""
        total = np.zeros(len(self._subjects))
        for path in self._paths(place, liver=True):
            total = total + self._clearance(path)
        return total

    def _blood_flow(self) -> FloatArray:
        liver = self._drug.liver
        assert liver is not None, "the drug's constructor has checked this"
        return self._value(liver.blood_flow)

    def _deliver(self, source: str, place: str, rate: FloatArray) -> None:
        """Send a flow through the liver: part escapes, the rest goes on as its products.

        Well-stirred: the share Q/(Q + x) escapes, each path takes its clearance over Q + x.
        """
        flow = self._blood_flow()
        leaving = flow + self._intrinsic(place)
        self._flow(source, place, rate * flow / leaving, drains=False)
        for path in self._paths(place, liver=True):
            if path.product is not None:
                share = self._clearance(path) / leaving
                self._deliver(source, path.product, rate * share)

    def _absorb(self) -> None:
        for path in self._drug.absorptions:
            source = path.source
            rate = self._value(path.rate)
            for i in range(path.transits):
                name = f"{path.source} transit {i + 1}"
                self._names.append(name)
                self._flow(source, name, rate)
                source = name
            arriving = rate * self._absorbed()
            if path.fraction is not None:
                arriving = arriving * self._share(path.fraction)
            self._flow(source, None, rate)
            if path.liver:
                self._deliver(source, path.target, arriving)
            else:
                self._flow(source, path.target, arriving, drains=False)

    def _eliminate(self, place: str) -> None:
        volume = self._volume[place]
        for path in self._paths(place, liver=False):
            rate = self._clearance(path) / volume
            self._flow(place, path.product, rate)
        paths = self._paths(place, liver=True)
        if not paths:
            return
        flow, intrinsic = self._blood_flow(), self._intrinsic(place)
        hepatic = flow / (flow + intrinsic)
        self._flow(place, None, intrinsic * hepatic / volume)
        for path in paths:
            if path.product is not None:
                self._deliver(place, path.product, self._clearance(path) * hepatic / volume)

    def _read_plasma_and_brain(self) -> list[Readout]:
        plasma, brain = [], []
        for place in self._drug.compartments:
            if place.moiety is None:
                continue
            moiety = self._drug.moiety(place.moiety)
            per_litre = self._per_litre(place.name)
            plasma.append(Readout(f"plasma:{moiety.name}", place.name, per_amount=per_litre))
            entry, leaving, free = self._brain.rates(moiety)
            name = f"brain of {place.name}"
            self._names.append(name)
            entering = entry * moiety.fraction_unbound.value * per_litre
            self._flow(place.name, name, entering, drains=False)
            if self._brain.pools == 2:
                # The brain's water alone: what leaves it is free, what membranes hold is apart.
                leaving, free = leaving / free, 1.0
                into, back = self._brain.membrane_rates(moiety)
                held = f"brain membrane of {place.name}"
                self._names.append(held)
                self._flows.append(Flow(name, held, rate_per_h=into))
                self._flows.append(Flow(held, name, rate_per_h=back))
            self._flows.append(Flow(name, None, rate_per_h=leaving))
            brain.append(Readout(f"brain:{moiety.name}", name, per_amount=free))
        return plasma + brain

    def _read_exposure(self) -> list[Readout]:
        readouts = []
        for place in self._drug.compartments:
            if place.moiety is None:
                continue
            name = f"exposure of {place.name}"
            self._names.append(name)
            self._flow(place.name, name, self._per_litre(place.name), drains=False)
            readouts.append(Readout(f"plasma:{place.moiety}", name))
        return readouts
