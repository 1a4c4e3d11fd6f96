"""A real OpenID Connect provider (oidc-provider-mock) as a process, and a dashboard that is configured for it."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.raw_session import raw_session
from tests.support.server import dashboard_server, wait_until_it_answers

EDITOR = {"sub": "Teacher", "email": "Teacher@School.org", "email_verified": True}
VIEWER = {"sub": "Pupil", "email": "pupil@school.org", "email_verified": True}
CLAIMS_IT = {"sub": "Claims it", "email": "teacher@school.org", "email_verified": False}
STRANGER = {"sub": "Stranger", "email": "somebody@elsewhere.org", "email_verified": True}
SECRETS = """
[auth]
redirect_uri = "http://localhost:{{port}}/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "mnist-lab"
client_secret = "known to the provider"
server_metadata_url = "{provider}/.well-known/openid-configuration"
[access]
editors = ["teacher@school.org"]
viewers = ["@school.org"]
"""


@contextmanager
def provider(log: Path) -> Iterator[str]:
    """Its address, once it answers; it knows the people above."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    people = [f"--user-claims={json.dumps(claims)}" for claims in (EDITOR, VIEWER, CLAIMS_IT, STRANGER)]
    command = [sys.executable, "-m", "oidc_provider_mock", f"--port={port}", *people]
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_it_answers(f"{address}/.well-known/openid-configuration", process, log)
            yield address
        finally:
            process.terminate()


@contextmanager
def dashboard_with_sign_in(home: Path) -> Iterator[str]:
    """The dashboard, its state in `home`, with a provider beside it: the address that its secrets name."""
    secrets = home / "secrets.toml"
    with provider(home / "provider.log") as address:
        secrets.write_text(SECRETS.format(provider=address))
        command = ("mnist_core", "app", f"--secrets.files={secrets}")
        with dashboard_server(home, home / "server.log", *command) as at:
            yield at.replace("127.0.0.1", "localhost")


def visitor(address: str) -> dict[str, str]:
    """The cookies of somebody who has been there, as a browser keeps them."""
    with httpx.Client(base_url=address) as client:
        client.get("/_stcore/health")
        return dict(client.cookies)


def sign_in(address: str, claims: dict[str, Any]) -> dict[str, str]:
    """The cookies of somebody who has gone the whole way: the button, the provider's form, and back."""
    with httpx.Client(base_url=address, cookies=visitor(address), follow_redirects=True, timeout=60) as client:
        with raw_session(address, dict(client.cookies)) as session:
            login = session.open().press("Sign in").redirect
        form = client.get(login)
        client.post(form.url, data={"sub": claims["sub"]})
        return dict(client.cookies)
