"""Decodes a folder of images once, for searches, or joins its files to shards.

`python -m nas.prepare dataset=imagenet dataset.image_size=64`. The same command goes on after any interruption and
decodes no finished chunk again. See `docs/imagenet.md`.
"""

from typing import Any

from omegaconf import DictConfig

from nas.application import build, fail, read_truth, run_application, say, warn
from nas.errors import UserError

SHOWN = 20  # broken files that are named


def main() -> None:
    run_application(prepare, "prepare")


def prepare(config: DictConfig) -> None:
    """Makes or verifies the set that the configuration describes."""
    try:
        _prepare(config)
    except UserError as error:
        fail(" ".join(str(error).split()))


def _prepare(config: DictConfig) -> None:
    from nas.preparing.preparation import Preparation

    dataset = _dataset(config)
    keys = ("format", "central_fraction", "chunk", "shard_mb", "workers")
    preparation = Preparation(dataset=dataset, **{key: config[key] for key in keys})
    if read_truth(config, "verify"):
        manifest, what = preparation.verify(), "is what was prepared"
    else:
        manifest, what = preparation.prepare(say), "is ready"
    for _, name, why in manifest.broken[:SHOWN]:
        warn(f"left out: {name}: {why}")
    if len(manifest.broken) > SHOWN:
        warn(f"left out: {len(manifest.broken) - SHOWN:,} more, see {preparation.folder}/manifest.json")
    count = manifest.source["files"] - len(manifest.broken)
    size = f"{manifest.total_bytes / 1e6:,.1f} MB"
    say(f"{preparation.folder} {what}: {count:,} images, {size}, checksum {manifest.checksum}")


def _dataset(config: DictConfig) -> Any:
    if "_target_" not in config.dataset:
        raise UserError("the dataset is missing: set dataset=imagenet, or dataset=image_folder dataset.root=FOLDER")
    dataset = build(config.dataset, "dataset")
    if not hasattr(dataset, "source_listing"):
        raise UserError(
            f"dataset={dataset.name} is in memory already: imagenet and image_folder, which are files, are prepared"
        )
    return dataset


if __name__ == "__main__":
    main()
