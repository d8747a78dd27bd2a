"""The server of the suite, and a person who signs in at its pages.

What the suite needs of its surroundings (`cargo xtask interop` sets it):
CHANCERY_BINARY, the binary; CHANCERY_TEST_DATABASE, a PostgreSQL database, or nothing for the embedded one;
CHANCERY_TEST_NODE and CHANCERY_TEST_SIGN_IN, which walk the pages in Chromium.
"""

import json
import os
import signal
import subprocess
from dataclasses import dataclass, field

import httpx2
import pytest

# The issuer is http on loopback; Authlib permits that on demand only.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
# A proxy of the surroundings has no business between two programs on loopback.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


@dataclass
class Server:
    """What `chancery dev` announced, and what it publishes."""

    issuer: str
    clients: dict
    users: dict
    metadata: dict = field(default_factory=dict)

    def secret(self, client_id: str) -> str | None:
        return self.clients[client_id]["client_secret"]

    def sign_in(self, authorization_url: str, username: str, redirect_prefix: str) -> str:
        """Walks the pages in a browser; answers with the URL at the redirect URI."""
        program = [os.environ["CHANCERY_TEST_NODE"], os.environ["CHANCERY_TEST_SIGN_IN"]]
        words = [authorization_url, username, self.users[username]["password"], redirect_prefix]
        walked = subprocess.run(program + words, capture_output=True, text=True, timeout=180, check=False)
        assert walked.returncode == 0, walked.stderr
        return walked.stdout.strip()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The real binary, ready; at the end it must stop when asked, and without an error."""
    words = [os.environ["CHANCERY_BINARY"], "dev", "--port", "0", "--json"]
    if database := os.environ.get("CHANCERY_TEST_DATABASE"):
        words += ["--database", database]
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("w") as errors:
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        line = child.stdout.readline()
        assert line, f"chancery ended before it was ready:\n{log.read_text()}"
        announced = json.loads(line)
        assert "issuer" in announced, f"chancery did not start: {line}"
        found = Server(
            issuer=announced["issuer"],
            clients={client["client_id"]: client for client in announced["clients"]},
            users={user["username"]: user for user in announced["users"]},
        )
        discovery = found.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found.metadata = httpx2.get(discovery).raise_for_status().json()
        assert found.metadata["issuer"] == found.issuer
        yield found
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=60) == 0, log.read_text()[-5000:]
    finally:
        child.kill()
        child.wait()
