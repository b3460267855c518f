"""Text of a suite file → tree of JSON values with places. The only place that starts a YAML parser.

A suite may come from anybody: bytes, encoding and characters are checked before parsing, everything else while
building (`build.py`). Owns how a syntax error is worded.
"""

import re

import yaml
from yaml import CSafeLoader

from harness.errors import SuiteErrors
from harness.suites.build import TOO_DEEP, Including, Refused, TreeBuilder
from harness.suites.findings import Findings
from harness.suites.tree import Mark, Node

MAX_BYTES = 1024 * 1024
MAX_DIRECTIVES = 8  # libyaml compares each with all others

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_DIRECTIVE = re.compile("^%", re.MULTILINE)


def read_yaml(text: bytes, file: str, including: Including | None = None) -> Node:
    """The tree of one YAML document; raises SuiteErrors. `file` is what problems name.

    Without `including` no file may be included.
    """
    return _read(text, TreeBuilder(Findings(file), including))


def read_part(text: bytes, file: str, including: Including) -> Node:
    """The tree of a file that another one includes: its marks name it. Raises SuiteErrors."""
    return _read(text, TreeBuilder(Findings(file), including, file))


def _read(text: bytes, builder: TreeBuilder) -> Node:
    findings = builder.findings
    try:
        root = _parse(_decode(text), builder)
    except Refused as refused:
        raise SuiteErrors((findings.problem(refused.mark, refused.message, refused.hint),)) from None
    findings.raise_errors()
    return root


def _decode(text: bytes) -> str:
    if len(text) > MAX_BYTES:
        raise Refused(Mark(1, 1), f"the file is larger than {MAX_BYTES // 1024} KiB", "split the suite")
    try:
        source = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(
            _end_of(text[: error.start].decode("utf-8", "replace")), "not UTF-8", "save it as UTF-8"
        ) from None
    if forbidden := _FORBIDDEN.search(source):
        message = f"character U+{ord(forbidden[0]):04X} is not allowed"
        raise Refused(_end_of(source[: forbidden.start()]), message, "write it as an escape in double quotes")
    if len(_DIRECTIVE.findall(source)) > MAX_DIRECTIVES:
        raise Refused(Mark(1, 1), f"more than {MAX_DIRECTIVES} lines start with %", "YAML directives are not needed")
    return source


def _end_of(before: str) -> Mark:
    return Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _parse(source: str, builder: TreeBuilder) -> Node:
    try:
        for event in yaml.parse(source, Loader=CSafeLoader):
            builder.take(event)
    except yaml.YAMLError as error:
        raise _syntax_error(error, builder) from None
    return builder.finish()


def _syntax_error(error: yaml.YAMLError, builder: TreeBuilder) -> Refused:
    place = error.problem_mark or error.context_mark if isinstance(error, yaml.MarkedYAMLError) else None
    if place is None or not isinstance(error, yaml.MarkedYAMLError):
        return Refused(Mark(1, 1), f"not YAML: {error}")
    mark = Mark(place.line + 1, place.column + 1)
    if "maximum nesting" in (error.problem or ""):
        return Refused(mark, TOO_DEEP)
    message = f"not YAML: {error.problem or error.context}"
    if error.context and error.context_mark:
        message += f" ({error.context} that starts on line {error.context_mark.line + 1})"
    return Refused(mark, message, _syntax_hint(error.problem or "", mark.line, builder))


def _syntax_hint(problem: str, line: int, builder: TreeBuilder) -> str:
    start, end = builder.long_quoted_text or (line, 0)
    if end and line - end <= 1:
        return f"the quoted text that starts on line {start} ends on line {end}: is its closing quote missing?"
    if "cannot start any token" in problem:
        return "indent with spaces, not tabs; put text that starts with a special character in quotes"
    if "escape" in problem or "hexdecimal" in problem:
        return "write the character itself; in single quotes a backslash is a backslash"
    return ""
