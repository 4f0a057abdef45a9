"""Training of one network: the LightningModule and its recipe."""
