"""What mutations did, who took over, and what a change of fan-in did, as tables."""

from nas.reporting import labels
from nas.reporting.drawings.estimates import in_two_lines
from nas.reporting.figures.fan_in import FanInFigure
from nas.reporting.figures.operators import OperatorsFigure
from nas.reporting.figures.takeover import Holder, TakeoverFigure
from nas.reporting.table import Table


def operators_table(figure: OperatorsFigure) -> Table:
    """A row for each mutation, in the order of the figure; columns of what never happened are left out."""
    columns = {
        "mutation": lambda operator: operator.name,
        "children": lambda operator: labels.count(operator.told),
        "change": lambda operator: in_two_lines(operator.change),
        "median": lambda operator: "–" if operator.median is None else labels.change(operator.median),
        "against identity": lambda operator: in_two_lines(operator.added),
        "fitter than parent": lambda operator: in_two_lines(operator.fitter, labels.percent),
        "best so far": lambda operator: _part(operator.records, operator.told),
        "diverged": lambda operator: _part(operator.diverged, operator.told),
        "with diverged": lambda operator: _number(operator.change_of_all),
        "failed": lambda operator: _part(operator.failed, operator.told + operator.failed),
    }
    hidden = {
        "against identity": figure.identity is None,
        "diverged": not any(operator.diverged for operator in figure.operators),
        "with diverged": all(operator.compared == operator.told for operator in figure.operators),
        "failed": not any(operator.failed for operator in figure.operators),
    }
    shown = {name: cell for name, cell in columns.items() if not hidden.get(name)}
    return Table(list(shown), [[cell(operator) for cell in shown.values()] for operator in figure.operators])


def holders_table(figure: TakeoverFigure) -> Table:
    """A row for each record holder; the first column is the number."""
    head = ["record holder", "told as", "fitness", "rise", "half after", "all after", "at the end"]
    rows = [
        [
            str(holder.number),
            labels.count(holder.place),
            labels.fitness(holder.fitness),
            "–" if holder.rise is None else labels.change(holder.rise),
            _wait(holder.half, holder),
            _wait(holder.whole, holder),
            labels.percent(holder.share),
        ]
        for holder in figure.holders
    ]
    return Table(head, rows)


def fan_in_table(figure: FanInFigure) -> Table:
    """A row for each cell and what became of its fan-in."""
    rows = [
        [f"{cell.name} cell", group.name, labels.count(group.count), in_two_lines(group.mean)]
        for cell in figure.cells
        for group in cell.by_change
    ]
    return Table(["cell", "its fan-in was", "children", "change"], rows)


def _number(value: float | None) -> str:
    return "–" if value is None else labels.change(value)


def _part(part: int, whole: int) -> str:
    return f"{labels.count(part)}\n{labels.percent(part / whole)}" if part else "0"


def _wait(evaluations: int | None, holder: Holder) -> str:
    if evaluations is not None:
        return labels.count(evaluations)
    return "not yet" if holder.share else "never"
