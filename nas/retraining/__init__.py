"""From a search's best to a model that people use: final training, the model card, loading, export."""
