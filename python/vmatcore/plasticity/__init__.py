"""Plasticity: what bursts save, and what is left of it when a drug is stopped. A hypothesis.

- :func:`simulate`: weights of many synapses over epochs of days
- :func:`expected`: their exact mean
- :class:`Learning`: the rule and its constants, all assumed
- :class:`Drive`: bursts, dips and tone of each epoch
- :class:`Condition`: the mix of signs of four conditions, set beforehand
- :class:`PlasticityResult`: weights, engram, severity

Nothing here was fitted to a patient. It shows what follows if bursts save motor
programs, not that they do.
"""

from vmatcore.plasticity.condition import Condition
from vmatcore.plasticity.drive import Drive
from vmatcore.plasticity.learning import Learning
from vmatcore.plasticity.mean_field import expected
from vmatcore.plasticity.result import PlasticityResult
from vmatcore.plasticity.stage import simulate

__all__ = ["Condition", "Drive", "Learning", "PlasticityResult", "expected", "simulate"]
