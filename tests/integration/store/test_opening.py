"""Several processes open the same empty database at once."""

import subprocess
import sys

from sqlalchemy import text

from scheduler.store.database import HEAD, open_engine

OPEN = "import sys; from scheduler.store.database import open_store; open_store(sys.argv[1]).close()"
LOADED = "; print('alembic' in sys.modules)"


def test_processes_that_open_an_empty_database_together_make_one_schema(database_url: str) -> None:
    started = [subprocess.Popen([sys.executable, "-c", OPEN, database_url], stderr=subprocess.PIPE) for _ in range(4)]
    ended = [(process.communicate(timeout=60)[1].decode(), process.returncode) for process in started]
    assert ended == [("", 0)] * 4
    engine = open_engine(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [HEAD]
    engine.dispose()


def test_neither_a_fresh_sqlite_file_nor_an_old_one_needs_alembic(tmp_path: object) -> None:
    url = f"sqlite:///{tmp_path}/farm.db"
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", OPEN + LOADED, url], capture_output=True, text=True, check=True)
        assert done.stdout == "False\n"
