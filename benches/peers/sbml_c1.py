"""The model of C1 in SBML, for the peers that read it: amounts in mg, the doses as one event.

The first dose is the depot's initial amount; the event adds the others and moves its own time on.
"""

from .work_c1 import DOSE_MG, FRACTION, STEP_H, STEPS_PER_DOSE, TYPICAL

MATHML = 'xmlns="http://www.w3.org/1998/Math/MathML"'
TIME = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>'
INTERVAL_H = STEPS_PER_DOSE * STEP_H
SPECIES = {"depot": DOSE_MG, "parent": 0.0, "peripheral": 0.0, "metabolite": 0.0}
REACTIONS = (
    # from, to, constant factor, then the rate in 1/h as one parameter over another
    ("depot", "parent", 1.0, "absorption_per_h", "one"),
    ("parent", "peripheral", 1.0, "exchange", "central_volume"),
    ("peripheral", "parent", 1.0, "exchange", "peripheral_volume"),
    ("parent", "metabolite", FRACTION, "clearance", "central_volume"),
    ("parent", None, 1 - FRACTION, "clearance", "central_volume"),
    ("metabolite", None, 1.0, "metabolite_clearance", "metabolite_volume"),
)


def species(name: str, amount: float) -> str:
    return (
        f'<species id="{name}" compartment="body" initialAmount="{amount}" '
        'hasOnlySubstanceUnits="true" boundaryCondition="false" constant="false"/>'
    )


def parameter(name: str, value: float, *, constant: bool = True) -> str:
    return f'<parameter id="{name}" value="{value}" constant="{str(constant).lower()}"/>'


def participants(role: str, name: str) -> str:
    reference = f'<speciesReference species="{name}" stoichiometry="1" constant="true"/>'
    return f"<listOf{role}>{reference}</listOf{role}>"


def reaction(number: int, parts: tuple[str, str | None, float, str, str]) -> str:
    source, target, factor, above, below = parts
    rate = f"<apply><divide/><ci>{above}</ci><ci>{below}</ci></apply>"
    return (
        f'<reaction id="reaction_{number}" reversible="false" fast="false">'
        + participants("Reactants", source)
        + (participants("Products", target) if target else "")
        + f"<kineticLaw><math {MATHML}><apply><times/><cn>{factor}</cn>{rate}<ci>{source}</ci>"
        "</apply></math></kineticLaw></reaction>"
    )


def increase(name: str, amount: float) -> str:
    return (
        f'<eventAssignment variable="{name}"><math {MATHML}>'
        f"<apply><plus/><ci>{name}</ci><cn>{amount}</cn></apply></math></eventAssignment>"
    )


def dose_event() -> str:
    return (
        '<event id="dose" useValuesFromTriggerTime="true">'
        f'<trigger initialValue="false" persistent="true"><math {MATHML}>'
        f"<apply><geq/>{TIME}<ci>next_dose_h</ci></apply></math></trigger>"
        "<listOfEventAssignments>"
        + increase("depot", DOSE_MG)
        + increase("next_dose_h", INTERVAL_H)
        + "</listOfEventAssignments></event>"
    )


def model() -> str:
    """SBML level 3 version 1."""
    reactions = (reaction(number, parts) for number, parts in enumerate(REACTIONS))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">'
        '<model id="linear_pharmacokinetics"><listOfCompartments>'
        '<compartment id="body" spatialDimensions="3" size="1" constant="true"/>'
        "</listOfCompartments><listOfSpecies>"
        + "".join(species(name, amount) for name, amount in SPECIES.items())
        + "</listOfSpecies><listOfParameters>"
        + "".join(parameter(name, value) for name, value in TYPICAL.items())
        + parameter("one", 1.0)
        + parameter("next_dose_h", INTERVAL_H, constant=False)
        + "</listOfParameters><listOfReactions>"
        + "".join(reactions)
        + f"</listOfReactions><listOfEvents>{dose_event()}</listOfEvents></model></sbml>"
    )
