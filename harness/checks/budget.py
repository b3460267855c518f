"""How much work judging may cost: counted in steps, not seconds, so that the same answer gets the same verdict.

A step is about half a microsecond: one node visited, one pair of values compared. Everything in `harness/checks` whose
work grows with the answer or the suite pays from one `Budget` per call of `judge`.
"""

MAX_STEPS = 2_000_000
CHARACTERS_PER_STEP = 1_000


class BudgetSpent(Exception):
    """Raised inside the checks when judging would cost more than it may; `judge` turns it into a failure."""


class Budget:
    """Steps that are left."""

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Take `steps`; raises BudgetSpent when they are not there."""
        self.left -= steps
        if self.left < 0:
            raise BudgetSpent

    def spend_text(self, characters: int) -> None:
        """Take what one pass over a text of that length costs."""
        self.spend(1 + characters // CHARACTERS_PER_STEP)

    def share(self, most: int, of: int) -> "Budget":
        """A budget for something that may end early: `most` steps, at most one in `of` of what is left here."""
        return Budget(min(most, self.left // of))
