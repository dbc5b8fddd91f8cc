"""The machine a run was made on, and the limits a run can set on its own threads."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path

import threadpoolctl

HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
VECTOR_LEVELS = ("avx512f", "avx2", "avx", "sse4_2")
SETTINGS = ("OPENBLAS_", "OMP_", "MKL_", "NUMBA_", "XLA_", "VMATCORE_")


def cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """Its model and its widest vector instructions."""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        fields = {key.strip(): value.strip() for key, _, value in (x.partition(":") for x in lines)}
        flags = fields.get("flags", "").split()
        widest = next((level for level in VECTOR_LEVELS if level in flags), "unknown")
        family = f"family {fields.get('cpu family', '?')}, model {fields.get('model', '?')}"
        return f"{fields.get('model name', '?')} ({family}), vectors up to {widest}"
    return platform.processor() or platform.machine()


def memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def system() -> str:
    with suppress(OSError):
        release = platform.freedesktop_os_release()
        return f"{release.get('PRETTY_NAME', 'Linux')}, kernel {platform.release()}"
    return platform.platform()


def blas() -> str:
    """The BLAS libraries loaded now and the kernels they chose."""
    pools = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    kernels = {f"{p['internal_api']} {p['version']} {p.get('architecture', '')}" for p in pools}
    return ", ".join(sorted(kernels)) or "none loaded"


def describe() -> dict[str, str]:
    facts = {
        "processor": processor(),
        "cores": str(cores()),
        "memory": f"{memory_gib():.0f} GiB",
        "system": system(),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "BLAS": blas(),
    }
    with suppress(OSError):
        facts["transparent huge pages"] = HUGE_PAGES.read_text().strip()
    settings = [f"{name}={os.environ[name]}" for name in os.environ if name.startswith(SETTINGS)]
    facts["settings"] = " ".join(sorted(settings)) or "none"
    return facts


def version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed as a distribution"


def _allow(allowed: set[int]) -> None:
    for task in os.listdir("/proc/self/task"):
        with suppress(ProcessLookupError):
            os.sched_setaffinity(int(task), allowed)


@contextmanager
def one_core() -> Iterator[None]:
    """Every thread of the process on one core, BLAS with one thread."""
    with threadpoolctl.threadpool_limits(1):
        if not hasattr(os, "sched_setaffinity"):
            yield
            return
        before = os.sched_getaffinity(0)
        _allow({max(before)})
        try:
            yield
        finally:
            _allow(before)
