"""A database of an older program, with a run in it, goes on under the newer one; and back."""

from alembic import command
from sqlalchemy import Engine, text

from scheduler.store.database import HEAD, open_engine, open_store
from scheduler.store.migrate import configuration
from scheduler.store.queries import run_report
from scheduler.store.work import load_tests, load_waiting

OLD_RUN = """
INSERT INTO runs (id, project, name, bundle, pool, state, created_ms, stop_reason, fail_fast, total, totals, seq,
                  stale_records, poison_records, warnings)
VALUES ('r1', 'default', 'old', 'b', 'default', 'running', 1, '', false, 1, '{}', 0, 0, 0, '[]')
"""
OLD_PLAN = """
INSERT INTO run_plans (run_id, plan, digest, suite, target, file, max_concurrency, fail_fast, stop_reason)
VALUES ('r1', 0, 'd', 's', 't', 's.yaml', 4, false, '')
"""
OLD_TEST = """
INSERT INTO tests (run_id, number, plan, project, suite, target, test_id, name, tool, file, line, tags, grouped, unit,
                   shard, rank, state, lease, losses, reason, duration_s, counted)
VALUES ('r1', 0, 0, 'default', 's', 't', 'default/s/t/x', 'x', 'echo', 's.yaml', 1, '[]', false, 0,
        0, 0, 'ready', 0, 0, '', 0.0, false)
"""


def at_revision(url: str, revision: str) -> Engine:
    engine = open_engine(url)
    with engine.execution_options(writes=True).begin() as connection:
        command.upgrade(configuration(connection), revision)
    return engine


def test_a_run_of_the_first_schema_goes_on(database_url: str) -> None:
    engine = at_revision(database_url, "0001")
    with engine.execution_options(writes=True).begin() as connection:
        for statement in (OLD_RUN, OLD_PLAN, OLD_TEST):
            connection.execute(text(statement))
    engine.dispose()

    with open_store(database_url) as store, store.session() as session:
        run = run_report(session, "r1").run
        (row,) = load_waiting(session, "r1", None, 10)
        assert (run.lane, run.deadline_at, run.retries, run.notice) == ("batch", None, 0, "")
        assert (row.idempotent, row.retries, row.avoid) == (True, 0, ())
        assert load_tests(session, "r1", [0]) == {0: row}


def test_an_older_program_can_have_its_schema_back(database_url: str) -> None:
    engine = at_revision(database_url, HEAD)
    with engine.execution_options(writes=True).begin() as connection:
        command.downgrade(configuration(connection), "0001")
        for statement in (OLD_RUN, OLD_PLAN, OLD_TEST):
            connection.execute(text(statement))
        assert connection.execute(text("SELECT count(*) FROM tests")).scalar_one() == 1
    engine.dispose()
