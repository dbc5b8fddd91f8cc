"""Filling in SBML, for the peers that read it; limited places are a second species."""

from .filling_problem import Problem
from .sbml_c1 import MATHML, participants, species


def _reaction(name: str, source: str | None, target: str | None, rate: float) -> str:
    law = f"<cn>{rate!r}</cn>"
    if source:
        law = f"<apply><times/>{law}<ci>{source}</ci></apply>"
    return (
        f'<reaction id="{name}" reversible="false" fast="false">'
        + (participants("Reactants", source) if source else "")
        + (participants("Products", target) if target else "")
        + f"<kineticLaw><math {MATHML}>{law}</math></kineticLaw></reaction>"
    )


def model(problem: Problem) -> str:
    """SBML level 3 version 1."""
    free = "E" if problem.capacity else None
    each = problem.birth_per_s / (problem.capacity or 1)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">'
        '<model id="filling"><listOfCompartments>'
        '<compartment id="body" spatialDimensions="3" size="1" constant="true"/>'
        "</listOfCompartments><listOfSpecies>"
        + species("N", 0.0)
        + (species("E", float(problem.capacity)) if problem.capacity else "")
        + "</listOfSpecies><listOfReactions>"
        + _reaction("enter", free, "N", each)
        + _reaction("leave", "N", free, problem.death_per_s)
        + "</listOfReactions></model></sbml>"
    )
