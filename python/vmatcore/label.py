"""Label regimens: what each drug's label says to take."""

from __future__ import annotations

from vmatcore import check, drugs
from vmatcore.dosing import Regimen
from vmatcore.drugs import Drug
from vmatcore.errors import ParameterError, unknown

__all__ = ["KINDS", "regimen"]

#: What can be asked of a label; not every label says what poor metabolisers may take.
KINDS = ("start", "titration", "usual", "maximum", "maximum_poor_metaboliser")

#: The longest time that is asked of a label, in days.
_MOST_DAYS = 100_000


def regimen(drug: str | Drug, kind: str = "usual", *, days: float = 28.0) -> Regimen:
    """Return a label regimen over some days.

    Parameters
    ----------
    drug : str or Drug
        A drug of the catalogue, or one of your own with a label.
    kind : {"start", "titration", "usual", "maximum", "maximum_poor_metaboliser"}
        Which part of the label.
    days : float
        How long to take it; the last dose of the label goes on until then.

    Returns
    -------
    Regimen

    Raises
    ------
    UnknownNameError
        For a drug or a kind that does not exist.
    ParameterError
        If the label's steps take longer than ``days``.

    Examples
    --------
    >>> str(regimen("valbenazine", days=28))
    'valbenazine 40 mg q24h x 7 then 80 mg q24h x 21'
    """
    chosen = drug if isinstance(drug, Drug) else drugs.get(drug)
    if check.text("kind", kind) not in chosen.label or kind == "source":
        raise unknown("label regimen", kind, [k for k in chosen.label if k != "source"])
    days = check.number("days", days, minimum=0, maximum=_MOST_DAYS, exclusive=True)
    *steps, last = chosen.label[kind].split(" then ")
    whole = Regimen.parse("nothing")
    used = 0.0
    for step in steps:
        part = _read(chosen, kind, step)
        whole += part.delay(used)
        used += sum(course.doses * (course.every_h or 24.0) for course in part.courses)
    if used >= 24.0 * days:
        raise ParameterError(
            f"`days` must be more than {used / 24:g}, the steps of {chosen.name}'s {kind!r}, "
            f"got {days:g}"
        )
    rest = _read(chosen, kind, f"{last} for {days - used / 24.0!r} d")
    return whole + rest.delay(used)


def _read(drug: Drug, kind: str, step: str) -> Regimen:
    try:
        return Regimen.parse(f"{drug.name} {step}")
    except ParameterError as error:
        raise ParameterError(f"`label.{kind}` of {drug.name!r}: {error}") from None
