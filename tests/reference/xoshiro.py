"""xoshiro256++ in plain Python integers (Blackman and Vigna 2021, doi:10.1145/3460772)."""

from __future__ import annotations

_MASK = 2**64 - 1


def _rotated(word: int, places: int) -> int:
    return (word << places | word >> (64 - places)) & _MASK


class Xoshiro:
    """A generator of 64-bit words, seeded by four words of an addressed stream."""

    def __init__(self, state: list[int]) -> None:
        self.state = list(state)

    @classmethod
    def from_stream(cls, stream) -> Xoshiro:
        """Return the generator that four words of a stream seed."""
        return cls([stream.word() for _ in range(4)])

    def word(self) -> int:
        """Return the next 64 bits."""
        a, b, c, d = self.state
        result = _rotated(a + d & _MASK, 23) + a & _MASK
        shifted = b << 17 & _MASK
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        self.state = [a, b, c, _rotated(d, 45)]
        return result
