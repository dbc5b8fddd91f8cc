"""Signal: extracellular amine of a region, and the receptors that it occupies.

- :func:`simulate`: amine and occupancies over time, from released molecules
- :class:`Region`: density, uptake, feedback and receptors, with presets; its steady states
- :class:`SignalResult`: levels, and readouts relative to a baseline
"""

from vmatcore.signal.region import Receptor, Region
from vmatcore.signal.result import Readouts, SignalResult
from vmatcore.signal.stage import simulate

__all__ = ["Readouts", "Receptor", "Region", "SignalResult", "simulate"]
