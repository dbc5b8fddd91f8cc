"""Who takes the drug: the covariates that change its kinetics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmatcore import check, drugs
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown

__all__ = ["CONDITIONS", "Subject", "as_subjects"]

#: Conditions that VMAT2 inhibitors are given for.
CONDITIONS = (
    "tardive dyskinesia",
    "Huntington's chorea",
    "Tourette's disorder",
    "tardive dystonia",
)

#: Body weight at which weight exponents have no effect (Nguyen 2025).
REFERENCE_WEIGHT_KG = 70.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One person.

    Parameters
    ----------
    cyp2d6 : {"poor", "intermediate", "normal", "ultrarapid"}
        Phenotype of the enzyme that clears the active isomers. A strong
        inhibitor such as paroxetine makes a normal metaboliser a poor one.
    weight_kg : float
        Body weight; it acts where a published model says so (valbenazine).
    condition : str, optional
        One of :data:`CONDITIONS`; it sets the published cohort medians of
        valbenazine. Without it the reference subject is meant.

    Raises
    ------
    ParameterError, ParameterTypeError
        If a covariate breaks its rule.

    Examples
    --------
    >>> Subject(cyp2d6="poor").weight_kg
    70.0
    """

    cyp2d6: str = "normal"
    weight_kg: float = REFERENCE_WEIGHT_KG
    condition: str | None = None

    def __post_init__(self) -> None:
        phenotypes = drugs.enzymes()["CYP2D6"]
        if check.text("cyp2d6", self.cyp2d6) not in phenotypes:
            raise unknown("CYP2D6 phenotype", self.cyp2d6, phenotypes)
        weight = check.number("weight_kg", self.weight_kg, minimum=0, exclusive=True)
        object.__setattr__(self, "weight_kg", weight)
        if self.condition is not None and check.text("condition", self.condition) not in CONDITIONS:
            raise unknown("condition", self.condition, CONDITIONS)

    def activity(self, enzyme: str) -> float:
        """Return the activity of an enzyme relative to the normal one."""
        phenotypes = drugs.enzymes().get(check.text("enzyme", enzyme))
        if phenotypes is None:
            return 1.0
        return phenotypes[self.cyp2d6].value


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
