"""The molecular level: filling, release and signal at chosen hours, beside their mean field.

The mean-field chain says which share of VMAT2 works and how much amine the cytosol
holds; vesicles and synapses follow that, molecule by molecule and quantum by quantum.

- :func:`simulate`: every subject of a run at some hours
- :class:`MolecularResult`: contents, quanta and readouts at both levels; prints as a card
- :class:`Snapshot`: one subject at one hour, with every result of the three stages
- :class:`Drives`: what drove it
"""

from vmatcore.molecular.drives import Drives
from vmatcore.molecular.result import MolecularResult
from vmatcore.molecular.snapshot import Snapshot
from vmatcore.molecular.stage import simulate

__all__ = ["Drives", "MolecularResult", "Snapshot", "simulate"]
