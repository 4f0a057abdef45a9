"""The one exception that means "a person can mend this"."""


class UserError(ValueError):
    """A mistake in what the user gave: one sentence with the offending value and what is allowed.

    Entry points print it without a traceback and exit with code 2. Everything else that escapes is a defect of ours
    and keeps its traceback.
    """
