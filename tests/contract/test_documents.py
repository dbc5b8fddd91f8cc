"""What the documents show is what happens: README blocks, examples, counts."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def run_python(*arguments: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_python_of_the_readme_prints_what_stands_below_it(tmp_path):
    codes, texts = blocks("python"), blocks("text")
    assert len(codes) == len(texts) > 1
    for code, printed in zip(codes, texts, strict=True):
        assert run_python("-c", code, folder=tmp_path) == printed


def pages() -> list[Path]:
    return sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_every_python_block_of_the_docs_runs_and_prints_what_stands_below_it(page, tmp_path):
    block = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", re.DOTALL)
    for code, printed in block.findall(page.read_text(encoding="utf-8")):
        assert run_python("-c", code, folder=tmp_path) == printed


@pytest.mark.parametrize("page", [ROOT / "README.md", *pages()], ids=lambda page: page.stem)
def test_every_link_leads_to_a_file(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.py")), ids=lambda p: p.stem)
def test_every_example_runs_and_says_something(example, tmp_path):
    assert run_python(str(example), folder=tmp_path).strip()


def test_the_commands_of_the_readme_exist():
    commands = re.findall(r"vmatcore (\w+)", "".join(blocks("sh")))
    assert {"compare", "simulate", "drugs", "doctor", "selftest"} <= set(commands)


def test_the_readme_counts_the_misses_as_the_validation_does():
    page = (ROOT / "docs" / "validation" / "README.md").read_text(encoding="utf-8")
    total, misses = re.search(r"In all (\d+) rows: .* (\d+) miss", page).groups()
    words = " ".join(README.split())
    assert f"with {misses} misses of {total}" in words
    misses, total = re.search(r"\n(\d+) misses of (\d+)\. Open-label", page).groups()
    assert f"and {misses} of {total} of the trials' predictions" in words


def test_the_readme_stays_short_enough_to_be_read():
    assert len(README.splitlines()) < 150


def measured(work: str) -> dict[str, tuple[str, str]]:
    """Speed and ratio of each contender of a work, on one thread, as the results state them."""
    results = (ROOT / "benches" / "RESULTS.md").read_text(encoding="utf-8")
    section = results.split(f"\n## {work}: ")[1].split("\n## ")[0]
    table = section.split("### One thread")[1].split("### ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return {row[0].strip(): (row[2].split(" (")[0], row[3].strip()) for row in rows[2:]}


def test_the_speeds_of_the_readme_stand_in_the_measured_results():
    table = README.split("| work | vmatcore, per s |")[1].split("\n\n")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines()[2:]]
    assert len(rows) == 7
    for row in rows:
        work, speed, *others, baseline = (cell.strip() for cell in row)
        found = measured(work.split(":")[0])
        assert found["vmatcore"][0] == speed
        assert not baseline or found["pure Python"][1] == baseline
        for other in filter(None, others):
            name, ratio = other.rsplit(" ", 1)
            assert found[name][1] == ratio
