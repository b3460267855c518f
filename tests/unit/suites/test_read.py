"""The bounded YAML reader: what it refuses, where, and how cheaply."""

import time

import pytest

from harness.errors import SuiteErrors
from harness.suites.read import read_yaml
from harness.suites.tree import MapNode, Mark, plain

CPU_LIMIT_S = 0.5
KIB = 1024


def problems_of(text: str | bytes) -> list[str]:
    with pytest.raises(SuiteErrors) as caught:
        read_yaml(text.encode() if isinstance(text, str) else text, "s.yaml")
    return [str(problem) for problem in caught.value.problems]


def bomb(first: str, rest: str, count: int) -> str:
    return first + "".join(rest.format(this=number, last=number - 1) for number in range(1, count))


HOSTILE = {
    "flow lists 50,000 deep": ("[" * 50_000, "nested more than 64 deep"),
    "flow mappings 50,000 deep": ("{a: " * 50_000, "nested more than 64 deep"),
    "block lists 50,000 deep": ("- " * 50_000, "nested more than 64 deep"),
    "complex keys 50,000 deep": ("? " * 50_000, "nested more than 64 deep"),
    "mappings a line each": ("".join(" " * n + "a:\n" for n in range(1_000)), "nested more than 64 deep"),
    "nested merge keys": (
        bomb("a0: &a0 {{x: 1}}\n".format(), "a{this}: &a{this} {{<<: [*a{last}, *a{last}]}}\n", 18),
        "merge keys (<<) are not supported",
    ),
    "a billion laughs": (
        bomb("a0: &a0 [x,x,x,x,x,x,x,x,x]\n", f"a{{this}}: &a{{this}} [{','.join(['*a{last}'] * 9)}]\n", 9),
        "more than 100000 values, with aliases written out",
    ),
    "depth through aliases": (
        bomb("a0: &a0 [x]\n", f"a{{this}}: &a{{this}} {'[' * 40}*a{{last}}{']' * 40}\n", 900),
        "nested more than 64 deep, with aliases written out",
    ),
    "long texts through aliases": (
        f"a: &a {'x' * 200_000}\nb: [{','.join(['*a'] * 900)}]",
        "more than 4096 Ki characters, with aliases written out",
    ),
    "aliases": (f"a: &a x\nb: [{'*a,' * 1_001}]", "more than 1000 aliases"),
    "one long text": ("a: " + "x" * 300 * KIB, "a text is longer than 256 Ki characters"),
    "a large file": ("#" * (1024 * KIB + 1), "the file is larger than 1024 KiB"),
    "tag directives": ("".join(f"%TAG !{n}! b\n" for n in range(60_000)), "lines start with %"),
    "anchors": ("&a " * 300_000, "not YAML"),
    "colons": (": " * 500_000, "not YAML"),
}


