"""Addressed random numbers: Philox 4x32-10 in plain Python integers.

Salmon, Moraes, Dror and Shaw (2011), doi:10.1145/2063384.2063405.

A reference function takes a stream. With :class:`Stream` it draws the very
numbers of the Rust core and is the oracle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tests.reference import transforms

DRAW_BITS = 48
STAGE_BITS = 16
REPLICATE_BITS = 64

STAGES = {
    "test": 0,
    "plasma": 1,
    "filling": 2,
    "spikes": 3,
    "release": 4,
    "signal": 5,
    "population": 6,
    "plasticity": 7,
}

_LOW_32 = 2**32 - 1
_LOW_64 = 2**64 - 1


def block(counter: int, key: int) -> int:
    """Return the 128 bits that belong to a counter (128 bits) under a key (64 bits)."""
    word = [counter >> shift & _LOW_32 for shift in (0, 32, 64, 96)]
    left, right = key & _LOW_32, key >> 32
    for _ in range(10):
        first = 0xD2511F53 * word[0]
        second = 0xCD9E8D57 * word[2]
        word = [
            second >> 32 ^ word[1] ^ left,
            second & _LOW_32,
            first >> 32 ^ word[3] ^ right,
            first & _LOW_32,
        ]
        left = left + 0x9E3779B9 & _LOW_32
        right = right + 0xBB67AE85 & _LOW_32
    return sum(part << 32 * place for place, part in enumerate(word))


class Address(NamedTuple):
    """Where a block is: one address for each pair of key and counter."""

    seed: int
    stage: int
    replicate: int
    draw: int

    @property
    def key(self) -> int:
        """Philox's key, 64 bits."""
        return self.seed

    @property
    def counter(self) -> int:
        """Philox's counter, 128 bits: draw lowest, then stage, then replicate."""
        return (self.replicate << STAGE_BITS | self.stage) << DRAW_BITS | self.draw

    @classmethod
    def from_key_and_counter(cls, key: int, counter: int) -> Address:
        """Return the one address with this key and counter."""
        rest, draw = divmod(counter, 2**DRAW_BITS)
        replicate, stage = divmod(rest, 2**STAGE_BITS)
        return cls(key, stage, replicate, draw)

    def block(self) -> int:
        """Return the 128 bits found here."""
        return block(self.counter, self.key)


@dataclass
class Stream:
    """The words of one replicate of one stage: two 64-bit words for each draw."""

    seed: int
    stage: int
    replicate: int
    position: int = 0

    def word(self) -> int:
        """Return the next 64 bits."""
        draw, half = divmod(self.position, 2)
        self.position += 1
        bits = Address(self.seed, self.stage, self.replicate, draw).block()
        return bits >> 64 * half & _LOW_64

    def uniform(self) -> float:
        """Return the next number in the open interval (0, 1)."""
        return transforms.uniform(self.word())

    def exponential(self) -> float:
        """Return the next waiting time of rate one."""
        return transforms.exponential(self.uniform())

    def normal(self) -> float:
        """Return the next number of mean zero and variance one."""
        return transforms.normal(self.uniform())
