"""An HTTP server for one page: on loopback only, and nothing but that page is there to be had."""

import json
import re
import socket
import sys
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

from nas.serving.head import TooLarge, drain, read_head
from nas.serving.page import policy
from nas.serving.watch import Watch

HOST = "127.0.0.1"
# Names under which a browser may come. Any port: a tunnel may begin at another. Any other name is a foreign page whose
# name was made to lead here ("DNS rebinding").
LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
MOST_CONNECTIONS = 128
SENDING_S = 60.0  # for a whole answer, through a slow tunnel
BARRED = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class PageServer(ThreadingMixIn, TCPServer):
    """Serves a `Watch`. A connection is one request; of too many at once the oldest is closed."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = MOST_CONNECTIONS

    def __init__(self, watch: Watch, port: int) -> None:
        """
        Raises:
            OSError: the port is taken, or not for us.
        """
        self.watch = watch
        self._connections: dict[socket.socket, None] = {}  # in the order in which they came
        self._lock = threading.Lock()
        super().__init__((HOST, port), Request)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections[request] = None
            oldest = next(iter(self._connections)) if len(self._connections) > MOST_CONNECTIONS else None
            if oldest is not None:
                del self._connections[oldest]
                with suppress(OSError):
                    oldest.shutdown(socket.SHUT_RDWR)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is gone or too slow is no error."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Request(BaseHTTPRequestHandler):
    """GET or HEAD of the page or of its state; everything else is refused without a word about why."""

    server: PageServer
    default_request_version = "HTTP/1.0"  # that of 0.9 has no status
    error_message_format, error_content_type = "%(code)d %(message)s\n", "text/plain; charset=utf-8"

    def handle(self) -> None:
        self.rfile.close()  # it would read as much as a client sends
        try:
            self.rfile = BytesIO(read_head(self.connection))
        except TooLarge:
            self.requestline, self.request_version, self.command = "", self.default_request_version, ""
            self.send_error(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return
        self.connection.settimeout(SENDING_S)
        self.handle_one_request()

    def parse_request(self) -> bool:
        """Whether the request may be answered; if not, it has been refused."""
        if not super().parse_request():
            return False
        status = self._refusal()
        if status is not None:
            self.send_error(status)
        return status is None

    def do_GET(self) -> None:
        watch = self.server.watch
        watch.ask()
        if self.path == "/":
            packed = "gzip" in self.headers.get("Accept-Encoding", "")
            page = watch.page
            self._answer(page.packed if packed else page.content, "text/html; charset=utf-8", packed)
        elif self.path == "/state":
            self._answer(json.dumps(watch.state()).encode(), "application/json")
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    do_HEAD = do_GET

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Only the standard's own words: nothing that came in goes out."""
        super().send_error(code)
        drain(self.connection)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", f"{policy()}; {BARRED}")
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def version_string(self) -> str:
        return "nas"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: the terminal is the user's."""

    def _refusal(self) -> HTTPStatus | None:
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1:
            return HTTPStatus.BAD_REQUEST
        if not LOOPBACK.fullmatch(hosts[0].strip()):
            return HTTPStatus.MISDIRECTED_REQUEST
        return None if self.command in ("GET", "HEAD") else HTTPStatus.METHOD_NOT_ALLOWED

    def _answer(self, content: bytes, kind: str, packed: bool = False) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)
