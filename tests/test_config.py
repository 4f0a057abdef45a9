"""Every option of every group composes and makes its object; every experiment runs in a shrunk form."""

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from nas_launchers.build import launcher_kind
from omegaconf import OmegaConf
from PIL import Image

from nas.application import build, config_folder
from nas.comparison.study import Study
from nas.comparison.tuning import Tuning
from nas.errors import UserError
from nas.evolve import build_parts
from nas.preflight import check_launcher
from nas.search.identity import identity_of
from nas.study_searches import compose_search
from tests.helpers.tables import tables
from tests.test_contracts import recorded

GROUPS = (
    "search_space",
    "algorithm",
    "evaluator",
    "dataset",
    "metric",
    "network",
    "training",
    "hardware",
    "tracker",
    "experiment",
)
STUDIES = ("compare_", "ablate_")  # experiments of nas.compare
OPTIONS = [
    (group, path.stem)
    for group in GROUPS
    for path in sorted((config_folder() / group).glob("*.yaml"))
    if not path.stem.startswith(STUDIES)
]
LAUNCHER_FILES = sorted((config_folder() / "hydra" / "launcher").glob("*.yaml"))
LAUNCHERS = ["submitit_local", "submitit_slurm", *(path.stem for path in LAUNCHER_FILES)]
SITES = [path.stem for path in LAUNCHER_FILES if "- submitit_slurm\n" in path.read_text()]
SMALL_IMAGENET = [
    "dataset.fraction=1.0",
    "dataset.num_valid=6",
    "dataset.image_size=32",
    "network=tiny",
    "training.epochs=1",
    "training.batch_size=6",
]
ROOT = Path(__file__).resolve().parent.parent


def composed(*overrides: str) -> Any:
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        return compose("config", overrides=list(overrides))


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_an_option_composes_and_makes_its_object(group: str, option: str) -> None:
    config = composed(*([] if option == "null" else [f"{group}={option}"]))
    if group in ("algorithm", "evaluator"):
        if option == "train":
            config.dataset = composed("dataset=digits").dataset
        if option == "function":
            config.evaluator.function = "math.hypot"
        if option == "table":
            config.evaluator.path = str(tables() / "nasbench201.npz")
        if option == "recorded_table":
            config.evaluator.path = str(recorded())
        fitting = {"toy": "bits", "table": "nasbench201", "recorded_table": "bits"}.get(option, "cells")
        bits = ["search_space.num_bits=4"] if option == "recorded_table" else []
        space = build(composed(f"search_space={fitting}", *bits).search_space, "space")
        build(config[group], group, space=space)
    elif group == "dataset":
        for key in ("path", "root"):  # a user's own
            if OmegaConf.is_missing(config.dataset, key):
                config.dataset[key] = "somewhere"
        build(config.dataset, group)
    elif group == "experiment":
        if OmegaConf.is_missing(config.dataset, "root"):  # a user's own
            config.dataset.root = "somewhere"
        space = build(config.search_space, "search_space")
        build(config.algorithm, "algorithm", space=space)
        for part in ("dataset", "network", "training", "hardware"):
            build(config[part], part)
    elif "_target_" in (config[group] or {}):
        build(config[group], group)


PROXY = {"dataset.image_size": 64, "dataset.fraction": 0.1, "training.epochs": 10, "budget.evaluations": 1000}


@pytest.mark.parametrize(
    ("overrides", "changes"),
    [
        ([], {}),
        (["dataset.image_size=32", "dataset.fraction=1.0"], {"dataset.image_size": 32, "dataset.fraction": 1.0}),
        (["budget.evaluations=7", "training.epochs=3"], {"budget.evaluations": 7, "training.epochs": 3}),
        (["training=tiny"], {"training.epochs": 3}),
        (["experiment=aging_imagenet"], {}),
        (
            ["experiment=imagenet_full"],
            {
                "dataset.image_size": 224,
                "dataset.fraction": 1.0,
                "training.epochs": 25,
                "budget.evaluations": 20000,
            },
        ),
        (["dataset=cifar10"], {"dataset.image_size": None, "dataset.fraction": 1.0, "training.epochs": 25}),
    ],
)
def test_imagenet_alone_selects_a_proxy_that_every_override_beats(
    overrides: list[str], changes: dict[str, Any]
) -> None:
    config = composed("dataset=imagenet", *overrides)
    for key, value in (PROXY | changes).items():
        assert OmegaConf.select(config, key) == value
    if not overrides:
        assert config.dataset.num_valid == 50000


def test_retraining_on_imagenet_takes_all_of_it() -> None:
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("retrain", overrides=["dataset=imagenet", "training=search"])
    assert (config.dataset.image_size, config.dataset.fraction, config.training.epochs) == (224, 1.0, 25)


@pytest.mark.parametrize(("size", "stem"), [(64, "cifar"), (224, "imagenet")])
def test_the_stem_follows_from_the_size_of_the_images(size: int, stem: str) -> None:
    config = composed("dataset=imagenet", f"dataset.image_size={size}")
    network, space = build(config.network, "network"), build(config.search_space, "search_space")
    stack = network.stack(space.architecture(space.initial(Random(0))), (3, size, size))
    assert stack.stem == stem


@pytest.mark.parametrize("group", ["dataset", "network", "training", "hardware", "search_space"])
def test_retraining_takes_every_option(group: str) -> None:
    for option in [name for kind, name in OPTIONS if kind == group]:
        with initialize_config_dir(str(config_folder()), version_base="1.3"):
            config = compose("retrain", overrides=[f"{group}={option}"], return_hydra_config=True)
        assert "_target_" in config[group]
        assert config.hydra.launcher.timeout_min == config.hardware.timeout_min == 1440


@pytest.mark.parametrize("launcher", LAUNCHERS)
@pytest.mark.parametrize("hardware", ["auto", "cpu", "gpu", "site_example"])
def test_launchers_take_their_resources_from_hardware(launcher: str, hardware: str) -> None:
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose(
            "config", overrides=[f"hydra/launcher={launcher}", f"hardware={hardware}"], return_hydra_config=True
        )
    assert config.hydra.launcher.timeout_min == config.hardware.timeout_min
    assert config.hydra.launcher.mem_gb == config.hardware.mem_gb
    assert config.hydra.launcher.gpus_per_node == config.hardware.gpus_per_node


@pytest.mark.parametrize("launcher", ["submitit_slurm", *SITES])
@pytest.mark.parametrize("entry", ["config", "retrain"])
def test_a_sites_launcher_keeps_the_fields_of_slurm_and_passes_before_a_job(launcher: str, entry: str) -> None:
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose(entry, overrides=[f"hydra/launcher={launcher}"], return_hydra_config=True)
    node = OmegaConf.to_container(config.hydra.launcher, resolve=True)
    assert launcher_kind(config.hydra.launcher) == "submitit_slurm"
    assert isinstance(node, dict)
    check_launcher(
        "submitit_slurm", {str(key): value for key, value in node.items()}, build(config.hardware, "hardware")
    )


def tree(root: Path) -> Path:
    rng = np.random.default_rng(0)
    for split, count in (("train", 6), ("val", 2)):
        for wnid in range(3):
            folder = root / split / f"n{wnid:08d}"
            folder.mkdir(parents=True)
            for image in range(count):
                Image.fromarray(rng.integers(0, 255, (40, 50, 3), dtype=np.uint8)).save(folder / f"{image}.JPEG")
    return root


def small_cifar(root: Path, name: str = "cifar10") -> Path:
    """A file of CIFAR's shape, of noise: 50,000 images, as its reader checks their number."""
    name, classes = ("cifar100", 100) if name == "cifar100" else ("cifar10", 10)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (50_000, 32, 32, 3), dtype=np.uint8)
    labels = np.arange(50_000) % classes
    np.savez(root / f"{name}.npz", x_train=images, y_train=labels, x_test=images[:1000], y_test=labels[:1000])
    return root


