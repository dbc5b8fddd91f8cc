"""The model of C2 in SBML, built from the parts of C1's: one law is Michaelis and Menten's."""

from .sbml_c1 import INTERVAL_H, MATHML, SPECIES, dose_event, parameter, participants, species
from .work_c2 import FRACTION, TYPICAL

FIRST_ORDER = (
    # from, to, then the rate in 1/h as one parameter over another
    ("depot", "parent", "absorption_per_h", "one"),
    ("parent", "peripheral", "exchange", "central_volume"),
    ("peripheral", "parent", "exchange", "peripheral_volume"),
    ("metabolite", None, "metabolite_clearance", "metabolite_volume"),
)
SATURABLE = (("parent", "metabolite", FRACTION), ("parent", None, 1 - FRACTION))


def reaction(number: int, source: str, target: str | None, law: str) -> str:
    return (
        f'<reaction id="reaction_{number}" reversible="false" fast="false">'
        + participants("Reactants", source)
        + (participants("Products", target) if target else "")
        + f"<kineticLaw><math {MATHML}>{law}</math></kineticLaw></reaction>"
    )


def first_order(source: str, above: str, below: str) -> str:
    rate = f"<apply><divide/><ci>{above}</ci><ci>{below}</ci></apply>"
    return f"<apply><times/>{rate}<ci>{source}</ci></apply>"


def saturable(source: str, share: float) -> str:
    half = "<apply><times/><ci>half_mg_l</ci><ci>central_volume</ci></apply>"
    above = f"<apply><times/><cn>{share}</cn><ci>fastest_mg_h</ci><ci>{source}</ci></apply>"
    return f"<apply><divide/>{above}<apply><plus/>{half}<ci>{source}</ci></apply></apply>"


def model() -> str:
    """SBML level 3 version 1."""
    laws = [(a, b, first_order(a, above, below)) for a, b, above, below in FIRST_ORDER]
    laws += [(a, b, saturable(a, share)) for a, b, share in SATURABLE]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">'
        '<model id="saturable_pharmacokinetics"><listOfCompartments>'
        '<compartment id="body" spatialDimensions="3" size="1" constant="true"/>'
        "</listOfCompartments><listOfSpecies>"
        + "".join(species(name, amount) for name, amount in SPECIES.items())
        + "</listOfSpecies><listOfParameters>"
        + "".join(parameter(name, value) for name, value in TYPICAL.items())
        + parameter("one", 1.0)
        + parameter("next_dose_h", INTERVAL_H, constant=False)
        + "</listOfParameters><listOfReactions>"
        + "".join(reaction(number, *parts) for number, parts in enumerate(laws))
        + f"</listOfReactions><listOfEvents>{dose_event()}</listOfEvents></model></sbml>"
    )
