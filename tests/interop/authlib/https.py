"""An https server with a token endpoint and an API, for the HTTP client.

`python https.py --directory DIRECTORY` writes `authority.pem`, `client.pem`, `client-key.pem` and `both.pem`
there, and serves on a free port of 127.0.0.1 with a certificate of that authority. With `--mutual`, it refuses
clients without a certificate of the authority.

Every response sets a cookie. `/echo` returns what the server received: the client's certificate, the headers, the
body, and the headers of the last token request. `/hang` does not answer.
"""

import argparse
import datetime
import ipaddress
import json
import ssl
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def pem_of(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def signed(name, key, issuer, issuer_key, extension):
    """A certificate for one hour."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(extension, critical=True)
        .sign(issuer_key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )


def context(directory, mutual):
    authority, server, client = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    issuer = "authority of the tests"
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    leaf = x509.BasicConstraints(ca=False, path_length=None)
    root = x509.BasicConstraints(ca=True, path_length=None)
    own = signed("client of the tests", client, issuer, authority, leaf)
    (directory / "authority.pem").write_bytes(signed(issuer, authority, issuer, authority, root))
    (directory / "client.pem").write_bytes(own)
    (directory / "client-key.pem").write_bytes(pem_of(client))
    (directory / "both.pem").write_bytes(own + pem_of(client))
    (directory / "server.pem").write_bytes(
        signed("server", server, issuer, authority, address) + pem_of(server)
    )
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(directory / "server.pem")
    if mutual:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(directory / "authority.pem")
    return made


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    token_headers = {}

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self):
        if self.path == "/hang":
            time.sleep(600)
        body = self.body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        if self.path == "/token":
            Handler.token_headers = headers
            document = {"access_token": "the-token", "token_type": "Bearer", "expires_in": 3600}
        else:
            certificate = self.connection.getpeercert() or {}
            subject = dict(part for parts in certificate.get("subject", ()) for part in parts)
            document = {
                "client": subject.get("commonName"),
                "headers": headers,
                "token_headers": Handler.token_headers,
                "body": body.decode(),
            }
        content = json.dumps(document).encode()
        self.send_response(401 if self.path == "/refused" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Set-Cookie", "tracked=yes; Path=/; Secure")
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, tls):
        super().__init__(("127.0.0.1", 0), Handler)
        self.tls = tls

    def finish_request(self, request, client_address):
        # In the thread of the connection, so that no other one waits for the handshake.
        try:
            with self.tls.wrap_socket(request, server_side=True) as stream:
                self.RequestHandlerClass(stream, client_address, self)
        except OSError:
            pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--mutual", action="store_true")
    options = parser.parse_args()
    server = Server(context(options.directory, options.mutual))
    print(f"ready https://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
