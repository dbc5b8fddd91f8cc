from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "STREAM_VERSION",
    "CancelToken",
    "Cohort",
    "__version__",
    "cpu_level",
    "filling_all",
    "filling_distribution",
    "filling_event_counts",
    "filling_events",
    "filling_histogram",
    "filling_mean",
    "filling_moments",
    "math_exp",
    "math_ln",
    "occupancy_bound",
    "occupancy_held",
    "occupancy_slow",
    "philox_block",
    "pk_integrate",
    "pk_simulate",
    "random_binomial",
    "random_draws",
    "random_poisson",
    "random_stages",
    "random_xoshiro",
]

__version__: Final[str]
STREAM_VERSION: Final[int]

@final
class CancelToken:
    """A switch that stops a running call from any thread."""

    def __new__(cls) -> CancelToken: ...
    @property
    def cancelled(self) -> bool:
        """Whether the token was used."""
    def cancel(self) -> None:
        """Ask every call that was given this token to stop."""

class _Call(Protocol):
    @property
    def threads(self) -> int: ...
    @property
    def progress(self) -> Callable[[int], Any] | None: ...
    @property
    def cancel(self) -> CancelToken | None: ...

_Event: TypeAlias = tuple[float, int, int, float]
_EventTable: TypeAlias = tuple[list[_Event], list[tuple[float, list[_Event]]]]

def cpu_level() -> str: ...
def philox_block(seed: int, stage: int, replicate: int, draw: int) -> tuple[int, int, int, int]: ...
def random_draws(
    kind: str, seed: int, stage: int, replicate: int, count: int, draw: int = 0
) -> NDArray[np.float64]: ...
def random_poisson(
    mean: float, seed: int, replicate: int, count: int, tabled: bool = False
) -> NDArray[np.float64]: ...
def random_binomial(
    trials: int, stay: float, seed: int, replicate: int, count: int, tabled: bool = False
) -> NDArray[np.float64]: ...
def random_xoshiro(seed: int, replicate: int, count: int) -> NDArray[np.uint64]: ...
def random_stages() -> list[tuple[str, int]]: ...
def math_ln(values: NDArray[np.float64]) -> NDArray[np.float64]: ...
def math_exp(values: NDArray[np.float64]) -> NDArray[np.float64]: ...
def pk_simulate(
    call: _Call,
    outputs: int,
    gains: list[tuple[int, int]],
    readouts: list[tuple[int, int]],
    held: list[bool],
    gain_per_h: NDArray[np.float64],
    loss_per_h: NDArray[np.float64],
    exit_per_h: NDArray[np.float64],
    scale: NDArray[np.float64],
    event_tables: Sequence[_EventTable],
    table_of: list[int],
    time_h: NDArray[np.float64],
) -> tuple[NDArray[np.float64], list[tuple[int, str]]]: ...
def pk_integrate(
    call: _Call,
    outputs: int,
    gains: list[tuple[int, int]],
    readouts: list[tuple[int, int]],
    held: list[bool],
    gain_per_h: NDArray[np.float64],
    loss_per_h: NDArray[np.float64],
    saturable: list[tuple[int, int, bool]],
    maximum_per_h: NDArray[np.float64],
    half_amount: NDArray[np.float64],
    scale: NDArray[np.float64],
    event_tables: Sequence[_EventTable],
    table_of: list[int],
    time_h: NDArray[np.float64],
    rtol: float,
    atol: float,
) -> tuple[NDArray[np.float64], list[tuple[int, str]]]: ...
def occupancy_held(
    call: _Call,
    unbound_nmol_l: NDArray[np.float64],
    per_ki: NDArray[np.float64],
    bound: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]: ...
def occupancy_bound(
    call: _Call,
    time_h: NDArray[np.float64],
    unbound_nmol_l: NDArray[np.float64],
    per_ki: NDArray[np.float64],
    on_l_per_nmol_h: NDArray[np.float64],
    recovery_per_h: float,
) -> NDArray[np.float64]: ...

@final
class Cohort:
    """Vesicles to fill, checked."""

    def __new__(
        cls,
        *,
        copies: float,
        leak_per_s: float,
        capacity: int | None,
        until_s: NDArray[np.float64],
        active: NDArray[np.float64],
        influx_per_s: NDArray[np.float64],
        efflux_per_s: NDArray[np.float64],
        crowding: NDArray[np.float64],
        binding: str,
        residence_s: float,
        log_volume_sd: float,
        copies_vary: bool,
        start: int | str | NDArray[np.uint32],
        time_s: NDArray[np.float64],
        seed: int,
        first: int,
        vesicles: int,
    ) -> Cohort: ...

def occupancy_slow(
    call: _Call,
    time_h: NDArray[np.float64],
    unbound_nmol_l: NDArray[np.float64],
    per_ki: NDArray[np.float64],
    moiety: list[int],
    on_l_per_nmol_h: NDArray[np.float64],
    off_per_h: NDArray[np.float64],
) -> NDArray[np.float64]: ...
def filling_all(call: _Call, cohort: Cohort, method: str) -> NDArray[np.uint32]: ...
def filling_moments(
    call: _Call, cohort: Cohort, method: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint32], NDArray[np.uint32]]: ...
def filling_histogram(
    call: _Call, cohort: Cohort, method: str, edges: NDArray[np.float64]
) -> NDArray[np.uint64]: ...
def filling_event_counts(call: _Call, cohort: Cohort) -> NDArray[np.uint64]: ...
def filling_events(
    call: _Call, cohort: Cohort, counts: NDArray[np.uint64]
) -> tuple[NDArray[np.float64], NDArray[np.int8]]: ...
def filling_mean(call: _Call, cohort: Cohort) -> NDArray[np.float64]: ...
def filling_distribution(
    call: _Call, cohort: Cohort, method: str, most_bytes: int
) -> NDArray[np.float64]: ...
