"""To whom the dashboard answers: its own names, pages of its own, and nobody outside is asked about either."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Installation
from test_dashboard import dashboard

HANDSHAKE = (
    "GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.fixture(scope="module")
def outside() -> Iterator[socket.socket]:
    """A proxy that the dashboard would ask for anything outside of this machine; it answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.setblocking(False)
        yield proxy


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, outside: socket.socket) -> Iterator[int]:
    folder: Path = tmp_path_factory.mktemp("door")
    proxy = f"http://127.0.0.1:{outside.getsockname()[1]}"
    names = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
    installation = Installation(folder / "home", folder / "landing")
    with dashboard(replace(installation, settings=dict.fromkeys(names, proxy) | {"no_proxy": ""})) as (address, _):
        yield int(address.rsplit(":", 1)[1])


def answer(port: int, host: str, origin: str) -> int:
    """Return the status that a request for a session gets."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(HANDSHAKE.format(host=host, origin=origin).encode())
        return int(client.recv(1024).split()[1])


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_it_answers_to_its_own_names(port: int, name: str) -> None:
    assert answer(port, f"{name}:{port}", f"http://{name}:{port}") == 101


def test_a_name_that_was_made_to_point_here_gets_no_session(port: int) -> None:
    assert answer(port, f"rebound.example:{port}", f"http://rebound.example:{port}") == 403
    assert answer(port, f"rebound.example:{port}", f"http://127.0.0.1:{port}") == 403


def test_a_page_of_another_site_is_refused_and_nobody_is_asked(port: int, outside: socket.socket) -> None:
    assert answer(port, f"127.0.0.1:{port}", "http://another.example") == 403
    with pytest.raises(BlockingIOError):
        outside.accept()
