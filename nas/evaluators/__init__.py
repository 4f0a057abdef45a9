"""Evaluators: from a genome to its metrics. They run in the worker."""
