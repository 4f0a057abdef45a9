"""Image data sets: four seeded parts in memory, and batches with augmentation."""
