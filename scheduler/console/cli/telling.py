"""Decides what is told of each test that ends while a run goes on, and words it as lines. Pure but for what it counts.

One line at once; the full text stands once, in the summary. The first five tests of each cause get a line, then they
are only counted; a server that is down is one line. What a server may have said is made safe and one line high,
behind words of ours, so that it can neither move the cursor nor speak to a CI system in our name.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.checks.show import show
from harness.models.evidence import Evidence, Exchange
from harness.models.outcomes import BAD, NO_SERVER_CAUSES, TestOutcome
from harness.models.run import RunningTest, TestReport
from harness.safe_text import one_line
from scheduler.console.cli.terminal import Look
from scheduler.reports.attempts import counting_records, deciding_record
from scheduler.reports.cause_signature import signature_of, symptom_of
from scheduler.reports.explain import attempts_text, flaky_text, why_text
from scheduler.reports.levels import Level, level_of
from scheduler.reports.slow import SlowTerms
from scheduler.reports.summary_tail import attempt_lines
from scheduler.reports.wording import WORDS, clock, short_id

PER_CAUSE, MAX_BAD = 5, 200
INDENT = " " * 19
LEAST_REASON, MAX_BODY, MAX_EXCHANGES = 30, 2_048, 20
EvidenceOf = Callable[[str], Evidence | None]


@dataclass(frozen=True)
class Verbosity:
    """How much is told while a run goes on. `is_quiet`: not even notices and the state of the run."""

    show: Level = Level.SLOW
    is_quiet: bool = False
    with_attempts: bool = False
    with_exchanges: bool = False


class Telling:
    """What one run has told so far. `evidence`: what finds the evidence of an attempt by its digest."""

    def __init__(
        self,
        look: Look,
        verbosity: Verbosity,
        slow: SlowTerms,
        evidence: EvidenceOf = lambda digest: None,
    ) -> None:
        self._look, self._verbosity, self._slow, self._evidence = look, verbosity, slow, evidence
        self._told: Counter[tuple[str, str]] = Counter()
        self._told_bad = 0
        self._down: set[str] = set()
        self._marked: set[int] = set()

    @property
    def causes(self) -> int:
        """How many causes were seen so far."""
        return len(self._told)

    def lines(self, test: TestReport) -> list[str]:
        """What is told of a test that has ended."""
        if test.cause in NO_SERVER_CAUSES and test.outcome in BAD:
            return list(self._of_a_dead_server(test))
        lines = list(self._back_again(test))
        lines += self._of_a_bad_one(test) if test.outcome in BAD else self._of_a_good_one(test)
        return lines + (list(self._more_of(test)) if lines or self._verbosity.show >= Level.PASS else [])

    def slow_lines(self, test: RunningTest) -> list[str]:
        """What is told of a test that runs longer than it should, once."""
        marked = test.number in self._marked or (test.for_s or 0.0) < self._slow.mark_s(test.test_id)
        if marked or self._verbosity.show < Level.SLOW:
            return []
        self._marked.add(test.number)
        over = f">{clock(self._slow.mark_s(test.test_id))}"
        return [f"  {self._look.style.paint('SLOW    ', 'event')} {over:>7}  {short_id(test.test_id)}   still running"]

    def _of_a_dead_server(self, test: TestReport) -> Iterator[str]:
        """One line for the server; none of its tests gets one."""
        signature = signature_of(symptom_of(test))
        self._told[signature.key, test.target] += 1
        if test.target in self._down or self._verbosity.show < Level.FAIL:
            return
        self._down.add(test.target)
        said = one_line(symptom_of(test).reason.removeprefix("server unavailable: "), 400)
        target, cause_id = one_line(test.target, 100), f"c{signature.key[:8]}"
        yield from self._event("DOWN", f"{target} did not start: {said}. Its tests are only counted. [{cause_id}]")

    def _back_again(self, test: TestReport) -> Iterator[str]:
        record = deciding_record(test)
        if test.target in self._down and record is not None and record.session is not None:
            self._down.discard(test.target)
            if self._verbosity.show >= Level.FAIL:
                yield from self._event("UP", f"{one_line(test.target, 100)} answers again")

    def _of_a_bad_one(self, test: TestReport) -> list[str]:
        """A line for the first few of each cause: a thousand failures must not hide the first of another."""
        signature = signature_of(symptom_of(test))
        cause = (signature.key, test.target)
        self._told[cause] += 1
        if self._verbosity.show < Level.FAIL:
            return []
        if self._told[cause] > PER_CAUSE:
            once = self._told[cause] == PER_CAUSE + 1 and self._told_bad <= MAX_BAD
            return [f"  more of cause c{signature.key[:8]}: only counted from here"] if once else []
        self._told_bad += 1
        if self._told_bad > MAX_BAD:
            return ["  more tests did not pass: only counted"] if self._told_bad == MAX_BAD + 1 else []
        return self._line(test, "; ".join(part for part in (why_text(test), attempts_text(test)) if part))

    def _of_a_good_one(self, test: TestReport) -> list[str]:
        if self._verbosity.show >= level_of(test.outcome):
            reason = flaky_text(test) if test.outcome is TestOutcome.FLAKY else test.reason
            return self._line(test, reason)
        if self._verbosity.show >= Level.SLOW and self._slow.is_slow(test):
            word = self._look.style.paint("SLOW    ", "event")
            return [f"  {word} {clock(test.duration_s):>7}  {short_id(test.test_id)}"]
        return []

    def _line(self, test: TestReport, reason: str) -> list[str]:
        """`  FAIL       0.41s  suite/target/tool/test   why`; why on a second line where there is no room."""
        plain = (
            f"  {WORDS[test.outcome or TestOutcome.NOT_RUN]:8} {clock(test.duration_s):>7}  {short_id(test.test_id)}"
        )
        head = f"  {self._look.style.painted(plain[2:10], test.outcome)}{plain[10:]}"
        if not reason:
            return [head]
        if len(plain) + 3 + len(reason) < self._look.width:
            return [f"{head}   {one_line(reason, self._look.width)}"]
        return [head, INDENT + one_line(reason, max(LEAST_REASON, self._look.width - len(INDENT) - 1))]

    def _event(self, word: str, said: str) -> Iterator[str]:
        head = f"  {self._look.style.paint(f'{word:8}', 'event')}         "
        room = self._look.width - len(INDENT) - 1
        yield f"{head}{one_line(said, max(LEAST_REASON, room) if self._look.live else 600)}"

    def _more_of(self, test: TestReport) -> Iterator[str]:
        if self._verbosity.with_attempts and len(counting_records(test)) > 1:
            yield from (f"{INDENT}{line}" for line in attempt_lines(test, self._look.style))
        if self._verbosity.with_exchanges:
            yield from (f"{INDENT}{line}" for line in self._exchanges(test))

    def _exchanges(self, test: TestReport) -> Iterator[str]:
        """Requests and answers, where they were kept."""
        record = deciding_record(test)
        evidence = self._evidence(record.evidence) if record and record.evidence else None
        for exchange in evidence.exchanges[:MAX_EXCHANGES] if evidence else ():
            yield from _exchange_lines(exchange)
        if record and evidence is None and record.answer is not None:
            yield f"< {show(record.answer, MAX_BODY)}"


def _exchange_lines(exchange: Exchange) -> Iterator[str]:
    step = f"{exchange.step}: " if exchange.step else ""
    head = one_line(f"{step}{exchange.method} {exchange.name}".strip(), 300)
    yield f"> {head} {show(exchange.request, MAX_BODY)}"
    if exchange.took_s is not None or exchange.response is not None:
        took = f"{clock(exchange.took_s)} " if exchange.took_s is not None else ""
        yield f"< {took}{show(exchange.response, MAX_BODY)}"
