"""The drug catalogue: parameters with units, sources and status."""

from vmatcore.drugs.catalogue import (
    Covariates,
    brain,
    covariates,
    enzymes,
    get,
    load,
    moieties,
    names,
)
from vmatcore.drugs.drug import Drug
from vmatcore.drugs.moiety import Affinity, Moiety
from vmatcore.drugs.parts import (
    Absorption,
    Compartment,
    Dose,
    DoseDependentAvailability,
    Elimination,
    Exchange,
    Liver,
)
from vmatcore.drugs.quantity import Quantity, Status

__all__ = [
    "Absorption",
    "Affinity",
    "Compartment",
    "Covariates",
    "Dose",
    "DoseDependentAvailability",
    "Drug",
    "Elimination",
    "Exchange",
    "Liver",
    "Moiety",
    "Quantity",
    "Status",
    "brain",
    "covariates",
    "enzymes",
    "get",
    "load",
    "moieties",
    "names",
]
