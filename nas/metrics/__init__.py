"""What a search's fitness may be: numbers computed from a network's answers to whole parts."""
