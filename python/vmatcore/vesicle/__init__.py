"""The vesicle: what holds amine, how VMAT2 fills it, how far it can.

- :class:`Vesicle`: one kind of vesicle, with presets for three amines
- :class:`ProtonSupply`: pH and potential as states, where the gradient is spent
- :class:`BirthDeath`: the bare process of molecules that come and go
"""

from vmatcore.vesicle.law import BirthDeath
from vmatcore.vesicle.protons import ProtonSupply
from vmatcore.vesicle.vesicle import Vesicle

__all__ = ["BirthDeath", "ProtonSupply", "Vesicle"]
