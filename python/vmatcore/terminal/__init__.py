"""The terminal: cytosol, vesicles and extracellular amine together.

- :func:`simulate`: one kind of terminal, driven by active VMAT2 and firing
- :func:`sites`: dopamine, serotonin and norepinephrine from one occupancy
- :class:`Terminal`: the published and the coupled terminals, with their sources
- :class:`Load`: a reversible block as sums of exponentials
- :class:`Profile`: a drive known at some times, with lines between
- :class:`Renewal`: copies lost for good, vesicles that are replaced
"""

from vmatcore.terminal.drives import Profile
from vmatcore.terminal.load import Load
from vmatcore.terminal.renewal import Renewal
from vmatcore.terminal.result import TerminalResult
from vmatcore.terminal.sites import SITES, sites
from vmatcore.terminal.stage import simulate
from vmatcore.terminal.terminal import Terminal

__all__ = ["SITES", "Load", "Profile", "Renewal", "Terminal", "TerminalResult", "simulate", "sites"]
