"""Work A2 by closed form; see filling_problem.py."""

from .filling_problem import work

WORK = work("A2", "closed")
