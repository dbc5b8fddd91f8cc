"""The checks that constructors share: numbers, times, whole numbers, flags, texts, lists.

Each takes the name of the argument, refuses what breaks the rule in words that
name it, and returns the value as a plain Python object.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping, Set, Sized
from typing import Any

from vmatcore.errors import ParameterError, ParameterTypeError, shown

__all__ = ["flag", "listed", "mapping", "number", "numbers", "text", "times", "whole"]


def number(
    name: str,
    value: object,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    exclusive: bool = False,
) -> float:
    """Return a finite real number as a float.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    value : object
        An int, a float, a NumPy scalar or another type with ``__float__`` or
        ``__index__``. Booleans, texts, NaN and infinity are refused.
    minimum, maximum : float, optional
        The limits; the limits themselves are allowed.
    exclusive : bool, optional
        If true, the limits themselves are refused.

    Returns
    -------
    float
        The number.

    Raises
    ------
    ParameterTypeError
        If the value is not a number.
    ParameterError
        If it is not finite or breaks a limit.

    Examples
    --------
    >>> number("dose_mg", 80, minimum=0)
    80.0
    >>> number("dose_mg", -1, minimum=0)
    Traceback (most recent call last):
        ...
    vmatcore.errors.ParameterError: `dose_mg` must be finite and not negative, got -1
    """
    real = hasattr(type(value), "__float__") or hasattr(type(value), "__index__")
    if not real or isinstance(value, bool | str | bytes) or not _is_scalar(value, "iuf"):
        raise ParameterTypeError(f"`{name}` must be a number, got {shown(value)}")
    try:
        result = float(value)  # type: ignore[arg-type]
    except OverflowError:
        result = math.inf
    except (TypeError, ValueError):
        raise ParameterTypeError(f"`{name}` must be a number, got {shown(value)}") from None
    if _breaks(result, minimum, maximum, exclusive):
        rule = _rule(minimum, maximum, exclusive)
        raise ParameterError(f"`{name}` must be {rule}, got {shown(value)}")
    return result


def _breaks(
    value: float,
    minimum: float | None = None,
    maximum: float | None = None,
    exclusive: bool = False,
) -> bool:
    if exclusive:
        low = minimum is not None and value <= minimum
        high = maximum is not None and value >= maximum
    else:
        low = minimum is not None and value < minimum
        high = maximum is not None and value > maximum
    return low or high or not math.isfinite(value)


def numbers(name: str, value: object, **limits: Any) -> list[float]:
    """Return a list of finite real numbers, each as :func:`number` returns it.

    Parameters
    ----------
    name : str
        Name of the argument, for the message, which adds the place.
    value : object
        What :func:`listed` takes.
    **limits
        ``minimum``, ``maximum`` and ``exclusive`` of :func:`number`.

    Returns
    -------
    list of float
        The numbers.

    Raises
    ------
    ParameterError, ParameterTypeError
        As for :func:`listed` and :func:`number`.

    Examples
    --------
    >>> numbers("log_p", [2, 6.0], maximum=7.5)
    [2.0, 6.0]
    """
    if getattr(value, "ndim", None) == 1 and getattr(value, "dtype", None) == "float64":
        # Thousands of reads at once; what breaks a rule is named further down.
        found: list[float] = value.tolist()  # type: ignore[attr-defined]
        ends = (min(found), max(found)) if found else ()
        if math.isfinite(sum(found)) and not any(_breaks(end, **limits) for end in ends):
            return found
    items = listed(name, value)
    return [number(f"{name}[{i}]", item, **limits) for i, item in enumerate(items)]


def times(name: str, value: object) -> list[float]:
    """Return read times: not negative, none before the one before it.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    value : object
        What :func:`listed` takes.

    Returns
    -------
    list of float
        The times.

    Raises
    ------
    ParameterError, ParameterTypeError
        If a time breaks its rule.

    Examples
    --------
    >>> times("time_s", [0, 7.5])
    [0.0, 7.5]
    """
    found = numbers(name, value, minimum=0)
    for place in range(1, len(found)):
        if found[place] < found[place - 1]:
            raise ParameterError(
                f"`{name}[{place}]` must not be before the time before it, got {found[place]!r}"
            )
    return found


def whole(
    name: str, value: object, *, minimum: int | None = None, maximum: int | None = None
) -> int:
    """Return a whole number as an int.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    value : object
        An int or another type with ``__index__``, such as a NumPy integer.
        Booleans, texts and floats are refused, floats without a fraction too.
    minimum, maximum : int, optional
        The limits; the limits themselves are allowed.

    Returns
    -------
    int
        The whole number.

    Raises
    ------
    ParameterTypeError
        If the value is not a whole number.
    ParameterError
        If it breaks a limit.

    Examples
    --------
    >>> whole("doses", 28, minimum=0)
    28
    >>> whole("doses", 28.0, minimum=0)
    Traceback (most recent call last):
        ...
    vmatcore.errors.ParameterTypeError: `doses` must be a whole number, got 28.0: write 28
    """
    try:
        if isinstance(value, bool) or not _is_scalar(value, "iuf"):
            raise TypeError
        result = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        fix = f": write {value:.0f}" if isinstance(value, float) and value.is_integer() else ""
        raise ParameterTypeError(
            f"`{name}` must be a whole number, got {shown(value)}{fix}"
        ) from None
    if (minimum is not None and result < minimum) or (maximum is not None and result > maximum):
        rule = _rule(minimum, maximum, False).removeprefix("finite and ")
        raise ParameterError(f"`{name}` must be {rule}, got {shown(value)}")
    return result


def flag(name: str, value: object) -> bool:
    """Return True or False; nothing else stands for either.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    value : object
        The flag.

    Returns
    -------
    bool
        The flag.

    Raises
    ------
    ParameterTypeError
        If the value is not a bool.

    Examples
    --------
    >>> flag("reset", True)
    True
    """
    if not isinstance(value, bool):
        raise ParameterTypeError(f"`{name}` must be True or False, got {shown(value)}")
    return value


def text(name: str, value: object) -> str:
    """Return a text as a plain str; anything that is not a str is refused.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    value : object
        The text.

    Returns
    -------
    str
        The text.

    Raises
    ------
    ParameterTypeError
        If the value is not a str.

    Examples
    --------
    >>> text("drug", "valbenazine")
    'valbenazine'
    """
    if not isinstance(value, str):
        raise ParameterTypeError(f"`{name}` must be a text (str), got {shown(value)}")
    return str.__str__(value)


def listed(name: str, value: object) -> list[Any]:
    """Return the items of a list, a tuple, a range or an array, in their order.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    value : object
        What holds the items. Texts, mappings and sets are refused, and so are
        iterators, whose length is not known.

    Returns
    -------
    list
        The items.

    Raises
    ------
    ParameterTypeError
        If the value is something else.

    Examples
    --------
    >>> listed("doses", range(5, 7))
    [5, 6]
    """
    held = isinstance(value, Iterable) and isinstance(value, Sized)
    if held and not isinstance(value, str | bytes | bytearray | memoryview | Mapping | Set):
        try:
            return list(value)  # type: ignore[call-overload, no-any-return]
        except TypeError:  # an array without axes
            pass
    raise ParameterTypeError(f"`{name}` must be a list, a tuple or an array, got {shown(value)}")


def mapping(name: str, value: object) -> dict[str, Any]:
    """Return a mapping whose keys are texts as a plain dict.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    value : object
        The mapping.

    Returns
    -------
    dict
        The same keys and values, in the same order.

    Raises
    ------
    ParameterTypeError
        If the value is not a mapping, or a key is not a text.

    Examples
    --------
    >>> mapping("values", {"clearance": 5})
    {'clearance': 5}
    """
    if not isinstance(value, Mapping):
        raise ParameterTypeError(f"`{name}` must be a mapping, got {shown(value)}")
    return {text(f"key of {name}", key): item for key, item in value.items()}


def _is_scalar(value: object, kinds: str) -> bool:
    """Tell whether a NumPy value is one number of these kinds; other values pass."""
    kind = getattr(getattr(value, "dtype", None), "kind", kinds[0])
    return kind in tuple(kinds) and not getattr(value, "ndim", 0)


def _rule(minimum: float | None, maximum: float | None, exclusive: bool) -> str:
    """Say in words what :func:`number` asks for."""
    low, high = (repr(limit).removesuffix(".0") for limit in (minimum, maximum))
    if minimum is not None and maximum is not None:
        ends = "()" if exclusive else "[]"
        return f"in {ends[0]}{low}, {high}{ends[1]}"
    if minimum is not None:
        if minimum == 0:
            return "finite and positive" if exclusive else "finite and not negative"
        return f"finite and {'more than' if exclusive else 'at least'} {low}"
    if maximum is not None:
        return f"finite and {'less than' if exclusive else 'at most'} {high}"
    return "finite"
