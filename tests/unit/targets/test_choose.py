"""Which suite is run against which targets, and what is said when it is none."""

import pytest

from harness.errors import NothingSelected, SuiteErrors, UsageError
from harness.models.job import Bundle, BundleFile
from harness.models.run import Selection
from harness.models.target import PlannedInstall
from harness.suites.expand import Planning
from harness.suites.load import STRICT, LoadedSuite, load_suite
from harness.targets.choose import Chosen, choose, choose_each, needs_targets, targets_of
from harness.targets.plan import plan_chosen
from harness.targets.read import LoadedTarget, load_target

TESTS = "tools: [{name: t, tests: [{name: a}]}]\n"
EVERYTHING = Selection()


def suite(text: str, file: str = "s.yaml") -> LoadedSuite:
    return load_suite(f"name: S\n{text}{TESTS}".encode(), file)


def target(name: str, **labels: str) -> LoadedTarget:
    shown = ", ".join(f"{key}: {value}" for key, value in labels.items())
    return load_target(f"name: {name}\ncommand: c\nlabels: {{{shown}}}\n".encode(), f"targets/{name}.yaml", STRICT)


TARGETS = (
    target("alpha", tier="gold", team="core"),
    target("beta", tier="gold", team="edge"),
    target("gamma", tier="tin", team="core"),
)


def names(suites: list[LoadedSuite], selection: Selection = EVERYTHING) -> list[tuple[str, tuple[str, ...]]]:
    chosen = choose(suites, TARGETS, selection)
    return [(pair.suite.file, tuple(loaded.target.name for loaded in pair.targets)) for pair in chosen]


@pytest.mark.parametrize(
    ("said", "tested"),
    [
        ("server: {command: own}\n", ("S",)),
        ("target: beta\n", ("beta",)),
        ("targets: [gamma, alpha, gamma]\n", ("gamma", "alpha")),
        ("targets: {labels: {tier: gold}}\n", ("alpha", "beta")),
        ("targets: {labels: {tier: gold, team: edge}}\n", ("beta",)),
    ],
)
def test_a_suite_is_run_against_what_it_names(said: str, tested: tuple[str, ...]) -> None:
    assert names([suite(said)]) == [("s.yaml", tested)]


@pytest.mark.parametrize(
    ("selection", "asked"),
    [
        (Selection(targets=("beta",)), ("beta",)),
        (Selection(targets=("gamma", "alpha", "gamma")), ("gamma", "alpha")),
        (Selection(labels={"team": "core"}), ("alpha", "gamma")),
        (Selection(labels={"team": "core", "tier": "tin"}), ("gamma",)),
        (Selection(targets=("beta", "gamma"), labels={"team": "core"}), ("gamma",)),
    ],
)
@pytest.mark.parametrize("said", ["", "server: {command: own}\n"])
def test_a_suite_that_names_no_target_is_run_against_all_that_are_asked_for(
    said: str, selection: Selection, asked: tuple[str, ...]
) -> None:
    assert names([suite(said)], selection) == [("s.yaml", asked)]


def test_a_suite_that_names_targets_is_narrowed_and_left_out_when_it_is_for_none_of_those_asked_for() -> None:
    suites = [suite("targets: [alpha, beta]\n", "a.yaml"), suite("target: gamma\n", "b.yaml"), suite("", "c.yaml")]
    assert names(suites, Selection(targets=("beta",))) == [("a.yaml", ("beta",)), ("c.yaml", ("beta",))]
    with pytest.raises(NothingSelected, match=r"^no suite is for target 'beta'$"):
        names(suites[1:2], Selection(targets=("beta",)))


def test_all_that_a_suite_names_travels_with_it_also_what_is_not_asked_for() -> None:
    [pair] = choose([suite("targets: [alpha, beta]\n")], TARGETS, Selection(targets=("beta",)))
    assert targets_of([pair]) == TARGETS[:2]


