"""Where webhooks may be sent to: never to what their maker could not reach."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from vm_webapp.errors import InvalidText
from vm_webapp.webhooks.sending import Sender
from vm_webapp.webhooks.targets import Forbidden, Reach, check_target, find_targets

from webhook_receiver import Receiver, receiving

HERE = "127.0.0.1"


@pytest.mark.parametrize(
    ("url", "reach", "allowed"),
    [
        ("https://example.com/hook", "public", True),
        ("http://example.com/hook", "public", False),
        ("http://example.com/hook", "private", False),
        ("https://127.0.0.1/hook", "public", False),
        ("http://127.0.0.1:8080/hook", "loopback", True),
        ("http://localhost:8080/hook", "loopback", True),
        ("http://localhost:8080/hook", "public", False),
        ("https://localhost./hook", "public", False),
        ("https://a.localhost/hook", "public", False),
        ("https://[::1]/hook", "public", False),
        ("http://[::1]/hook", "loopback", True),
        ("https://10.0.0.1/hook", "public", False),
        ("https://10.0.0.1/hook", "loopback", False),
        ("https://10.0.0.1/hook", "private", True),
        ("http://10.0.0.1/hook", "private", False),
        ("https://192.168.1.1/hook", "public", False),
        ("https://172.16.0.1/hook", "public", False),
        ("https://100.64.0.1/hook", "public", False),
        ("https://[fd00::1]/hook", "public", False),
        ("https://[fd00::1]/hook", "private", True),
        ("https://[fec0::1]/hook", "public", False),
        ("https://[64:ff9b:1::a00:1]/hook", "public", False),
        ("https://169.254.169.254/latest", "private", False),
        ("https://[fe80::1]/hook", "private", False),
        ("https://0.0.0.0/hook", "private", False),
        ("https://224.0.0.1/hook", "private", False),
        ("https://[::ffff:10.0.0.1]/hook", "public", False),
        ("https://[::ffff:169.254.169.254]/hook", "private", False),
        ("https://[64:ff9b::a9fe:a9fe]/hook", "private", False),
        ("https://[2002:a00:1::]/hook", "public", False),
        ("https://127.1/hook", "public", False),
        ("https://2130706433/hook", "public", False),
        ("https://0x7f.1/hook", "public", False),
        ("https://0177.0.0.1./hook", "public", False),
        ("http://127.1:8080/hook", "loopback", True),
        ("https://10.1/hook", "loopback", False),
        ("https://169.254.43518/hook", "private", False),
        ("https://0/hook", "private", False),
        ("https://256.1.1.1/hook", "private", False),
        ("https://1.2.3.4.5/hook", "private", False),
        ("https://8.8.8.8./hook", "public", False),
        ("http://notlocalhost/hook", "loopback", False),
        ("https://notlocalhost/hook", "public", True),
    ],
)
def test_an_address_is_judged_by_what_is_written(url: str, reach: Reach, *, allowed: bool) -> None:
    """When a webhook is made; what hides one address in another is looked into."""
    if allowed:
        check_target(url, reach)
    else:
        with pytest.raises(InvalidText):
            check_target(url, reach)


@pytest.mark.parametrize("url", ["https://2130706433/", "https://0x7f000001/", "https://127.1/", "https://0177.0.0.1/"])
def test_odd_spellings_of_this_machine_are_caught_when_they_are_sent_to(url: str) -> None:
    """Numbers that a resolver reads as 127.0.0.1: what counts is where the connection would go."""
    try:
        with pytest.raises(Forbidden):
            find_targets(url, "public")
    except OSError:
        return  # this system's resolver does not read it at all


def test_a_name_that_stands_for_another_address_by_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: one address in all of them that may not be reached is enough; nothing is sent."""

    def resolve(*_given: object, **_named: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(socket.AF_INET, 1, 6, "", (at, 443)) for at in ("93.184.216.34", "169.254.169.254")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    answer = Sender("public").send("https://example.com/hook", b"{}", {})
    assert answer.status is None
    assert answer.detail.startswith("Not sent: 169.254.169.254")


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is looked up once; its second answer is never asked for."""
    asked: list[object] = []
    real = socket.getaddrinfo

    def resolve(host: object, port: object, **named: object) -> object:
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "10.0.0.1", port, **named)  # type: ignore[arg-type]  # as given

    with receiving() as receiver:
        port = receiver.url.rsplit(":", 1)[1]
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        answer = Sender("loopback").send(f"http://somewhere.example:{port}", b"{}", {})
        assert answer.accepted
        assert asked == ["somewhere.example"]
        assert receiver.got[0].headers["host"].startswith("somewhere.example:")


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would see the message, and would look the name up for itself."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with receiving() as receiver:
        assert Sender("loopback").send(receiver.url, b"{}", {}).accepted


@pytest.fixture
def looked_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A resolver that has no answer before the test is over; the event is set when it was asked."""
    asked, ending = threading.Event(), threading.Event()

    def resolve(*_given: object, **_named: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        asked.set()
        ending.wait(30)
        return [(socket.AF_INET, 1, 6, "", ("127.0.0.1", 9))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield asked
    ending.set()


def test_a_name_that_is_looked_up_for_ever_is_left_in_time(looked_up_for_ever: threading.Event) -> None:
    """The time of a message includes finding out where it goes."""
    begun = time.monotonic()
    answer = Sender("loopback", seconds=0.5).send("https://somewhere.example/hook", b"{}", {})
    assert (answer.status, answer.detail) == (None, "No answer within 0.5 s.")
    assert time.monotonic() - begun < 20
    assert looked_up_for_ever.is_set()


def test_whoever_stops_does_not_wait_for_a_name(looked_up_for_ever: threading.Event) -> None:
    """A sender that is closed while it looks a name up is done at once, and sends nothing later on."""
    sender = Sender("loopback", seconds=30)
    sending = threading.Thread(target=sender.send, args=("https://somewhere.example/hook", b"{}", {}))
    sending.start()
    assert looked_up_for_ever.wait(5)
    sender.close()
    sending.join(5)
    assert not sending.is_alive()
    assert sender.send("https://somewhere.example/hook", b"{}", {}).status is None


def test_a_receiver_that_drips_is_cut_off() -> None:
    """A byte now and then keeps a connection alive, but not beyond the time of the whole."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ending = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                while not ending.is_set():
                    try:
                        connection.sendall(b"H")
                    except OSError:
                        return
                    ending.wait(0.1)

        dripping = threading.Thread(target=drip)
        dripping.start()
        answer = Sender("loopback", seconds=0.5).send(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
        ending.set()
        dripping.join()
    assert answer.status is None
    assert answer.duration_ms < 5_000


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 ", b"HTTP/1.1 99999 x\r\n\r\n"])
def test_what_is_no_answer_is_none(said: bytes) -> None:
    """Nothing, nonsense, half a line or a status that there is not: a failed try, and no error."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_once() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(said)

        answering = threading.Thread(target=answer_once)
        answering.start()
        answer = Sender("loopback", seconds=5).send(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
        answering.join()
    assert not answer.accepted


def test_a_receiver_that_speaks_no_tls_gets_no_message() -> None:
    """TLS is verified, and what is wrong is said in words."""
    with receiving(Receiver()) as receiver:
        answer = Sender("loopback", seconds=5).send(receiver.url.replace("http:", "https:"), b"{}", {})
        assert answer.status is None
        assert answer.detail == "No secure connection: the receiver does not speak TLS at this port."
        assert receiver.got == []
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED
    assert ipaddress.ip_address("127.0.0.1").is_loopback


@pytest.mark.parametrize(
    ("names", "trusted", "said"),
    [
        ("receiver.example", False, "self-signed certificate"),
        ("other.example", True, "Hostname mismatch, certificate is not valid for 'receiver.example'"),
        ("receiver.example", True, None),
    ],
)
def test_what_is_wrong_with_a_certificate_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: str, said: str | None, *, trusted: bool
) -> None:
    """A certificate of one's own, or another host's; one that holds does so for a name with its last dot, too."""
    place = certificate(tmp_path, names)
    context = ssl.create_default_context(cafile=str(place)) if trusted else None
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, port, **_kind: [(socket.AF_INET, 1, 6, "", (HERE, port))])
    speaking = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    speaking.load_cert_chain(place)
    with receiving(tls=speaking) as receiver:
        url = receiver.url.replace(f"http://{HERE}", "https://receiver.example.")
        answer = Sender("loopback", seconds=5, context=context).send(url, b"{}", {})
    wanted = said and f"No secure connection: the receiver's certificate is not accepted ({said})."
    assert (answer.status, answer.detail) == ((None, wanted) if said else (204, ""))


def certificate(folder: Path, name: str) -> Path:
    """A file with a key and a certificate for the name that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    place = folder / "receiver.pem"
    place.write_bytes(private + made.public_bytes(Encoding.PEM))
    return place
