"""Several regimens side by side in the same people."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore import occupancy as occupancy_stage
from vmatcore.chain import Run, simulate
from vmatcore.dosing import Regimen
from vmatcore.drugs import Drug
from vmatcore.errors import ParameterTypeError, shown, unknown
from vmatcore.metrics import washout
from vmatcore.occupancy import OFF_TARGETS
from vmatcore.pk import Brain
from vmatcore.subject import Subject
from vmatcore.work import CancelToken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Comparison", "Table", "compare"]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a heading; print it, or take ``columns`` and ``rows``."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        text = [
            "  ".join(
                cell.ljust(width) if i < 2 and not _is_number(cell) else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        rule = "-" * max(len(line) for line in text)
        return "\n".join([self.title, rule, text[0], rule, *text[1:], rule, *self.notes])


def _is_number(cell: str) -> bool:
    return cell[:1].isdigit() or cell[:1] in "<>"


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Runs by name, in the order given, over the same people.

    Attributes
    ----------
    runs : dict of str to Run
        The runs.
    """

    runs: Mapping[str, Run]

    def __getitem__(self, name: str) -> Run:
        if name not in self.runs:
            raise unknown("arm", name, self.runs)
        return self.runs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.runs)

    def __len__(self) -> int:
        return len(self.runs)

    def tables(self) -> tuple[Table, Table]:
        """Return two tables: plasma by moiety, and occupancy with its fall after the last dose.

        Numbers are medians over the people.
        """
        return _plasma_table(self.runs), _target_table(self.runs)

    def table(self) -> str:
        """Return both tables as text."""
        return "\n\n".join(str(table) for table in self.tables())

    def plot(self) -> Figure:
        """Return a figure: plasma and occupancy over the last day, occupancy after the last dose.

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install 'vmatcore[lab]'``.
        """
        from vmatcore import plotting

        return plotting.comparison_figure({name: run.occupancy for name, run in self.runs.items()})

    def __repr__(self) -> str:
        arms = "\n".join(f"  {name}: {run.regimen}" for name, run in self.runs.items())
        return f"Comparison of {len(self.runs)} arms\n{arms}"


def compare(
    regimens: Mapping[str, Regimen | str],
    *,
    time_h: object = None,
    every_h: float = 0.5,
    until_h: float | None = None,
    subject: Subject | None = None,
    subjects: Sequence[Subject] | None = None,
    drugs: Sequence[Drug] = (),
    brain: Brain | None = None,
    threads: int | None = None,
    progress: bool | Callable[[int], Any] | None = None,
    cancel: CancelToken | None = None,
) -> Comparison:
    """Simulate several regimens in the same people.

    Parameters
    ----------
    regimens : mapping of str to Regimen or str
        The arms by name.
    time_h, every_h, until_h, subject, subjects, drugs, brain, threads, progress, cancel
        As in :func:`vmatcore.simulate`.

    Returns
    -------
    Comparison

    Raises
    ------
    ParameterError, ParameterTypeError, MemoryLimitError, CancelledError
        As the stages do.

    Examples
    --------
    >>> import vmatcore as vm
    >>> arms = {"once": "valbenazine 80 mg q24h x 14", "twice": "valbenazine 40 mg q12h x 28"}
    >>> list(vm.compare(arms))
    ['once', 'twice']
    """
    if not isinstance(regimens, Mapping):
        raise ParameterTypeError(
            f"`regimens` must be a mapping of names to regimens, got {shown(regimens)}"
        )
    return Comparison(
        runs={
            check.text("name", name): simulate(
                regimen,
                time_h=time_h,
                every_h=every_h,
                until_h=until_h,
                subject=subject,
                subjects=subjects,
                drugs=drugs,
                brain=brain,
                threads=threads,
                progress=progress,
                cancel=cancel,
            )
            for name, regimen in regimens.items()
        }
    )


