"""Work B2, vesicles that fill; see quanta_problem.py."""

from .quanta_problem import work

WORK = work("B2", filling=True)
