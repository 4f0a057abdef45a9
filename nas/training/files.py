"""Names of the files that an unfinished training leaves in its folder. Torch-free, for those who look for them."""

CHECKPOINT_FILE = "last.ckpt"
REPEATS_FILE = "repeats.json"
