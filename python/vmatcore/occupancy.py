"""Occupancy: the share of VMAT2 held by drug, and of the targets it should spare.

With S = sum C_u,i/K_i over all moieties and b the share bound for good,
the share held is b + (1 - b) S/(1 + S). A moiety with a dissociation rate binds slowly,
r' = k_on C_u (1 - b - r)/(1 + S) - k_off r, and is not in S. Ligands compete; what is
bound for good is renewed with the recovery half-time. Tetrabenazine and its metabolites block
transport without competing with the amine, so transport scales with 1 - held.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from vmatcore import _core, check
from vmatcore.arithmetic import LN_2
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.pk import PkResult
from vmatcore.pk.doses import inputs
from vmatcore.pk.entries import Input
from vmatcore.result import OK, SubjectsResult, labelled
from vmatcore.work import CancelToken, Work, claim

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["OFF_TARGETS", "OccupancyResult", "simulate"]

#: Targets whose block is not wanted.
OFF_TARGETS = ("D2", "5-HT7")

#: Shares (subject, ligand, node), and who failed and when, h.
_Solved: TypeAlias = "tuple[FloatArray, list[tuple[int, float]]]"

#: Nodes of the binding equation: first step after a dose, growth, longest step (h).
_FIRST_STEP_H = 1.0 / 64.0
_STEP_PER_ELAPSED = 1.0 / 16.0
_LONGEST_STEP_H = 2.0

#: More steps than this are not followed.
_MOST_NODES = 1_000_000

#: Subjects whose fine grid is held in memory together.
_SUBJECTS_AT_ONCE = 64


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class OccupancyResult(SubjectsResult):
    """The share of each target held by drug.

    Attributes
    ----------
    time_h : ndarray (time,)
        Read times in h.
    vmat2 : ndarray (subject, time)
        Share of VMAT2 held, reversibly or for good.
    bound : ndarray (subject, time)
        Share of VMAT2 held for good; 0 without reserpine.
    off_target : dict of str to ndarray (subject, time)
        Share of D2 and 5-HT7 receptors held, from published Ki values alone.
    off_target_at_most : dict of str to ndarray (subject, time)
        The same with published lower bounds of a Ki taken as the value: an
        upper bound for the moieties that have one.
    no_affinity_known : dict of str to tuple of str
        By target, the moieties for which no value and no bound is known.
    recovery_half_time_h : float or None
        Half-time of renewal that was used; None without an irreversible ligand.
    pk : PkResult
        The concentrations.
    status : tuple of str
        For each subject "ok", or why its rows of ``vmat2`` and ``bound`` are NaN.
    """

    time_h: FloatArray = labelled("time", unit="h")
    vmat2: FloatArray = labelled("subject", "time", unit="fraction")
    bound: FloatArray = labelled("subject", "time", unit="fraction")
    off_target: dict[str, FloatArray] = labelled("subject", "time", unit="fraction")
    off_target_at_most: dict[str, FloatArray] = labelled("subject", "time", unit="fraction")
    no_affinity_known: dict[str, tuple[str, ...]]
    recovery_half_time_h: float | None
    pk: PkResult

    @property
    def active(self) -> FloatArray:
        """The share of VMAT2 that still works, (subject, time)."""
        return 1.0 - self.vmat2


def simulate(
    pk: PkResult,
    *,
    recovery_half_time_h: float | None = None,
    threads: int | None = None,
    progress: bool | Callable[[int], Any] | None = None,
    cancel: CancelToken | None = None,
) -> OccupancyResult:
    """Return what the concentrations hold of VMAT2, D2 and 5-HT7.

    Parameters
    ----------
    pk : PkResult
        The concentrations; the read times are the same.
    recovery_half_time_h : float, optional
        Half-time in h until VMAT2 held for good works again, instead of the
        moiety's own assumed value.
    threads, progress, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    OccupancyResult

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Notes
    -----
    Reversible: law of mass action with competition (Cheng and Prusoff 1973,
    doi:10.1016/0006-2952(73)90196-2). Irreversible: b' = k_on C_u (1 - b)/(1 + S)
    - (k_off + k_renew) b, b = 0 before the first dose; solved on nodes that are
    dense after each dose and each end of an infusion, with the concentrations exact there.

    Examples
    --------
    >>> import vmatcore as vm
    >>> held = simulate(vm.pk.simulate("valbenazine 80 mg q24h x 28")).vmat2
    >>> bool(0.8 < held[0, -1] < 0.95)
    True
    """
    if not isinstance(pk, PkResult):
        raise ParameterTypeError(f"`pk` must be a PkResult, got {shown(pk)}")
    work = Work.start(threads=threads, progress=progress, cancel=cancel, total=len(pk.subjects))
    shape = (len(pk.subjects), len(pk.time_h))
    claim("occupancy", *[shape] * (2 + 2 * len(OFF_TARGETS)))
    half_time = _recovery_half_time(pk, recovery_half_time_h)
    quiet = work.quiet()
    per_ki = _per_ki(pk, "VMAT2", bounds=False)
    unbound = np.ascontiguousarray(pk.brain_unbound_nmol_l)
    lost: dict[int, str] = {}
    if any(moiety.dissociation_rate is not None for moiety in pk.moieties):
        bound, taken, per_ki = _slowly(pk, per_ki, half_time, work, lost)
    else:
        bound = np.zeros(shape) if half_time is None else _bound(pk, per_ki, half_time, work, lost)
        taken = bound
    bound[[*pk.failed, *lost]] = np.nan
    status = [lost.get(row, OK) for row in range(len(pk.subjects))]
    for row in pk.failed:
        status[row] = pk.status[row]
    return OccupancyResult(
        time_h=pk.time_h,
        vmat2=_core.occupancy_held(quiet, unbound, per_ki, taken),
        bound=bound,
        off_target={
            target: _core.occupancy_held(quiet, unbound, _per_ki(pk, target, bounds=False))
            for target in OFF_TARGETS
        },
        off_target_at_most={
            target: _core.occupancy_held(quiet, unbound, _per_ki(pk, target, bounds=True))
            for target in OFF_TARGETS
        },
        no_affinity_known={
            target: tuple(m.name for m in pk.moieties if target not in m.affinities)
            for target in OFF_TARGETS
        },
        recovery_half_time_h=half_time,
        pk=pk,
        status=tuple(status),
    )


def _per_ki(pk: PkResult, target: str, *, bounds: bool) -> FloatArray:
    return np.array([moiety.per_ki(target, bounds=bounds) for moiety in pk.moieties])


def _recovery_half_time(pk: PkResult, given: float | None) -> float | None:
    own = [m.recovery_half_time for m in pk.moieties if m.irreversible_on is not None]
    if given is not None and not (isinstance(given, float) and given == math.inf):
        given = check.number("recovery_half_time_h", given, minimum=0, exclusive=True)
    if not own:
        return None
    if given is None:
        given = max((value.value for value in own if value is not None), default=math.inf)
    return given


def _bound(
    pk: PkResult, per_ki: FloatArray, half_time: float, work: Work, lost: dict[int, str]
) -> FloatArray:
    """The share held for good at the read times."""
    on = _on(pk)

    def solve(part: Work, nodes: FloatArray, unbound: FloatArray) -> _Solved:
        rate = LN_2 / half_time
        shares, failed = _core.occupancy_bound(part, nodes, unbound, per_ki, on, rate)
        return shares[:, None], failed

    return np.ascontiguousarray(_on_nodes(pk, work, solve, 1, lost)[:, 0])


def _on(pk: PkResult) -> FloatArray:
    return np.array(
        [0.0 if m.irreversible_on is None else m.irreversible_on.value for m in pk.moieties]
    )


def _slowly(
    pk: PkResult, per_ki: FloatArray, half_time: float | None, work: Work, lost: dict[int, str]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The shares held for good and by all that binds slowly, and 1/Ki of what binds fast."""
    off = np.array(
        [0.0 if m.dissociation_rate is None else m.dissociation_rate.value for m in pk.moieties]
    )
    irreversible = _on(pk)
    fast = np.where(off > 0, 0.0, per_ki)
    on = np.where(off > 0, off * per_ki, irreversible)
    if half_time is not None:
        off = np.where(irreversible > 0, LN_2 / half_time, off)
    followed = np.flatnonzero(on)

    def solve(part: Work, nodes: FloatArray, unbound: FloatArray) -> _Solved:
        numbers = followed.tolist(), on[followed], off[followed]
        return _core.occupancy_slow(part, nodes, unbound, fast, *numbers)

    shares = _on_nodes(pk, work, solve, len(followed), lost)
    for_good = irreversible[followed] > 0
    bound = shares[:, for_good].sum(axis=1)
    return np.ascontiguousarray(bound), np.ascontiguousarray(shares.sum(axis=1)), fast


