"""The figures as SVG, for the page and for files."""
