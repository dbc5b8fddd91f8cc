"""Work A2 by every event; see filling_problem.py."""

from .filling_problem import work

WORK = work("A2", "ssa")
