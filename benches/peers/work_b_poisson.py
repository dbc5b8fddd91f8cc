"""Work B with Poisson trains; see quanta_problem.py."""

from .quanta_problem import work

WORK = work("B Poisson", own=True)
