"""Every example in a docstring runs and prints what it shows."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import types

import pytest

import vmatcore

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

NAMES = [
    "vmatcore",
    *(
        found.name
        for found in pkgutil.walk_packages(vmatcore.__path__, "vmatcore.")
        if not found.name.endswith("._core")
    ),
]

#: Modules with public functions or classes that may do without an example.
WITHOUT_EXAMPLE = {
    "vmatcore.cli": "commands of a shell; README and the tests of the command line run them",
    "vmatcore.diagnosis": "what it returns depends on the machine",
    "vmatcore.golden": "numbers without a meaning; `vmatcore selftest` is the way in",
    "vmatcore.drugs.reading": "reads files; `vmatcore.drugs.load` is the way in",
    "vmatcore.pk.assembly": "for the stage alone; `vmatcore.pk.simulate` is the way in",
    **{
        f"vmatcore.plotting.{name}": "draws with an optional library; `Run.plot` is the way in"
        for name in ("canvas", "comparison", "lipophilicity", "run", "window")
    },
    "vmatcore.result": "a base of results; the stages show how they look",
    "vmatcore.tables": "rows of text; `Comparison.table` is the way in",
}


def examples(name: str) -> list[doctest.DocTest]:
    module = importlib.import_module(name)
    finder = doctest.DocTestFinder(exclude_empty=True)
    return [test for test in finder.find(module, name) if test.examples]


def makes_something_public(name: str) -> bool:
    module = importlib.import_module(name)
    values = [getattr(module, public) for public in getattr(module, "__all__", [])]
    return any(
        isinstance(value, type | types.FunctionType) and value.__module__ == name
        for value in values
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_module_print_what_they_show(name):
    told: list[str] = []
    for test in examples(name):
        runner = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False)
        runner.run(test, out=told.append, clear_globs=False)
    assert not told, "".join(told)


@pytest.mark.parametrize("name", [name for name in NAMES[1:] if name not in WITHOUT_EXAMPLE])
def test_a_module_with_something_public_has_an_example(name):
    assert examples(name) or not makes_something_public(name)


def test_modules_are_excused_only_if_they_need_it():
    assert set(WITHOUT_EXAMPLE) <= set(NAMES)
    assert all(len(reason) > 20 for reason in WITHOUT_EXAMPLE.values())
    assert all(makes_something_public(name) for name in WITHOUT_EXAMPLE if name != "vmatcore.cli")


def test_a_wrong_example_is_found():
    module = types.ModuleType("wrong", ">>> 1 + 1\n3\n")
    (test,) = doctest.DocTestFinder().find(module, "wrong")
    told: list[str] = []
    doctest.DocTestRunner(optionflags=OPTIONS, verbose=False).run(test, out=told.append)
    assert "Expected:\n    3\nGot:\n    2" in "".join(told)


def test_there_are_examples_at_all():
    assert sum(len(test.examples) for name in NAMES for test in examples(name)) > 50
    assert "Examples" in inspect.getdoc(vmatcore.simulate)
