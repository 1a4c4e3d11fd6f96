"""The real server, asked for its websocket by raw requests: by a name that is not its own it is refused."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest

from mnist_core.cli.app import THIS_MACHINE, _allowed_hosts
from mnist_core.system.files import REPOSITORY
from tests.support.server import dashboard_server

SWITCHING, FORBIDDEN = 101, 403


def asked(address: str, host: str, origin: str | None) -> int:
    """The status with which a request for the websocket is answered; `host` and `origin` without their port."""
    server = urlparse(address)
    lines = [
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host}:{server.port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol: streamlit",
    ]
    lines += [f"Origin: {origin}:{server.port}"] if origin else []
    with socket.create_connection((str(server.hostname), server.port or 0), timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return int(connection.makefile("rb").readline().split()[1])


WAYS = {"streamlit run": (), "mnist-lab app": ("mnist_core", "app")}


@pytest.fixture(scope="module", params=WAYS)
def dashboard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard, started in both ways; the second from a folder that is not the project's."""
    folder, words = tmp_path_factory.mktemp("dashboard"), WAYS[request.param]
    with dashboard_server(folder, folder / "log.txt", *words, cwd=folder if words else REPOSITORY) as address:
        yield address


def test_its_own_names_are_let_in(dashboard: str) -> None:
    for host in ("localhost", "127.0.0.1", "[::1]"):
        assert asked(dashboard, host, f"http://{host}") == SWITCHING
    assert asked(dashboard, "localhost", None) == SWITCHING


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "169.254.1.1"])
def test_a_foreign_name_is_refused_whatever_its_origin(dashboard: str, host: str) -> None:
    assert asked(dashboard, host, f"http://{host}") == FORBIDDEN  # a name that leads here: DNS rebinding
    assert asked(dashboard, host, "http://localhost") == FORBIDDEN
    assert asked(dashboard, host, None) == FORBIDDEN


def test_a_foreign_page_is_refused_under_its_own_name(dashboard: str) -> None:
    assert asked(dashboard, "localhost", "http://evil.example") == FORBIDDEN


def test_a_name_is_added_by_a_variable(tmp_path: Path) -> None:
    names = "localhost lab.example"
    log = tmp_path / "log.txt"
    with dashboard_server(tmp_path, log, "mnist_core", "app", STREAMLIT_SERVER_ALLOWED_HOSTS=names) as address:
        assert asked(address, "lab.example", "http://lab.example") == SWITCHING
        assert asked(address, "localhost", "http://localhost") == SWITCHING
        assert asked(address, "evil.example", "http://evil.example") == FORBIDDEN


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--server.address=192.0.2.7"], [*THIS_MACHINE, "192.0.2.7"]),
        (["--server.address", "192.0.2.7", "--server.port=1"], [*THIS_MACHINE, "192.0.2.7"]),
        (["--server.address=0.0.0.0"], []),
        (["--server.address=127.0.0.1"], []),
        (["--server.address=192.0.2.7", "--server.allowedHosts=lab.example"], []),
        ([], []),
    ],
)
def test_the_address_it_listens_on_is_one_of_its_names(arguments: list[str], names: list[str]) -> None:
    assert _allowed_hosts(arguments) == [f"--server.allowedHosts={name}" for name in names]
