"""The budget of false alarms adds up, and nobody draws on it unlisted."""

from __future__ import annotations

import ast
from collections import Counter
from math import fsum
from pathlib import Path

from tests.statistics.budget import BUDGET, deterministic

FOLDER = Path(__file__).parent


def declarations() -> dict[str, tuple[str, str | None]]:
    """Return decorator and declared name of every test function in the folder."""
    found: dict[str, tuple[str, str | None]] = {}
    for file in sorted(FOLDER.rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[f"{file.name}::{node.name}"] = declaration(node)
    return found


def declaration(test: ast.FunctionDef) -> tuple[str, str | None]:
    """Return ("statistical", name), ("deterministic", None) or ("", None) for a test."""
    for decorator in test.decorator_list:
        match decorator:
            case ast.Call(func=ast.Name("statistical"), args=[ast.Constant(str(name))]):
                return "statistical", name
            case ast.Name("deterministic"):
                return "deterministic", None
    return "", None


@deterministic
def test_the_shares_of_all_checks_stay_within_the_total():
    assert fsum(BUDGET["checks"].values()) <= BUDGET["total"] == 1e-6


@deterministic
def test_no_share_is_larger_than_one_in_a_billion_without_a_reason():
    large = {name for name, share in BUDGET["checks"].items() if share > BUDGET["each"]}
    reasons = BUDGET.get("larger", {})
    assert set(reasons) == large
    assert all(isinstance(reason, str) and reason for reason in reasons.values())
    assert all(share > 0 for share in BUDGET["checks"].values())


@deterministic
def test_every_test_in_this_folder_says_whether_chance_is_involved():
    silent = [test for test, (kind, _) in declarations().items() if not kind]
    assert not silent


@deterministic
def test_every_statistical_test_has_an_entry_of_its_own_and_every_entry_a_test():
    # The decorator makes the twin, so a declared test cannot be without one.
    names = Counter(name for _, name in declarations().values() if name is not None)
    assert [name for name, times in names.items() if times > 1] == []
    assert set(names) == set(BUDGET["checks"])
