"""Several regimens side by side in the same people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vmatcore import check, seeds
from vmatcore.chain import Run, simulate
from vmatcore.dosing import Regimen
from vmatcore.drugs import Drug
from vmatcore.errors import ParameterTypeError, shown, unknown
from vmatcore.outcome_table import fading_table, missing, outcome_readings, outcome_table
from vmatcore.pk import Brain
from vmatcore.subject import Subject
from vmatcore.tables import Reading, Table, plasma_and_target_readings, plasma_table, target_table
from vmatcore.work import CancelToken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Comparison", "compare"]


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
        if check.text("arm", name) not in self.runs:
            raise unknown("arm", name, self.runs)
        return self.runs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.runs)

    def __len__(self) -> int:
        return len(self.runs)

    def tables(self) -> tuple[Table, ...]:
        """Return plasma by moiety; occupancy with its fall after the last dose; what follows.

        Two more tables follow unless people's conditions or regimens differ, or a steady state
        begins a run: content, signals, benefit and side effects of the last day; how long each
        lasts. Numbers are medians over the people.
        """
        plasma = {arm: readings[0] for arm, readings in self._readings.items()}
        targets = {arm: readings[1] for arm, readings in self._readings.items()}
        tables = [plasma_table(plasma), target_table(self.runs, targets)]
        if self.runs and not missing(self.runs):
            tables.append(outcome_table(self.runs))
            fading = fading_table(self.runs)
            tables += [] if fading is None else [fading]
        return tuple(tables)

    def readings(self) -> list[Reading]:
        """Return every number of the tables as one record each, for files and further work."""
        more = outcome_readings(self.runs) if not missing(self.runs) else []
        own = [one for parts in self._readings.values() for part in parts for one in part]
        return own + more

    @cached_property
    def _readings(self) -> dict[str, tuple[list[Reading], list[Reading]]]:
        """Numbers on plasma and on targets of each arm; they take a while."""
        return {arm: plasma_and_target_readings(arm, run) for arm, run in self.runs.items()}

    def table(self) -> str:
        """Return the tables as text."""
        text = "\n\n".join(str(table) for table in self.tables())
        why = missing(self.runs)
        if why:
            text += f"\n\nNo table of signals, benefit and side effects because of {why}."
        return text

    def plot(self) -> Figure:
        """Return a figure of the last day and of the days after the last dose.

        Plasma, occupancy, content, signals, benefit, side effects and hours to half; plasma
        and occupancy alone where people's conditions differ or a steady state begins a run.

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install 'vmatcore[lab]'``.
        """
        from vmatcore import plotting

        return plotting.comparison_figure(self.runs, outcome=not missing(self.runs))

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
    molecular_at_h: Sequence[float] | None = None,
    seed: int | None = None,
    synapses: int | None = None,
    vesicles: int | None = None,
    threads: int | None = None,
    progress: bool | Callable[[int], Any] | None = None,
    cancel: CancelToken | None = None,
) -> Comparison:
    """Simulate several regimens in the same people, with the same luck.

    Parameters
    ----------
    regimens : mapping of str to Regimen or str
        The arms by name.
    time_h, every_h, until_h, subject, subjects, drugs, brain
        As in :func:`vmatcore.simulate`.
    molecular_at_h, seed, synapses, vesicles, threads, progress, cancel
        As in :func:`vmatcore.simulate`. All arms have one seed: their synapses fire and
        release at the same spikes.

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
    # One seed for all arms, drawn here if none is given.
    paired = seed if molecular_at_h is None and seed is None else seeds.chosen(seed)
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
                molecular_at_h=molecular_at_h,
                seed=paired,
                synapses=synapses,
                vesicles=vesicles,
                threads=threads,
                progress=progress,
                cancel=cancel,
            )
            for name, regimen in regimens.items()
        }
    )
