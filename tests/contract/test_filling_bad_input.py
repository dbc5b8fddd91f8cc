"""Every bad argument of vesicles and filling gets one clear error; good ones get none."""

from __future__ import annotations

import math
import pickle
import tracemalloc

import numpy as np
import pytest

import vmatcore as vm
from tests.contract.family import Unprintable, refuse
from tests.reference.stop import stopped_after_s
from vmatcore.errors import (
    CancelledError,
    MemoryLimitError,
    ParameterError,
    ParameterTypeError,
    UnknownNameError,
)

NAN, INF = float("nan"), float("inf")
filling = vm.filling
VESICLE = vm.Vesicle()
BARE = filling.BirthDeath(birth_per_s=25.0, death_per_s=0.007)
CROWDED = vm.Vesicle(lumen_km_mmol_l=50.0)


def run(law=VESICLE, **settings):
    return filling.simulate(law, **{"time_s": [1.0], "vesicles": 3, "seed": 1} | settings)


def law_of(law=VESICLE, **settings):
    return filling.distribution(law, **{"time_s": [1.0]} | settings)


VALUE, TYPE = ParameterError, ParameterTypeError

BAD = {
    "law a number": (lambda: run(3.0), TYPE, "`law`", "3.0"),
    "law none": (lambda: run(None), TYPE, "`law`"),
    "law unprintable": (lambda: run(Unprintable()), TYPE, "`law`"),
    "active above 1": (lambda: run(active=1.5), VALUE, "`active`", "1.5"),
    "active below 0": (lambda: run(active=-0.1), VALUE, "`active`", "-0.1"),
    "active NaN": (lambda: run(active=NAN), VALUE, "`active`", "nan"),
    "active a text": (lambda: run(active="0.5"), TYPE, "`active`", "'0.5'"),
    "active a bool": (lambda: run(active=True), TYPE, "`active`", "True"),
    "active a list": (lambda: run(active=[0.5]), TYPE, "`active`"),
    "active steps above 1": (
        lambda: run(active=filling.Steps(time_s=[0, 5], values=[1, 2])),
        VALUE,
        "`active.values[1]`",
        "2.0",
    ),
    "cytosol negative": (lambda: run(cytosol_umol_l=-1), VALUE, "`cytosol_umol_l`", "-1"),
    "cytosol infinite": (lambda: run(cytosol_umol_l=INF), VALUE, "`cytosol_umol_l`"),
    "cytosol of a bare law": (lambda: run(BARE, cytosol_umol_l=1), VALUE, "`cytosol_umol_l`"),
    "time negative": (lambda: run(time_s=[-1]), VALUE, "`time_s[0]`", "-1"),
    "time back": (lambda: run(time_s=[5, 4]), VALUE, "`time_s[1]`", "4.0"),
    "time NaN": (lambda: run(time_s=[0, NAN]), VALUE, "`time_s[1]`"),
    "time a number": (lambda: run(time_s=5.0), TYPE, "`time_s`"),
    "time a text": (lambda: run(time_s="5"), TYPE, "`time_s`"),
    "time a set": (lambda: run(time_s={1.0}), TYPE, "`time_s`"),
    "vesicles negative": (lambda: run(vesicles=-1), VALUE, "`vesicles`", "-1"),
    "vesicles a float": (lambda: run(vesicles=10.0), TYPE, "`vesicles`", "write 10"),
    "vesicles a bool": (lambda: run(vesicles=True), TYPE, "`vesicles`"),
    "start negative": (lambda: run(start=-1), VALUE, "`start`", "-1"),
    "start a float": (lambda: run(start=1.0), TYPE, "`start`", "write 1"),
    "start a word": (lambda: run(start="empty"), VALUE, "`start`", "'empty'"),
    "start too large": (lambda: run(start=2**40), VALUE, "`start`"),
    "start too short": (lambda: run(start=[1, 2]), VALUE, "`start`", "3 vesicles"),
    "start of floats": (lambda: run(start=[1.0, 2.0, 3.0]), TYPE, "`start`"),
    "start one negative": (lambda: run(start=[1, -2, 3]), VALUE, "`start[1]`", "-2"),
    "start above capacity": (
        lambda: run(filling.BirthDeath(birth_per_s=1, death_per_s=1, capacity=5), start=6),
        VALUE,
        "`start`",
        "at most 5",
    ),
    "full without an exit": (
        lambda: run(filling.BirthDeath(birth_per_s=1, death_per_s=0), start="full"),
        VALUE,
        "`start`",
    ),
    "full under saturation": (
        lambda: run(CROWDED, method="ssa", start="full"),
        VALUE,
        "`start`",
        "not linear",
    ),
    "method unknown": (lambda: run(method="saa"), UnknownNameError, "'saa'", "'ssa'"),
    "method without a closed form": (lambda: run(CROWDED), VALUE, "`method`", '"ssa"'),
    "binding unknown": (lambda: run(binding="fats"), UnknownNameError, "'fast'"),
    "binding of a bare law": (lambda: run(BARE, binding="telegraph"), VALUE, "`binding`"),
    "residence without telegraph": (lambda: run(residence_s=5), VALUE, "`residence_s`"),
    "residence zero": (
        lambda: run(binding="telegraph", residence_s=0),
        VALUE,
        "`residence_s`",
        "0",
    ),
    "seed negative": (lambda: run(seed=-1), VALUE, "`seed`", "-1"),
    "seed too large": (lambda: run(seed=2**64), VALUE, "`seed`"),
    "seed a float": (lambda: run(seed=1.5), TYPE, "`seed`", "1.5"),
    "first negative": (lambda: run(first=-1), VALUE, "`first`"),
    "first too large": (lambda: run(first=2**64 - 2), VALUE, "`first`"),
    "keep unknown": (lambda: run(keep="some"), VALUE, "`keep`", "'some'"),
    "keep a class": (lambda: run(keep=filling.Moments), TYPE, "`keep`"),
    "events of the closed form": (lambda: run(keep="events"), VALUE, "`keep=", "ssa"),
    "moments of the mean": (
        lambda: run(method="mean", keep=filling.Moments()),
        VALUE,
        "`keep`",
    ),
    "edges falling": (lambda: filling.Histogram(edges=[2, 1]), VALUE, "`edges[1]`", "1.0"),
    "edges alone": (lambda: filling.Histogram(edges=[2]), VALUE, "`edges`", "two"),
    "edges NaN": (lambda: filling.Histogram(edges=[0, NAN]), VALUE, "`edges[1]`"),
    "steps not from 0": (lambda: filling.Steps(time_s=[1], values=[1]), VALUE, "begin with 0"),
    "steps empty": (lambda: filling.Steps(time_s=[], values=[]), VALUE, "begin with 0"),
    "steps back": (lambda: filling.Steps(time_s=[0, 0], values=[1, 1]), VALUE, "`time_s[1]`"),
    "steps uneven": (lambda: filling.Steps(time_s=[0], values=[1, 2]), VALUE, "`values`"),
    "threads zero": (lambda: run(threads=0), VALUE, "`threads`", "0"),
    "progress a text": (lambda: run(progress="yes"), TYPE, "`progress`"),
    "cancel a bool": (lambda: run(cancel=True), TYPE, "`cancel`"),
    "birth negative": (
        lambda: filling.BirthDeath(birth_per_s=-1, death_per_s=1),
        VALUE,
        "`birth_per_s`",
    ),
    "death infinite": (
        lambda: filling.BirthDeath(birth_per_s=1, death_per_s=INF),
        VALUE,
        "`death_per_s`",
    ),
    "capacity zero": (
        lambda: filling.BirthDeath(birth_per_s=1, death_per_s=1, capacity=0),
        VALUE,
        "`capacity`",
    ),
    "content too large": (
        lambda: run(filling.BirthDeath(birth_per_s=1e14, death_per_s=0.0), time_s=[1e3]),
        VALUE,
        "2^31",
    ),
    "protons three": (lambda: vm.Vesicle(protons_per_amine=3), VALUE, "`protons_per_amine`", "3"),
    "pH 15": (lambda: vm.Vesicle(ph_lumen=15), VALUE, "`ph_lumen`", "15"),
    "Km zero": (lambda: vm.Vesicle(km_umol_l=0), VALUE, "`km_umol_l`", "0"),
    "leak zero": (lambda: vm.Vesicle(leak_half_time_s=0), VALUE, "`leak_half_time_s`", "0"),
    "two sizes": (lambda: vm.Vesicle(diameter_nm=40, volume_l=3e-20), VALUE, "`volume_l`"),
    "diameter a text": (lambda: vm.Vesicle(diameter_nm="40"), TYPE, "`diameter_nm`"),
    "vary a number": (lambda: vm.Vesicle(transporters_vary=1), TYPE, "`transporters_vary`"),
    "law of a crowded vesicle": (CROWDED.law, VALUE, "`law`", "`rates`"),
    "content at active 2": (lambda: VESICLE.content(2), VALUE, "`active`", "2"),
    "unknown amine": (lambda: vm.Vesicle.sources("histamine"), VALUE, "'histamine'"),
    "distribution by ssa": (lambda: law_of(method="ssa"), UnknownNameError, "'ssa'"),
    "distribution of starts": (lambda: law_of(start=[5]), TYPE, "`start`"),
    "distribution with spread": (lambda: law_of(vm.Vesicle(volume_cv=0.2)), VALUE, "`law`"),
    "convolution of telegraph": (
        lambda: law_of(method="convolution", binding="telegraph"),
        VALUE,
        "`method`",
        "uniformisation",
    ),
    "mean with spread": (
        lambda: run(vm.Vesicle(volume_cv=0.2), method="mean"),
        VALUE,
        "`law`",
        "spread",
    ),
    "quantile 2": (lambda: law_of().quantile(2), VALUE, "`share`", "2"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_in_words(name):
    call, kind, *words = BAD[name]
    refuse(call, kind, *words)


GOOD = {
    "no vesicles": lambda: run(vesicles=0),
    "no times": lambda: run(time_s=[]),
    "time zero": lambda: run(time_s=[0]),
    "equal times": lambda: run(time_s=[3, 3]),
    "a range": lambda: run(time_s=range(3)),
    "float32 times": lambda: run(time_s=np.arange(3, dtype=np.float32)),
    "strided times": lambda: run(time_s=np.arange(10.0)[::3]),
    "nothing works": lambda: run(active=0),
    "everything works": lambda: run(active=1),
    "no cytosol": lambda: run(cytosol_umol_l=0),
    "no transporters": lambda: run(vm.Vesicle(transporters=0)),
    "no leak": lambda: run(vm.Vesicle(leak_half_time_s=math.inf)),
    "numpy scalars": lambda: run(active=np.float32(0.5), vesicles=np.int8(3), seed=np.uint64(5)),
    "starts of int64": lambda: run(start=np.array([1, 2, 3])),
    "the last seed": lambda: run(seed=2**64 - 1),
    "the last rows": lambda: run(first=2**64 - 4),
    "always blocked, telegraph": lambda: run(active=0, binding="telegraph"),
    "never blocked, telegraph": lambda: run(active=1, binding="telegraph"),
    "molecule by molecule": lambda: run(method="ssa", time_s=[0, 0, 5]),
    "all lost": lambda: run(active=0, binding="irreversible", start=5),
    "no rates at all": lambda: run(filling.BirthDeath(birth_per_s=0, death_per_s=0), method="ssa"),
    "tiny rates": lambda: run(
        filling.BirthDeath(birth_per_s=1e-300, death_per_s=1e-300), method="ssa", start=7
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_input_is_not_refused(name):
    assert GOOD[name]().molecules.dtype == np.uint32


def test_the_arrays_are_frozen_and_survive_a_pickle():
    fill = run(keep="events", method="ssa")
    again = pickle.loads(pickle.dumps(fill))
    np.testing.assert_array_equal(again.molecules, fill.molecules)
    for array in (fill.molecules, fill.event_time_s, again.molecules, fill.time_s):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    assert again.provenance == fill.provenance
    assert fill.provenance["law"]["km_umol_l"] == 1.4


def test_an_event_rate_that_outruns_the_clock_is_an_error():
    drive = filling.Steps(time_s=[0, 1e9], values=[0, 1])
    fast = filling.BirthDeath(birth_per_s=1e14, death_per_s=1e15)
    with pytest.raises(vm.errors.SolverError, match="too fast for the clock"):
        run(fast, active=drive, time_s=[1e9 + 1], method="ssa")


def test_what_cannot_fit_is_refused_and_says_what_to_keep_instead():
    with pytest.raises(MemoryLimitError, match=r"keep Moments\(\)"):
        run(vesicles=10**12)
    with pytest.raises(MemoryLimitError):
        run(vesicles=2**62)
    with pytest.raises(MemoryLimitError):
        law_of(
            filling.BirthDeath(birth_per_s=1e6, death_per_s=1e-3),
            time_s=np.arange(1, 20_000.0),
            start=2_000_000,
        )


def test_memory_of_the_contents_is_what_was_claimed():
    tracemalloc.start()
    fill = run(BARE, vesicles=1_000_000, time_s=[1.0, 2.0])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    claimed = 1_000_000 * 2 * 4
    assert fill.molecules.nbytes == claimed
    assert claimed <= peak < 1.1 * claimed


def test_a_token_stops_every_method():
    token = vm.CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        run(cancel=token)


@pytest.mark.parametrize("method", ["ssa", "closed_form", "mean", "distribution"])
def test_a_token_stops_a_long_call_of_every_method_soon(method):
    call = law_of if method == "distribution" else run
    long = {"time_s": np.linspace(1, 1e7, 400), "binding": "telegraph", "residence_s": 0.01}
    if method != "distribution":
        long |= {"method": method, "vesicles": 10_000}
    stopped = stopped_after_s(
        lambda token: call(cancel=token, active=0.5, **long), used_after_s=0.2
    )
    assert stopped < 0.4
