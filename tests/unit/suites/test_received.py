"""A bundle from the network is read only if `pack` could have made it."""

import pytest

from harness.errors import UsageError
from harness.models.job import Bundle, BundleFile
from harness.suites.bundle import MAX_BUNDLE_BYTES, MAX_FILE_BYTES, MAX_FILES, canonical_json
from harness.suites.received import read_bundle

GOOD = BundleFile(path="a.yaml", digest="0" * 64, size_bytes=3)


def changed(**values: object) -> Bundle:
    return Bundle(suites=("a.yaml",), files=(GOOD, GOOD.model_copy(update={"path": "b.txt", **values})))


def test_a_bundle_as_pack_makes_it_is_read() -> None:
    bundle = changed(mode=0o755)
    assert read_bundle(canonical_json(bundle), "d") == bundle


@pytest.mark.parametrize(
    ("bundle", "told"),
    [
        (changed(path="/etc/passwd"), "the path '/etc/passwd' does not stay inside its folder"),
        (changed(path="x/../../y"), "does not stay inside its folder"),
        (changed(path="a.yaml"), "the path 'a.yaml' occurs 2 times"),
        (changed(size_bytes=-1), f"expected a size of 0 to {MAX_FILE_BYTES} bytes, found -1"),
        (changed(size_bytes=MAX_FILE_BYTES + 1), "expected a size of 0 to"),
        (changed(mode=0o4755), "expected mode 0o644 or 0o755, found 0o4755"),
        (Bundle(suites=("b.yaml",), files=(GOOD,)), "names the suite 'b.yaml', which is not among its files"),
        (Bundle(suites=("a.yaml", "a.yaml"), files=(GOOD,)), "names the suite 'a.yaml' 2 times"),
        (Bundle(suites=(), files=(GOOD,)), "names no suite"),
        (
            Bundle(suites=("0",), files=tuple(GOOD.model_copy(update={"path": str(n)}) for n in range(MAX_FILES + 1))),
            f"expected up to {MAX_FILES} files, found {MAX_FILES + 1}",
        ),
        (
            Bundle(
                suites=("0",),
                files=tuple(
                    GOOD.model_copy(update={"path": str(n), "size_bytes": MAX_FILE_BYTES})
                    for n in range(MAX_BUNDLE_BYTES // MAX_FILE_BYTES + 1)
                ),
            ),
            "larger than 64 MiB together",
        ),
    ],
)
def test_a_bundle_that_pack_would_not_make_is_refused(bundle: Bundle, told: str) -> None:
    with pytest.raises(UsageError, match=r"blob d is not a bundle") as caught:
        read_bundle(canonical_json(bundle), "d")
    assert told in str(caught.value)


def test_what_is_no_bundle_is_refused() -> None:
    with pytest.raises(UsageError, match="send the bundle's JSON"):
        read_bundle(b"[]", "d")
