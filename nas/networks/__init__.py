"""Networks built from plain-data architectures."""
