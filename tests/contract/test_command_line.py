"""The command line: what each command prints and writes, and one line for each error."""

from __future__ import annotations

import csv

import pytest
from click.testing import CliRunner

import vmatcore as vm
from tests.contract.process import python
from vmatcore import cli


def command(*arguments: str, **settings):
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments], **settings)


REGIMEN = "valbenazine 80 mg q24h x 3"


def test_covariates_on_the_command_line_are_those_of_a_subject():
    regimen = "valbenazine 80 mg q24h x 7"
    plain = command("simulate", regimen).output
    given = ["--with", "ketoconazole", "--with", "paroxetine", "--food", "fed"]
    given += ["--hepatic-impairment", "mild", "--cyp2d6", "1.5"]
    shown = command("simulate", regimen, *given)
    assert shown.exit_code == 0, shown.output
    person = vm.Subject(
        cyp2d6=1.5,
        comedication=["ketoconazole", "paroxetine"],
        food="fed",
        hepatic_impairment="mild",
    )
    peak = vm.simulate(regimen, subject=person).metrics("pk").cmax[0, 0]
    assert f"{peak:.0f}" in shown.output
    assert f"{peak:.0f}" not in plain


BAD = [
    (["simulate", "valbenazine 80 mg", "--with", "ketoconazol"], "did you mean 'ketoconazole'"),
    (["simulate", "valbenazine 80 mg", "--cyp2d6", "-1"], "`cyp2d6` must be finite"),
    # arguments, a word of the error
    (["simulate", "valbenazine 80 mg q24h"], "add `x 28`"),
    (["simulate", "valbenazin 80 mg"], "did you mean 'valbenazine'"),
    (["simulate", ""], "`regimen`"),
    (["simulate", REGIMEN, "--every-h", "nan"], "`every_h`"),
    (["simulate", REGIMEN, "--every-h", "0"], "`every_h`"),
    (["simulate", REGIMEN, "--every-h", "1e-12"], "`every_h`"),
    (["simulate", REGIMEN, "--until-h", "-1"], "`until_h`"),
    (["simulate", REGIMEN, "--threads", "0"], "`threads`"),
    (["simulate", REGIMEN, "--cyp2d6", "por"], "did you mean 'poor'"),
    (["simulate", REGIMEN, "--weight-kg", "inf"], "`weight_kg`"),
    (["simulate", REGIMEN, "--condition", "chorea"], "'chorea'"),
    (["simulate", REGIMEN, "-o", "file/x.csv"], "file/x.csv"),
    (["simulate", REGIMEN, "-o", "missing/x.csv"], "missing/x.csv"),
    (["compare", "--days", "-1"], "`days`"),
    (["compare", "--days", "nan"], "`days`"),
    (["compare", "--days", "3"], "`days`"),
    (["compare", "--days", "1e9"], "`days`"),
    (["compare", "--no-figure", "-o", "file/x"], "file/x"),
    (["compare", "-o", "taken"], "compare.png"),
    (["compare", "--no-figure", "--cyp2d6", "rich"], "'rich'"),
    (["drugs", "aspirin"], "unknown drug 'aspirin'"),
    (["drugs", ""], "unknown drug ''"),
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("a file, no folder")
    (tmp_path / "taken" / "compare.png").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(("arguments", "word"), BAD)
def test_a_bad_command_gives_one_error_line_and_exit_code_2(folder, arguments, word):
    result = command(*arguments)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert word in line
    assert (folder / "file").read_text() == "a file, no folder"


USAGE = [
    (["simulate"], "REGIMEN"),
    (["simulate", REGIMEN, "--bogus"], "--bogus"),
    (["simulate", REGIMEN, "--every-h", "often"], "'often'"),
    (["simulate", REGIMEN, "--threads", "1.5"], "'1.5'"),
    (["simulate", REGIMEN, "-o", "."], "directory"),
    (["compare", "-o", "file"], "file"),
    (["compare", "extra"], "extra"),
    (["bogus"], "bogus"),
    (["doctor", "now"], "now"),
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("arguments", "word"), USAGE)
def test_a_command_that_click_refuses_exits_with_2_and_no_traceback(arguments, word):
    result = command(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    last = result.stderr.splitlines()[-1]
    assert last.lower().startswith("error: ")
    assert word in last


def test_a_bad_command_in_a_real_process_has_no_traceback():
    done = python("from vmatcore.cli import main; main()", "simulate", "valbenazine 80 mg q24h")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: `regimen` ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", [None, *sorted(cli.main.commands)])
def test_every_command_explains_itself(name):
    for flag in ("-h", "--help"):
        result = command(*([] if name is None else [name]), flag)
        assert result.exit_code == 0
        assert result.stdout.startswith("Usage: ")
    assert "-h, --help" in result.stdout
    told = cli.main.help if name is None else cli.main.commands[name].help
    assert " ".join(told.split())[:40] in " ".join(result.stdout.split())


def test_the_version_is_that_of_the_package():
    result = command("--version")
    assert result.exit_code == 0
    assert vm.__version__ in result.stdout


def test_simulate_writes_the_numbers_of_the_run(folder):
    result = command("simulate", REGIMEN, "--cyp2d6", "poor", "--every-h", "2", "-o", "run.csv")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[0] == REGIMEN
    assert result.stdout.splitlines()[-1] == "Written: run.csv"
    run = vm.simulate(REGIMEN, every_h=2.0, subject=vm.Subject(cyp2d6="poor"))
    with (folder / "run.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    assert [float(value) for value in columns["time_h"]] == run.pk.time_h.tolist()
    for i, moiety in enumerate(run.pk.moieties):
        found = [float(value) for value in columns[f"{moiety.name} plasma ng/mL"]]
        assert found == run.pk.plasma_ng_ml[0, i].tolist()
    held = {"VMAT2 held": run.occupancy.vmat2} | {
        f"{target} held": values for target, values in run.occupancy.off_target.items()
    }
    for name, values in held.items():
        assert [float(value) for value in columns[name]] == values[0].tolist()
    signal = {
        "D2 activation": run.signal.d2,
        "burst at D1": run.signal.burst,
        "dip": run.signal.dip,
    }
    for part, what in ((run.signal.content, "content"), (run.signal.amine, "outside")):
        signal |= {f"{site} {what}": values for site, values in part.items()}
    for name, values in signal.items():
        assert [float(value) for value in columns[name]] == values[0].tolist()
    assert len(header) == 1 + len(run.pk.moieties) + len(held) + len(signal)


@pytest.mark.usefixtures("folder")
def test_compare_follows_single_vesicles_of_all_arms_with_the_same_luck():
    given = ("--no-figure", "-o", "report", "--molecular-at-h", "650", "--seed", "3")
    shown = command("compare", *given)
    assert shown.exit_code == 0, shown.stderr
    cards = [line for line in shown.stdout.splitlines() if line.startswith("    quanta per spike")]
    assert len(cards) == 4
    assert len({line.split()[3] for line in cards}) == 1  # whatever the drug


def test_label_doses_of_people_without_cyp2d6_are_kept_to_whatever_takes_it(folder):
    shown = [
        command("compare", "--no-figure", "-o", str(folder / "report"), *given).stdout
        for given in (("--cyp2d6", "poor"), ("--cyp2d6", "0"), ("--with", "paroxetine"), ())
    ]
    limited = "tetrabenazine     tetrabenazine 25 mg q12h"
    assert [limited in text for text in shown] == [True, True, True, False]


def test_compare_prints_the_four_drugs_and_writes_what_it_says(folder):
    result = command("compare", "--no-figure", "-o", "report")
    assert result.exit_code == 0, result.stderr
    drugs = ["reserpine", "tetrabenazine", "deutetrabenazine", "valbenazine"]
    for name in drugs:
        assert str(vm.label.regimen(name)) in result.stdout
    assert "Not for dosing patients" in result.stdout
    last = result.stdout.splitlines()[-1]
    written = [folder / name for name in last.removeprefix("Written: ").split(", ")]
    assert sorted(written) == sorted((folder / "report").iterdir())
    for path in written:
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        assert list(dict.fromkeys(row[0] for row in rows if row[0])) == drugs
        assert {len(row) for row in rows} == {len(header)}


def test_compare_draws_its_figure(folder):
    pytest.importorskip("matplotlib")
    assert command("compare", "-o", "report").exit_code == 0
    assert (folder / "report" / "compare.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (folder / "report" / "compare.svg").read_text(encoding="utf-8")


def test_drugs_shows_every_parameter_with_its_source():
    listed = command("drugs").stdout
    for name in (*vm.drugs.names(), "brain", "enzymes"):
        assert name in listed
        assert command("drugs", name).exit_code == 0
    shown = command("drugs", "valbenazine").stdout
    for name, quantity in vm.drugs.get("valbenazine").parameters.items():
        assert f"  {name}: {quantity.value:g} {quantity.unit}" in shown
        assert quantity.source in shown


def test_a_reader_that_leaves_early_is_no_error():
    script = (
        "import sys\nfrom vmatcore.cli import main\n"
        "class Gone:\n"
        "    def write(self, text):\n        raise BrokenPipeError\n"
        "    def flush(self):\n        pass\n"
        "sys.stdout = Gone()\nmain(['drugs', 'tetrabenazine'])\n"
    )
    done = python(script)
    assert done.returncode == 0
    assert done.stderr == ""


@pytest.mark.parametrize("command", [[], ["--help"], ["simulate", "--help"], ["bogus"]])
def test_help_and_usage_errors_load_no_numpy(command):
    script = (
        "import sys\nfrom vmatcore.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n    print('numpy' in sys.modules, 'vmatcore' in sys.modules)\n"
    )
    done = python(script, *command)
    assert done.stdout.splitlines()[-1] == "False True"