def _plasma_table(runs: Mapping[str, Run]) -> Table:
    rows = []
    for name, run in runs.items():
        groups = {
            moiety.name: [moiety.name] for moiety in run.pk.moieties if moiety.per_ki("VMAT2") > 0
        }
        for drug in run.pk.drugs:
            groups.update({k: list(v) for k, v in drug.reported_together.items() if "total" in k})
        found = run.metrics("pk", totals=groups)
        load = _load_shares(run)
        for i, item in enumerate(found.items):
            share = sum(load[moiety] for moiety in groups[item])
            rows.append(
                (
                    name if i == 0 else "",
                    item,
                    _digits(found.cmax[:, i]),
                    _digits(found.trough[:, i]),
                    _digits(found.peak_to_trough[:, i]),
                    f"{100 * share:.0f} %",
                )
            )
    return Table(
        "Plasma over the last dosing interval (total, ng/mL)",
        ("arm", "active moiety", "Cmax", "trough", "peak:trough", "share of VMAT2 block"),
        tuple(rows),
    )


def _load_shares(run: Run) -> dict[str, float]:
    """Each moiety's part of S = sum C_u/Ki, averaged over the run."""
    loads = {
        moiety.name: float(np.nanmean(run.pk.brain_unbound_nmol_l[:, i])) * moiety.per_ki("VMAT2")
        for i, moiety in enumerate(run.pk.moieties)
    }
    for moiety in run.pk.moieties:
        if moiety.irreversible_on is not None:
            loads[moiety.name] = math.inf
    total = sum(loads.values())
    if math.isinf(total):
        return {name: float(math.isinf(load)) for name, load in loads.items()}
    return {name: load / total if total > 0 else 0.0 for name, load in loads.items()}


def _target_table(runs: Mapping[str, Run]) -> Table:
    rows, notes = [], []
    for name, run in runs.items():
        found = run.metrics("occupancy")
        fall = run.washout()
        half, tenth = _digits(fall.occupancy_half_h), _digits(fall.occupancy_tenth_h)
        spread = _recovery_spread(run)
        if spread is not None:
            (low, high), falls = spread
            half += f" ({_digits(falls[0].occupancy_half_h)}-{_digits(falls[1].occupancy_half_h)})"
            tenth += (
                f" ({_digits(falls[0].occupancy_tenth_h)}-{_digits(falls[1].occupancy_tenth_h)})"
            )
            notes.append(
                f"{name}: in brackets, over recovery half-times from {low / 24:.3g} to "
                f"{high / 24:.3g} d (assumed; default {_recovery(run) / 24:.3g} d)"
            )
        blocked = [_off_target(run, target) for target in OFF_TARGETS]
        rows.append(
            (
                name,
                _percent(found.mean[:, 0]),
                _percent(found.trough[:, 0]),
                *blocked,
                half,
                tenth,
            )
        )
    notes.append("< x %: only a lower bound of Ki is published, so the block is at most this")
    return Table(
        "Targets held over the last dosing interval, and the fall of VMAT2 occupancy",
        (
            "arm",
            "VMAT2 mean",
            "VMAT2 trough",
            "D2 mean",
            "5-HT7 mean",
            "to half, h",
            "to a tenth, h",
        ),
        tuple(rows),
        tuple(notes),
    )


def _recovery(run: Run) -> float:
    return run.occupancy.recovery_half_time_h or math.nan


def _recovery_spread(run: Run) -> tuple[tuple[float, float], list[Any]] | None:
    """The fall at both ends of the recovery half-time's spread, for irreversible ligands."""
    times = [m.recovery_half_time for m in run.pk.moieties if m.recovery_half_time is not None]
    if not times:
        return None
    ends = times[0].spread
    falls = [
        washout(
            occupancy_stage.simulate(run.pk, recovery_half_time_h=end, progress=False),
        )
        for end in ends
    ]
    return ends, falls


def _off_target(run: Run, target: str) -> str:
    """Mean block over the last dosing interval, as a value, a bound or an honest blank."""
    found = run.metrics("occupancy")
    known = float(np.nanmedian(found.mean[:, found.items.index(target)]))
    if known > 0:
        return _percent(np.array([known]))
    window = np.linspace(found.start_h, found.end_h, 121)
    at_most = float(np.nanmean(run.read(window).occupancy.off_target_at_most[target]))
    return f"< {100 * at_most:.2g} %" if at_most > 0 else "no data"


def _digits(values: Any) -> str:
    value = float(np.nanmedian(values)) if not np.isnan(values).all() else math.nan
    if math.isnan(value):
        return "> 2 years"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _percent(values: Any) -> str:
    return f"{100 * float(np.nanmedian(values)):.1f} %"
