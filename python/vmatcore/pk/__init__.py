"""Pharmacokinetics: from a dose to plasma and to the water around the transporter.

:func:`simulate` runs the drugs of the catalogue and your own; :class:`Graph` and
:func:`solve` run any compartment system, :func:`solution` says why a subject failed, too.
"""

from vmatcore.pk.brain import Brain
from vmatcore.pk.entries import Input, Reset, SteadyState
from vmatcore.pk.flows import Flow, Readout, Saturable
from vmatcore.pk.graph import Graph
from vmatcore.pk.solution import Solution, solution, solve
from vmatcore.pk.stage import PkResult, simulate
from vmatcore.pk.variability import measured, vary

__all__ = [
    "Brain",
    "Flow",
    "Graph",
    "Input",
    "PkResult",
    "Readout",
    "Reset",
    "Saturable",
    "Solution",
    "SteadyState",
    "measured",
    "simulate",
    "solution",
    "solve",
    "vary",
]