def _on_nodes(
    pk: PkResult,
    work: Work,
    solve: Callable[[Work, FloatArray, FloatArray], _Solved],
    count: int,
    lost: dict[int, str],
) -> FloatArray:
    """Shares (subject, ligand, time) solved on dense nodes, a block of subjects at a time.

    Whoever cannot be followed gets an entry in ``lost``.
    """
    starts = sorted(_turns(pk))
    if not starts or not len(pk.time_h):
        return np.zeros((len(pk.subjects), count, len(pk.time_h)))
    nodes = _nodes(np.array(starts), pk.time_h)
    halved = np.empty(2 * len(nodes) - 1)
    halved[::2] = nodes
    halved[1::2] = (nodes[:-1] + nodes[1:]) / 2
    places = np.searchsorted(nodes, pk.time_h)
    parts = []
    for number, some in enumerate(pk.blocks(_SUBJECTS_AT_ONCE)):
        first = number * _SUBJECTS_AT_ONCE
        fine = some.read(halved, threads=work.threads, progress=False, cancel=work.cancel)
        unbound = np.ascontiguousarray(fine.brain_unbound_nmol_l)
        shares, failed = solve(work.after(first), halved, unbound)
        parts.append(shares[:, :, places])
        for row, time_h in failed:
            lost[first + row] = (
                f"subject {first + row}: binding at {time_h:g} h is too fast to follow: k_off, or "
                "k_on times the concentration"
            )
    return np.concatenate(parts) if parts else np.zeros((0, count, len(pk.time_h)))


