"""A stand-in for W&B's server on this machine: what wandb's own programs ask for when they create, continue and upload
runs, and when an agent asks for work. wandb itself is the real one.

History is kept by line number as the server does: a client that begins at line 0 replaces what is there.
"""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "k" * 40
HISTORY, SUMMARY = "wandb-history.jsonl", "wandb-summary.json"
REFUSED, UNKNOWN = 401, 400
SWEEP = "sweep1"


@dataclass
class CloudRun:
    """A run as the server has it.

    Attributes:
        asked: the variables of the requests that made or changed it.
        lines: of its history.
        streams: offsets at which clients began to send history.
    """

    asked: list[dict[str, Any]] = field(default_factory=list)
    lines: dict[int, dict[str, Any]] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    streams: list[int] = field(default_factory=list)
    complete: bool = False

    @property
    def history(self) -> list[dict[str, Any]]:
        return [self.lines[number] for number in sorted(self.lines)]

    def said(self, name: str) -> Any:
        """The last value that a client gave of this name."""
        return next((asked[name] for asked in reversed(self.asked) if asked.get(name) is not None), None)


class Cloud:
    """
    Attributes:
        url: for WANDB_BASE_URL.
        runs: by their id.
        key: the only API key that is accepted.
        sweep: the sweep's configuration, as YAML.
        commands: what the agent is told to do, one list for each time it asks; an exit when there are none left.
        stops: runs that the agent is told to stop, once each.
        loses: lines of history beyond so many are taken and forgotten, as when a connection breaks.
    """

    def __init__(self) -> None:
        self.runs: dict[str, CloudRun] = {}
        self.key = KEY
        self.sweep = ""
        self.commands: list[list[dict[str, Any]]] = []
        self.stops: set[str] = set()
        self.loses: int | None = None
        self.operations: list[str] = []
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def serving(self) -> Iterator["Cloud"]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.close()
            thread.join()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def run(self, name: str) -> CloudRun:
        return self.runs.setdefault(name, CloudRun())

    def answer(self, operation: str, given: dict[str, Any]) -> dict[str, Any] | None:
        """The data of a GraphQL answer; None for an operation that is not known here."""
        self.operations.append(operation)
        known = getattr(self, f"_{operation}", None)
        return None if known is None else known(given)

    def stream(self, name: str, content: dict[str, Any]) -> None:
        """Takes a piece of a run's files."""
        run = self.run(name)
        files = content.get("files") or {}
        history = files.get(HISTORY)
        if history is not None:
            run.streams.append(history["offset"])
            for number, line in enumerate(history["content"], start=history["offset"]):
                if self.loses is None or number < self.loses:
                    run.lines[number] = json.loads(line)
        for line in (files.get(SUMMARY) or {}).get("content", []):
            run.summary = json.loads(line)
        run.complete = bool(content.get("complete")) or run.complete

    def _RunResumeStatus(self, given: dict[str, Any]) -> dict[str, Any]:
        run = self.runs.get(given["name"])
        bucket = None
        if run is not None and run.asked:
            bucket = {
                **_bucket(given["name"]),
                "summaryMetrics": json.dumps(run.summary),
                "logLineCount": 0,
                "historyLineCount": len(run.lines),
                "eventsLineCount": 0,
                "historyTail": json.dumps([json.dumps(line) for line in run.history[-1:]]),
                "eventsTail": "[]",
                "config": json.dumps(run.config),
                "tags": run.said("tags") or [],
                "notes": "",
                "wandbConfig": json.dumps({"t": run.config.get("_wandb", {}).get("value", {}).get("t")}),
            }
        return {"model": {**_project(given.get("project")), "bucket": bucket}}

    def _UpsertBucket(self, given: dict[str, Any]) -> dict[str, Any]:
        run = self.run(given["name"])
        run.asked.append(given)
        if given.get("config"):
            run.config |= json.loads(given["config"])
        bucket = {**_bucket(given["name"]), "config": json.dumps(run.config), "historyLineCount": len(run.lines)}
        bucket |= {"sweepName": given.get("sweep"), "project": _project(given.get("project"))}
        return {"upsertBucket": {"bucket": bucket, "inserted": len(run.asked) == 1}}

    def _CreateRunFiles(self, given: dict[str, Any]) -> dict[str, Any]:
        files = [{"name": name, "uploadUrl": f"{self.url}/upload/{name}"} for name in given["files"]]
        return {"createRunFiles": {"runID": given["run"], "uploadHeaders": [], "files": files}}

    def _Viewer(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"viewer": {"id": "u", "entity": "me", "username": "me", "flags": "{}", "teams": {"edges": []}}}

    def _UpsertSweep(self, given: dict[str, Any]) -> dict[str, Any]:
        self.sweep = given["config"]
        return {"upsertSweep": {"sweep": {"name": SWEEP, "project": _project(given["projectName"])}}}

    def _SweepWithRuns(self, given: dict[str, Any]) -> dict[str, Any]:
        sweep = {"id": "s", "name": given["sweep"], "method": "grid", "state": "RUNNING", "config": self.sweep}
        return {"project": {"sweep": {**sweep, "runs": {"edges": []}}}}

    def _CreateAgent(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"createAgent": {"agent": {"id": "agent"}}}

    def _Heartbeat(self, given: dict[str, Any]) -> dict[str, Any]:
        running = json.loads(given["runState"] or "{}")
        commands = [{"type": "stop", "run_id": name} for name in self.stops & running.keys()]
        self.stops -= running.keys()
        if not running:
            commands = self.commands.pop(0) if self.commands else [{"type": "exit"}]
        return {"agentHeartbeat": {"agent": {"id": "agent"}, "commands": json.dumps(commands)}}


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may leave at any time."""


def _project(name: str | None) -> dict[str, Any]:
    return {"id": "p", "name": name or "nas", "entity": {"id": "e", "name": "me"}}


def _bucket(name: str) -> dict[str, Any]:
    return {"id": f"bucket-{name}", "name": name, "displayName": name, "description": ""}


def _handler(cloud: Cloud) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *words: Any) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            if cloud.key != KEY:
                self._reply(REFUSED, {"errors": [{"message": "user is not logged in"}]})
            elif self.path == "/graphql":
                asked = json.loads(body)
                operation = asked.get("operationName") or asked["query"].split("(")[0].split("{")[0].split()[-1]
                data = cloud.answer(operation, asked.get("variables") or {})
                unknown = {"errors": [{"message": f"{operation} is not known here"}]}
                self._reply(UNKNOWN if data is None else 200, unknown if data is None else {"data": data})
            else:
                if self.path.endswith("/file_stream"):
                    cloud.stream(self.path.split("/")[-2], json.loads(body))
                self._reply(200, {})

        do_GET = do_PUT = do_POST

        def _reply(self, code: int, content: dict[str, Any]) -> None:
            data = json.dumps(content).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler
