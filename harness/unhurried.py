"""Lets the garbage collector of this process look seldom: for processes that load much before they do anything."""

import gc

THRESHOLDS = (20_000, 20, 20)


def collect_seldom() -> None:
    """Importing makes many objects and no garbage, and is a tenth faster when it is not searched again and again."""
    gc.set_threshold(*THRESHOLDS)
