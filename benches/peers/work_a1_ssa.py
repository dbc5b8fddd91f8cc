"""Work A1 by every event; see filling_problem.py."""

from .filling_problem import work

WORK = work("A1", "ssa")
