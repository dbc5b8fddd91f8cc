"""Work B with a regular train; see quanta_problem.py."""

from .quanta_problem import work

WORK = work("B regular")
