"""VMAT2 inhibitors from a dose to occupancy, vesicles, quanta, signal and signs.

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
        epochs,
        errors,
        filling,
        label,
        lipophilicity,
        molecular,
        occupancy,
        outcome,
        pk,
        plasticity,
        preclinical,
        release,
        signal,
        spikes,
        subject,
        terminal,
    )
    from vmatcore._core import __version__
    from vmatcore.chain import Run, simulate
    from vmatcore.comparison import Comparison, compare
    from vmatcore.dose_window import DoseWindow, window
    from vmatcore.dosing import Regimen
    from vmatcore.errors import VmatError
    from vmatcore.recovery import washout
    from vmatcore.release import ConstantQuantum, FillingContent, LognormalQuantum, Synapse
    from vmatcore.signal import Region
    from vmatcore.subject import Subject
    from vmatcore.terminal import Terminal
    from vmatcore.vesicle import Vesicle
    from vmatcore.work import CancelToken

#: Name: the module that has it, or None for a module of its own.
_HOMES = {
    "CancelToken": "vmatcore.work",
    "Comparison": "vmatcore.comparison",
    "ConstantQuantum": "vmatcore.release",
    "DoseWindow": "vmatcore.dose_window",
    "FillingContent": "vmatcore.release",
    "LognormalQuantum": "vmatcore.release",
    "Regimen": "vmatcore.dosing",
    "Region": "vmatcore.signal",
    "Run": "vmatcore.chain",
    "Subject": "vmatcore.subject",
    "Synapse": "vmatcore.release",
    "Terminal": "vmatcore.terminal",
    "Vesicle": "vmatcore.vesicle",
    "VmatError": "vmatcore.errors",
    "__version__": "vmatcore._core",
    "compare": "vmatcore.comparison",
    "dosing": None,
    "drugs": None,
    "epochs": None,
    "errors": None,
    "filling": None,
    "label": None,
    "lipophilicity": None,
    "molecular": None,
    "occupancy": None,
    "outcome": None,
    "pk": None,
    "plasticity": None,
    "release": None,
    "signal": None,
    "preclinical": None,
    "simulate": "vmatcore.chain",
    "spikes": None,
    "subject": None,
    "terminal": None,
    "washout": "vmatcore.recovery",
    "window": "vmatcore.dose_window",
}

__all__ = [
    "CancelToken",
    "Comparison",
    "ConstantQuantum",
    "DoseWindow",
    "FillingContent",
    "LognormalQuantum",
    "Regimen",
    "Region",
    "Run",
    "Subject",
    "Synapse",
    "Terminal",
    "Vesicle",
    "VmatError",
    "__version__",
    "compare",
    "dosing",
    "drugs",
    "epochs",
    "errors",
    "filling",
    "label",
    "lipophilicity",
    "molecular",
    "occupancy",
    "outcome",
    "pk",
    "plasticity",
    "preclinical",
    "release",
    "signal",
    "simulate",
    "spikes",
    "subject",
    "terminal",
    "washout",
    "window",
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
