"""`required_success_rate`: when a suite counts as passed although some of its tests did not. Pure."""

from scheduler.reports.totals import Totals


def suite_passed(totals: Totals, required_success_rate: float | None) -> bool:
    """Whether a suite that has ended counts as passed: no test of it is bad, or few enough are."""
    return not totals.unfinished and (not totals.bad or reaches_its_rate(totals, required_success_rate))


def reaches_its_rate(totals: Totals, required_success_rate: float | None) -> bool:
    """Whether enough of the tests that were carried out have passed for those that have not to be tolerated."""
    if required_success_rate is None or not totals.run:
        return False
    return (totals.run - totals.bad) / totals.run >= required_success_rate
