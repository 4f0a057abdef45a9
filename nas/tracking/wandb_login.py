"""Says in one sentence what is missing where nobody has logged in to W&B: `python -m nas.tracking.wandb_login`."""

from nas.application import fail
from nas.errors import UserError
from nas.tracking.wandb_account import is_logged_in, load_wandb

NEEDED = (
    "wandb sweep needs a W&B account (wandb login, or WANDB_API_KEY){why}; without one, the searches of a sweep are a "
    "line on top of its file in conf/sweep, such as: python -m nas.evolve -m experiment=demo algorithm=aging,random "
    "'seed=range(5)'"
)


def main() -> None:
    try:
        wandb = load_wandb()
        if not is_logged_in():
            fail(NEEDED.format(why=""))
    except UserError as error:
        fail(str(error))
    except wandb.errors.Error as error:
        fail(NEEDED.format(why=f", and {error}"))


if __name__ == "__main__":
    main()
