"""Trains of spikes in plain Python, spike for spike those of the core."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tests.reference import transforms
from tests.reference.philox import STAGES, Stream


def gamma(shape: float, stream: Stream) -> float:
    """Return a gamma number: Marsaglia and Tsang (2000), doi:10.1145/358407.358414."""
    centre = (shape + 1.0 if shape < 1.0 else shape) - 1.0 / 3.0
    spread = 1.0 / math.sqrt(9.0 * centre)
    while True:
        normal, uniform = stream.normal(), stream.uniform()
        root = 1.0 + spread * normal
        if root <= 0.0:
            continue
        cube = root * root * root
        height = 0.5 * normal * normal + centre * (1.0 - cube + transforms.ln(cube))
        if transforms.ln(uniform) < height:
            number = centre * cube
            break
    if shape < 1.0:
        number *= transforms.exp(transforms.ln(stream.uniform()) / shape)
    return number


def renewal(
    until_s: Sequence[float], rate_hz: Sequence[float], shape: float, *, seed: int, number: int
) -> list[float]:
    """Return one train whose rate changes in steps."""
    stream = Stream(seed, STAGES["spikes"], number)
    spikes: list[float] = []
    now, segment = 0.0, 0
    while True:
        left = stream.exponential() if shape == 1.0 else gamma(shape, stream) / shape
        while True:
            if segment == len(until_s):
                return spikes
            here = rate_hz[segment] * (until_s[segment] - now)
            if left < here:
                now = min(now + left / rate_hz[segment], until_s[segment])
                break
            left -= here
            now = until_s[segment]
            segment += 1
        spikes.append(now)
