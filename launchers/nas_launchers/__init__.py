"""Executors: they run functions in this process, in local workers, in submitit's local jobs or on SLURM.

The package knows nothing of `nas` and imports no torch: what it runs are functions and their arguments.
"""
