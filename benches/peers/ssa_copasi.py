"""Event by event with COPASI's direct method."""

from collections.abc import Callable

import COPASI
import numpy as np

from .contest import Contender
from .filling_problem import END_S, Problem
from .sbml_filling import model


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    data = COPASI.CRootContainer.addDatamodel()
    data.importSBMLFromString(model(problem))
    data.getModel().setQuantityUnit("#")
    task = data.getTask("Time-Course")
    task.setMethodType(COPASI.CTaskEnum.Method_directMethod)
    settings = task.getProblem()
    settings.setAutomaticStepSize(False)
    settings.setDuration(END_S)
    settings.setStepNumber(1)
    settings.setTimeSeriesRequested(True)
    method = task.getMethod()
    method.getParameter("Max Internal Steps").setIntValue(100_000_000)
    method.getParameter("Use Random Seed").setBoolValue(True)
    seed = method.getParameter("Random Seed")

    def call() -> np.ndarray:
        first = next(problem.seeds) * 100_003
        out = np.empty(problem.vesicles, np.int64)
        for vesicle in range(problem.vesicles):
            seed.setUIntValue((first + vesicle) % 2**31)
            if not task.process(True):
                raise RuntimeError(COPASI.CCopasiMessage.getAllMessageText())
            series = task.getTimeSeries()
            columns = {series.getTitle(i): i for i in range(series.getNumVariables())}
            out[vesicle] = round(series.getConcentrationData(1, columns["N"]))
        return out

    return call


CONTENDERS = (
    Contender(
        name="COPASI direct method",
        prepare=prepare,
        packages=("python-copasi",),
        size=500,
        all_threads=False,
    ),
)
