"""Contract suites, for our own parts and for plug-ins."""
