"""Drug files: a good one runs, and a bad one is refused with the path of its key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vmatcore as vm
from tests.contract.anything import attempt, many
from tests.contract.family import Unprintable
from vmatcore.errors import FileFormatError, ParameterError, ParameterTypeError, VmatError

MOLE = '{ value = 300, unit = "g/mol", source = "s", status = "assumed" }'
OTHER = '{ value = 0.1, unit = "-", source = "s", status = "assumed" }'
FILE = f"""
name = "mine"
[parameters]
molar_mass = {MOLE}
ka = {OTHER}
v = {OTHER}
[[dose]]
compartment = "gut"
[[compartment]]
name = "gut"
[[compartment]]
name = "plasma"
moiety = "m"
volume = "v"
[[absorption]]
from = "gut"
to = "plasma"
rate = "ka"
[[elimination]]
from = "plasma"
enzyme = "other"
clearance = "ka"
[moiety.m]
molar_mass = {MOLE}
fraction_unbound = {OTHER}
log_p = {OTHER}
[label]
usual = "10 mg q24h"
"""
EDITS = [
    # what is replaced, by what, the key in the message, other words
    ('name = "mine"', "", "name", "missing"),
    ('name = "mine"', "name = 5", "name", "text"),
    ('name = "mine"', 'name = "two words"', "name", "two words"),
    ('name = "mine"', 'name = "mine"\nsumary = "x"', "sumary", "did you mean 'summary'"),
    ('name = "mine"', 'name = "mine"\nliver = 4', "liver", "table"),
    (f"ka = {OTHER}", "ka = 1", "parameters.ka", "table"),
    (f"ka = {OTHER}", "ka = { value = 1 }", "parameters.ka", "unit"),
    (f"ka = {OTHER}", f"ka = {OTHER.replace('0.1', '-1')}", "parameters.ka", "-1"),
    (f"ka = {OTHER}", f"ka = {OTHER.replace('0.1', chr(34) * 2)}", "parameters.ka", "number"),
    (f"ka = {OTHER}", f"ka = {OTHER.replace('status', 'state')}", "parameters.ka", "'status'"),
    (f"v = {OTHER}", f"v = {OTHER.replace('0.1', '0')}", "v", "0"),
    (f"molar_mass = {MOLE}\nka", "ka", "parameters", "molar_mass"),
    (f"molar_mass = {MOLE}\nka", f"molar_mass = {MOLE.replace('300', '0')}\nka", "molar_mass", "0"),
    ("[[dose]]", "[dose]", "dose", "[[dose]]"),
    ('compartment = "gut"', "", "dose[0]", "compartment"),
    ('compartment = "gut"', 'compartment = "gutt"', "dose[0]", "did you mean 'gut'"),
    ('compartment = "gut"', "compartment = 5", "dose[0]", "text"),
    ('compartment = "gut"', 'compartment = "gut"\nlag = "kaa"', "dose[0]", "did you mean 'ka'"),
    ('name = "gut"', 'name = "plasma"', "compartment", "'plasma' twice"),
    ('name = "gut"', "name = 7", "compartment[0]", "text"),
    ('moiety = "m"', 'moiety = "n"', "compartment[1]", "moiety 'n'"),
    ('moiety = "m"', 'moiety = ["m"]', "compartment[1]", "text"),
    ('volume = "v"', "", "plasma", "volume"),
    ('volume = "v"', 'volume = ["v"]', "compartment[1]", "text"),
    ('from = "gut"', "", "absorption[0]", "'from'"),
    ('rate = "ka"', 'rate = "kaa"', "absorption[0]", "did you mean 'ka'"),
    ('rate = "ka"', 'rate = "ka"\ntransits = 2.5', "absorption[0]", "transits"),
    ('rate = "ka"', 'rate = "ka"\ntransits = 9999999', "absorption[0]", "transits"),
    ('rate = "ka"', 'rate = "ka"\nliver = "no"', "absorption[0]", "liver"),
    ('rate = "ka"', 'rate = "ka"\nliver = true', "liver", "mine"),
    ('enzyme = "other"', 'enzyme = ["other"]', "elimination[0]", "text"),
    ('enzyme = "other"', 'enzyme = "other"\nto = "plasma"', "elimination[0]", "plasma"),
    ("[moiety.m]", '[moiety.m]\nlike = "n"', "moiety.m", "moiety 'n'"),
    ("[moiety.m]", "[moiety.m]\nlike = []", "moiety.m", "text"),
    ("[moiety.m]", "[moiety.m]\nki = 5", "moiety.m.ki", "table"),
    ("[moiety.m]", f"[moiety.m]\nki.VMAT3 = {OTHER}", "moiety.m.ki", "did you mean 'VMAT2'"),
    (f"fraction_unbound = {OTHER}", "", "moiety.m", "fraction_unbound"),
    (f"fraction_unbound = {OTHER}", f"fraction = {OTHER}", "moiety.m", "'fraction_unbound'"),
    (f"\nfraction_unbound = {OTHER}", f"\nfraction_unbound = {MOLE}", "moiety.m", "300"),
    ('usual = "10 mg q24h"', "usual = 5", "label.usual", "text"),
    ("[label]", "[reported_together]\nx = 5\n[label]", "reported_together.x", "list"),
    ("[label]", '[reported_together]\nx = ["q"]\n[label]', "reported_together.x", "moiety 'q'"),
    ("[label]", "[weight_exponent]\nv = []\n[label]", "weight_exponent.v", "text"),
    ("[label]", '[[exchange]]\nbetween = ["gut"]\nclearance = "ka"\n[label]', "exchange[0]", "two"),
    ('name = "mine"', "name = " + "[" * 5000, "TOML", "mine.toml"),
    (f"v = {OTHER}", "v = " + "9" * 5000, "TOML", "mine.toml"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key", "word"), EDITS)
def test_a_bad_drug_file_is_refused_with_the_path_of_its_key(tmp_path, old, new, key, word):
    assert FILE.count(old) >= 1
    path = tmp_path / "mine.toml"
    path.write_text(FILE.replace(old, new, 1))
    with pytest.raises(VmatError) as caught:
        vm.drugs.load(path)
    assert key in str(caught.value)
    assert word in str(caught.value)
    attempt(lambda: vm.drugs.load(path))


LINES = FILE.strip().splitlines()
WORDS = ["", "a", "= 1", "[[dose]]", "[parameters]", "[moiety.m]", "1", "{}", "[]", "true", "nan"]


@many
@given(st.data())
def test_a_drug_file_with_a_changed_line_gives_a_drug_or_an_error(tmp_path, data):
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        key, equals, value = lines[at].partition(" = ")
        other = data.draw(st.sampled_from([*WORDS, *(line.partition(" = ")[2] for line in LINES)]))
        lines[at] = data.draw(st.sampled_from([other, f"{key} = {other}", f"{value}{equals}", ""]))
    path = tmp_path / "mine.toml"
    path.write_text("\n".join(lines))

    def run():
        drug = vm.drugs.load(path)
        vm.simulate(f"{drug.name} 1 mg", drugs=[drug], time_h=[0.0, 1.0]).metrics("pk")

    attempt(run)


@pytest.mark.parametrize("label", ["10 q24h", "", "9 mg q1h x 5 then 3 mg", "1 mg for x d then 3"])
def test_a_label_that_is_no_regimen_is_refused_by_its_key(tmp_path, label):
    path = tmp_path / "mine.toml"
    path.write_text(FILE.replace("10 mg q24h", label))
    with pytest.raises(ParameterError, match=r"`label\.usual` of 'mine'"):
        vm.label.regimen(vm.drugs.load(path))


def test_a_good_drug_file_runs(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(FILE)
    for name in (path, str(path)):
        drug = vm.drugs.load(name)
        run = vm.simulate(vm.label.regimen(drug), drugs=[drug])
        assert run.metrics("pk").cmax.min() > 0


def test_what_is_no_drug_file_is_refused_with_its_path(tmp_path):
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    for name in ("missing", "", "binary", "missing/x", "nul\0", "\udcff"):
        with pytest.raises(FileFormatError) as caught:
            vm.drugs.load(tmp_path / name)
        assert tmp_path.name in str(caught.value)
        attempt(lambda n=name: vm.drugs.load(tmp_path / n))
    for path in (None, 5, b"x", ["a"], 1.5, Unprintable()):
        with pytest.raises(ParameterTypeError, match="`path` must be"):
            vm.drugs.load(path)