def test_targets_are_needed_only_where_a_suite_has_no_server_or_somebody_asks_for_them() -> None:
    own, none = suite("server: {command: own}\n"), suite("")
    assert [needs_targets([own], EVERYTHING), needs_targets([own, none], EVERYTHING)] == [False, True]
    assert needs_targets([own], Selection(labels={"a": "b"}))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "",
            "1:1: nothing says which server to test; give 'server', 'target' or 'targets', or choose with --target or",
        ),
        ("target: bta\n", "2:9: no target 'bta'; did you mean 'beta'?"),
        ("targets: [beta, xyz]\n", "2:17: no target 'xyz'; there are 'alpha', 'beta', 'gamma'"),
        ("targets: {labels: {tier: iron}}\n", "2:10: no target has label 'tier=iron'; labels there are: 'team=core'"),
    ],
)
def test_a_suite_that_can_be_run_against_nothing_says_so_at_its_line(said: str, told: str) -> None:
    good = suite("target: alpha\n", "good.yaml")
    choice = choose_each([suite(said), good], TARGETS, EVERYTHING)
    assert [str(problem)[: len(told) + 7] for problem in choice.problems] == [f"s.yaml:{told}"]
    assert choice.chosen == (Chosen(good, TARGETS[:1], TARGETS[:1]),)
    with pytest.raises(SuiteErrors):
        choose([suite(said), good], TARGETS, EVERYTHING)


def test_what_is_asked_for_and_is_not_there_is_told_with_what_comes_near() -> None:
    with pytest.raises(UsageError, match=r"^no target 'alpa'; nearest: 'alpha'$"):
        names([suite("")], Selection(targets=("alpa",)))
    with pytest.raises(UsageError, match=r"^no target 'x'; no target was found: they are files of a folder 'targets'"):
        choose([suite("")], (), Selection(targets=("x",)))
    with pytest.raises(NothingSelected, match=r"^no target has target 'beta' and label 'team=core'; labels there are"):
        names([suite("")], Selection(targets=("beta",), labels={"team": "core"}))


def test_each_target_has_a_plan_with_ids_and_numbers_of_its_own_and_all_that_its_worker_must_know() -> None:
    text = "name: x y\ncommand: c\ninstall: {npm: a@1.0.0}\nrequires: [node]\nsecrets: [S]\n"
    chosen = [Chosen(suite(""), (TARGETS[0], load_target(text.encode(), "targets/x.yaml", STRICT)))]
    bundle = Bundle(suites=("s.yaml",), files=(BundleFile(path="s.yaml", digest="d", size_bytes=1),))

    plans = plan_chosen(chosen, Planning(bundle, "p"))

    assert [(plan.target, *((test.number, test.test_id) for test in plan.tests)) for plan in plans] == [
        ("alpha", (0, "p/s/alpha/t/a")),
        ("x-y", (1, "p/s/x-y/t/a")),
    ]
    assert [(plan.install, plan.requires, plan.secrets) for plan in plans] == [
        (None, (), ()),
        (PlannedInstall(npm="a@1.0.0"), ("node",), ("S",)),
    ]


def test_a_suite_uses_only_the_secrets_that_the_target_lists() -> None:
    text = "name: S\ntools: [{name: t, tests: [{name: a, input: {x: '${secret:KEY}'}}]}]\n"
    bundle = Bundle(suites=("s.yaml",), files=(BundleFile(path="s.yaml", digest="d", size_bytes=1),))
    chosen = [Chosen(load_suite(text.encode(), "s.yaml"), TARGETS[:1])]
    with pytest.raises(SuiteErrors) as caught:
        plan_chosen(chosen, Planning(bundle, "p"))
    assert [str(problem) for problem in caught.value.problems] == [
        "s.yaml:1:1: the secret 'KEY' is not among the 'secrets' of target 'alpha'; "
        "let its owner add it in targets/alpha.yaml"
    ]