def run(tmp_path: Path, *overrides: str) -> None:
    from tests_cli import evolve

    from nas import History

    done = evolve("budget.evaluations=2", "hardware.workers=1", f"run={tmp_path}/run", *overrides)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(History.load(tmp_path / "run").told) == 2


@pytest.mark.parametrize("experiment", [option for group, option in OPTIONS if group == "experiment"])
def test_an_experiment_runs_shrunk(tmp_path: Path, experiment: str) -> None:
    if experiment == "toy":
        run(tmp_path, "experiment=toy")
    elif experiment == "demo":
        run(tmp_path, "experiment=demo", "dataset.fraction=0.1", "training.epochs=1")
    elif experiment == "nasbench201":
        run(tmp_path, f"experiment={experiment}", f"evaluator.path={tables() / 'nasbench201.npz'}")
    elif experiment in ("aging_imagenet", "imagenet_full"):
        here = ["hydra/launcher=local", f"dataset.root={tree(tmp_path / 'set')}", *SMALL_IMAGENET]
        run(tmp_path, f"experiment={experiment}", *here)
    elif experiment == "my_images":
        here = [f"dataset.root={tree(tmp_path / 'set')}", "dataset.image_size=16", "training.epochs=1", "retrain=null"]
        run(tmp_path, f"experiment={experiment}", "network.filters=4", *here)
    elif experiment == "large_scale_demo":
        run(tmp_path, f"experiment={experiment}", "dataset.fraction=0.1", "training.steps=3")
    elif experiment.startswith("large_scale"):
        shrunk = ["dataset.fraction=0.003", "dataset.num_valid=100", "training.steps=3"]
        where = small_cifar(tmp_path, experiment.rpartition("_")[2])
        run(tmp_path, f"experiment={experiment}", f"dataset.root={where}", *shrunk)
    else:
        shrunk = ["dataset.fraction=0.003", "dataset.num_valid=100", "training.epochs=1", "training.batch_size=32"]
        where = f"dataset.root={small_cifar(tmp_path)}"
        run(tmp_path, f"experiment={experiment}", "network=tiny", where, *shrunk)


def test_an_unknown_argument_is_told_in_one_sentence() -> None:
    config = composed("search_space=bits", "+search_space.colour=red")
    with pytest.raises(UserError, match="colour"):
        build(config.search_space, "search_space")


STUDY_NAMES = [
    path.stem for path in sorted((config_folder() / "experiment").glob("*.yaml")) if path.stem.startswith(STUDIES)
]


@pytest.mark.parametrize("name", STUDY_NAMES)
def test_every_arm_of_a_study_composes_and_makes_its_parts(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "compare_appendix_a":  # a set of the user's own
        images, labels = np.zeros((6000, 8, 8), np.uint8), np.arange(6000) % 10
        np.savez(tmp_path / "gray_imagenet.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
        monkeypatch.setenv("NAS_DATA", str(tmp_path))
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("compare", overrides=[f"experiment={name}"])
    assert config.out == name
    plain: Any = OmegaConf.to_container(config.compare, resolve=True)
    also, tune, _ = plain.pop("also"), plain.pop("tune"), plain.pop("reevaluate")
    table = [f"evaluator.path={tables() / 'nasbench201.npz'}"] if "nasbench201" in str(plain["base"]) else []
    study = Study(**{**plain, "base": [*plain["base"], *also, *table]})
    searches = study.searches()
    assert len(searches) == study.seeds * len(study.named_contexts) * len(study.arms)
    identities = set()
    for search in searches[: len(study.named_contexts) * len(study.arms)]:
        space, algorithm, evaluator = build_parts(compose_search(search.overrides))
        dataset = getattr(evaluator, "dataset", None)
        what = (identity_of(space), identity_of(algorithm), getattr(evaluator, "inherit", None), search.context)
        identities.add(repr((what, dataset and dataset.name)))
    assert len(identities) == len(study.named_contexts) * len(study.arms)  # no two arms are the same search
    Tuning(**tune).check(study)