@pytest.mark.parametrize(("text", "message"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_in_half_a_second_of_cpu(text: str, message: str) -> None:
    started_s = time.process_time()

    problems = problems_of(text)

    assert time.process_time() - started_s < CPU_LIMIT_S
    assert len(problems) == 1
    assert message in problems[0]


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}"), ("- ", "")])
def test_sixty_four_levels_are_accepted_and_one_more_is_not(opening: str, closing: str) -> None:
    read_yaml((opening * 64 + closing * 64).encode(), "s.yaml")

    assert problems_of(opening * 65 + closing * 65) == [f"s.yaml:1:{1 + 64 * len(opening)}: nested more than 64 deep"]


def test_a_file_of_many_small_values_is_refused_at_the_first_that_is_too_many() -> None:
    assert problems_of("- a\n" * 250_000) == [
        "s.yaml:100000:3: more than 100000 values, with aliases written out; split the suite"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "s.yaml:1:1: the file is empty"),
        ("# nothing\n", "s.yaml:1:1: the file is empty"),
        ("a: 1\n---\nb: 2", "s.yaml:2:1: a second document starts here; a suite file holds one document"),
        (b"a: b\nc: \xe4\n", "s.yaml:2:4: not UTF-8; save it as UTF-8"),
        ("a: b".encode("utf-16"), "s.yaml:1:1: not UTF-8; save it as UTF-8"),
        ("ä: 'x\0y'", "s.yaml:1:6: character U+0000 is not allowed; write it as an escape in double quotes"),
        ("a:\n - '\x1b[1m'", "s.yaml:2:5: character U+001B is not allowed; write it as an escape in double quotes"),
        ("a: *b", "s.yaml:1:4: no anchor '&b' before this alias"),
        ("a: &a [*a]", "s.yaml:1:8: alias '*a' stands inside its own anchor"),
        ("a: 1\nb: {c: 2, c: 3}", "s.yaml:2:11: key 'c' is already given on line 2; keep one"),
        ("a: 1\n'a': 2", "s.yaml:2:1: key 'a' is already given on line 1; keep one"),
        ("x: {1: a}", "s.yaml:1:5: a key must be text; put it in quotes"),
        ("x: {[a]: b}", "s.yaml:1:5: a key must be text; put it in quotes"),
        (
            "x: !!binary aGk=",
            "s.yaml:1:4: tag 'tag:yaml.org,2002:binary' is not supported; remove it; put text in quotes",
        ),
        ("x: !!python/name:os.system ''", "s.yaml:1:4: tag 'tag:yaml.org,2002:python/name:os.system' is not supported"),
        ("x: !<!y> [a]", "s.yaml:1:4: tag '!y' is not supported; remove it; put text in quotes"),
        ("x: .nan", "s.yaml:1:4: .nan is not a JSON number; put it in quotes if it is text"),
        ("a:\n\tb: 1", "s.yaml:2:1: not YAML: found character that cannot start any token"),
        ('a: "\\ud800"', "s.yaml:1:7: not YAML: found invalid Unicode character escape code"),
        ("a: [b", "s.yaml:2:1: not YAML: did not find expected ',' or ']'"),
    ],
)
def test_a_problem_names_its_line_and_column(text: str | bytes, problem: str) -> None:
    found = problems_of(text)

    assert len(found) == 1
    assert found[0].startswith(problem)


def test_a_missing_closing_quote_is_suspected_where_the_quoted_text_starts() -> None:
    text = 'tests:\n  - name: "one\n    description: "two"\n'

    assert problems_of(text)[0].endswith(
        "; the quoted text that starts on line 2 ends on line 3: is its closing quote missing?"
    )


@pytest.mark.parametrize("text", ['a: "\\ud800"', 'a: "\\q"', 'a: "\\uZZ"'])
def test_a_wrong_escape_is_not_blamed_on_a_closing_quote(text: str) -> None:
    hint = "; write the character itself; in single quotes a backslash is a backslash"

    assert problems_of(text)[0].endswith(f"(while parsing a quoted scalar that starts on line 1){hint}")


def test_every_duplicate_of_a_file_is_reported_at_once() -> None:
    assert problems_of("a: 1\na: 2\nb: {c: 1, c: 2}\n") == [
        "s.yaml:2:1: key 'a' is already given on line 1; keep one",
        "s.yaml:3:11: key 'c' is already given on line 3; keep one",
    ]


def test_values_become_json_with_aliases_written_out() -> None:
    text = "list: &l [1, 2.5, true, null, text, '5', !!str 7, 2024-01-31]\nsame: *l\nblock: |\n  a\n  b\n"

    values = [1, 2.5, True, None, "text", "5", "7", "2024-01-31"]
    assert plain(read_yaml(text.encode(), "s.yaml")) == {"list": values, "same": values, "block": "a\nb\n"}


def test_a_byte_order_mark_is_ignored_and_places_count_characters() -> None:
    root = read_yaml("\ufeffäöü: 🚀\nb: {c: 1}".encode(), "s.yaml")

    assert isinstance(root, MapNode)
    assert root.entries["äöü"].node.mark == Mark(1, 6)
    assert root.entries["b"].key_mark == Mark(2, 1)
    assert root.entries["b"].node.mark == Mark(2, 4)


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    assert plain(read_yaml(b"'<<': 1", "s.yaml")) == {"<<": 1}
