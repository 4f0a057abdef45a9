"""What training a network will hold in memory, estimated before it is built. Torch-free."""

from nas.search_spaces.cost import Cost

BYTES = 4  # of a float32 number
COPIES = 3  # weights, their gradients and their momentum
GIB = 2**30


def training_memory_gb(cost: Cost, images: int) -> float:
    """GiB on one device: what autograd keeps of a forward pass, and three numbers per parameter.

    An estimate that keeps the largest children out, no promise that the rest fit: what autograd saves of a cell network
    is 1.0 to 1.8 times the first term (`tests/training/test_memory.py`). Left out are ReLUs that several ops share,
    what pools save (a max-pool's indices have 8 bytes), concatenations, gradients of activations, the workspace of
    kernels, images and data set, the auxiliary head, averaged weights, evaluation, the context of CUDA and what its
    allocator holds back; and that half precision halves the activations.

    Args:
        cost: with activations.
        images: that are on the device at once: the batch over devices and over the passes of a step.
    """
    assert cost.activations
    return BYTES * (images * cost.activations + COPIES * cost.parameters) / GIB