def _turns(pk: PkResult) -> set[float]:
    """When something starts or ends to enter, in any subject."""
    found = set()
    everybody = set(pk.regimen.by_subject().values()) or {pk.regimen}
    for item in (item for drug in pk.drugs for own in everybody for item in inputs(drug, own)):
        if not isinstance(item, Input):
            raise ParameterError(
                "`regimen` must start from nothing where a ligand binds slowly or for good: "
                "resets and steady states are not honoured with it; give the doses"
            )
        found |= {item.time_h, item.time_h + item.duration_h}
    return found


def _nodes(starts: FloatArray, time_h: FloatArray) -> FloatArray:
    """Return nodes dense after each turn, wider as its transients die, and all read times."""
    end = float(time_h[-1])
    nodes = [time_h]
    count = 0
    for start, after in zip(starts, [*starts[1:], max(end, starts[-1])], strict=True):
        elapsed = [0.0]
        while start + elapsed[-1] < min(after, end):
            # Powers of two only: few different steps need few matrix exponentials.
            wide = max(_FIRST_STEP_H, elapsed[-1] * _STEP_PER_ELAPSED)
            step = math.ldexp(0.5, math.frexp(min(wide, _LONGEST_STEP_H))[1])
            elapsed.append(elapsed[-1] + step)
            count += 1
            if count > _MOST_NODES:
                raise ParameterError(
                    f"`time_h` must end sooner after the doses: binding for good is followed for "
                    f"at most {_MOST_NODES} steps of up to {_LONGEST_STEP_H:g} h, got {end!r}"
                )
        steps = start + np.array(elapsed)
        nodes.append(steps[steps < min(after, end)])
    return np.unique(np.concatenate(nodes))
