"""Which suite is run against which targets. Pure.

Three things may say so: the suite (`server`, `target` or `targets`), and whoever runs it (names, labels). A suite that
names targets is narrowed to those that are asked for; one that names none is run against all that are asked for; a
`server:` of its own is what it is run against when nothing is asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.errors import NothingSelected, Problem, SuiteErrors, UsageError
from harness.models.run import Selection
from harness.models.suite import Suite
from harness.models.target import inline_target
from harness.suites.findings import Findings, nearest, quoted
from harness.suites.load import LoadedSuite
from harness.targets.read import LoadedTarget

MAX_NAMED = 8


@dataclass(frozen=True)
class Chosen:
    """A suite, and what it is run against, in order. `named`: all that it names, also what is not asked for."""

    suite: LoadedSuite
    targets: tuple[LoadedTarget, ...]
    named: tuple[LoadedTarget, ...] = ()


@dataclass(frozen=True)
class Choice:
    """What is run, and the problems of suites that can be run against nothing. A suite that is not meant is in none."""

    chosen: tuple[Chosen, ...]
    problems: tuple[Problem, ...]


def needs_targets(suites: Iterable[LoadedSuite], selection: Selection) -> bool:
    """False when every suite brings its server along, and nothing else is asked for."""
    return bool(selection.targets or selection.labels) or any(loaded.suite.server is None for loaded in suites)


def choose(suites: Sequence[LoadedSuite], targets: Sequence[LoadedTarget], selection: Selection) -> tuple[Chosen, ...]:
    """The suites that run, each with its targets.

    Raises SuiteErrors with all that suites name and that is not there; UsageError or NothingSelected, naming what comes
    near, when what is asked for is not there, or no suite is for it.
    """
    choice = choose_each(suites, targets, selection)
    if choice.problems:
        raise SuiteErrors(choice.problems)
    return choice.chosen


def choose_each(suites: Sequence[LoadedSuite], targets: Sequence[LoadedTarget], selection: Selection) -> Choice:
    """The same, good and bad suites alike. Raises for what is asked for, not for what suites name."""
    desk = _Desk({loaded.target.name: loaded for loaded in targets}, selection)
    chosen: list[Chosen] = []
    problems: list[Problem] = []
    for loaded in suites:
        try:
            chosen.append(desk.choose_for(loaded))
        except SuiteErrors as errors:
            problems.extend(errors.problems)
    kept = tuple(pair for pair in chosen if pair.targets)
    if chosen and not kept and not problems:
        raise NothingSelected(f"no suite is for {asked_for(selection)}")
    return Choice(kept, tuple(problems))


def select_targets(targets: Iterable[LoadedTarget], selection: Selection) -> tuple[LoadedTarget, ...]:
    """Those that are asked for, all of them when nothing is. UsageError or NothingSelected when none is there."""
    known = {loaded.target.name: loaded for loaded in targets}
    for name in selection.targets:
        if name not in known:
            near = nearest(name, known, count=3)
            hint = f"nearest: {', '.join(map(quoted, near))}" if near else _there_are(known)
            raise UsageError(f"no target {quoted(name)}; {hint}")
    named = [known[name] for name in dict.fromkeys(selection.targets or known)]
    found = _labelled(named, selection.labels)
    if selection.labels and not found:
        raise NothingSelected(f"no target has {asked_for(selection)}; {_labels_there(named)}")
    return found


def targets_of(chosen: Iterable[Chosen]) -> tuple[LoadedTarget, ...]:
    """The files of targets that a run needs, each once, and those without which its suites make no sense."""
    found = {target.file: target for pair in chosen for target in (*pair.targets, *pair.named) if target.file}
    return tuple(target for _, target in sorted(found.items()))


def asked_for(selection: Selection) -> str:
    """The targets that are asked for, in words."""
    names = " or ".join(f"target {quoted(name)}" for name in selection.targets)
    labels = (f"label {quoted(f'{key}={value}')}" for key, value in selection.labels.items())
    return " and ".join(([names] if names else []) + list(labels))


class _Desk:
    def __init__(self, targets: Mapping[str, LoadedTarget], selection: Selection) -> None:
        self._targets = targets
        self._asked = select_targets(targets.values(), selection) if selection.targets or selection.labels else None

    def choose_for(self, loaded: LoadedSuite) -> Chosen:
        """What this suite is run against; raises SuiteErrors for what it names and is not there."""
        named = self._named(loaded)
        if named is not None:
            return Chosen(loaded, named if self._asked is None else _common(named, self._asked), named)
        if self._asked is not None:
            return Chosen(loaded, self._asked)
        if loaded.suite.server is not None:
            return Chosen(loaded, (LoadedTarget("", inline_target(loaded.suite.name, loaded.suite.server)),))
        mark = loaded.shape.spot_of(()).value
        hint = f"give 'server', 'target' or 'targets', or choose with --target or --label; {_there_are(self._targets)}"
        raise SuiteErrors((Problem(loaded.file, mark.line, mark.column, "nothing says which server to test", hint),))

    def _named(self, loaded: LoadedSuite) -> tuple[LoadedTarget, ...] | None:
        """The targets that a suite names; None when it names none."""
        suite, findings = loaded.suite, Findings(loaded.file)
        if not (suite.target or suite.targets or suite.targets_where):
            return None
        found = self._with_labels(suite, loaded, findings) if suite.targets_where else self._by_name(loaded, findings)
        findings.raise_errors()
        return found

    def _by_name(self, loaded: LoadedSuite, findings: Findings) -> tuple[LoadedTarget, ...]:
        suite = loaded.suite
        places: list[tuple[tuple[str | int, ...], str]] = [(("target",), suite.target)] if suite.target else []
        places += [(("targets", place), name) for place, name in enumerate(suite.targets)]
        for path, name in places:
            if name not in self._targets:
                hint = findings.did_you_mean(name, self._targets) or _there_are(self._targets)
                findings.error(loaded.shape.spot_of(path).value, f"no target {quoted(name)}", hint)
        return tuple(self._targets[name] for name in dict.fromkeys(name for _, name in places) if name in self._targets)

    def _with_labels(self, suite: Suite, loaded: LoadedSuite, findings: Findings) -> tuple[LoadedTarget, ...]:
        labels = suite.targets_where.labels if suite.targets_where else {}
        found = _labelled(self._targets.values(), labels)
        if not found:
            mark = loaded.shape.spot_of(("targets_where",)).value
            wanted = Selection(labels=labels)
            findings.error(mark, f"no target has {asked_for(wanted)}", _labels_there(self._targets.values()))
        return found


def _labelled(targets: Iterable[LoadedTarget], labels: Mapping[str, str]) -> tuple[LoadedTarget, ...]:
    return tuple(loaded for loaded in targets if labels.items() <= loaded.target.labels.items())


def _common(named: Sequence[LoadedTarget], asked: Sequence[LoadedTarget]) -> tuple[LoadedTarget, ...]:
    names = {loaded.target.name for loaded in asked}
    return tuple(loaded for loaded in named if loaded.target.name in names)


def _there_are(targets: Mapping[str, LoadedTarget]) -> str:
    names = [quoted(name) for name in targets]
    if not names:
        return "no target was found: they are files of a folder 'targets' beside the suite or above, or of --targets"
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return f"there are {', '.join(names[:MAX_NAMED])}{more}"


def _labels_there(targets: Iterable[LoadedTarget]) -> str:
    labels = sorted({f"{key}={value}" for loaded in targets for key, value in loaded.target.labels.items()})
    more = f" and {len(labels) - MAX_NAMED} more" if len(labels) > MAX_NAMED else ""
    return f"labels there are: {', '.join(map(quoted, labels[:MAX_NAMED])) or 'none'}{more}"
