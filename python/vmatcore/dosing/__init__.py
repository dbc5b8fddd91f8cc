"""Regimens: which drug, how much, when. A sentence, a builder call and a table mean one type.

>>> regimen = Regimen.parse("valbenazine 40 mg q24h x 7 then 80 mg q24h x 21")
>>> regimen == Regimen.titrate("valbenazine", steps=[(40, 24, 7), (80, 24, 21)])
True

A regimen is a row of courses. Where two doses share a time, the course that stands
first gives its dose first. :mod:`~vmatcore.dosing.regimen` makes the type, which knows
what :mod:`~vmatcore.dosing.courses` answers and :mod:`~vmatcore.dosing.changes` changes;
:mod:`~vmatcore.dosing.grammar` and :mod:`~vmatcore.dosing.table` read and write sentences
and event tables; :mod:`~vmatcore.dosing.timeline` says what courses do in the order of time.
"""

from vmatcore.dosing.course import MAXIMUM_DOSES, Course, Dose
from vmatcore.dosing.regimen import Regimen, as_regimen
from vmatcore.dosing.timeline import Event, timeline

__all__ = ["MAXIMUM_DOSES", "Course", "Dose", "Event", "Regimen", "as_regimen", "timeline"]
