"""Pharmacokinetics: from a dose to plasma and to the water around the transporter.

:func:`simulate` runs the drugs of the catalogue and your own; :class:`Graph` and
:func:`solve` run any linear compartment system.
"""

from vmatcore.pk.brain import Brain
from vmatcore.pk.graph import Flow, Graph, Input, Readout, solve
from vmatcore.pk.stage import PkResult, simulate

__all__ = ["Brain", "Flow", "Graph", "Input", "PkResult", "Readout", "simulate", "solve"]
