"""The CPU levels that this machine can run, as `vmatcore doctor` says."""

from __future__ import annotations

from vmatcore import _core

LEVELS = ("baseline", "avx2", "avx512")

HERE = LEVELS[: LEVELS.index(_core.cpu_level()) + 1]
