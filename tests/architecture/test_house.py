"""The rules of the house that a tool can check."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "python" / "vmatcore"
CORE = ROOT / "rust" / "vmatcore" / "src"

# Modules that may import the compiled core: the stages, and what stands below or checks them.
MAY_IMPORT_CORE = {
    "__init__", "arithmetic", "diagnosis", "filling/stage", "golden", "occupancy", "pk/graph",
    "pk/variability", "plasticity/stage", "recovery/stage", "release/amplitudes",
    "release/quantal", "release/stage", "result", "signal/stage", "spikes/stage", "terminal/stage",
    "terminal/terminal", "uncertainty/draws", "work",
}  # fmt: skip


def modules() -> dict[str, ast.Module]:
    return {
        str(path.relative_to(PACKAGE).with_suffix("")): ast.parse(path.read_text(encoding="utf-8"))
        for path in PACKAGE.rglob("*.py")
    }


def imports(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def core_without_tests() -> dict[str, str]:
    return {
        str(path.relative_to(CORE)): path.read_text(encoding="utf-8").split("#[cfg(test)]")[0]
        for path in CORE.rglob("*.rs")
    }


def test_only_stages_and_what_serves_them_import_the_compiled_core():
    users = {name for name, tree in modules().items() if "vmatcore._core" in imports(tree)}
    assert users <= MAY_IMPORT_CORE


def test_only_plotting_imports_matplotlib():
    users = {
        name
        for name, tree in modules().items()
        if any(target.startswith("matplotlib") for target in imports(tree))
        and not name.startswith("plotting/")
    }
    # The others name its types for the type checker.
    for name in users:
        assert "from matplotlib" not in _outside_type_checking(PACKAGE / f"{name}.py"), name


def _outside_type_checking(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return re.sub(r"if TYPE_CHECKING:\n((?:    .*\n|\n)+)", "", text)


def test_only_seeds_asks_the_system_for_randomness():
    for name, tree in modules().items():
        assert "random" not in imports(tree), name
        assert "secrets" not in imports(tree) or name == "seeds"
        source = (PACKAGE / f"{name}.py").read_text(encoding="utf-8")
        assert "default_rng" not in source
        assert "urandom" not in source


def test_unsafe_code_lives_in_lanes_alone():
    users = {name for name, text in core_without_tests().items() if re.search(r"\bunsafe\b", text)}
    assert users == {"lanes.rs"}
    binding = ROOT / "rust" / "vmatcore-python" / "src"
    for path in binding.glob("*.rs"):
        assert not re.search(r"\bunsafe\b", path.read_text(encoding="utf-8")), path.name


def test_only_parallel_starts_threads_in_the_core():
    users = {name for name, text in core_without_tests().items() if "std::thread" in text}
    assert users == {"parallel.rs"}


def test_rust_stages_do_not_use_one_another():
    stages = ("pk", "occupancy", "terminal", "filling", "spikes", "release", "signal", "plasticity")
    for name, text in core_without_tests().items():
        mine = name.split("/")[0].removesuffix(".rs")
        if mine in stages:
            for other in stages:
                assert other == mine or f"crate::{other}" not in text, name


def test_the_core_prints_nothing_and_reads_nothing():
    for name, text in core_without_tests().items():
        assert not re.search(r"\b(e?println!|dbg!|std::(fs|env|io|net))", text), name


def test_the_version_is_one():
    import vmatcore

    cargo = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    assert f'version = "{vmatcore.__version__}"' in cargo
    assert f"version: {vmatcore.__version__}" in (ROOT / "CITATION.cff").read_text("utf-8")
