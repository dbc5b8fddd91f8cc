"""Trains of spikes: regular, Poisson, gamma, tonic with bursts and pauses, or your own times.

A train is shared by all synapses unless ``synapses`` asks for one each. Train ``i``
depends on the seed and ``first + i`` alone, so more synapses keep the first ones.
"""

from vmatcore.spikes.given import from_times, regular
from vmatcore.spikes.stage import gamma, poisson, tonic_burst, tonic_burst_rate
from vmatcore.spikes.train import SpikeTrain, SpikeTrains

__all__ = [
    "SpikeTrain",
    "SpikeTrains",
    "from_times",
    "gamma",
    "poisson",
    "regular",
    "tonic_burst",
    "tonic_burst_rate",
]
