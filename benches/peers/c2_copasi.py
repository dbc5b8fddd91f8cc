"""C2 with COPASI's Python binding: an SBML model, the doses as its event, LSODA."""

from collections.abc import Callable

import COPASI
import numpy as np

from .contest import Contender
from .sbml_c2 import model
from .work_c2 import TYPICAL, Problem

TOLERANCE = 1e-7


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    data = COPASI.CRootContainer.addDatamodel()
    data.importSBMLFromString(model())
    system = data.getModel()
    values_by_name = {
        value.getSBMLId(): value
        for value in (system.getModelValue(i) for i in range(system.getNumModelValues()))
    }
    inputs = [values_by_name[name] for name in TYPICAL]
    changed = COPASI.ObjectStdVector()
    for value in inputs:
        changed.append(value.getInitialValueReference())

    task = data.getTask("Time-Course")
    settings = task.getProblem()
    settings.setAutomaticStepSize(False)
    settings.setDuration(float(problem.time_h[-1]))
    settings.setStepNumber(problem.time_h.size - 1)
    settings.setTimeSeriesRequested(True)
    method = task.getMethod()
    method.getParameter("Relative Tolerance").setDblValue(TOLERANCE)
    method.getParameter("Absolute Tolerance").setDblValue(TOLERANCE)
    method.getParameter("Max Internal Steps").setIntValue(1_000_000)

    reads = range(problem.time_h.size)

    def call() -> np.ndarray:
        out = np.empty(problem.shape)
        for subject, parameters in enumerate(zip(*problem.parameters, strict=True)):
            for value, number in zip(inputs, parameters, strict=True):
                value.setInitialValue(float(number))
            system.updateInitialValues(changed)
            if not task.process(True):
                raise RuntimeError(COPASI.CCopasiMessage.getAllMessageText())
            series = task.getTimeSeries()
            columns = {series.getTitle(i): i for i in range(series.getNumVariables())}
            volumes = problem.central_volume[subject], problem.metabolite_volume[subject]
            for moiety, name in enumerate(("parent", "metabolite")):
                column = columns[name]
                amounts = [series.getConcentrationData(read, column) for read in reads]
                out[subject, moiety] = np.array(amounts) / volumes[moiety]
        return out

    return call


CONTENDERS = (
    Contender(
        name="COPASI LSODA",
        prepare=prepare,
        packages=("python-copasi", "numpy"),
        size=100,
        all_threads=False,
        note=f"rtol and atol {TOLERANCE:g}; doses as an SBML event",
    ),
)
