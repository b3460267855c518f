"""The pages on keys: made of the models, their descriptions, and examples that use every key."""

import re
from pathlib import Path

import pytest

from harness.suites.load import load_paths
from harness.suites.reference.documents import read_documents
from harness.suites.reference.occurrences import Key, Occurrence, key_of, occurrences
from harness.suites.reference.pages import COMMAND, MODELS, keys_shown, pages
from harness.suites.reference.tables import HEAD

DOCS = Path(__file__).resolve().parents[3] / "docs"
SOURCES, EXAMPLES = read_documents(DOCS)
SUITES = [path for path in EXAMPLES if re.fullmatch(r"examples/[^/]+", path)]
WITHOUT_EXAMPLE = {Key("Install", "lock")}
"""The lock of a real server has hundreds of lines; docs/targets.md shows how it is named."""


def all_keys() -> list[Key]:
    return list(dict.fromkeys(key_of(model, name) for model in MODELS.values() for name in model.model_fields))


@pytest.mark.parametrize("page", SOURCES)
def test_a_page_is_what_is_made_of_its_prose_the_models_and_the_examples(page: str) -> None:
    assert (DOCS / page).read_text() == pages(SOURCES, EXAMPLES)[page], f"run: {COMMAND}"


def test_every_key_says_what_it_means() -> None:
    silent = [
        f"{name}.{key}"
        for name, model in MODELS.items()
        for key, field in model.model_fields.items()
        if not field.description
    ]
    assert silent == []


def test_every_key_stands_in_one_table() -> None:
    shown = [key for text in SOURCES.values() for key in keys_shown(text)]

    assert sorted(shown) == sorted(all_keys())


def test_every_key_occurs_in_an_example() -> None:
    found = occurrences(EXAMPLES)

    assert {key for key in all_keys() if key not in found} == WITHOUT_EXAMPLE


@pytest.mark.parametrize("path", SUITES)
def test_an_example_loads_without_a_word(path: str) -> None:
    [loaded] = load_paths([DOCS / path])

    assert (loaded.warnings, loaded.deferred) == ((), ())


@pytest.mark.parametrize("page", ["suites.md", "checks.md"])
def test_every_suite_on_a_page_is_an_example(page: str) -> None:
    shown = re.findall(r"^```yaml\n(.*?)^```", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)

    assert shown
    assert [text for text in shown if text not in EXAMPLES.values()] == []


def test_a_table_shows_the_key_as_an_example_has_it_short_or_cut_and_links_what_stands_below_it() -> None:
    long = "x" * 80
    example = (
        "# Two scripts.\nname: s\nserver: {command: c}\ntest_config: {max_concurrency: 3}\n"
        f"validation_scripts: [{{name: {long}, file: 'a|b'}}, {{name: two, source: x}}]\n"
    )
    source = "# P\n\n<!-- keys: Suite: test_config, validation_scripts -->\n<!-- keys: SuiteConfig: fail_fast -->\n"
    more = "<!-- keys: Script: name, file -->\n<!-- examples -->\n"

    made = pages({"a.md": source, "b.md": more}, {"examples/e.yaml": example})

    head, _, rows = made["a.md"].partition(HEAD)
    assert head.endswith('# P\n\n<a id="keys-of-suite"></a>\n\n')
    assert "| `test_config` | [SuiteConfig](#keys-of-suiteconfig) | " in rows
    assert "[`test_config: {max_concurrency: 3}`](examples/e.yaml#L4) |" in rows
    assert f'[`validation_scripts: [{{name: "{"x" * 30}…`](examples/e.yaml#L5) |' in rows
    assert "| list of [Script](b.md#keys-of-script), at most 100 |" in rows
    assert '[`name: "two"`](examples/e.yaml#L5) |' in made["b.md"]
    assert '[`file: "a\\|b"`](examples/e.yaml#L5) |' in made["b.md"]
    assert "| [e.yaml](examples/e.yaml) | Two scripts. |" in made["b.md"]


def test_a_mark_that_names_no_key_is_an_error() -> None:
    with pytest.raises(KeyError, match="nmae"):
        pages({"a.md": "<!-- keys: Step: nmae -->\n"}, {})


def test_other_spellings_and_keys_of_targets_count_and_what_is_included_does_not() -> None:
    suite = "targets: {labels: {a: b}}\ntools: [{name: t, tests: [{depends_on: [x], performance: !include p.yaml}]}]\n"
    found = occurrences({"examples/s.yaml": suite, "examples/targets/t.yaml": "name: t\ncommand: c\n"})

    assert found[Key("Suite", "targets_where")] == [Occurrence("examples/s.yaml", 1, "targets", {"labels": {"a": "b"}})]
    assert found[Key("TestCase", "dependencies")] == [Occurrence("examples/s.yaml", 2, "depends_on", ["x"])]
    assert found[Key("Server", "command")] == [Occurrence("examples/targets/t.yaml", 2, "command", "c")]
    assert Key("TestCase", "performance") not in found
