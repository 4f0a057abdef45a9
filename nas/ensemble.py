"""Tests the majority vote of the best of several searches: `python -m nas.ensemble 'run=[A,B,C]'`.

Their children's weights must have been kept (`evaluator.inherit` or `evaluator.keep_weights`); nothing is trained.
"""

from omegaconf import DictConfig

from nas.application import build, fail, read_name, read_names, read_whole, run_application
from nas.errors import UserError


def main() -> None:
    run_application(ensemble, "ensemble")


def ensemble(config: DictConfig) -> float:
    """Prints a row per member and the vote's.

    Returns:
        The test accuracy of the vote.
    """
    try:
        return _ensemble(config)
    except UserError as error:
        fail(" ".join(str(error).split()))


def _ensemble(config: DictConfig) -> float:
    from nas.recorded import recorded_dataset, recorded_histories, same_dataset
    from nas.retraining.voting import choose_members, vote

    if config.run is None:
        raise UserError("run is missing: say run=NAME or run=[NAME,NAME,...]")
    top_k = read_whole(config, "top_k")
    if top_k < 1:
        raise UserError(f"top_k is {top_k}, it must be at least 1")
    histories = recorded_histories(read_names(config, "run"), read_name(config, "runs_dir"))
    if not same_dataset(histories):
        raise UserError("the runs were made on different data, their votes are not about the same images")
    hardware = build(config.hardware, "hardware")
    members = choose_members(histories, top_k)
    found = vote(members, recorded_dataset(histories[0], {}), hardware)
    width = max(len(member.name) for member, _ in found.members)
    print(f"{'':{width}}  validation    test")
    for member, accuracy in found.members:
        print(f"{member.name:{width}}  {member.individual.fitness:10.4f}  {accuracy:.4f}")
    print(f"{'majority':{width}}  {'':10}  {found.majority:.4f}")
    return found.majority


if __name__ == "__main__":
    main()
