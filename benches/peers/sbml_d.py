"""The model of D in SBML: rate rules, written from the very text of `work_d.rates`."""

import ast
import inspect

from . import work_d
from .sbml_c1 import MATHML, TIME, parameter

PARAMETERS = tuple(work_d.TYPICAL)
_OPERATORS = {ast.Add: "plus", ast.Sub: "minus", ast.Mult: "times", ast.Div: "divide"}


def _function() -> ast.FunctionDef:
    body = ast.parse(inspect.getsource(work_d.rates)).body[0]
    assert isinstance(body, ast.FunctionDef)
    return body


STATE_NAMES = tuple(argument.arg for argument in _function().args.args[: work_d.STATES])


def mathml(node: ast.expr, known: dict[str, ast.expr]) -> str:
    """Arithmetic as MathML; names that are known are put in, `p[i]` is a parameter's name."""
    match node:
        case ast.BinOp():
            sides = mathml(node.left, known) + mathml(node.right, known)
            return f"<apply><{_OPERATORS[type(node.op)]}/>{sides}</apply>"
        case ast.Constant():
            return f"<cn>{node.value!r}</cn>"
        case ast.Subscript():
            assert isinstance(node.slice, ast.Constant)
            return f"<ci>{PARAMETERS[node.slice.value]}</ci>"
        case ast.Name():
            return mathml(known[node.id], known) if node.id in known else f"<ci>{node.id}</ci>"
    raise ValueError(ast.dump(node))


def _decay(amplitude: str, rate: str) -> str:
    power = f"<apply><minus/><apply><times/><ci>{rate}</ci>{TIME}</apply></apply>"
    return f"<apply><times/><ci>{amplitude}</ci><apply><exp/>{power}</apply></apply>"


def _rule(kind: str, variable: str, content: str) -> str:
    return f'<{kind} variable="{variable}"><math {MATHML}>{content}</math></{kind}>'


def model() -> str:
    """SBML level 3 version 1."""
    *steps, last = _function().body
    known = {
        step.targets[0].id: step.value
        for step in steps
        if isinstance(step, ast.Assign) and isinstance(step.targets[0], ast.Name)
    }
    assert isinstance(last, ast.Return)
    assert isinstance(last.value, ast.Tuple)
    rules = [
        _rule(
            "assignmentRule",
            "active",
            "<apply><divide/><cn>1</cn><apply><plus/><cn>1</cn>"
            + _decay("slow", "elimination_per_h")
            + _decay("fast", "absorption_per_h")
            + "</apply></apply>",
        )
    ]
    rules += [
        _rule("rateRule", name, mathml(slope, known))
        for name, slope in zip(STATE_NAMES, last.value.elts, strict=True)
    ]
    values = [parameter(name, value) for name, value in work_d.TYPICAL.items()]
    values += [parameter(name, 0.0) for name in ("slow", "fast")]
    values += [parameter("active", 1.0, constant=False)]
    values += [
        parameter(name, value, constant=False)
        for name, value in zip(STATE_NAMES, work_d.GUESS, strict=True)
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">'
        '<model id="dopamine_terminal"><listOfParameters>'
        + "".join(values)
        + "</listOfParameters><listOfRules>"
        + "".join(rules)
        + "</listOfRules></model></sbml>"
    )
