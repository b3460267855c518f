"""Keys of the API, on both databases."""

from collections.abc import Iterator

import pytest
from sqlmodel import select

from scheduler.operate.keys import Caller, check_key, create_key, first_key, revoke_key
from scheduler.store.database import Store, open_store
from scheduler.store.owners import ALL_PROJECTS
from scheduler.store.tables import ApiKey


@pytest.fixture
def store(farm_database_url: str) -> Iterator[Store]:
    with open_store(farm_database_url) as store:
        yield store


def test_the_first_key_is_made_once_and_opens_every_project(store: Store) -> None:
    text = first_key(store)
    assert text is not None
    assert first_key(store) is None
    caller = check_key(store, text)
    assert caller is not None
    assert caller.project == ALL_PROJECTS
    assert caller.may_use("anything")


def test_a_key_of_a_project_opens_that_project_only(store: Store) -> None:
    text = create_key(store, "ci", "billing")
    assert check_key(store, text) == Caller(text.split("_")[1], "billing")
    caller = check_key(store, text)
    assert caller is not None
    assert caller.may_use("billing")
    assert not caller.may_use("default")
    assert not caller.may_use(ALL_PROJECTS)


def test_the_store_keeps_nothing_that_could_be_used_as_a_key(store: Store) -> None:
    text = create_key(store, "ci", "default")
    with store.session() as session:
        row = session.exec(select(ApiKey)).one()
    secret = text.split("_", 2)[2]
    assert secret not in row.model_dump_json()
    assert check_key(store, row.key_hash) is None


@pytest.mark.parametrize("damage", [lambda key: key[:-1], lambda key: key + "x", lambda key: key.swapcase()])
def test_a_key_that_differs_by_anything_is_no_key(store: Store, damage: object) -> None:
    text = create_key(store, "ci", "default")
    assert check_key(store, damage(text)) is None  # type: ignore[operator]


@pytest.mark.parametrize("text", ["", "mcpf", "mcpf__", "mcpf_x_y", "Bearer", "x" * 100_000, "mcpf_\x00_y", "é"])
def test_what_is_no_key_is_refused(store: Store, text: str) -> None:
    create_key(store, "ci", "default")
    assert check_key(store, text) is None


def test_a_revoked_key_is_no_longer_good(store: Store) -> None:
    text = create_key(store, "ci", "default")
    key_id = text.split("_")[1]
    assert revoke_key(store, key_id)
    assert check_key(store, text) is None
    assert not revoke_key(store, key_id)


def test_every_key_is_another_one(store: Store) -> None:
    keys = {create_key(store, "ci", "default") for _ in range(50)}
    assert len(keys) == 50
    assert min(len(key.split("_", 2)[2]) for key in keys) >= 43
