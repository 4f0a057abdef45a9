"""Learning rate over the steps of a training. Torch-free."""

import math

from nas.training.recipe import Recipe


def learning_rate_factor(recipe: Recipe, step: int, steps_per_epoch: int, num_steps: int) -> float:
    """What the learning rate is multiplied by at `step`, from 0, of `num_steps` in the whole training.

    A warm-up grows linearly to 1, which its last step has (Goyal et al. 2017, arXiv 1706.02677, section 2.2, who start
    from the rate of one device). The cosine takes the steps after it; epochs of the exponential schedule count from the
    training's first.
    """
    warm_up = recipe.warmup_epochs * steps_per_epoch
    if step < warm_up:
        return (step + 1) / warm_up
    if recipe.schedule == "constant":
        return 1.0
    if recipe.schedule == "exponential":
        return recipe.decay_rate ** math.floor(step / (recipe.decay_epochs * steps_per_epoch))
    return cosine(step - warm_up, num_steps - warm_up)


def cosine(step: int, num_steps: int) -> float:
    """Half a cosine from 1 to 0 (Loshchilov and Hutter 2017, arXiv 1608.03983, without restarts); 0 would be reached at
    `num_steps`, one after the last."""
    return 0.5 * (1 + math.cos(math.pi * min(step, num_steps) / num_steps))
