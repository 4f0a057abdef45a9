"""The live line of a terminal."""

from rich.text import Text

from nas.tracking import words
from nas.tracking.base import Context, Progress
from nas.tracking.rate import Rate

BAR_WIDTH, LEAST_WIDTH = 24, 60


def progress_text(context: Context, progress: Progress, rate: Rate, width: int) -> Text:
    """A bar, where the budget is known, and the line of `words.line`, cut to the terminal's width."""
    text = Text(no_wrap=True, overflow="ellipsis")
    if progress.budget_fraction is not None and width >= LEAST_WIDTH + BAR_WIDTH:
        full = round(BAR_WIDTH * progress.budget_fraction)
        text.append("━" * full, style="cyan")
        text.append("━" * (BAR_WIDTH - full) + " ", style="bright_black")
    text.append(words.line(context, progress, rate))
    if progress.in_flight:
        text.append(f" · {progress.in_flight} running", style="bright_black")
    return text
