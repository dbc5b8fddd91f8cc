"""VMAT2 inhibitors from a dose to VMAT2 occupancy.

A research tool, not for dosing patients. The names below are all there is to
import; each module's docstring says more::

    import vmatcore as vm
    run = vm.simulate("valbenazine 40 mg q24h x 7 then 80 mg q24h x 21")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vmatcore import (
        dosing,
        drugs,
        errors,
        filling,
        label,
        lipophilicity,
        occupancy,
        pk,
        subject,
    )
    from vmatcore._core import __version__
    from vmatcore.chain import Run, simulate
    from vmatcore.comparison import Comparison, compare
    from vmatcore.dosing import Regimen
    from vmatcore.errors import VmatError
    from vmatcore.subject import Subject
    from vmatcore.vesicle import Vesicle
    from vmatcore.work import CancelToken

#: Name: the module that has it, or None for a module of its own.
_HOMES = {
    "CancelToken": "vmatcore.work",
    "Comparison": "vmatcore.comparison",
    "Regimen": "vmatcore.dosing",
    "Run": "vmatcore.chain",
    "Subject": "vmatcore.subject",
    "Vesicle": "vmatcore.vesicle",
    "VmatError": "vmatcore.errors",
    "__version__": "vmatcore._core",
    "compare": "vmatcore.comparison",
    "dosing": None,
    "drugs": None,
    "errors": None,
    "filling": None,
    "label": None,
    "lipophilicity": None,
    "occupancy": None,
    "pk": None,
    "simulate": "vmatcore.chain",
    "subject": None,
}

__all__ = [
    "CancelToken",
    "Comparison",
    "Regimen",
    "Run",
    "Subject",
    "Vesicle",
    "VmatError",
    "__version__",
    "compare",
    "dosing",
    "drugs",
    "errors",
    "filling",
    "label",
    "lipophilicity",
    "occupancy",
    "pk",
    "simulate",
    "subject",
]


def __getattr__(name: str) -> Any:
    """Import on first use: the command line must not pay for what it does not need."""
    if name not in _HOMES:
        raise AttributeError(f"module 'vmatcore' has no attribute {name!r}")
    home = _HOMES[name]
    module = importlib.import_module(home or f"vmatcore.{name}")
    value = module if home is None else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
