"""What runs are at, for `python -m nas.status`: read from journals, locks and the cluster's queue."""
