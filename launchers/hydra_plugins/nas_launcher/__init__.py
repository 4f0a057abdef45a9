"""The Hydra launcher of searches. `hydra_plugins` is a namespace that packages share: it has no `__init__.py`."""
