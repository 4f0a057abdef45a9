"""Where a running search is shown: console and Weights & Biases."""
