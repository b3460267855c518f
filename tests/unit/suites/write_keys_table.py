"""Writes the tables of keys anew: states as they are, proofs as they stand in the tables. A new key has none yet.

python -m tests.unit.suites.write_keys_table, then name its proof in the table, and again for `key_proofs.json`.
"""

import json
from pathlib import Path

from harness.suites.key_states import KeyState
from harness.suites.keys import PROOFS, Format, Key, keys_of

TABLES = Path(__file__).with_name("keys_table")
HEAD = "key\tstate\tproof, or what is said"


def proofs_in(table: Path) -> dict[str, str]:
    """Key → proof, of the acting ones."""
    rows = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()[1:]]
    return {name: told for name, state, told in rows if state == KeyState.ACTS and told}


def row_of(key: Key, proof: str) -> str:
    return f"{key.name}\t{key.state}\t{proof if key.state is KeyState.ACTS else key.said}"


def main() -> None:
    written: dict[str, dict[str, str]] = {}
    for of in Format:
        table = TABLES / f"{of}.tsv"
        proofs, keys = proofs_in(table), keys_of(of)
        rows = [row_of(key, proofs.get(key.name, "")) for key in keys]
        table.write_text("\n".join((HEAD, *rows, "")), encoding="utf-8")
        written[of] = {key.name: proofs[key.name] for key in keys if key.name in proofs}
    PROOFS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
