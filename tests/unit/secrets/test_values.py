"""Where secrets are read from, and what is refused, without ever showing a value."""

import os
from pathlib import Path

import pytest

from harness.errors import SecretMissing, UsageError
from harness.secrets.store import SecretStore
from harness.secrets.values import secrets_in_environment, secrets_in_file


def private(folder: Path, content: str) -> Path:
    file = folder / "secrets"
    file.write_text(content)
    file.chmod(0o600)
    return file


def test_variables_with_the_prefix_are_secrets() -> None:
    found = secrets_in_environment({"MCPF_SECRET_API_TOKEN": "0123456", "MCPF_SECRETS_FILE": "x", "HOME": "/"})
    assert found == {"API_TOKEN": "0123456"}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("# mine\nTOKEN=a=b=c=d\n\n  OTHER = secret value \n", {"TOKEN": "a=b=c=d", "OTHER": "secret value"}),
        ("TOKEN: '0123456'\nOTHER: 1234567\n", {"TOKEN": "0123456", "OTHER": "1234567"}),
        ("TOKEN: |\n  -----BEGIN KEY-----\n  abc\n", {"TOKEN": "-----BEGIN KEY-----\nabc\n"}),
        ("", {}),
    ],
)
def test_a_file_holds_lines_or_yaml(content: str, found: dict[str, str], tmp_path: Path) -> None:
    assert secrets_in_file(private(tmp_path, content)) == found


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("PIN=1234", "secret PIN in {} is shorter than 6 characters: it could not be told from other text"),
        ("A B: 0123456", "'A B' in {} cannot be the name of a secret: letters, digits and _ only"),
        ("- topsecret", "MCPF_SECRETS_FILE: {} is neither lines of NAME=value nor a YAML mapping"),
        ("TOKEN: [topsecret]", "MCPF_SECRETS_FILE: {} is neither lines of NAME=value nor a YAML mapping"),
        ("a: " + "[" * 5000, "MCPF_SECRETS_FILE: {} is neither lines of NAME=value nor a YAML mapping"),
    ],
)
def test_what_cannot_be_kept_secret_is_refused_by_name(content: str, told: str, tmp_path: Path) -> None:
    file = private(tmp_path, content)
    with pytest.raises(UsageError) as caught:
        secrets_in_file(file)
    assert str(caught.value) == told.format(file)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = private(tmp_path, "TOKEN=0123456")
    file.chmod(0o640)
    with pytest.raises(UsageError, match="others may read"):
        secrets_in_file(file)


def test_a_pipe_in_place_of_the_file_does_not_hold_us_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(UsageError, match="is not a file"):
        secrets_in_file(tmp_path / "pipe")


def test_a_changed_file_is_read_again_and_old_values_are_still_scrubbed(tmp_path: Path) -> None:
    file = private(tmp_path, "TOKEN=first-one\n")
    store = SecretStore({"MCPF_SECRET_OTHER": "from-env"}, file)
    before = store.version(["TOKEN"])
    assert (store.resolve("TOKEN"), store.resolve("OTHER")) == ("first-one", "from-env")

    file.write_text("TOKEN=second-value\n")

    assert store.resolve("TOKEN") == "second-value"
    assert store.version(["TOKEN"]) != before and store.version([]) == ""
    assert store.scrubber.text("first-one second-value from-env") == "[secret:TOKEN] [secret:TOKEN] [secret:OTHER]"


def test_an_unknown_secret_is_named_with_the_remedy() -> None:
    with pytest.raises(SecretMissing) as caught:
        SecretStore({}, None).resolve("TOKEN")
    assert str(caught.value) == (
        "the secret is not known here: 'TOKEN'; set MCPF_SECRET_TOKEN, or name it in the file of MCPF_SECRETS_FILE"
    )
