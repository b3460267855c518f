"""Every key of the v1 format and its state, from the tables that decide it."""

from collections.abc import Iterator

from harness.suites.extending import EXTENDS, MERGE_MODE
from harness.suites.key_states import KeyState, State
from harness.suites.v1.carry import WITH_CONFIG, Becomes, Configures, Defers, Refuses, Table, Treatment
from harness.suites.v1.cases import CASE
from harness.suites.v1.commands import CLEANUP, SETUP
from harness.suites.v1.configuration import SECTIONS, treatments
from harness.suites.v1.expected import BESIDE, EXPECTED, RESPONSE_LIMITS
from harness.suites.v1.limits import LIMITS, PERCENTILES
from harness.suites.v1.scripts import SCRIPT
from harness.suites.v1.server import CHECK, ENVIRONMENT, SERVER
from harness.suites.v1.steps import STEP
from harness.suites.v1.suites import GLOBAL, RETRY, SUITE
from harness.suites.v1.translate import FILE
from harness.suites.v1.validation import REFUSED, RULES

PATTERN = "test_suites[].test_cases[].expected.patterns[]"
CONTAINERS = frozenset({"health_check"})
"""Keys that hold nothing but others: those are listed. Sections that configure the farm, too."""
_CASES = "test_suites[].test_cases[]"
TABLES = (
    FILE, GLOBAL, RETRY, SERVER, CHECK, ENVIRONMENT, SUITE, SETUP, CLEANUP, CASE, STEP, LIMITS, PERCENTILES, EXPECTED,
    RESPONSE_LIMITS, SCRIPT, *(Table(section, treatments(section)) for section in SECTIONS),
)  # fmt: skip


def v1_keys() -> Iterator[tuple[str, State]]:
    """All keys, table by table; validations as `…validation.type: equals` and their members below them."""
    for key in (EXTENDS, MERGE_MODE):
        yield key, State(KeyState.ACTS, key)
    yield "test_suites", State(KeyState.ACTS, "one suite for each")
    for table in TABLES:
        for key, treatment in table.keys.items():
            if key not in CONTAINERS and (table.place or key not in SECTIONS):
                yield from _states(f"{table.place}.{key}".lstrip("."), treatment)
    for section in (section for section, below in SECTIONS.items() if not below):
        yield section, State(KeyState.DEFERRED)
    for key in ("tool_name", "tool"):
        yield f"{_CASES}.{key}", State(KeyState.ACTS, "name of a tool or method")
    yield f"{_CASES}.expected", State(KeyState.ACTS, "expected")
    for key, treatment in BESIDE.items():
        yield f"{_CASES}.{key}", State(KeyState.ACTS, treatment.path)
    yield from _validations()


def _states(name: str, treatment: Treatment) -> Iterator[tuple[str, State]]:
    match treatment:
        case Becomes(path=path):
            yield name, State(KeyState.ACTS, path)
        case Configures():
            yield name, State(KeyState.DEFERRED, WITH_CONFIG)
        case Refuses(why=why):
            yield name, State(KeyState.REFUSED, why)
        case Defers(why, below):
            for path in below or ("",):
                yield f"{name}.{path}".rstrip(".").replace(".[]", "[]"), State(KeyState.DEFERRED, why)


def _validations() -> Iterator[tuple[str, State]]:
    for key, ours in (("key", "path"), ("validation", "checks"), ("required", "severity")):
        yield f"{PATTERN}.{key}", State(KeyState.ACTS, ours)
    for kind, rule in RULES.items():
        ours = ", ".join(dict.fromkeys((*rule.says, *rule.members.values())))
        yield f"{PATTERN}.validation.type={kind}", State(KeyState.ACTS, ours)
    for kind, why in REFUSED.items():
        yield f"{PATTERN}.validation.type={kind}", State(KeyState.REFUSED, why)
