"""The head of an HTTP request, read within bounds of size and time."""

import socket
import time

MOST_BYTES = 16_384
MOST_S = 5.0
ENDS = (b"\r\n\r\n", b"\n\n")


class TooLarge(Exception):
    """A head of more than `MOST_BYTES`."""


def read_head(connection: socket.socket) -> bytes:
    """What a client sends up to its first empty line, or until it sends no more.

    Raises:
        TooLarge: it sends more than `MOST_BYTES` without one.
        OSError: it takes more than `MOST_S` seconds, or is gone.
    """
    head, deadline = b"", time.monotonic() + MOST_S
    while not any(end in head for end in ENDS):
        if len(head) > MOST_BYTES:
            raise TooLarge
        connection.settimeout(max(1e-3, deadline - time.monotonic()))
        part = connection.recv(MOST_BYTES)
        if not part:
            break
        head += part
    return head


def drain(connection: socket.socket, most_s: float = 1.0) -> None:
    """Lets a client that is refused finish, as far as it is quick: unread bytes would cut off the answer."""
    deadline = time.monotonic() + most_s
    connection.shutdown(socket.SHUT_WR)
    while (left_s := deadline - time.monotonic()) > 0:
        connection.settimeout(left_s)
        if not connection.recv(MOST_BYTES):
            return
