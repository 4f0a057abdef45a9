"""Tables of results instead of trainings: official benchmarks converted, own searches exported. Torch-free."""
