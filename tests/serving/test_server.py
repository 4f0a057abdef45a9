"""What the server answers to whom, and that it outlives whatever is sent to it."""

import gzip
import random
import socket
from contextlib import ExitStack, suppress

import psutil
import pytest
from searches import search
from watched import Server

from nas.serving.server import MOST_CONNECTIONS

POLICY = ("default-src 'none'", "script-src 'sha256-", "connect-src 'self'", "frame-ancestors 'none'")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("runs") / "a"
    search(folder)
    (folder / "secret").write_text("secret")
    server = Server(folder)
    server.until(lambda state: state["version"])
    yield server
    assert server.marks() == 40
    assert server.stopped() == ""  # nothing was printed whatever came


def sent(server: Server, request: bytes) -> bytes:
    """What comes back for these bytes; nothing where the connection is closed."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        answer = b""
        with suppress(ConnectionError):
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                answer += part
        return answer


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_it_listens_on_loopback_alone(server):
    listening = [
        each.laddr for each in psutil.Process(server.process.pid).net_connections() if each.status == psutil.CONN_LISTEN
    ]
    assert listening == [("127.0.0.1", server.port)]
    others = {
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == socket.AF_INET and not address.address.startswith("127.")
    }
    for other in {*others, "127.0.0.2"}:
        with pytest.raises(OSError), socket.create_connection((other, server.port), timeout=5):  # noqa: PT011
            pass


@pytest.mark.parametrize(("path", "kind"), [("/", "text/html; charset=utf-8"), ("/state", "application/json")])
def test_headers(server, path, kind):
    status, headers, body = server.get(path)
    assert (status, headers["content-type"], int(headers["content-length"])) == (200, kind, len(body))
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert all(part in headers["content-security-policy"] for part in POLICY)
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert not any(name.startswith("access-control") for name in headers)


def test_scripts_of_the_page_are_those_that_its_policy_allows(server):
    import base64
    import hashlib
    import re

    _, headers, body = server.get()
    scripts = re.findall(r"<script>(.*?)</script>", body.decode(), re.DOTALL)
    assert len(scripts) >= 2
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in headers["content-security-policy"]


def test_head_is_get_without_the_body(server):
    status, headers, body = server.get(method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) == len(server.get()[2])


def test_a_page_is_packed_for_those_who_ask(server):
    _, headers, body = server.get(**{"Accept-Encoding": "gzip, deflate"})
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == server.get()[2]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1234", "127.0.0.1", "[::1]:80"])
def test_names_of_this_machine_are_answered_at_any_port_of_a_tunnel(server, host):
    assert server.get(Host=host)[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil.example#localhost",
        "localhost@evil.example",
        "127.0.0.2",
        "0.0.0.0",
        "[::]",
        "localhost:",
        "localhost:123456",
        "localhost:-1",
        "",
    ],
)
def test_another_name_is_refused(server, host):
    status, _, body = server.get(Host=host)
    assert status in (400, 421)
    assert b"nas" not in body


@pytest.mark.parametrize(
    "path",
    [
        "/index.html",
        "/report.html",
        "/secret",
        "/history.jsonl",
        "/..",
        "/../secret",
        "/../../../../etc/passwd",
        "/%2e%2e/secret",
        "/%2e%2e%2fsecret",
        "/..%2fsecret",
        "/..\\secret",
        "/./",
        "/%2f",
        "/state/",
        "/state/../secret",
        "/?",
        "/?path=/etc/passwd",
        "/#",
        "//etc/passwd",
        "/events",
        "/favicon.ico",
        "*",
        "secret",
        "http://127.0.0.1/",
        "http://evil.example/",
        "file:///etc/passwd",
        "/\x7f",
        "/" + "a" * 10_000,
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_nothing_else_is_there(server, method, path):
    answer = sent(server, f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode("latin-1"))
    assert status_of(answer) == 404
    assert b"secret" not in answer
    assert b"root:" not in answer


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/state", "/secret"])
def test_other_methods_are_refused(server, method, path):
    status, headers, _ = server.get(path, method)
    assert status == 405
    assert not any(name.startswith("access-control") for name in headers)


def test_a_body_is_refused_with_an_answer(server):
    request = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000\r\n\r\n" + b"a" * 300_000
    assert status_of(sent(server, request)) == 405


MALFORMED = {
    "nothing": b"",
    "an empty line": b"\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "no host of old": b"GET / HTTP/1.0\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
    "two hosts of which one is ours": b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/0.9 without a line": b"GET /",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/9.9": b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "no version": b"GET / HTTP/\r\nHost: localhost\r\n\r\n",
    "a long version": b"GET / HTTP/" + b"1" * 5000 + b".1\r\nHost: localhost\r\n\r\n",
    "too many words": b"GET / / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "one word": b"GET\r\n\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(range(190)),
    "zeros": b"\0" * 5000,
    "high bytes": b"\xff" * 5000 + b"\r\n\r\n",
    "a header without a name": b"GET / HTTP/1.1\r\n: localhost\r\n\r\n",
    "a header that is folded": b"GET / HTTP/1.1\r\nHost:\r\n localhost\r\n evil.example\r\n\r\n",
    "a megabyte of one header": b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 1_000_000 + b"\r\n\r\n",
    "a megabyte of headers": b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A: a\r\n" * 170_000 + b"\r\n",
    "a megabyte of path": b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A: a\r\n" * 500 + b"\r\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_malformed_is_refused_or_hung_up_on(server, name):
    answer = sent(server, MALFORMED[name])
    assert answer == b"" or 400 <= status_of(answer) <= 505
    assert b"<html" not in answer
    assert server.get()[0] == 200


def test_clients_that_leave_early(server):
    for cut in (0, 1, 10, 60):
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", server.port)) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset, no farewell
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n"[: cut or None])
    assert server.get()[0] == 200


@pytest.mark.parametrize("count", [100, 2 * MOST_CONNECTIONS])
def test_slow_clients_keep_nobody_waiting(server, count):
    with ExitStack() as stack:
        slow = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60)) for _ in range(count)
        ]
        for connection in slow:
            with suppress(ConnectionError):
                connection.sendall(b"GET / HTTP/1.1\r\nHost: lo")
        assert server.get()[0] == 200
        assert psutil.Process(server.process.pid).num_threads() < MOST_CONNECTIONS + 20
        last = slow[-1]
        last.sendall(b"calhost\r\n\r\n")
        assert last.recv(12) == b"HTTP/1.0 200"


def test_a_client_that_never_ends_its_head_is_hung_up_on(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        connection.settimeout(0.2)
        with suppress(ConnectionError):
            while True:
                try:
                    assert connection.recv(100) == b""
                    break
                except TimeoutError:
                    connection.sendall(b"A: a\r\n")  # one more line, and another, and another


def random_request(rng: random.Random) -> bytes:
    """Random bytes, or a good request with some bytes of it changed, cut out, doubled or added."""
    if rng.random() < 0.3:
        return rng.randbytes(rng.randrange(1, 400))
    request = bytearray(
        b"GET /state HTTP/1.1\r\nHost: localhost:8642\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    )
    for _ in range(rng.randrange(1, 8)):
        at, end = sorted((rng.randrange(len(request) + 1), rng.randrange(len(request) + 1)))
        kind = rng.randrange(4)
        if kind == 0:
            request[at : at + 1] = rng.randbytes(1)
        elif kind == 1:
            request[at:at] = rng.choice((b"\r\n", b"\n", b"\0", b" ", b":", b"/..", b"%00", b"\xf0\x9f\x98\x80"))
        elif kind == 2:
            del request[at : min(end, at + 20)]
        else:
            request[at:at] = request[at:end]
    return bytes(request)


@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_random_requests(server, seed):
    rng = random.Random(seed)
    kinds = set()
    for _ in range(800):
        answer = sent(server, random_request(rng))
        kinds.add(answer[:12])
        assert answer == b"" or status_of(answer) in (200, 400, 404, 405, 421, 431, 505)
    assert {b"HTTP/1.0 200", b"HTTP/1.0 400", b"HTTP/1.0 404", b"HTTP/1.0 421"} <= kinds
    assert server.get()[0] == 200


def test_no_file_of_the_run_is_named_by_any_answer(server: Server) -> None:
    for path in ("/", "/state"):
        assert b"secret" not in server.get(path)[2]
