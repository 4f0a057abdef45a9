"""The driver stays light, and imports go one way."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("torch", "torchvision", "pytorch_lightning", "wandb", "sklearn")
LIGHT = (
    "nas",
    "nas.evolve",
    "nas.report",
    "nas.search.run",
    "nas.algorithms.evolution",
    "nas.algorithms.random_search",
    "nas.search_spaces.bits",
    "nas.search_spaces.cells",
    "nas.search_spaces.cell_cost",
    "nas.search_spaces.dna",
    "nas.search_spaces.nasbench201",
    "nas.algorithms.tournament",
    "nas.algorithms.survival",
    "nas.comparison.arms",
    "nas.comparison.bands",
    "nas.comparison.statistics",
    "nas.comparison.noise",
    "nas.comparison.proxy",
    "nas.noise.proxy_folder",
    "nas.noise.reevaluation",
    "nas.recorded_evaluator",
    "nas.recorded_network",
    "nas.comparison.page",
    "nas.networks.dna_network_spec",
    "nas.evaluators.table",
    "nas.evaluators.recorded_table",
    "nas.tables.export",
    "nas.tables.nasbench201",
    "nas.networks.cell_network_spec",
    "nas.networks.zoo",
    "nas.training.recipe",
    "nas.data.digits",
    "nas.data.image_folder",
    "nas.metrics.auroc",
    "nas.metrics.macro_f1",
    "nas.evaluators.train",
    "nas.reporting.report",
    "nas.serving.serve",
    "nas.retrain",
    "nas.preflight",
    "nas.prepare",
    "nas.preparing.preparation",
    "nas.data.imagenet",
    "nas.estimated",
    "nas.estimating.dry_run",
    "nas.estimating.kept",
    "nas.estimating.words",
    "nas.preflight_job",
    "nas.export",
    "nas.predict",
    "nas.retraining.retraining",
    "nas.retraining.card",
    "nas.retraining.page",
    "nas.retraining.places",
    "nas.application",
    "nas.tracking.console",
    "nas.tracking.guard",
    "nas.tracking.rows",
    "nas.tracking.afterwards",
    "nas.track",
    "nas_launchers.pool",
    "nas_launchers.slot",
    "nas_launchers.start",
    "nas_launchers.submitit_executor",
    "nas_launchers.packed_executor",
    "nas_launchers.inline",
    "nas_launchers.build",
    "hydra_plugins.nas_launcher.launcher",
)
ABOVE = {  # a package, and what it must not import
    "search_spaces": ("algorithms", "search", "evaluators", "networks", "training", "data"),
    "algorithms": ("search", "evaluators", "networks", "training", "data"),
    "search": ("networks", "training", "data", "reporting", "retraining", "serving"),
    "networks": ("training", "evaluators", "algorithms", "search", "data"),
    "training": ("evaluators", "algorithms", "search"),
    "metrics": ("networks", "training", "data", "evaluators", "search", "algorithms", "search_spaces"),
    "data": ("networks", "training", "evaluators", "search", "algorithms"),
    "tables": ("algorithms", "networks", "training", "data", "reporting", "retraining", "comparison"),
    "evaluators": ("search", "algorithms", "reporting", "retraining"),
    "reporting": ("retraining", "networks", "training", "serving", "watching"),
    "watching": ("reporting", "serving", "networks", "training"),
    "serving": ("retraining", "networks", "training", "evaluators", "algorithms", "comparison"),
    "retraining": ("algorithms", "comparison"),
    "estimating": ("networks", "retraining", "comparison", "serving", "watching", "tracking"),
    "comparison": ("networks", "training", "evaluators", "retraining"),
}


def loaded(code: str) -> set[str]:
    code = f"import nas, sys\n{code}\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("module", LIGHT)
def test_the_drivers_modules_load_nothing_heavy(module: str) -> None:
    assert loaded(f"import {module}") == set()


@pytest.mark.parametrize(
    "entry",
    ["evolve", "report", "retrain", "export", "predict", "ensemble", "compare", "table", "status", "track", "prepare"],
)
def test_help_loads_no_torch(entry: str) -> None:
    code = f"from nas.{entry} import main\nsys.argv = ['nas.{entry}', '--help']\ntry: main()\nexcept SystemExit: pass"
    assert loaded(code) == set()


def test_a_whole_search_without_a_tracker_loads_nothing_heavy(tmp_path: Path) -> None:
    words = ["experiment=toy", "budget.evaluations=3", f"run={tmp_path}/run", "progress=none"]
    code = f"from nas.evolve import main\nsys.argv = ['nas.evolve', *{words!r}]\nmain()"
    assert loaded(code) == set()


@pytest.mark.parametrize("package", ABOVE)
def test_imports_go_one_way(package: str) -> None:
    wrong = []
    for path in (ROOT / "nas" / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            wrong += [
                (path.name, name) for name in names if name.startswith(tuple(f"nas.{a}." for a in ABOVE[package]))
            ]
    assert not wrong


def test_launchers_know_nothing_of_nas() -> None:
    for path in (ROOT / "launchers").rglob("*.py"):
        text = path.read_text()
        assert "from nas." not in text
        assert "import nas." not in text


def naming(word: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / "nas").rglob("*.py") if word in path.read_text()}


def test_only_final_reports_read_the_sealed_file() -> None:
    assert naming("sealed.json") == {"nas/evaluators/child.py"}
    assert naming("SEALED_FILE") == {"nas/evaluators/child.py", "nas/evaluators/train.py", "nas/search/sealed.py"}
    assert naming("sealed_accuracy(") == {
        "nas/search/sealed.py",
        "nas/comparison/finals.py",
        "nas/reporting/figures/tested.py",
        "nas/tables/export.py",
    }
