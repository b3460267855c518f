"""What the workers of an embedded farm are told."""

from pathlib import Path

from scheduler.console.embedded.settings import WorkerTerms, worker_environment

TERMS = WorkerTerms("unix://:secret@/s", "run-1", 2, 16, Path("/state/blobs"), Path("/private/scratch"))


def test_a_worker_inherits_the_environment_but_none_of_our_settings() -> None:
    inherited = {"PATH": "/bin", "MCPF_KEY": "k", "MCPF_DATABASE_URL": "d", "MCPF_MAX_SESSIONS": "3"}

    assert worker_environment(TERMS, "local-1-1", inherited) == {
        "PATH": "/bin",
        "MCPF_MAX_SESSIONS": "3",
        "MCPF_REDIS_URL": "unix://:secret@/s",
        "MCPF_BLOB_DIR": "/state/blobs",
        "MCPF_SCRATCH_DIR": "/private/scratch",
        "MCPF_POOL": "run-1",
        "MCPF_SHARDS": "2",
        "MCPF_SLOTS": "16",
        "MCPF_WORKER_NAME": "local-1-1",
        "MCPF_WAKE": "false",
        "MCPF_LOG_FORMAT": "console",
    }
