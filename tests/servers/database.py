"""The server that the public suite `v1/database-mcp.yaml` describes: SQL over SQLite. Nothing but the standard library.

DATABASE_URL names the file as `sqlite://PATH`. Rows are lists, with `column_names` beside them; errors are tool results
with `isError` whose text is `{"error": {"code", "message"}}`.
"""

import json
import os
import sqlite3
import sys
import time

REVISION = "2024-11-05"
TABLES = """
    SELECT name FROM sqlite_master WHERE type = 'table' AND (? OR name NOT LIKE 'sqlite!_%' ESCAPE '!') ORDER BY name
"""


class Refused(Exception):
    """Raised when a request cannot be carried out."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def tables_of(db, system=False):
    return [row[0] for row in db.execute(TABLES, (system,))]


def columns_of(db, table):
    found = db.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
    if not found:
        raise Refused("TABLE_NOT_FOUND", f"there is no table {table}")
    return [{"name": row[1], "type": row[2], "nullable": not row[3], "primary_key": bool(row[5])} for row in found]


def execute_query(db, query, parameters=(), read_only=True, limit=None):
    begun = time.perf_counter()
    db.execute(f"PRAGMA query_only = {int(read_only)}")
    cursor = db.execute(query, parameters)
    rows = cursor.fetchall() if limit is None else cursor.fetchmany(limit)
    took_ms = (time.perf_counter() - begun) * 1000
    if cursor.description is None:
        changed = {"affected_rows": cursor.rowcount, "last_insert_id": cursor.lastrowid}
        return {**changed, "execution_time_ms": took_ms}
    names = [column[0] for column in cursor.description]
    return {"rows": rows, "column_names": names, "row_count": len(rows), "execution_time_ms": took_ms}


def execute_transaction(db, queries, rollback_on_error=True):
    db.execute("PRAGMA query_only = 0")
    db.execute("BEGIN")
    done = 0
    try:
        for query in queries:
            db.execute(query).fetchall()
            done += 1
    except sqlite3.Error:
        db.execute("ROLLBACK" if rollback_on_error else "COMMIT")
        raise
    db.execute("COMMIT")
    return {"transaction_success": True, "queries_executed": done}


def list_tables(db, include_system_tables=False):
    tables = [{"name": name, "type": "table"} for name in tables_of(db, include_system_tables)]
    return {"tables": tables, "table_count": len(tables)}


def describe_table(db, table_name, include_indexes=False):
    told = {"table_name": table_name, "columns": columns_of(db, table_name)}
    if include_indexes:
        told["indexes"] = [row[1] for row in db.execute(f"PRAGMA index_list({quoted(table_name)})")]
    return told


def get_schema(db, format="json", include_data_types=True):
    version = db.execute("PRAGMA schema_version").fetchone()[0]
    tables = {name: columns_of(db, name) for name in tables_of(db)}
    if not include_data_types:
        tables = {name: [column["name"] for column in columns] for name, columns in tables.items()}
    return {"schema_version": version, "format": format, "tables": tables}


def backup_database(db, backup_path, include_data=True):
    lines = [line for line in db.iterdump() if include_data or not line.startswith("INSERT")]
    with open(backup_path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    size = os.path.getsize(backup_path)
    return {"backup_success": True, "backup_path": backup_path, "backup_size_bytes": size}


TEXT, FLAG, LIST = {"type": "string"}, {"type": "boolean"}, {"type": "array"}
TOOLS = {
    "execute_query": (execute_query, {"query": TEXT, "parameters": LIST, "read_only": FLAG}, ["query"]),
    "execute_transaction": (execute_transaction, {"queries": LIST, "rollback_on_error": FLAG}, ["queries"]),
    "list_tables": (list_tables, {"include_system_tables": FLAG}, []),
    "describe_table": (describe_table, {"table_name": TEXT, "include_indexes": FLAG}, ["table_name"]),
    "get_schema": (get_schema, {"format": TEXT, "include_data_types": FLAG}, []),
    "backup_database": (backup_database, {"backup_path": TEXT, "include_data": FLAG}, ["backup_path"]),
}


def code_of(problem):
    """The code that the suite expects of an error of SQLite."""
    said = str(problem)
    return "TABLE_NOT_FOUND" if "no such table" in said else "SYNTAX_ERROR" if "syntax error" in said else "SQL_ERROR"


def called(db, name, arguments):
    if name not in TOOLS:
        raise Refused("NO_SUCH_TOOL", f"there is no tool {name}")
    try:
        return TOOLS[name][0](db, **arguments)
    except sqlite3.Error as problem:
        raise Refused(code_of(problem), str(problem)) from problem
    except TypeError as problem:
        raise Refused("INVALID_ARGUMENTS", str(problem)) from problem


def call_result(db, params):
    try:
        told = called(db, params["name"], params.get("arguments", {}))
    except Refused as refusal:
        error = {"error": {"code": refusal.code, "message": str(refusal)}}
        return {"content": [{"type": "text", "text": json.dumps(error)}], "isError": True}
    return {"content": [{"type": "text", "text": json.dumps(told)}]}


def listed():
    return [
        {"name": name, "inputSchema": {"type": "object", "properties": properties, "required": required}}
        for name, (_, properties, required) in TOOLS.items()
    ]


def result_of(db, message):
    method = message["method"]
    if method == "initialize":
        server = {"name": "sqlite-database", "version": "1.0.0"}
        return {"protocolVersion": REVISION, "capabilities": {"tools": {}}, "serverInfo": server}
    if method == "tools/list":
        return {"tools": listed()}
    return call_result(db, message["params"]) if method == "tools/call" else {}


def main():
    path = os.environ.get("DATABASE_URL", "sqlite://:memory:").removeprefix("sqlite://")
    db = sqlite3.connect(path, isolation_level=None)
    for line in sys.stdin:
        message = json.loads(line)
        if "id" in message:
            answer = {"jsonrpc": "2.0", "id": message["id"], "result": result_of(db, message)}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
