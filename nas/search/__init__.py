"""The search itself: journal, loop, budget, lock, resume."""
