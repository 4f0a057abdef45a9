"""Figures and the HTML report, drawn from a journal."""
