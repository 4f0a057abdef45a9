"""What a journal tells of a policy that learned during the search (`algorithm=reinforce`)."""

from collections.abc import Iterator, Mapping

from nas.reporting import labels
from nas.search.history import History


def staleness(history: History) -> list[int]:
    """For every told individual, in the order of telling: how often the policy was updated while it was evaluated.

    Empty where no policy was learned. An update follows every `batch_size` told individuals, failed ones do not count.
    """
    algorithm = history.identity.get("algorithm")
    batch_size = algorithm.get("batch_size") if isinstance(algorithm, Mapping) else None
    if batch_size is None:
        return []
    return [
        before // batch_size - individual.record["updates"]
        for before, individual in enumerate(history.told)
        if "updates" in individual.record
    ]


def sentences(history: History) -> Iterator[str]:
    """How often the policy was updated, and how old the children were that it learned from."""
    stale = staleness(history)
    if stale:
        updates = len(stale) // history.identity["algorithm"]["batch_size"]
        yield (
            f"The policy was updated {labels.plural(updates, 'time')}; individuals were told "
            f"{sum(stale) / len(stale):.2f} updates after they were asked for on average, at most {max(stale)}."
        )
