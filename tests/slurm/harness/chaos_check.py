"""Compares what the children wrote, what sacct and squeue say, and what the journal says."""

from collections import Counter
from itertools import pairwise
from typing import Any

from chaos_child import metrics_of
from chaos_cluster import ENDED, accounted, label, until
from chaos_search import Search, wait_until_gone

from nas import History

KEPT_LOGS = 20  # told children whose files may stay


def check(
    search: Search, told: int, failed: tuple[int, ...] = (), sacct: bool = True, orphans: int = 0
) -> dict[str, Any]:
    """The search ended well: every child once, no two live attempts of one, nothing left in the queue, values right.

    Args:
        search: whose driver has ended.
        told: how many children have a result.
        failed: the numbers of those that must have failed.
        sacct: whether the cluster has accounting.
        orphans: how many jobs the journal does not know, because their driver died between sbatch and the journal.
    """
    history = History.load(search.folder)
    ends = Counter(event["number"] for event in search.events("told", "failed", "cancelled"))
    assert ends == dict.fromkeys(range(told + len(failed)), 1), search.output
    assert sorted(event["number"] for event in search.events("failed")) == sorted(failed), search.events("failed")
    assert len(history.told) == told
    for individual in history.told:
        genome = [int(bit) for bit in individual.genome]
        own = dict(individual.metrics)
        assert own.pop("queue_s") >= 0
        assert own == metrics_of(genome, individual.seed)
    wait_until_gone(search)
    _check_diary(search)
    if sacct:
        _check_sacct(search, orphans)
    _check_folders(search, told, failed)
    return {"jobs": len({event["job"] for event in search.events("submitted")})}


def spans(search: Search) -> dict[int, list[dict[str, Any]]]:
    """Of each child, the processes that tried it, by their beginning: first and last sign of life, and whole or not."""
    lives: dict[tuple[int, int], dict[str, Any]] = {}
    for line in search.diary:
        life = lives.setdefault((line["number"], line["pid"]), {**line, "from": line["time"], "ended": False})
        life["to"] = line["time"]
        life["ended"] |= line["event"] == "end"
    found: dict[int, list[dict[str, Any]]] = {}
    for (number, _), life in sorted(lives.items(), key=lambda item: item[1]["from"]):
        found.setdefault(number, []).append(life)
    return found


def _check_diary(search: Search) -> None:
    lives = spans(search)
    for number, attempts in lives.items():
        for before, after in pairwise(attempts):
            assert before["to"] < after["from"], f"two live attempts of child {number}: {before} {after}"
    for event in search.events("told"):
        ended = [life for life in lives[event["number"]] if life["ended"]]
        assert event["attempt"] in [life["attempt"] for life in ended], f"told without an end: {event} {ended}"
        assert len(ended) == 1, f"child {event['number']} was evaluated more than once: {ended}"


def _check_sacct(search: Search, orphans: int) -> None:
    known = {event["job"] for event in search.events("submitted", "requeued")}
    told = {event["number"] for event in search.events("told")}
    until(
        lambda: {job.id for job in accounted(search.folder, search.since)} >= known,
        30,
        f"sacct has all of {sorted(known)}",
    )
    until(
        lambda: all(job.state.split()[0] in (*ENDED, "REQUEUED") for job in accounted(search.folder, search.since)),
        30,
        f"sacct knows that all ended: {accounted(search.folder, search.since)}",
    )
    records = [(label(job), job) for job in accounted(search.folder, search.since)]
    children = [(of[0], job) for of, job in records if of is not None]
    strange = {job.id for _, job in children} - known
    assert len(strange) <= orphans, f"jobs that the journal does not know: {strange} beside {sorted(known)}"
    assert told <= {number for number, _ in children}, "a child was told that sacct has not seen"
    completed = Counter(number for number, job in children if job.state == "COMPLETED")
    again = {number: count for number, count in completed.items() if count > 1}
    assert not again, f"children of which more than one job was completed: {again}"


def _check_folders(search: Search, told: int, failed: tuple[int, ...]) -> None:
    """What stays is bounded, whatever the number of children."""
    children = search.folder / "children"
    kept = [path.name for path in children.iterdir()] if children.exists() else []
    assert len(kept) <= min(told, KEPT_LOGS) + len(failed), kept
    ids = {path.name.split("_")[0] for path in (search.folder / "jobs").iterdir()}
    assert len(ids) <= KEPT_LOGS + 3 * len(failed) + 2, sorted(ids)
