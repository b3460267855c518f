"""Says where a server's program was looked for in vain. Pure; standard library only."""


def why_missing(command: str, reason: str) -> str:
    """What is wrong with a `command` that the system does not find, for `reason`, and how to mend it."""
    text = f"{command!r}: {reason}"
    if "/" in command:
        text += (
            "; a relative path starts in the server's working directory, and what a script's #! line names must exist"
        )
    else:
        text += (
            " on PATH, which is the one in the suite's env, else MCPF_SERVER_PATH of the worker, else the worker's own"
        )
    if any(character.isspace() for character in command):
        text += "; 'command' names the program alone: its arguments belong in 'args'"
    return text
