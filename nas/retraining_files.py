"""What a retraining leaves in its folder, as others find it: names and formats of its files. Torch-free."""

RETRAINING_FILE, RETRAINING_FORMAT, RETRAINING_VERSION = "retraining.json", "nas-retraining", 1
RANKING_FILE = "ranking.json"
CARD_FILE, CARD_FORMAT, CARD_VERSION = "card.json", "nas-card", 1
PART_NAMES = {"selection": "selection", "valid": "validation"}  # of the parts that rank
