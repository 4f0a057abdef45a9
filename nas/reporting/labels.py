"""Numbers, durations and individuals as people read them."""

from collections.abc import Mapping
from typing import Any

from nas.search.individual import Individual, State

_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def count(value: float) -> str:
    """12345 -> "12,345"."""
    return f"{value:,.0f}"


def plural(number: int, word: str) -> str:
    """1, "child" -> "1 child"; the plural is the word with an s."""
    return f"{count(number)} {word}{'' if number == 1 else 's'}"


def quantity(value: Any) -> str:
    """Three digits and a unit: 3165090 -> "3.17 M"; what is no number is shown as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    size, letter = unit(value)
    if not letter:
        return f"{value:.4g}"
    scaled = value / size
    return f"{scaled:,.{2 if abs(scaled) < 10 else 1 if abs(scaled) < 100 else 0}f} {letter}"


def unit(value: float) -> tuple[float, str]:
    """The size and letter of the unit that suits a value: 3165090 -> (1e6, "M"); (1, "") below a thousand."""
    return next((entry for entry in _UNITS if abs(value) >= entry[0]), (1.0, ""))


def fitness(value: float | None) -> str:
    """Four decimals: accuracies are fractions."""
    return "" if value is None else f"{value:.4f}" if abs(value) < 1000 else f"{value:.6g}"


def change(value: float) -> str:
    """A difference of fitness with its sign: -0.00412 -> "−0.0041"."""
    text = fitness(abs(value))
    return text if not text.strip("0.") else f"{'−' if value < 0 else '+'}{text}"


def percent(share: float) -> str:
    """0.0984 -> "9.8 %"; below one percent two digits."""
    value = 100 * share
    return f"{value:.1f} %".replace(".0 %", " %") if value >= 0.995 else f"{value:.2g} %"


def duration(seconds: float) -> str:
    """The two largest units: 7384 -> "2 h 3 min"; below a tenth of a second, 0.0452 -> "45 ms"."""
    if 0 < seconds < 0.1:
        return f"{1000 * seconds:.2g} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    total = round(seconds)
    parts = ((total // 86400, "d"), (total // 3600 % 24, "h"), (total // 60 % 60, "min"), (total % 60, "s"))
    first = next(index for index, (amount, _) in enumerate(parts) if amount)
    return " ".join(f"{amount} {unit}" for amount, unit in parts[first : first + 2] if amount)


def origin(individual: Individual) -> str:
    """How the individual came to be: its mutation and parents, the policy it was drawn from, or "random"."""
    if "updates" in individual.record:
        return f"policy after {plural(individual.record['updates'], 'update')}"
    if not individual.parents:
        return "random"
    name = individual.mutation.name.replace("_", " ") if individual.mutation else "child"
    return f"{name} of {', '.join(map(str, individual.parents))}"


def details(values: Mapping[str, Any]) -> str:
    """A mutation's details in one line, numbers with three digits."""
    return ", ".join(f"{key} {_detail(value)}" for key, value in values.items() if value is not None)


def _detail(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, Mapping):
        return details(value)
    return "; ".join(map(_detail, value)) if isinstance(value, list) else str(value)


def mark_title(individual: Individual) -> str:
    """One line for hovering over a mark."""
    outcome = "failed" if individual.state is State.FAILED else fitness(individual.fitness)
    reduced = f" at {individual.fidelity}" if individual.fidelity else ""
    return f"#{individual.number} · {outcome}{reduced} · {origin(individual)}"
