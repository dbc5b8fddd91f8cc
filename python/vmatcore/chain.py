"""The chain: one call from a regimen to all stages, and what can be asked of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import occupancy as occupancy_stage
from vmatcore import pk as pk_stage
from vmatcore import seeds
from vmatcore.dosing import Regimen
from vmatcore.drugs import Drug, enzymes
from vmatcore.errors import ParameterError, shown
from vmatcore.metrics import Metrics, Washout, metrics, washout
from vmatcore.occupancy import OccupancyResult
from vmatcore.pk import Brain, PkResult
from vmatcore.result import provenance
from vmatcore.subject import Subject
from vmatcore.terminal import TerminalResult, sites
from vmatcore.terminal.drives import driven_times
from vmatcore.work import CancelToken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from vmatcore.epochs import EpochsResult
    from vmatcore.filling import FillingResult
    from vmatcore.molecular import MolecularResult
    from vmatcore.outcome import OutcomeResult, ToHalf
    from vmatcore.release import ReleaseFusions, ReleaseRowFusions
    from vmatcore.signal import SignalCourse

__all__ = ["Run", "simulate"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """One regimen in one or many subjects, through every stage.

    Attributes
    ----------
    pk : PkResult
        Plasma and brain concentrations.
    occupancy : OccupancyResult
        VMAT2 and off-targets held by drug.
    terminal : dict of str to TerminalResult
        Amine in the terminals of three sites.
    molecular : MolecularResult or None
        Single vesicles and synapses at the hours of ``molecular_at_h``, if any.
    signal : SignalCourse
        Amine outside, D2 activation, bursts and dips, relative to rest.
    plasticity : EpochsResult
        Learning and slow adaptation over 200 ill days and those of the run.
    seed : int or None
        What is drawn for this run is drawn with, unless it is given one of its own: single
        vesicles and synapses, and the constants of :func:`vmatcore.outcome.interval`.
    """

    pk: PkResult
    occupancy: OccupancyResult
    molecular: MolecularResult | None = None
    seed: int | None = None

    @property
    def regimen(self) -> Regimen:
        """The doses."""
        return self.pk.regimen

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Who took them."""
        return self.pk.subjects

    @cached_property
    def terminal(self) -> dict[str, TerminalResult]:
        """Amine at three sites, computed when first asked for.

        See :func:`vmatcore.terminal.sites`. They are driven by lines between exact shares
        every half hour from 0 h on and at the reads, so coarse reads change no level; finer
        ones follow the hours after a dose better, by up to 0.008 of a content.
        Every vesicle is at the same share; for whole vesicles renewed after reserpine
        drive a terminal by :class:`vmatcore.terminal.Renewal`.
        """
        reads = self.pk.time_h
        times = driven_times(reads)
        same = np.array_equal(times, reads)
        return sites(active=self.occupancy if same else self.read(times).occupancy, time_h=reads)

    @cached_property
    def signal(self) -> SignalCourse:
        """Amine and receptors at three sites; see :func:`vmatcore.signal.course`."""
        from vmatcore.signal import course

        return course(self.occupancy, self.terminal)

    @cached_property
    def plasticity(self) -> EpochsResult:
        """Learning and slow adaptation, a hypothesis; see :func:`vmatcore.epochs.simulate`."""
        from vmatcore.epochs import simulate as over_epochs

        return over_epochs(self)

    @property
    def filling(self) -> tuple[tuple[FillingResult | None, ...], ...] | None:
        """Contents of single vesicles, (subject, hour); None without ``molecular_at_h``."""
        return None if self.molecular is None else self.molecular.filling

    @property
    def release(self) -> tuple[tuple[ReleaseFusions | ReleaseRowFusions | None, ...], ...] | None:
        """Quanta of single synapses, (subject, hour); None without ``molecular_at_h``."""
        return None if self.molecular is None else self.molecular.release

    @property
    def provenance(self) -> dict[str, Any]:
        """What is needed to trace and repeat the run.

        Versions, doses, subjects, the whole drugs with their moieties, the laws of
        brain entry and the activities of enzymes, each number with its source.
        """
        return provenance(
            regimen=str(self.regimen),
            doses=self.regimen.doses(),
            subjects=self.subjects,
            recovery_half_time_h=self.occupancy.recovery_half_time_h,
            drugs=self.pk.drugs,
            brain=self.pk.brain,
            enzymes=enzymes(),
            molecular=None if self.molecular is None else self.molecular.provenance,
            seed=self.seed,
        )

    def metrics(self, stage: str, *, totals: Mapping[str, Sequence[str]] | None = None) -> Metrics:
        """Return peak, trough, mean and area over the last dosing interval.

        Parameters
        ----------
        stage : {"pk", "occupancy"}
            Which stage: plasma in ng/mL by moiety, or the share held by target.
        totals : mapping of str to sequence of str, optional
            Sums of moieties to report instead, by name; ``drug.reported_together``
            has those that publications use.

        Returns
        -------
        Metrics

        Raises
        ------
        UnknownNameError
            For a stage that does not exist.
        ParameterError
            If the run has no dose.
        """
        return metrics(self.occupancy, stage, totals)

    def washout(self, *, moieties: Sequence[str] | None = None) -> Washout:
        """Return how long after the last dose plasma and occupancy take to fall.

        Parameters
        ----------
        moieties : sequence of str, optional
            Whose plasma concentration (nmol/L, summed) is meant; all by default.

        Returns
        -------
        Washout
            Hours from the last dose to half and to a tenth of the mean over the
            last dosing interval.

        Raises
        ------
        ParameterError
            If the run has no dose.
        """
        return washout(self.occupancy, moieties=moieties)

    @cached_property
    def outcome(self) -> OutcomeResult:
        """Benefit and side effects on the last day of the last dosing interval.

        Computed when first asked for; :func:`vmatcore.outcome.evaluate` takes settings.
        """
        from vmatcore.outcome import evaluate

        return evaluate(self)

    @cached_property
    def to_half(self) -> ToHalf:
        """Hours after the last dose until each effect is half; see :class:`outcome.ToHalf`.

        Computed when first asked for, by :func:`vmatcore.outcome.to_half`.
        """
        from vmatcore.outcome import to_half

        return to_half(self)

    def at(self, time_h: float) -> Run:
        """Return the run read at one time, exactly.

        Parameters
        ----------
        time_h : float
            When, in h.
        """
        return self.read([time_h])

    def read(self, time_h: object) -> Run:
        """Return the run read at other times, exactly; times in h, not decreasing."""
        pk = self.pk.read(time_h, progress=False)
        half_time = self.occupancy.recovery_half_time_h
        return Run(
            pk=pk,
            occupancy=occupancy_stage.simulate(pk, recovery_half_time_h=half_time, progress=False),
            molecular=self.molecular,
            seed=self.seed,
        )

    def plot(self, stage: str = "occupancy") -> Figure:
        """Return a figure of one stage over time.

        Parameters
        ----------
        stage : {"pk", "occupancy", "signal", "plasticity"}
            Which stage.

        Raises
        ------
        UnknownNameError
            For a stage that does not exist.
        MissingExtraError
            Without matplotlib: ``pip install 'vmatcore[lab]'``.
        """
        from vmatcore import plotting

        return plotting.run_figure(self, stage)

    def __repr__(self) -> str:
        parts = [f"Run of {str(self.regimen)!r}", repr(self.pk), repr(self.occupancy)]
        parts += [] if self.molecular is None else [repr(self.molecular)]
        return "\n".join(parts)


