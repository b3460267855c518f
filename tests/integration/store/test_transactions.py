"""Transactions: writers one after another, readers undisturbed, blocks whole or not at all."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import Session

from scheduler.store.database import Store, open_store, run_lock
from scheduler.store.tables import Fact


def count_up(session: Session) -> None:
    """Read, then write: what goes wrong when two do it at once."""
    fact = session.get_one(Fact, "count")
    fact.value = str(int(fact.value) + 1)


def with_count(url: str) -> Store:
    store = open_store(url)
    with store.writing() as session:
        session.add(Fact(name="count", value="0", since_ms=0))
    return store


def count(store: Store) -> str:
    with store.session() as session:
        return session.get_one(Fact, "count").value


def test_changes_under_one_lock_never_lose_one_another(database_url: str) -> None:
    with with_count(database_url) as store:

        def change(_turn: int) -> None:
            for _ in range(20):
                with store.writing(run_lock("r")) as session:
                    count_up(session)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(change, range(4)))
        assert count(store) == "80"


def test_a_block_that_fails_leaves_nothing(database_url: str) -> None:
    with with_count(database_url) as store:
        with pytest.raises(RuntimeError), store.writing(run_lock("r")) as session:
            count_up(session)
            session.flush()
            raise RuntimeError("halfway")
        assert count(store) == "0"


def test_what_is_changed_while_reading_is_not_kept(database_url: str) -> None:
    with with_count(database_url) as store:
        with store.session() as session:
            count_up(session)
            session.flush()
        assert count(store) == "0"


def test_a_reader_sees_one_moment_and_does_not_wait_for_writers(database_url: str) -> None:
    with with_count(database_url) as store, store.session() as reader:
        assert reader.get_one(Fact, "count").value == "0"
        with store.writing() as writer:
            count_up(writer)
        reader.expire_all()
        assert reader.get_one(Fact, "count").value == "0"
        assert count(store) == "1"


def test_locks_are_taken_in_one_order_whatever_order_they_are_asked_in(database_url: str) -> None:
    with with_count(database_url) as store:
        names = [run_lock(f"r{n}") for n in range(6)]

        def change(turn: int) -> None:
            for _ in range(10):
                with store.writing(*(names if turn % 2 else reversed(names))) as session:
                    count_up(session)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(change, range(4)))
        assert count(store) == "40"
