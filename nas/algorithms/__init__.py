"""Search algorithms: who is asked next, who lives, who dies. Torch-free (reinforce apart)."""
