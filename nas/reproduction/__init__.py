"""Whether what a journal says comes out again: searches asked anew, individuals trained anew, and archives of runs."""
