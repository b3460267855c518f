"""How long something that keeps failing waits for its next try. Pure."""

_MAX_DOUBLINGS = 64  # far beyond any limit, and far from the largest float


def backoff_s(failures: int, first_s: float, limit_s: float) -> float:
    """Seconds to wait after so many failures in a row: 0 after none, then `first_s`, twice that, … `limit_s`."""
    if failures <= 0:
        return 0.0
    return min(limit_s, first_s * 2.0 ** min(failures - 1, _MAX_DOUBLINGS))
