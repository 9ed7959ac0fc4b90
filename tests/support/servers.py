"""Servers that alarms go to, for tests: mail with TLS and a login, a webhook, and an MQTT broker."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

LOGIN = ("alarms", "s3cret-mail")
MOSQUITTO = "/usr/sbin/mosquitto"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_until(holds: Callable[[], Any], seconds: float = 90) -> Any:
    """What it is once it is true."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, "it never was so"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "own-ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


# Mail


class Mails(MessageHandler):
    """What has arrived; addresses in `refused` are not taken."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: list[Message] = []
        self.refused: set[str] = set()
        self.logins: list[tuple[str, str]] = []

    def handle_message(self, message: Message) -> None:
        self.arrived.append(message)

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def authenticate(self, _: SMTP, __: Session, ___: Envelope, ____: str, data: LoginPassword) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        self.logins.append(given)
        return AuthResult(success=given == LOGIN, handled=False)


@contextmanager
def mail_server(authority: trustme.CA, port: int) -> Generator[Mails]:
    """It takes nothing before STARTTLS and a login."""
    mails = Mails()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    controller = Controller(
        mails,
        "localhost",
        port,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=mails.authenticate,
    )
    controller.start()
    try:
        yield mails
    finally:
        controller.stop()


# Webhook


class Hook:
    """A server that answers with what is in `answers`, then 204."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self.answers: list[int] = []
        self.paths: list[str] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                hook.paths.append(self.path)
                hook.bodies.append((self.headers["Content-Type"], json.loads(self.rfile.read(length))))
                self.send_response(hook.answers.pop(0) if hook.answers else 204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/s3cret-hook"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hook() -> Generator[Hook]:
    found = Hook()
    yield found
    found.close()


# MQTT


class Broker:
    """A mosquitto of the test's own, with TLS and a password, and a subscriber that knows all topics."""

    def __init__(self, folder: Path, authority: trustme.CA) -> None:
        self.port, self._folder = free_port(), folder
        certificate = authority.issue_cert("localhost")
        certificate.private_key_pem.write_to_path(folder / "key.pem")
        for number, blob in enumerate(certificate.cert_chain_pems):
            blob.write_to_path(folder / "certificate.pem", append=number > 0)
        authority.cert_pem.write_to_path(folder / "ca.pem")
        (folder / "passwords").write_text("amalgam:s3cret-mqtt\n")
        subprocess.run(["mosquitto_passwd", "-U", str(folder / "passwords")], check=True)
        (folder / "mosquitto.conf").write_text(f"""
listener {self.port} localhost
certfile {folder}/certificate.pem
keyfile {folder}/key.pem
password_file {folder}/passwords
persistence false
user root
""")
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        command = [MOSQUITTO, "-c", str(self._folder / "mosquitto.conf")]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._answers)

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(10)

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("localhost", self.port), 1):
            return True
        return False

    @contextmanager
    def subscriber(self) -> Generator[dict[str, tuple[str, bool]]]:
        """Each topic's latest payload, and whether it was retained: what it knew before this subscriber."""
        found: dict[str, tuple[str, bool]] = {}
        client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        client.username_pw_set("amalgam", "s3cret-mqtt")
        client.tls_set(str(self._folder / "ca.pem"))

        def on_message(_: Any, __: Any, message: paho.MQTTMessage) -> None:
            found[message.topic] = (message.payload.decode(), message.retain)

        client.on_message = on_message
        client.on_connect = lambda client, *_: client.subscribe("#", 1)
        client.connect("localhost", self.port)
        client.loop_start()
        try:
            yield found
        finally:
            client.disconnect()
            client.loop_stop()


@pytest.fixture
def broker(tmp_path: Path, authority: trustme.CA) -> Generator[Broker]:
    """Skips where mosquitto is not installed; CI installs it."""
    if not Path(MOSQUITTO).exists() or shutil.which("mosquitto_passwd") is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    folder = tmp_path / "broker"
    folder.mkdir(mode=0o700)
    found = Broker(folder, authority)
    yield found
    found.stop()
