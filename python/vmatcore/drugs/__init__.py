"""The drug catalogue: parameters with units, sources and status."""

from vmatcore.drugs.catalogue import brain, enzymes, get, load, moieties, names
from vmatcore.drugs.drug import (
    Absorption,
    Compartment,
    Dose,
    DoseDependentAvailability,
    Drug,
    Elimination,
    Exchange,
    Liver,
)
from vmatcore.drugs.moiety import Affinity, Moiety
from vmatcore.drugs.quantity import Quantity, Status

__all__ = [
    "Absorption",
    "Affinity",
    "Compartment",
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
    "enzymes",
    "get",
    "load",
    "moieties",
    "names",
]
