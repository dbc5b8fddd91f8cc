from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "STREAM_VERSION",
    "CancelToken",
    "Cohort",
    "ReleaseContent",
    "ReleaseExperiment",
    "__version__",
    "cpu_level",
    "filling_all",
    "filling_distribution",
    "filling_event_counts",
    "filling_events",
    "filling_histogram",
    "filling_lumens",
    "filling_mean",
    "filling_mean_lumen",
    "filling_moments",
    "math_exp",
    "math_ln",
    "occupancy_bound",
    "occupancy_held",
    "occupancy_slow",
    "philox_block",
    "pk_integrate",
    "pk_simulate",
    "plasticity_simulate",
    "random_binomial",
    "random_draws",
    "random_poisson",
    "random_stages",
    "random_xoshiro",
    "release_all",
    "release_fusions",
    "release_histogram",
    "release_moments",
    "signal_simulate",
    "spikes_count",
    "spikes_write",
    "terminal_names",
    "terminal_simulate",
    "terminal_steady",
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
) -> tuple[NDArray[np.float64], list[tuple[int, float]]]: ...

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
        supply: Mapping[str, float] | None,
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
) -> tuple[NDArray[np.float64], list[tuple[int, float]]]: ...
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
def filling_lumens(call: _Call, cohort: Cohort) -> NDArray[np.float64]: ...
def filling_mean_lumen(call: _Call, cohort: Cohort) -> NDArray[np.float64]: ...
def filling_distribution(
    call: _Call, cohort: Cohort, method: str, most_bytes: int
) -> NDArray[np.float64]: ...
def spikes_count(
    call: _Call,
    until_s: NDArray[np.float64],
    rate_hz: NDArray[np.float64],
    shape: float,
    seed: int,
    first: int,
    trains: int,
) -> NDArray[np.uint64]: ...
def spikes_write(
    call: _Call,
    until_s: NDArray[np.float64],
    rate_hz: NDArray[np.float64],
    shape: float,
    seed: int,
    first: int,
    counts: NDArray[np.uint64],
) -> NDArray[np.float64]: ...

@final
class ReleaseContent:
    """What a released vesicle holds, checked."""

    @staticmethod
    def constant(molecules: float) -> ReleaseContent: ...
    @staticmethod
    def lognormal(log_mean: float, log_sd: float) -> ReleaseContent: ...
    @staticmethod
    def filling(
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
        start: str,
        pool_per_site: int,
    ) -> ReleaseContent: ...

@final
class ReleaseExperiment:
    """Synapses and the spikes that reach them, checked."""

    def __new__(
        cls,
        *,
        sites: int,
        probability: float,
        refill_s: float,
        active_share: float,
        time_s: NDArray[np.float64],
        offsets: NDArray[np.uint64] | None,
        content: ReleaseContent,
        seed: int,
        first: int,
        synapses: int,
    ) -> ReleaseExperiment: ...

def release_all(
    call: _Call, experiment: ReleaseExperiment, spikes: int
) -> tuple[NDArray[np.uint32], NDArray[np.float64]]: ...
def release_fusions(
    call: _Call, experiment: ReleaseExperiment, quanta: NDArray[np.uint32]
) -> NDArray[np.float64]: ...
def release_moments(
    call: _Call, experiment: ReleaseExperiment
) -> tuple[
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.uint64],
]: ...
def release_histogram(
    call: _Call, experiment: ReleaseExperiment, edges: NDArray[np.float64]
) -> NDArray[np.uint64]: ...
def signal_simulate(
    call: _Call,
    *,
    uptake_nmol_l_s: float,
    uptake_km_nmol_l: float,
    loss_per_s: float,
    gain: float,
    autoreceptor_nmol_l: float,
    rest_occupancy: float,
    ec50_nmol_l: NDArray[np.float64],
    off_per_s: NDArray[np.float64],
    step_s: float,
    release_nmol_l_s: NDArray[np.float64],
    begin: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def plasticity_simulate(
    call: _Call,
    *,
    learning_rate: float,
    critic_rate: float,
    lag_per_trace: float,
    decay_per_day: float,
    save_threshold: float,
    save_steepness: float,
    most_weight: float,
    days: NDArray[np.float64],
    trials: NDArray[np.uint64],
    burst_chance: NDArray[np.float64],
    burst: NDArray[np.float64],
    dip: NDArray[np.float64],
    begin: NDArray[np.float64],
    seed: int,
    first: int,
    past: int,
) -> NDArray[np.float64]: ...
def terminal_names(kind: str) -> tuple[list[str], list[str], list[str]]: ...
def terminal_steady(
    call: _Call, kind: str, parameters: NDArray[np.float64]
) -> NDArray[np.float64]: ...
def terminal_simulate(
    call: _Call,
    *,
    kind: str,
    parameters: NDArray[np.float64],
    knots_h: NDArray[np.float64],
    active: NDArray[np.float64],
    active_slope: NDArray[np.float64],
    firing: NDArray[np.float64],
    firing_slope: NDArray[np.float64],
    start: NDArray[np.float64],
    time_h: NDArray[np.float64],
    outputs: list[int],
    relative_tolerance: float,
    load: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
) -> NDArray[np.float64]: ...
