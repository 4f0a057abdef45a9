"""What the figures show, as plain data: computed once, drawn by `nas.reporting.drawings`."""
