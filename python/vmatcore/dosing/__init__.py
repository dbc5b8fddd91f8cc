"""Regimens: which drug, how much, when. A sentence, a builder call and a table mean one type.

>>> regimen = Regimen.parse("valbenazine 40 mg q24h x 7 then 80 mg q24h x 21")
>>> regimen == Regimen.titrate("valbenazine", steps=[(40, 24, 7), (80, 24, 21)])
True

A regimen is a row of courses. Where two doses share a time, the course that stands
first gives its dose first. :mod:`~vmatcore.dosing.regimen` holds the type,
:mod:`~vmatcore.dosing.timeline` says what its courses do in the order of time, and
:mod:`~vmatcore.dosing.table` reads and writes event tables.
"""

from vmatcore.course import MAXIMUM_DOSES, Course, Dose
from vmatcore.dosing.regimen import Regimen, as_regimen
from vmatcore.dosing.timeline import Event, timeline

__all__ = ["MAXIMUM_DOSES", "Course", "Dose", "Event", "Regimen", "as_regimen", "timeline"]
