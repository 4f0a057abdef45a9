"""What a search found, one sentence each."""

from collections.abc import Iterator

from nas.reporting import labels, policy
from nas.search.history import History
from nas.search.individual import Individual


def findings(history: History) -> list[str]:
    """The best individual, what evolution added to the random ones, what was inherited, what was rejected."""
    told, best = history.told, history.best
    if best is None:
        return ["No individual has a fitness yet.", *_rejections(history)]
    place = 1 + next(index for index, individual in enumerate(told) if individual is best)
    after = labels.plural(place, "evaluation")
    found = f"Individual {best.number} is the best: {labels.fitness(best.fitness)}, after {after}"
    random_one = labels.origin(best) == "random"
    sentences = [f"{found}, drawn at random." if random_one else f"{found} ({labels.origin(best)})."]
    random = max((ind.fitness or 0.0 for ind in history.comparable if not ind.parents), default=None)
    if random is not None and best.parents:
        gain = (best.fitness or 0.0) - random
        generations = len(history.lineage(best.number)) - 1
        sentences.append(
            f"The best random individual has {labels.fitness(random)}; evolution added {labels.fitness(gain)} "
            f"over {labels.plural(generations, 'generation')}."
        )
    return [*sentences, *_inheritance(history, best), *policy.sentences(history), *_rejections(history)]


def _inheritance(history: History, best: Individual) -> Iterator[str]:
    """What the best owes to its ancestors' trainings, and whose weights were lost."""
    lineage = history.lineage(best.number)
    if "inherited_tensors" in best.metrics and all("train_examples" in ancestor.metrics for ancestor in lineage):
        own, whole = best.metrics["train_examples"], sum(ancestor.metrics["train_examples"] for ancestor in lineage)
        yield (
            f"Its own training showed {labels.count(own)} examples, those along its lineage {labels.count(whole)}; "
            f"trained from scratch it would have seen {labels.count(own)}."
        )
    lost = sum("inheritance_warning" in individual.metrics for individual in history.told)
    if lost:
        yield f"{labels.plural(lost, 'individual')} began with fresh weights, as the parent's were missing or damaged."


def _rejections(history: History) -> list[str]:
    rejected = history.rejected
    if not rejected:
        return []
    reasons = ", ".join(f"{labels.count(rejected[name])} for {name}" for name in sorted(rejected))
    total = sum(rejected.values())
    return [f"{labels.plural(total, 'draw')} {'was' if total == 1 else 'were'} rejected by the constraint: {reasons}."]
