"""The folder of a proxy study: whose it is, and what is written into it."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nas.comparison.proxy import Agreement, Coefficient
from nas.errors import UserError
from nas.evaluators.child import write_json
from nas.noise.proxy_study import SETTINGS, ProxyResult
from nas.reporting.drawings import scatter, svg
from nas.reporting.png import png
from nas.reporting.rendering import render
from nas.reporting.writing import write_whole
from nas.search.identity import differences
from nas.search.journal import FILE_NAME as JOURNAL

FILE_NAME, TABLE, FIGURE, PAGE = "proxy.json", "proxy.csv", "proxy.svg", "proxy.html"
FORMAT, VERSION = "nas-proxy-study", 1


def keep_identity(folder: Path, identity: Mapping[str, Any]) -> None:
    """Writes what the study is of, or checks that the folder says the same.

    Raises:
        UserError: the folder is of another proxy study or of a search, or cannot be read or written.
    """
    path = folder / FILE_NAME
    if (folder / JOURNAL).exists():
        raise UserError(f"{folder} is the folder of a search, a proxy study needs another: out=NAME")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if (found["format"], found["version"]) != (FORMAT, VERSION):
            raise UserError(f"{path} is no proxy study of this version of nas")
        changed = differences(found["identity"], identity)
    except FileNotFoundError:
        write_json(path, {"format": FORMAT, "version": VERSION, "identity": identity})
        return
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"the proxy study {path} cannot be read: {error!r}") from error
    if changed:
        raise UserError(
            f"{folder} holds another proxy study, which differs in {'; '.join(changed)}: choose another out=NAME"
        )


def write_result(folder: Path, result: ProxyResult) -> Path:
    """Writes table, figure and page; returns the page.

    Raises:
        UserError: one cannot be written.
    """
    drawing = scatter.drawing(scatter_of(result))
    file = svg.file(drawing)
    page = render("proxy.html.j2", proxy=result, figure=drawing, coefficient=coefficient)
    table = io.StringIO(newline="")
    csv.writer(table).writerows(_rows(result))
    image = png(file)
    try:
        write_whole(folder / TABLE, table.getvalue().encode())
        write_whole(folder / FIGURE, file.encode())
        if image is not None:
            write_whole((folder / FIGURE).with_suffix(".png"), image)
        write_whole(folder / PAGE, page.encode())
    except OSError as error:
        raise UserError(f"the proxy study {folder} cannot be written: {error.strerror}") from error
    return folder / PAGE


def summary(result: ProxyResult) -> str:
    """Lines for a terminal."""
    seeds = result.values["final"].shape[1]
    lines = [
        f"{len(result.members)} genomes of {result.run}, {seeds} evaluations each by its settings (proxy) and with "
        f"{', '.join(result.final)} (final); validation accuracy; 95 % by bootstrap over genomes."
    ]
    for name, found in result.agreements.items():
        lines.append(f"{name} ({found.genomes}): {sentence(found)}")
    lines += [f"Left out, as not all its evaluations ended well: {name}" for name in result.missing]
    return "\n".join(lines)


def sentence(found: Agreement) -> str:
    """One agreement in words."""
    parts = [
        f"Spearman {coefficient(found.spearman)}",
        f"Kendall {coefficient(found.kendall)}",
        f"regret {found.regret:.4f}",
    ]
    if found.noise is not None and found.ceiling is not None:
        parts.append(f"seed to seed {found.noise:.2f}, so at most about {found.ceiling:.2f}")
    return "; ".join(parts)


def coefficient(found: Coefficient) -> str:
    if found.value is None:
        return "undefined"
    interval = "" if found.interval is None else f" ({found.interval[0]:.2f} to {found.interval[1]:.2f})"
    return f"{found.value:.2f}{interval}"


def scatter_of(result: ProxyResult) -> scatter.ScatterFigure:
    """The means of every genome."""
    proxy, final = (result.values[setting].mean(axis=1) for setting in SETTINGS)
    points = [
        scatter.Point(
            x=float(left),
            y=float(right),
            random=member.fitness is None,
            title=f"{member.name} · proxy {left:.4f} · final {right:.4f}",
        )
        for member, left, right in zip(result.members, proxy, final, strict=True)
    ]
    overall = result.agreements["all"]
    chosen, best = int(proxy.argmax()), int(final.argmax())
    return scatter.ScatterFigure(
        points=points,
        across="validation accuracy by the search's settings",
        up=f"validation accuracy with {', '.join(result.final)}",
        marked={chosen: "the proxy's choice"} if chosen == best else {chosen: "the proxy's choice", best: "best"},
        note=f"Spearman {coefficient(overall.spearman)}, Kendall {coefficient(overall.kendall)}",
    )


def _rows(result: ProxyResult) -> Iterator[list[Any]]:
    seeds = result.values["final"].shape[1]
    each = [f"{setting} {index}" for setting in SETTINGS for index in range(seeds)]
    yield ["name", "origin", "selected", *SETTINGS, *each]
    for place, member in enumerate(result.members):
        own = [result.values[setting][place] for setting in SETTINGS]
        values = [float(value) for row in own for value in row]
        selected = "" if member.fitness is None else member.fitness
        yield [member.name, member.origin, selected, *(float(row.mean()) for row in own), *values]
