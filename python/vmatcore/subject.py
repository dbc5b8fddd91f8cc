"""Who takes the drug: the covariates that change its kinetics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmatcore import check, drugs
from vmatcore.drugs.rules import ENZYMES
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown

__all__ = ["CONDITIONS", "FOOD", "Subject", "as_subjects"]

#: Conditions that VMAT2 inhibitors are given for.
CONDITIONS = (
    "tardive dyskinesia",
    "Huntington's chorea",
    "Tourette's disorder",
    "tardive dystonia",
)

#: How doses are taken.
FOOD = ("fasted", "fed")

#: Body weight at which weight exponents have no effect (Nguyen 2025).
REFERENCE_WEIGHT_KG = 70.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One person.

    Parameters
    ----------
    cyp2d6 : {"poor", "intermediate", "normal", "ultrarapid"} or float
        Phenotype of the enzyme that clears the active isomers, or the activity score
        of the genotype, from 0; the activity is the score over that of two working
        copies.
    weight_kg : float
        Body weight; it acts where a published model says so (valbenazine).
    condition : str, optional
        One of :data:`CONDITIONS`; it sets the published cohort medians of
        valbenazine. Without it the reference subject is meant.
    comedication : sequence of str
        What else is taken, by name (``"paroxetine"``) or by class
        (``"strong CYP3A4 inhibitor"``); see :func:`vmatcore.drugs.covariates`. Several
        of one class act as one.
    food : {"fasted", "fed"}
        Whether doses are taken with a meal; it acts where the drug says so.
    hepatic_impairment : {"none", "mild", "moderate", "severe"}
        Scales the activity of every enzyme.
    deviations : sequence of (str, str, float)
        Drug, parameter, and the logarithm of this person's value over the typical
        one; see :func:`vmatcore.pk.vary`.

    Raises
    ------
    ParameterError, ParameterTypeError
        If a covariate breaks its rule.

    Examples
    --------
    >>> Subject(cyp2d6="poor").activity("CYP2D6")
    0.0
    >>> Subject(cyp2d6=1.0, comedication=["ketoconazole"]).activity("CYP2D6")
    0.5
    >>> Subject(comedication=["paroxetine"], hepatic_impairment="mild").activity("CYP3A4")
    0.75
    """

    cyp2d6: str | float = "normal"
    weight_kg: float = REFERENCE_WEIGHT_KG
    condition: str | None = None
    comedication: Sequence[str] = ()
    food: str = "fasted"
    hepatic_impairment: str = "none"
    deviations: Sequence[tuple[str, str, float]] = ()

    def __post_init__(self) -> None:
        phenotypes = drugs.enzymes()["CYP2D6"]
        if isinstance(self.cyp2d6, str):
            if self.cyp2d6 not in phenotypes:
                raise unknown("CYP2D6 phenotype", self.cyp2d6, phenotypes)
        else:
            object.__setattr__(self, "cyp2d6", check.number("cyp2d6", self.cyp2d6, minimum=0))
        weight = check.number("weight_kg", self.weight_kg, minimum=0, exclusive=True)
        object.__setattr__(self, "weight_kg", weight)
        if self.condition is not None and check.text("condition", self.condition) not in CONDITIONS:
            raise unknown("condition", self.condition, CONDITIONS)
        known = drugs.covariates()
        taken = tuple(check.listed("comedication", self.comedication))
        for i, name in enumerate(taken):
            both = [*known.comedications, *known.classes]
            if check.text(f"comedication[{i}]", name) not in both:
                raise unknown("comedication", name, both)
        object.__setattr__(self, "comedication", taken)
        if check.text("food", self.food) not in FOOD:
            raise unknown("state of food", self.food, FOOD)
        degrees = known.hepatic_impairment
        if check.text("hepatic_impairment", self.hepatic_impairment) not in degrees:
            raise unknown("hepatic impairment", self.hepatic_impairment, degrees)
        object.__setattr__(self, "deviations", _deviations(self.deviations))

    def activity(self, enzyme: str) -> float:
        """Return the activity of an enzyme relative to the normal one.

        The factors of phenotype, comedication and liver multiply.

        Raises
        ------
        UnknownNameError, ParameterTypeError
            For a name that no path of a drug can have.
        """
        known = drugs.covariates()
        if check.text("enzyme", enzyme) not in ENZYMES:
            raise unknown("enzyme", enzyme, ENZYMES)
        phenotypes = drugs.enzymes().get(enzyme)
        if phenotypes is None:
            activity = 1.0
        elif isinstance(self.cyp2d6, str):
            activity = phenotypes[self.cyp2d6].value
        else:
            activity = self.cyp2d6 / known.activity_score[enzyme].value
        classes = dict.fromkeys(known.comedications.get(name, name) for name in self.comedication)
        for name in classes:
            factor = known.classes[name].get(enzyme)
            activity *= 1.0 if factor is None else factor.value
        return activity * known.hepatic_impairment[self.hepatic_impairment].value


def _deviations(value: object) -> tuple[tuple[str, str, float], ...]:
    """Check who deviates in what and how far."""
    found = []
    for i, item in enumerate(check.listed("deviations", value)):
        parts = check.listed(f"deviations[{i}]", item)
        if len(parts) != 3:
            raise ParameterError(
                f"`deviations[{i}]` must be (drug, parameter, deviation), got {shown(item)}"
            )
        drug = check.text(f"deviations[{i}][0]", parts[0])
        parameter = check.text(f"deviations[{i}][1]", parts[1])
        found.append((drug, parameter, check.number(f"deviations[{i}][2]", parts[2])))
    pairs = [item[:2] for item in found]
    for pair in pairs:
        if pairs.count(pair) > 1:
            raise ParameterError(f"`deviations` must name no parameter twice, got {pair} again")
    return tuple(found)


def as_subjects(subject: Subject | None, subjects: Sequence[Subject] | None) -> tuple[Subject, ...]:
    """Return the people of a call that takes ``subject=`` or ``subjects=``."""
    if subject is not None and subjects is not None:
        raise ParameterError("`subject` and `subjects` cannot both be given: put all in `subjects`")
    if subjects is None:
        people: list[object] = [Subject() if subject is None else subject]
    else:
        people = check.listed("subjects", subjects)
    for i, person in enumerate(people):
        if not isinstance(person, Subject):
            name = "subject" if subjects is None else f"subjects[{i}]"
            raise ParameterTypeError(f"`{name}` must be a Subject, got {shown(person)}")
    return tuple(people)  # type: ignore[arg-type]
