"""The pages on keys: prose (`docs/*.in.md`) with tables of keys and examples at the marks in it. Pure.

Marks stand on lines of their own:

    <!-- keys: Step -->                 a table of all keys of a model
    <!-- keys: Suite: name, files -->   of these only
    <!-- example: flows.yaml -->        an example in full
    <!-- examples -->                   a list of all examples, each with its first comment
"""

import re
from collections.abc import Iterator, Mapping

from harness.models.suite import Suite
from harness.models.target import Target
from harness.models.wire import Authored
from harness.suites.keys import places_of
from harness.suites.reference.occurrences import TARGETS, Key, key_of, occurrences
from harness.suites.reference.tables import table_of

MODELS: Mapping[str, type[Authored]] = {model.__name__: model for root in (Suite, Target) for model in places_of(root)}
COMMAND = "python -m harness.suites.reference"
FOLDER = "examples/"
_HEAD = f"<!-- Made by {COMMAND} from {{}}, which is to be edited. -->\n\n"
_KEYS = re.compile(r"^<!-- keys: (\w+)(?:: ([\w, ]+))? -->$", re.MULTILINE)
_EXAMPLE = re.compile(r"^<!-- example: (\S+) -->$", re.MULTILINE)
_EXAMPLES = re.compile(r"^<!-- examples -->$", re.MULTILINE)


def pages(sources: Mapping[str, str], examples: Mapping[str, str]) -> dict[str, str]:
    """The text of each page by its name. `examples`: text by path, relative to the pages. KeyError: a wrong mark."""
    made = {name: _with_tables(name, sources, examples) for name in sources}
    return {name: _HEAD.format(name.replace(".md", ".in.md")) + _with_examples(made[name], examples) for name in made}


def keys_shown(text: str) -> list[Key]:
    """The keys that the tables of a page show, in their order."""
    return [key_of(MODELS[mark[1]], name) for mark in _KEYS.finditer(text) for name in _names(mark)]


def _with_tables(page: str, sources: Mapping[str, str], examples: Mapping[str, str]) -> str:
    shown_on = {mark[1]: name for name in reversed(list(sources)) for mark in _KEYS.finditer(sources[name])}
    found = occurrences(examples)
    anchored: set[str] = set()

    def link(model: str) -> str:
        on = shown_on[model]
        return f"[{model}]({'' if on == page else on}#{_anchor(model)})"

    def table(mark: re.Match[str]) -> str:
        anchor = "" if mark[1] in anchored else f'<a id="{_anchor(mark[1])}"></a>\n\n'
        anchored.add(mark[1])
        return anchor + table_of(MODELS[mark[1]], _names(mark), found, link)

    return _KEYS.sub(table, sources[page])


def _names(mark: re.Match[str]) -> tuple[str, ...]:
    """The keys of a table; raises KeyError for one that there is not."""
    fields = MODELS[mark[1]].model_fields
    names = tuple(mark[2].split(", ")) if mark[2] else tuple(fields)
    for name in names:
        fields[name]
    return names


def _anchor(model: str) -> str:
    return f"keys-of-{model.lower()}"


def _with_examples(text: str, examples: Mapping[str, str]) -> str:
    text = _EXAMPLE.sub(lambda mark: _whole(FOLDER + mark[1], examples), text)
    return _EXAMPLES.sub(lambda _: "\n".join(("| file | shows |\n|---|---|", *_listed(examples))), text)


def _whole(path: str, examples: Mapping[str, str]) -> str:
    return f"[{path}]({path}):\n\n```yaml\n{examples[path]}```"


def _listed(examples: Mapping[str, str]) -> Iterator[str]:
    for path, text in examples.items():
        if path.startswith(FOLDER) and TARGETS not in path:
            subject = text.partition("\n")[0].removeprefix("# ")
            yield f"| [{path.removeprefix(FOLDER)}]({path}) | {subject} |"