def simulate(
    regimen: Regimen | str,
    *,
    time_h: object = None,
    every_h: float = 0.5,
    until_h: float | None = None,
    subject: Subject | None = None,
    subjects: Sequence[Subject] | None = None,
    drugs: Sequence[Drug] = (),
    brain: Brain | None = None,
    recovery_half_time_h: float | None = None,
    molecular_at_h: Sequence[float] | None = None,
    seed: int | None = None,
    synapses: int | None = None,
    vesicles: int | None = None,
    threads: int | None = None,
    progress: bool | Callable[[int], Any] | None = None,
    cancel: CancelToken | None = None,
) -> Run:
    """Simulate a regimen through every stage: by the mean field, at some hours by molecules.

    Parameters
    ----------
    regimen, time_h, every_h, until_h, subject, subjects, drugs, brain
        As in :func:`vmatcore.pk.simulate`.
    recovery_half_time_h : float, optional
        As in :func:`vmatcore.occupancy.simulate`.
    molecular_at_h : sequence of float, optional
        Hours at which vesicles and synapses are followed one by one, for each subject;
        see :func:`vmatcore.molecular.simulate`, which has more settings.
    seed : int, optional
        From 0 to 2^64 - 1: that of everything that is drawn for this run, now or later; by
        default each draws one and records it. The mean field draws nothing.
    synapses, vesicles : int, optional
        How many, at the molecular level; 1000 each.
    threads, progress, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    Run

    Raises
    ------
    ParameterError, ParameterTypeError, MemoryLimitError, CancelledError
        As the stages do.

    Examples
    --------
    >>> import vmatcore as vm
    >>> run = vm.simulate("valbenazine 40 mg q24h x 7 then 80 mg q24h x 21")
    >>> run.occupancy.vmat2.shape
    (1, 1345)
    >>> run = vm.simulate("valbenazine 80 mg q24h x 7", molecular_at_h=[150], seed=1)
    >>> bool(run.molecular.content_molecules[0, 0, 0] < 1200)
    True
    """
    own_seed = None if seed is None else seeds.chosen(seed)
    chance = {"synapses": synapses, "vesicles": vesicles}
    given = {name: value for name, value in chance.items() if value is not None}
    if molecular_at_h is None and given:
        name, value = next(iter(given.items()))
        raise ParameterError(
            f"`{name}` must go with `molecular_at_h`, without which there are none, "
            f"got {shown(value)}"
        )
    pk = pk_stage.simulate(
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
    occupancy = occupancy_stage.simulate(
        pk,
        recovery_half_time_h=recovery_half_time_h,
        threads=threads,
        progress=progress,
        cancel=cancel,
    )
    if molecular_at_h is None:
        return Run(pk=pk, occupancy=occupancy, seed=own_seed)
    from vmatcore.molecular import stage as molecular

    found = molecular.simulate(
        occupancy,
        at_h=molecular.hours_of("molecular_at_h", molecular_at_h, occupancy),
        seed=own_seed,
        threads=threads,
        progress=progress,
        cancel=cancel,
        **given,  # type: ignore[arg-type]
    )
    return Run(pk=pk, occupancy=occupancy, molecular=found, seed=own_seed)
