"""What a terminal did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore.result import Result, labelled
from vmatcore.steps import Steps
from vmatcore.terminal.terminal import Terminal
from vmatcore.units import SECONDS_PER_H

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["TerminalResult"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TerminalResult(Result):
    """Amine in the cytosol, the vesicles and outside, over time.

    A terminal that could not be followed is NaN from there on; see :attr:`failed`.

    Attributes
    ----------
    time_h : ndarray (time,)
        Read times in h.
    cytosol_umol_l : ndarray (terminal, time)
        Cytosolic amine, per litre of cytosol.
    content_umol_l : ndarray (terminal, time)
        Amine in vesicles, per litre of tissue.
    outside_umol_l : ndarray (terminal, time)
        Extracellular amine. It serves the terminal's own feedback; read it as a ratio.
    acids_umol_l : ndarray (terminal, time)
        Metabolites of oxidised amine. The models keep them high at full block, which
        tissue data do not show.
    resting : dict of str to ndarray (terminal,)
        The same four at rest, all VMAT2 working, before the run.
    fluxes_umol_l_h : dict of str to ndarray (terminal, time)
        By name, if asked for.
    terminal : Terminal
        What was simulated.
    provenance : dict
        Versions and settings.

    Examples
    --------
    >>> import vmatcore as vm
    >>> run = vm.terminal.simulate(active=0.1, time_h=[0, 240])
    >>> run.molecules.round().astype(int).tolist(), run.failed.tolist()
    ([[2815, 919]], [False])
    """

    time_h: FloatArray = labelled("time", unit="h")
    cytosol_umol_l: FloatArray = labelled("terminal", "time", unit="umol/L")
    content_umol_l: FloatArray = labelled("terminal", "time", unit="umol/L")
    outside_umol_l: FloatArray = labelled("terminal", "time", unit="umol/L")
    acids_umol_l: FloatArray = labelled("terminal", "time", unit="umol/L")
    resting: dict[str, FloatArray] = labelled("terminal", unit="umol/L")
    fluxes_umol_l_h: dict[str, FloatArray] = labelled("terminal", "time", unit="umol/L/h")
    terminal: Terminal
    provenance: dict[str, Any]

    def _relative(self, values: FloatArray, name: str) -> FloatArray:
        ratio: FloatArray = values / self.resting[name][:, None]
        return ratio

    @property
    def content(self) -> FloatArray:
        """Vesicle content relative to rest, (terminal, time)."""
        return self._relative(self.content_umol_l, "content")

    @property
    def cytosol(self) -> FloatArray:
        """Cytosolic amine relative to rest, (terminal, time)."""
        return self._relative(self.cytosol_umol_l, "cytosol")

    @property
    def outside(self) -> FloatArray:
        """Extracellular amine relative to rest, (terminal, time)."""
        return self._relative(self.outside_umol_l, "outside")

    @property
    def acids(self) -> FloatArray:
        """Acid metabolites relative to rest, (terminal, time); mind :attr:`notes`."""
        return self._relative(self.acids_umol_l, "acids")

    @property
    def molecules(self) -> FloatArray | None:
        """Mean molecules in a vesicle, (terminal, time); None without a vesicle behind it."""
        each = self.terminal.umol_l_per_molecule
        return None if each is None else self.content_umol_l / each

    @property
    def failed(self) -> npt.NDArray[np.bool_]:
        """Which terminals could not be followed to the end, (terminal,)."""
        if not len(self.time_h):
            return np.zeros(len(self.content_umol_l), bool)
        return np.isnan(self.content_umol_l[:, -1])

    @property
    def notes(self) -> tuple[str, ...]:
        """What the model is known to get wrong."""
        return self.terminal.notes

    def cytosol_steps(self, terminal: int = 0) -> Steps:
        """Return the cytosolic amine as a drive of :func:`vmatcore.filling.simulate`.

        Each value is the mean of two neighbouring reads and holds between them, so
        the error falls with the square of their distance.

        Parameters
        ----------
        terminal : int
            Which one, from 0 on.

        Raises
        ------
        ParameterError, ParameterTypeError
            If there is no such terminal.
        """
        last = len(self.cytosol_umol_l) - 1
        terminal = check.whole("terminal", terminal, minimum=0, maximum=last)
        row = self.cytosol_umol_l[terminal]
        middle = (row[:-1] + row[1:]) / 2.0
        start = self.time_h[:-1] - self.time_h[0]
        return Steps(time_s=(start * SECONDS_PER_H).tolist(), values=middle.tolist())

    def __repr__(self) -> str:
        return "\n".join([super().__repr__(), *(f"  note: {note}" for note in self.notes)])
