"""The signal of a run over its days: what its vesicles hold, as amine and receptors see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.occupancy import OccupancyResult
from vmatcore.result import Result, labelled, provenance
from vmatcore.signal.phasic import phasic
from vmatcore.signal.region import Region
from vmatcore.signal.steady import steady_amine_nmol_l
from vmatcore.terminal import SITES, TerminalResult
from vmatcore.work import claim

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["SignalCourse", "course", "trapezoid"]

#: The regions whose amine the three sites release.
_REGIONS = {
    "striatal dopamine": Region.dorsal_striatum,
    "limbic serotonin": Region.serotonin,
    "cortical norepinephrine": Region.norepinephrine,
}
_STRIATUM = "striatal dopamine"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SignalCourse(Result):
    """Levels over time in the mean field. All but the shares held are relative to rest.

    A subject whom the kinetics or a terminal could not follow is NaN.

    Attributes
    ----------
    time_h : ndarray (time,)
        Read times in h.
    vmat2 : ndarray (subject, time)
        Share of VMAT2 held by drug.
    content : dict of str to ndarray (subject, time)
        What vesicles hold at ``"striatal dopamine"``, ``"limbic serotonin"`` and
        ``"cortical norepinephrine"``; release follows it.
    amine : dict of str to ndarray (subject, time)
        Steady extracellular amine at the three.
    d2_block : ndarray (subject, time)
        Sum C_u/K_i of what competes with dopamine at D2.
    d2 : ndarray (subject, time)
        Activation of striatal D2 by dopamine beside that block.
    burst : ndarray (subject, time)
        Occupancy of striatal D1 at the height of a burst.
    dip : ndarray (subject, time)
        How far striatal dopamine falls in a pause of firing.
    provenance : dict
        Versions, regions, synapse and firing.
    """

    time_h: FloatArray = labelled("time", unit="h")
    vmat2: FloatArray = labelled("subject", "time", unit="fraction")
    content: dict[str, FloatArray] = labelled("subject", "time", unit="ratio")
    amine: dict[str, FloatArray] = labelled("subject", "time", unit="ratio")
    d2_block: FloatArray = labelled("subject", "time", unit="ratio")
    d2: FloatArray = labelled("subject", "time", unit="ratio")
    burst: FloatArray = labelled("subject", "time", unit="ratio")
    dip: FloatArray = labelled("subject", "time", unit="ratio")
    provenance: dict[str, Any]

    def at(self, reads: Any) -> SignalCourse:
        """Return the same at some of the reads, by index, slice or mask.

        Raises
        ------
        ParameterError
            If there are no such reads.

        Examples
        --------
        >>> import vmatcore as vm
        >>> signal = vm.simulate("valbenazine 80 mg q24h x 7").signal
        >>> signal.at(signal.time_h >= 144).time_h[0]
        np.float64(144.0)
        """
        try:
            places = np.atleast_1d(np.arange(len(self.time_h))[reads])
        except (IndexError, TypeError, ValueError):
            raise ParameterError(
                f"`reads` must choose among {len(self.time_h)} reads, got {shown(reads)}"
            ) from None

        def some(values: Any) -> Any:
            if isinstance(values, dict):
                return {name: some(one) for name, one in values.items()}
            return np.ascontiguousarray(values[..., places])

        return replace(self, **{name: some(getattr(self, name)) for name in self.layout()})

    def mean(self, values: FloatArray) -> FloatArray:
        """Return the mean over all reads of straight lines between them, (subject,).

        Examples
        --------
        >>> import vmatcore as vm
        >>> signal = vm.simulate("valbenazine 80 mg q24h x 7").signal
        >>> bool(0.4 < signal.mean(signal.d2)[0] < 1.0)
        True
        """
        total: FloatArray = (values * trapezoid(self.time_h)).sum(axis=1)
        return total


def course(
    occupancy: OccupancyResult | Sequence[OccupancyResult],
    terminal: Mapping[str, TerminalResult],
) -> SignalCourse:
    """Return what the vesicles of three sites mean for amine and receptors, over time.

    Parameters
    ----------
    occupancy : OccupancyResult or sequence of OccupancyResult
        One, or several with the same reads, whose subjects then follow one another.
    terminal : mapping of str to TerminalResult
        What :func:`vmatcore.terminal.sites` made of it, at all of its reads or at the
        last ones; a terminal for each subject.

    Returns
    -------
    SignalCourse
        At the reads of the terminals.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule, or vesicles hold more than twice what they do at rest.
    MemoryLimitError
        If the result would not fit.

    Notes
    -----
    Release is proportional to content at each site. Amine is steady
    (:meth:`vmatcore.Region.steady_nmol_l`): it follows release within a second, and
    content within hours. D2: C/(C + EC50 (1 + sum C_u/K_i)). Bursts and dips:
    :func:`phasic`.

    Examples
    --------
    >>> import vmatcore as vm
    >>> run = vm.simulate("tetrabenazine 25 mg q8h x 9")
    >>> found = course(run.occupancy, run.terminal)
    >>> bool(found.burst[0, -1] < found.d2[0, -1] < 1.0)
    True
    """
    several = _several(occupancy)
    times = _times(several, terminal)
    rows = sum(len(one.pk.subjects) for one in several)
    for site in SITES:
        if len(terminal[site].content_umol_l) != rows:
            raise ParameterError(
                f"`terminal[{site!r}]` must have {rows} terminals, one for each subject, "
                f"got {len(terminal[site].content_umol_l)}"
            )
    claim("signal over time", *[(rows, len(times))] * 20, fewer="subjects or reads")
    first = len(several[0].time_h) - len(times)
    vmat2 = np.concatenate([one.vmat2[:, first:] for one in several])
    lost = np.concatenate([~np.isfinite(one.vmat2).all(axis=1) for one in several])
    lost |= np.array([terminal[site].failed for site in SITES]).any(axis=0)
    content = {site: np.where(lost[:, None], np.nan, terminal[site].content) for site in SITES}
    held = np.concatenate([one.off_target["D2"][:, first:] for one in several])
    block = held / (1.0 - held)
    regions = {site: make() for site, make in _REGIONS.items()}
    amine = {site: steady_amine_nmol_l(regions[site], content[site]) for site in SITES}
    striatum = regions[_STRIATUM]
    rest, half = striatum.tonic_nmol_l(), striatum.receptors["D2"].ec50_nmol_l
    activation = amine[_STRIATUM] / (amine[_STRIATUM] + half * (1.0 + block))
    table = phasic(striatum)
    return SignalCourse(
        time_h=times,
        vmat2=vmat2,
        content=content,
        amine={site: amine[site] / regions[site].tonic_nmol_l() for site in SITES},
        d2_block=block,
        d2=activation / (rest / (rest + half)),
        burst=table.at("burst", content[_STRIATUM]),
        dip=table.at("dip", content[_STRIATUM]),
        provenance=provenance(
            stage="signal",
            kind="course",
            regions={site: asdict(region) for site, region in regions.items()},
            phasic=table.provenance,
        ),
    )


def trapezoid(times: FloatArray) -> FloatArray:
    """Return weights of a mean over time of straight lines between reads; they sum to 1.

    Examples
    --------
    >>> trapezoid(np.array([0.0, 1.0, 4.0])).tolist()
    [0.125, 0.5, 0.375]
    >>> trapezoid(np.array([5.0])).tolist()
    [1.0]
    """
    gaps = np.diff(times)
    if not gaps.sum() > 0.0:
        return np.full(len(times), 1.0 / max(len(times), 1))
    weights = np.zeros_like(times)
    weights[:-1] += gaps
    weights[1:] += gaps
    shares: FloatArray = weights / weights.sum()
    return shares


def _several(occupancy: object) -> list[OccupancyResult]:
    found = (
        [occupancy]
        if isinstance(occupancy, OccupancyResult)
        else check.listed("occupancy", occupancy)
    )
    for i, one in enumerate(found):
        if not isinstance(one, OccupancyResult):
            raise ParameterTypeError(
                f"`occupancy[{i}]` must be an OccupancyResult, got {shown(one)}"
            )
    if not found:
        raise ParameterError("`occupancy` must hold at least one result, got none")
    return found


def _times(several: list[OccupancyResult], terminal: object) -> FloatArray:
    """Return the reads of the terminals, which must be the last ones of each occupancy."""
    given = check.mapping("terminal", terminal)
    for site in SITES:
        if not isinstance(given.get(site), TerminalResult):
            raise ParameterTypeError(
                f"`terminal` must hold a TerminalResult for {site!r}, got {shown(given.get(site))}"
            )
    times = given[next(iter(SITES))].time_h
    for read in [given[site].time_h for site in SITES] + [one.time_h for one in several]:
        last = read[len(read) - len(times) :] if len(read) >= len(times) else read
        if not np.array_equal(last, times):
            raise ParameterError(
                "`terminal` must be read when `occupancy` is, at all of its times or at the last "
                f"ones, got {shown(times[:5].tolist())} beside {shown(last[:5].tolist())}"
            )
    return np.array(times)
