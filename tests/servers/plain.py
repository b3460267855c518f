"""A well-behaved MCP server over stdio, standard library only, with tools that misbehave on request.

With MCP_CALL_LOG set, each process start and each tool call adds a line there (one write, so lines never mix).
"""

import json
import os
import sys
import time

LOG = os.environ.get("MCP_CALL_LOG")
STATE: dict[str, int] = {"calls": 0, "counter": 0}


def log(line: str) -> None:
    if LOG:
        with open(LOG, "ab", buffering=0) as sink:
            sink.write(f"{line}\n".encode())


def text(value: object, *, is_error: bool = False) -> dict:
    result = {"content": [{"type": "text", "text": str(value)}]}
    return {**result, "isError": True} if is_error else result


class RpcError(Exception):
    def __init__(self, code: int, message: str, data: object = None) -> None:
        self.body = {"code": code, "message": message, **({"data": data} if data is not None else {})}


def echo(args: dict) -> dict:
    return text(args["text"])


def add(args: dict) -> dict:
    total = args["a"] + args["b"]
    return {**text(total), "structuredContent": {"total": total, "parts": [args["a"], args["b"]]}}


def fail(args: dict) -> dict:
    return text(args.get("message", "it failed"), is_error=True)


def rpc_error(args: dict) -> dict:
    raise RpcError(args.get("code", -32602), args.get("message", "refused"), args.get("data"))


def sleep(args: dict) -> dict:
    time.sleep(args["seconds"])
    return text(f"slept {args['seconds']}")


def die(args: dict) -> dict:
    print("about to die", file=sys.stderr, flush=True)
    os._exit(args.get("code", 3))


def die_once(args: dict) -> dict:
    """Die the first time a marker file in the working directory is missing; answer afterwards."""
    marker = args.get("marker", "died")
    if not os.path.exists(marker):
        open(marker, "w").close()
        os._exit(4)
    return text("survived")


def count(args: dict) -> dict:
    """How often this process was asked: shows whether two tests shared a session."""
    STATE["counter"] += 1
    return text(STATE["counter"])


def env(args: dict) -> dict:
    return text(os.environ.get(args["name"], "(unset)"))


def read_file(args: dict) -> dict:
    try:
        with open(args["path"], encoding="utf-8") as source:
            return text(source.read())
    except OSError as error:
        return text(f"{type(error).__name__}: {args['path']}", is_error=True)


def write_file(args: dict) -> dict:
    with open(args["path"], "w", encoding="utf-8") as sink:
        sink.write(args["text"])
    return text("written")


def noise(args: dict) -> dict:
    """Write something that is not JSON-RPC to stdout before the answer."""
    sys.stdout.write(args.get("line", "starting up...") + "\n")
    return text("noisy")


def complain(args: dict) -> dict:
    print(args.get("line", "warning: something"), file=sys.stderr, flush=True)
    return text("complained")


def big(args: dict) -> dict:
    return text("x" * args["bytes"])


TOOLS = [echo, add, fail, rpc_error, sleep, die, die_once, count, env, read_file, write_file, noise, complain, big]
BY_NAME = {tool.__name__: tool for tool in TOOLS}


def answer(method: str, params: dict) -> dict:
    if method == "initialize":
        return {
            "protocolVersion": params.get("protocolVersion", "2025-11-25"),
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "plain", "version": "1.2.3"},
        }
    if method == "ping":
        return {}
    if method == "tools/list":
        return {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in BY_NAME]}
    if method == "tools/call":
        STATE["calls"] += 1
        log(f"call {params['name']} {os.getpid()}")
        if params["name"] not in BY_NAME:
            raise RpcError(-32602, f"Unknown tool: {params['name']}")
        return BY_NAME[params["name"]](params.get("arguments") or {})
    raise RpcError(-32601, f"Method not found: {method}")


def main() -> None:
    log(f"start {os.getpid()}")
    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request:
            continue
        reply = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            reply["result"] = answer(request["method"], request.get("params") or {})
        except RpcError as error:
            reply["error"] = error.body
        except Exception as error:
            reply["result"] = text(f"{type(error).__name__}: {error}", is_error=True)
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


main()
