"""What is installed, and whether this machine gives the same bits as every other."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from functools import cache
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vmatcore import _core
from vmatcore.golden import cases
from vmatcore.work import Work, available_bytes

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["facts", "golden", "hashes", "wrong_hashes"]

_GOLDEN = Path(__file__).parent / "golden.json"

_OPTIONAL = {"matplotlib": "figures (lab)"}


def facts() -> dict[str, str]:
    """Return what a bug report should say: versions, CPU level, threads, memory, extras."""
    free = available_bytes()
    found = {
        "vmatcore": _core.__version__,
        "random stream version": str(_core.STREAM_VERSION),
        "python": f"{platform.python_version()} ({sys.platform}, {platform.machine()})",
        "numpy": np.__version__,
        "cpu level": _core.cpu_level(),
        "threads by default": str(Work.start().threads),
        "memory free": "unknown" if free is None else f"{free / 1e9:.1f} GB",
    }
    for name, use in _OPTIONAL.items():
        installed = util.find_spec(name) is not None
        found[name] = metadata.version(name) if installed else f"not installed; gives {use}"
    return found


@cache
def golden() -> dict[str, str]:
    """Return the hashes that every machine must reproduce, by name."""
    found: dict[str, str] = json.loads(_GOLDEN.read_text(encoding="utf-8"))["hashes"]
    return found


def wrong_hashes() -> list[str]:
    """Return the names of the golden hashes that this machine does not reproduce."""
    found = hashes()
    return [name for name, value in golden().items() if found.get(name) != value]


def hashes() -> dict[str, str]:
    """Compute the hashes anew on this machine."""
    return {name: _hash(make()) for name, make in cases()}


def _hash(array: FloatArray) -> str:
    little = np.ascontiguousarray(array, dtype="<f8")
    return hashlib.sha256(little.tobytes()).hexdigest()[:16]


if __name__ == "__main__":
    # The content of golden.json, for a deliberate change of bits.
    print(json.dumps({"stream_version": _core.STREAM_VERSION, "hashes": hashes()}, indent=1))
