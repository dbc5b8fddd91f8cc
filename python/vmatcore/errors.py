"""Every exception of vmatcore: one family, each also the fitting built-in.

Catch :class:`VmatError` for all of them, or the built-in you already handle.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "CancelledError",
    "FileFormatError",
    "MemoryLimitError",
    "MissingExtraError",
    "ParameterError",
    "ParameterTypeError",
    "SolverError",
    "UnknownNameError",
    "VmatError",
    "shown",
]

#: Known names are listed in a message up to this many characters.
_LONGEST_LIST = 160


class VmatError(Exception):
    """The root of all errors raised by vmatcore."""


class ParameterError(VmatError, ValueError):
    """An argument has the right type but breaks its rule."""


class UnknownNameError(ParameterError):
    """A name is not known; the message suggests the nearest."""


class ParameterTypeError(VmatError, TypeError):
    """An argument has the wrong type."""


class SolverError(VmatError, RuntimeError):
    """A method could not keep its promise: what, when in model time, likely cause."""


class CancelledError(VmatError, RuntimeError):
    """A cancel token stopped the call; nothing was returned."""


class MemoryLimitError(VmatError, MemoryError):
    """The arrays of a call would not fit; refused before any of them is made."""


class FileFormatError(VmatError, OSError):
    """A file is missing, damaged or of another kind."""


class MissingExtraError(VmatError, ImportError):
    """An optional library is not installed; the message says what to install."""


def shown(value: object) -> str:
    """Return a value as text for a message: one line, at most 80 characters long.

    Examples
    --------
    >>> shown("x" * 100)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."
    """
    try:
        text = " ".join(line.strip() for line in repr(value).splitlines())
    except Exception:  # for example an int of more than 4300 digits
        text = f"a value of type {type(value).__name__} that cannot be printed"
    return text if len(text) <= 80 else text[:77] + "..."


def unknown(kind: str, name: object, known: Iterable[str], *, where: str = "") -> UnknownNameError:
    """Return the error for a name that is not in ``known``, with a suggestion.

    ``where`` is the path of the key that holds the name, if a file or a
    declaration does.
    """
    names = sorted(known)
    folded = {known_name.lower(): known_name for known_name in reversed(names)}
    wanted = name.lower() if isinstance(name, str) else ""
    near = difflib.get_close_matches(wanted, folded, n=1, cutoff=0.5)
    hint = f"; did you mean {shown(folded[near[0]])}?" if near else ""
    listed = ", ".join(names) or "none"
    if len(listed) > _LONGEST_LIST:
        listed = listed[: listed.rfind(",", 0, _LONGEST_LIST) + 1] + " ..."
    path = f"`{where}`: " if where else ""
    return UnknownNameError(f"{path}unknown {kind} {shown(name)}{hint} (known: {listed})")
