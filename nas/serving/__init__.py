"""The page of a running search, served to this machine alone."""
