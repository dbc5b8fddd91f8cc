"""Importing does nothing else, and what is public is explained."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import pkgutil
import re

import pytest

import vmatcore as vm
from tests.contract.process import python

MODULES = [
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(vm.__path__, "vmatcore.")
    if not found.name.endswith("._core")
]

WATCHED = """
import json, os, sys, threading
if sys.argv[1] == "all":
    import numpy, numpy.linalg, click  # what they do is theirs
seen = []
QUIET = ("import", "compile", "exec", "marshal.", "object.", "sys._getframe", "os.listdir",
         "os.scandir", "builtins.id", "code.__new__", "function.__new__", "os.fspath")

def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            seen.append(f"{event} {path!r} to write")
    elif not event.startswith(QUIET):
        seen.append(f"{event} {arguments!r}")

def tasks():
    return len(os.listdir("/proc/self/task")) if os.path.exists("/proc/self/task") else 1

environment, before = dict(os.environ), tasks()
sys.addaudithook(watch)
import vmatcore
if sys.argv[1] == "all":
    import importlib
    for name in sys.argv[2:]:
        importlib.import_module(name)
    for name in dir(vmatcore):
        getattr(vmatcore, name)
found = list(seen)
print(json.dumps({
    "seen": found, "environment": dict(os.environ) == environment, "tasks": tasks() - before,
    "threads": threading.active_count(), "modules": sorted(sys.modules),
}))
"""


@pytest.mark.parametrize("what", ["package", "all"])
def test_importing_starts_no_thread_and_touches_no_file_socket_or_environment(what, tmp_path):
    names = [module.__name__ for module in MODULES] if what == "all" else []
    done = python(WATCHED, what, *names, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["seen"] == []
    assert found["environment"]
    assert (found["tasks"], found["threads"]) == (0, 1)
    assert not list(tmp_path.iterdir())
    assert "matplotlib" not in found["modules"]
    assert "scipy" not in found["modules"]
    assert ("numpy" in found["modules"]) == (what == "all")
    assert done.stderr == ""


DOES_MORE = {
    "a file": "open('left', 'w').close()",
    "a socket": "import socket; socket.socket().close()",
    "the environment": "os.environ['LEFT'] = '1'",
    "a process": "import subprocess; subprocess.run(['true'])",
    "a thread": "threading.Thread(target=threading.Event().wait, daemon=True).start()",
}


@pytest.mark.parametrize("what", DOES_MORE)
def test_the_watch_over_importing_sees(what, tmp_path):
    script = WATCHED.replace("import vmatcore\n", f"import vmatcore\n{DOES_MORE[what]}\n", 1)
    done = python(script, "package", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    if what == "a thread":
        assert (found["tasks"], found["threads"]) == (1, 2)
    else:
        assert found["seen"]
    assert found["environment"] == (what != "the environment")


def test_the_names_of_the_package_are_those_it_says():
    assert dir(vm) == sorted(vm.__all__) == list(vm.__all__)
    assert all(getattr(vm, name) is not None for name in vm.__all__)
    with pytest.raises(AttributeError, match="'simulatee'"):
        vm.simulatee  # noqa: B018


def unexplained(module) -> list[str]:
    """Public names without a docstring, or without a `#:` comment if they are plain values."""
    source = inspect.getsource(module)
    found = []
    for name in getattr(module, "__all__", ()):
        value = getattr(module, name)
        if inspect.ismodule(value) or inspect.isclass(value) or inspect.isroutine(value):
            explained = bool(inspect.getdoc(value)) and not (
                # What dataclass writes by itself explains nothing.
                dataclasses.is_dataclass(value) and value.__doc__.startswith(f"{name}(")
            )
        elif not re.search(rf"^{name}\b.*=", source, re.MULTILINE):
            continue  # explained where it is made
        else:
            explained = re.search(rf"^#: .*\n(#.*\n)*{name}\b.*=", source, re.MULTILINE)
        if not explained:
            found.append(name)
        if inspect.isclass(value) and value.__module__ == module.__name__:
            found += [
                f"{name}.{part}"
                for part, member in vars(value).items()
                if not part.startswith("_")
                and (inspect.isroutine(member) or isinstance(member, property | staticmethod))
                and not inspect.getdoc(getattr(value, part))
            ]
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_public_name_is_explained(module):
    assert module.__doc__
    assert unexplained(module) == []
