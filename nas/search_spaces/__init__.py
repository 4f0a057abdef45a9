"""Search spaces: genomes, their mutations and their plain-data architectures. Torch-free."""
