"""What is not known of the constants behind a run, and runs under draws of them.

- :func:`constants_of`, :func:`constants_of_terminal`: every constant with a spread
- :func:`draw`: values of them, draw by draw
- :func:`held`: the occupancy with other constants
- :func:`quantiles`, :func:`rank_correlations`: what the draws say
"""

from vmatcore.uncertainty.constants import Constant, constants_of, constants_of_terminal
from vmatcore.uncertainty.draws import Draws, draw
from vmatcore.uncertainty.ranks import quantiles, rank_correlations
from vmatcore.uncertainty.variants import held

__all__ = [
    "Constant",
    "Draws",
    "constants_of",
    "constants_of_terminal",
    "draw",
    "held",
    "quantiles",
    "rank_correlations",
]
