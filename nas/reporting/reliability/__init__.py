"""How far a search's accuracies can be trusted, in sentences and tables: test, noise, and retrainings."""
