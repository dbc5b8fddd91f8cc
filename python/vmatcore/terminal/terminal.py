"""One kind of terminal, or many with parameters of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import _core, check
from vmatcore.drugs.quantity import Quantity
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown
from vmatcore.terminal.presets import BEST_2009, NOREPINEPHRINE, SEROTONIN, STRUCTURE
from vmatcore.units import SECONDS_PER_H
from vmatcore.vesicle import Vesicle
from vmatcore.work import Work

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Terminal"]

_LARGEST = 1e12

#: Firing rates at rest in Hz: published models and recordings, recalled for the last two.
_RESTING_HZ = {"dopamine": 4.0, "serotonin": 1.0, "norepinephrine": 2.0}

#: Parameters that divide, so they must be above 0.
_DIVIDE = ("km", "ki", "reference", "fraction", "ramp", "ssri_inhibition", "ssri_removal")

_ACIDS_NOTE = (
    "acid metabolites follow cytosolic amine, so they stay high at full block; tissue data show "
    "an early rise and then a fall. Do not read them as a prediction of HVA or 5-HIAA."
)
_LEAK_NOTE = (
    "the leak of 40 per h empties vesicles with a half-time of 1 min, faster than any "
    "measurement: use this terminal for steady states, not for how fast content falls."
)
_SERT_NOTE = (
    "SERT leaves the membrane until extracellular serotonin is back near its resting value, so "
    "outside falls for hours only, whatever the block, and cytosolic serotonin hardly rises; "
    "content falls in proportion to active VMAT2, within days (its leak is 1 per h)."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Terminal:
    """A nerve terminal: synthesis, cytosol, vesicles, release, reuptake and breakdown.

    Use one of the presets, and :meth:`with_values` to change or spread its numbers.

    Parameters
    ----------
    amine : {"dopamine", "serotonin", "norepinephrine"}
        What it releases; decides the equations.
    name : str
        What it is called.
    parameters : mapping of str to Quantity
        Every constant, with unit, source, status and spread.
    values : mapping of str to float or ndarray (terminal,)
        Values instead of those of ``parameters``, one for all or one for each terminal.
    resting_hz : float
        Firing rate in Hz at which ``release_per_h`` holds.
    umol_l_per_molecule : float, optional
        What one molecule in every vesicle adds to the vesicular pool, in umol/L of tissue.
    notes : tuple of str
        What the model is known to get wrong.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> terminal = Terminal.best2009()
    >>> terminal.parameters["mao_per_h"].value, len(terminal)
    (10.0, 1)
    >>> len(terminal.with_values({"mao_per_h": [5.0, 10.0, 20.0]}))
    3
    """

    amine: str
    name: str
    parameters: Mapping[str, Quantity]
    values: Mapping[str, Any] = field(default_factory=dict)
    resting_hz: float = 4.0
    umol_l_per_molecule: float | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if check.text("amine", self.amine) not in _RESTING_HZ:
            raise unknown("amine", self.amine, _RESTING_HZ)
        check.text("name", self.name)
        names = _core.terminal_names(self.amine)[0]
        parameters = check.mapping("parameters", self.parameters)
        for name in parameters:
            if name not in names:
                raise unknown("parameter", name, names, where="parameters")
        for name in names:
            if name not in parameters:
                raise ParameterError(f"`parameters` must have {name}, got none")
            if not isinstance(parameters[name], Quantity):
                raise ParameterTypeError(
                    f"`parameters[{name!r}]` must be a Quantity, got {shown(parameters[name])}"
                )
        values = {
            name: _checked(name, value, names)
            for name, value in check.mapping("values", self.values).items()
        }
        lengths = {len(value) for value in values.values() if not isinstance(value, float)}
        if len(lengths) > 1:
            raise ParameterError(
                f"`values` must have one length for all arrays, got {sorted(lengths)}"
            )
        object.__setattr__(self, "parameters", parameters)
        object.__setattr__(self, "values", values)
        resting = check.number("resting_hz", self.resting_hz, minimum=1e-6, maximum=1e4)
        object.__setattr__(self, "resting_hz", resting)
        if self.umol_l_per_molecule is not None:
            each = check.number("umol_l_per_molecule", self.umol_l_per_molecule, minimum=1e-15)
            object.__setattr__(self, "umol_l_per_molecule", each)

    def __len__(self) -> int:
        return next((len(v) for v in self.values.values() if not isinstance(v, float)), 1)

    @staticmethod
    def best2009() -> Terminal:
        """Return the dopamine terminal of Best, Nijhout and Reed 2009, as published.

        Two faults of the model file are mended: VMAT2 is uptake minus leak, as in the
        paper, and tyrosine enters once. References: doi:10.1186/1742-4682-6-21.
        """
        return Terminal(
            amine="dopamine",
            name="Best 2009",
            parameters=BEST_2009,
            notes=(_LEAK_NOTE, _ACIDS_NOTE),
        )

    @staticmethod
    def default(vesicle: Vesicle | None = None) -> Terminal:
        """Return the dopamine terminal whose vesicles follow the law of filling.

        It is :meth:`best2009` with the reversible VMAT2 and the slower leak of
        :class:`vmatcore.Vesicle`. As many vesicles stand in a litre as give the
        published vesicular content at the published cytosolic amine, so every
        published steady-state value is kept.

        Parameters
        ----------
        vesicle : Vesicle, optional
            The vesicles; their cytosol is replaced by the terminal's.

        Raises
        ------
        ParameterError, ParameterTypeError
            If the vesicle is none, or its law is not linear.

        Examples
        --------
        >>> terminal = Terminal.default()
        >>> round(terminal.umol_l_per_molecule, 5)
        0.02876
        """
        vesicle = _linear(Vesicle() if vesicle is None else vesicle)
        published = _best_2009_rest()
        cytosol, content = published["cytosol"], published["content"]
        influx, efflux, _ = (float(x[0]) for x in vesicle.per_copy(np.array([cytosol])))
        release_per_s = BEST_2009["release_per_h"].value / SECONDS_PER_H
        emptying = vesicle.transporters * efflux + vesicle.leak_per_s() + release_per_s
        molecules = vesicle.transporters * influx / emptying
        if not molecules > 0:
            raise ParameterError(
                f"`vesicle` must have transporters that turn over, got {shown(vesicle)}"
            )
        each = content / molecules
        coupled = {
            "vmat_vmax_umol_l_h": _vmax(vesicle, each),
            "vmat_km_umol_l": vesicle.km_umol_l,
            "vmat_efflux_per_h": _efflux(vesicle, vesicle.km_umol_l),
            "vesicle_leak_per_h": vesicle.leak_per_s() * SECONDS_PER_H,
        }
        return Terminal(
            amine="dopamine",
            name="dopamine terminal",
            parameters=BEST_2009
            | {"cytosol_fraction": STRUCTURE["cytosol_fraction"]}
            | _coupled(coupled),
            umol_l_per_molecule=each,
            notes=(_ACIDS_NOTE,),
        )

    @staticmethod
    def serotonin() -> Terminal:
        """Return the serotonin terminal of Best, Nijhout and Reed and their successors.

        With the 5-HT1B autoreceptor's cascade. References: doi:10.1186/1742-4682-7-34.
        """
        return Terminal(
            amine="serotonin",
            name="serotonin terminal",
            parameters=SEROTONIN,
            resting_hz=_RESTING_HZ["serotonin"],
            notes=(_SERT_NOTE, _ACIDS_NOTE),
        )

    @staticmethod
    def norepinephrine(vesicle: Vesicle | None = None) -> Terminal:
        """Return the norepinephrine terminal: dopamine is hydroxylated inside the vesicle.

        Synthesis as in the dopamine terminal, as many vesicles in a litre, and
        dopamine beta-hydroxylase (DBH) in the lumen, so a block of VMAT2 stops synthesis too.
        No published model was found: the structure is assumed, and so are DBH and NET.

        Parameters
        ----------
        vesicle : Vesicle, optional
            The vesicles; ``Vesicle.norepinephrine()`` by default.

        Raises
        ------
        ParameterError, ParameterTypeError
            If the vesicle is none, or its law is not linear.
        """
        vesicle = _linear(Vesicle.norepinephrine() if vesicle is None else vesicle)
        each = Terminal.default().umol_l_per_molecule
        assert each is not None
        dopamine_km = Vesicle().km_umol_l
        coupled = {
            "vmat_vmax_umol_l_h": _vmax(vesicle, each),
            "vmat_km_dopamine_umol_l": dopamine_km,
            "vmat_km_umol_l": vesicle.km_umol_l,
            "vmat_efflux_dopamine_per_h": _efflux(vesicle, dopamine_km),
            "vmat_efflux_per_h": _efflux(vesicle, vesicle.km_umol_l),
            "vesicle_leak_per_h": vesicle.leak_per_s() * SECONDS_PER_H,
        }
        return Terminal(
            amine="norepinephrine",
            name="norepinephrine terminal",
            parameters=NOREPINEPHRINE
            | {"cytosol_fraction": STRUCTURE["cytosol_fraction"]}
            | _coupled(coupled),
            resting_hz=_RESTING_HZ["norepinephrine"],
            umol_l_per_molecule=each,
            notes=(
                "no published norepinephrine terminal was found: the structure, DBH and NET are "
                "assumed",
                _ACIDS_NOTE,
            ),
        )

    def with_values(self, values: Mapping[str, object]) -> Terminal:
        """Return the terminal with other values of some parameters.

        Parameters
        ----------
        values : mapping of str to float or sequence of float
            One number for all terminals, or one for each; all sequences have one length.

        Raises
        ------
        UnknownNameError
            For a parameter that does not exist.
        ParameterError, ParameterTypeError
            If a value breaks its rule.

        Examples
        --------
        >>> strong = Terminal.default().with_values({"mao_per_h": 20.0})
        >>> strong.value("mao_per_h")
        20.0
        """
        return replace(self, values={**self.values, **check.mapping("values", values)})

    def value(self, name: str) -> Any:
        """Return what a parameter is: a float, or an ndarray (terminal,)."""
        if check.text("name", name) not in self.parameters:
            raise unknown("parameter", name, self.parameters)
        return self.values.get(name, self.parameters[name].value)

    def table(self) -> FloatArray:
        """Return every parameter of every terminal, (terminal, parameter)."""
        names = _core.terminal_names(self.amine)[0]
        rows = np.empty((len(self), len(names)))
        for place, name in enumerate(names):
            rows[:, place] = self.value(name)
        return rows


def _checked(name: str, value: object, names: list[str]) -> Any:
    if name not in names:
        raise unknown("parameter", name, names, where="values")
    above = any(part in name for part in _DIVIDE) and name != "histamine_g_reference"
    limits: dict[str, Any] = {"minimum": 1e-12 if above else 0.0, "maximum": _LARGEST}
    if not hasattr(value, "__len__") or getattr(value, "shape", None) == ():
        return check.number(name, value, **limits)
    array = np.asarray(value)
    if array.ndim != 1 or array.dtype.kind not in "iuf" or not len(array):
        raise ParameterTypeError(
            f"`{name}` must be a number or one for each terminal, got {shown(value)}"
        )
    numbers = np.array(array, float)
    low, high = limits["minimum"], limits["maximum"]
    wrong = np.flatnonzero(~((numbers >= low) & (numbers <= high)))
    if wrong.size:
        place = int(wrong[0])
        raise ParameterError(
            f"`{name}[{place}]` must be in [{low:g}, {high:g}], got {float(numbers[place])!r}"
        )
    numbers.flags.writeable = False
    return numbers


def _linear(vesicle: object) -> Vesicle:
    if not isinstance(vesicle, Vesicle):
        raise ParameterTypeError(f"`vesicle` must be a Vesicle, got {shown(vesicle)}")
    if not vesicle.is_linear:
        supply = vesicle.proton_supply
        got = shown(supply) if supply else f"lumen_km_mmol_l={vesicle.lumen_km_mmol_l!r}"
        raise ParameterError(
            f"`vesicle` must be without lumenal saturation and without proton supply, got {got}"
        )
    return vesicle


def _vmax(vesicle: Vesicle, umol_l_per_molecule: float) -> float:
    per_h = vesicle.transporters * vesicle.kcat_per_s * SECONDS_PER_H
    return umol_l_per_molecule * per_h


def _efflux(vesicle: Vesicle, km_umol_l: float) -> float:
    """The share of the content that VMAT2 carries out per h where the cytosol is empty."""
    per_h = vesicle.transporters * vesicle.kcat_per_s * SECONDS_PER_H
    return per_h / (km_umol_l * vesicle.ceiling() * vesicle.molecules_per_umol_l())


def _coupled(values: Mapping[str, float]) -> dict[str, Quantity]:
    units = {"h": "1/h", "l": "umol/L"}
    return {
        name: Quantity(
            value=value,
            unit="umol/L/h" if name.endswith("umol_l_h") else units[name.rsplit("_", 1)[1]],
            source=STRUCTURE["coupled"].source,
            status="derived",
        )
        for name, value in values.items()
    }


@cache
def _best_2009_rest() -> dict[str, float]:
    """Return the published model's state at rest, to all digits."""
    terminal = Terminal.best2009()
    state = _core.terminal_steady(
        Work.start(threads=1, progress=False), "dopamine", terminal.table()
    )
    return dict(zip(_core.terminal_names("dopamine")[1], map(float, state[0]), strict=True))
