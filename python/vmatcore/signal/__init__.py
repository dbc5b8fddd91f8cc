"""Signal: extracellular amine of a region, and the receptors that it occupies.

- :func:`simulate`: amine and occupancies over time, from released molecules
- :func:`course`: the mean field of a run over its days, at three sites
- :func:`phasic`: bursts and dips over how much is released
- :class:`Region`: density, uptake, feedback and receptors, with presets; its steady states
- :class:`SignalResult`: levels, and readouts relative to a baseline
- :class:`SignalCourse`, :class:`Phasic`: what the other two return
"""

from vmatcore.signal.course import SignalCourse, course
from vmatcore.signal.phasic import Phasic, phasic
from vmatcore.signal.region import Receptor, Region
from vmatcore.signal.result import Readouts, SignalResult
from vmatcore.signal.stage import simulate

__all__ = [
    "Phasic",
    "Readouts",
    "Receptor",
    "Region",
    "SignalCourse",
    "SignalResult",
    "course",
    "phasic",
    "simulate",
]
