"""How people, and measurements, differ from the typical: published spreads, drawn by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vmatcore import _core, check, seeds
from vmatcore import drugs as catalogue
from vmatcore.drugs import Drug
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown
from vmatcore.pk.stage import PkResult
from vmatcore.subject import Subject, as_subjects

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["measured", "vary"]

#: Draws that each drug has for its parameters, and each moiety for its times.
_ROOM = 1 << 27


def vary(
    subjects: Sequence[Subject],
    *,
    drugs: Sequence[str | Drug] = ("valbenazine",),
    seed: int,
    first: int = 0,
) -> tuple[Subject, ...]:
    """Return people who differ as those of the published population models do.

    Each parameter with a published variability is lognormal about its typical value:
    the logarithm has variance ln(1 + CV^2). Parameters are independent; no correlation
    is published. Person ``i`` depends on the seed and on ``first + i`` alone.

    Parameters
    ----------
    subjects : sequence of Subject
        Who they are; deviations that they have already are kept.
    drugs : sequence of str or Drug
        Whose parameters vary; a person's deviations for one do not depend on the others.
    seed : int
        The seed.
    first : int
        Number of the first person; all numbers are below 2**64.

    Returns
    -------
    tuple of Subject

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule, or a drug has no published variability.

    Notes
    -----
    Valbenazine: Nguyen 2025, doi:10.1002/jcph.70092.

    Examples
    --------
    >>> people = vary([Subject()] * 3, seed=1)
    >>> [name for _, name, _ in people[0].deviations]
    ['clearance', 'central_volume', 'transit_rate', 'metabolite_clearance']
    """
    people = as_subjects(None, subjects)
    seed, first = seeds.chosen(seed), _first(first, len(people))
    spreads = []
    for i, item in enumerate(check.listed("drugs", drugs)):
        drug = item if isinstance(item, Drug) else catalogue.get(check.text(f"drugs[{i}]", item))
        if not drug.variability:
            raise ParameterError(f"`drugs[{i}]` must have a published variability, got {drug.name}")
        sizes = [quantity.value for quantity in drug.variability.values()]
        spreads.append((drug, np.sqrt(_core.math_ln(1.0 + np.square(sizes)))))
    varied = []
    for row, person in enumerate(people):
        deviations = list(person.deviations)
        for drug, spread in spreads:
            draws = _core.random_draws(
                "normal", seed, _STAGES["population"], first + row, len(spread), _place(drug.name)
            )
            names = drug.variability
            deviations += [
                (drug.name, name, float(size * draw))
                for name, size, draw in zip(names, spread, draws, strict=True)
            ]
        varied.append(replace(person, deviations=tuple(deviations)))
    return tuple(varied)


def measured(pk: PkResult, *, sampling: str = "rich", seed: int, first: int = 0) -> FloatArray:
    """Return plasma concentrations as an assay of the published study would report them.

    Each is multiplied by a lognormal error whose spread the population model gives for
    its moiety and for the kind of sampling.

    Parameters
    ----------
    pk : PkResult
        The simulated concentrations.
    sampling : {"rich", "sparse"}
        Which of the published errors.
    seed : int
        The seed.
    first : int
        Number of the first subject; all numbers are below 2**64.

    Returns
    -------
    ndarray (subject, moiety, time)
        In ng/mL; NaN for moieties without a published error, and for failed subjects.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule, or no drug of the run has such errors.

    Examples
    --------
    >>> import vmatcore as vm
    >>> run = vm.pk.simulate("valbenazine 80 mg", time_h=[1.0, 6.0])
    >>> measured(run, seed=1).shape
    (1, 2, 2)
    """
    if not isinstance(pk, PkResult):
        raise ParameterTypeError(f"`pk` must be a PkResult, got {shown(pk)}")
    seed, first = seeds.chosen(seed), _first(first, len(pk.subjects))
    kinds = {kind for drug in pk.drugs for kind in drug.residual_error}
    if check.text("sampling", sampling) not in kinds:
        raise unknown("kind of sampling", sampling, kinds)
    values = np.full(pk.plasma_nmol_l.shape, np.nan)
    exact = pk.plasma_ng_ml
    for drug in pk.drugs:
        for moiety, error in drug.residual_error.get(sampling, {}).items():
            column = pk.index(moiety)
            for row in range(len(pk.subjects)):
                draws = _core.random_draws(
                    "normal", seed, _STAGES["plasma"], first + row, len(pk.time_h), _place(moiety)
                )
                values[row, column] = exact[row, column] * _core.math_exp(error.value * draws)
    return values


def _first(value: object, people: int) -> int:
    """The number of the first of some people, all of whom are numbered with 64 bits."""
    return check.whole("first", value, minimum=0, maximum=2**64 - max(people, 1))


_STAGES = dict(_core.random_stages())


def _place(name: str) -> int:
    """Where the draws of a drug or a moiety begin: one room for each name."""
    number = 0
    for byte in name.encode():
        number = (number * 257 + byte) % 1_000_003
    return number * _ROOM
