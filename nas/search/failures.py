"""When failing children stop a search: the commonest reason instead of a burnt budget."""

from collections import Counter
from dataclasses import dataclass, field

from nas.errors import UserError


@dataclass
class FailureLimit:
    """Counts the children that finish in this session.

    Attributes:
        max_failures: so many failures stop the search, provided they are more than half of what has finished.
    """

    max_failures: int = 10
    _reasons: Counter[str] = field(default_factory=Counter, init=False)
    _finished: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if isinstance(self.max_failures, bool) or not isinstance(self.max_failures, int) or self.max_failures < 1:
            raise UserError(f"max_failures is {self.max_failures!r}, it must be a whole number of at least 1")

    def succeeded(self) -> None:
        self._finished += 1

    def failed(self, reason: str) -> None:
        self._finished += 1
        self._reasons[reason] += 1

    @property
    def exceeded(self) -> bool:
        failures = self._reasons.total()
        return failures >= self.max_failures and failures * 2 > self._finished

    @property
    def sentence(self) -> str:
        """Why the search stopped."""
        (reason, count), total = self._reasons.most_common(1)[0], self._reasons.total()
        return f"{total} of {self._finished} children failed, {count} of them with: {reason}"
