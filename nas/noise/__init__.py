"""Trainings beside a search that say how noisy it was: re-evaluations of its best, and proxy studies."""
