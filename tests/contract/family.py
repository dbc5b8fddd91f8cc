"""The rules that every error of the package keeps."""

from __future__ import annotations

import copy
import pickle

import pytest

from vmatcore.errors import (
    CancelledError,
    FileFormatError,
    MemoryLimitError,
    MissingExtraError,
    ParameterError,
    ParameterTypeError,
    SolverError,
    UnknownNameError,
    VmatError,
)

BUILT_IN = {
    CancelledError: RuntimeError,
    FileFormatError: OSError,
    MemoryLimitError: MemoryError,
    MissingExtraError: ImportError,
    ParameterError: ValueError,
    ParameterTypeError: TypeError,
    SolverError: RuntimeError,
    UnknownNameError: ValueError,
}


class Unprintable:
    def __repr__(self):
        raise RuntimeError("this object does not print")


def keeps_the_rules(error):
    message = str(error)
    assert isinstance(error, BUILT_IN[type(error)])
    assert 10 < len(message) <= 400
    assert "\n" not in message
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is type(error)
        assert (twin.args, str(twin)) == (error.args, message)


def refuse(call, kind, *words):
    """Return the error of a call; the words name the argument or the key."""
    with pytest.raises(VmatError) as caught:
        call()
    error = caught.value
    assert isinstance(error, kind), str(error)
    keeps_the_rules(error)
    for word in words:
        assert word in str(error)
    return error
