"""What a search will cost, before it is spent: a dry run's trainings, what follows from them, and consent to much."""
