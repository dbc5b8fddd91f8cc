"""A Python of its own for what must not share ours."""

from __future__ import annotations

import subprocess
import sys


def python(script: str, *arguments: str, **settings) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-B", "-c", script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        **settings,
    )
