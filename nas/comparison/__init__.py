"""Comparing finished searches: arms, curves, statistics."""
