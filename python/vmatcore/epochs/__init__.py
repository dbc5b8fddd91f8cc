"""Epochs: learning and slow adaptation over months, each epoch fed by the one before. A hypothesis.

- :func:`simulate`: ill days, then the days of a run, one loop
- :class:`Adaptation`: D2 receptors that grow in number while they are idle
- :class:`EpochsResult`: weights, receptors, tone and the severity of four conditions
- :func:`sources`: the assumed numbers, with spread and source
"""

from vmatcore.epochs.adaptation import Adaptation
from vmatcore.epochs.presets import sources
from vmatcore.epochs.result import EpochsResult
from vmatcore.epochs.stage import simulate

__all__ = ["Adaptation", "EpochsResult", "simulate", "sources"]
