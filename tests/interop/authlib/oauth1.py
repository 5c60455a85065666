"""An OAuth 1.0 provider built from Authlib's server classes.

    python oauth1.py --port 0 --signature-method HMAC-SHA1

prints `ready BASE` once it serves. All data is in memory. There is one user, `ada`, and no login page:
every visitor of the authorization endpoint is ada and gives consent, or denies it with `deny=1` in the
request.

There is one client, `consumer-key`. With `--private-key FILE`, a key pair is generated for it, and the
private key is written there in the `--key-format` PKCS#8 or PKCS#1. With `--certificate FILE`, the provider
serves https, which PLAINTEXT requires, and its certificate is written there. Authlib supports HMAC-SHA1,
RSA-SHA1 and PLAINTEXT. The methods with SHA-256 are registered below, with the implementations of Python
and `cryptography`.
"""

import argparse
import base64
import binascii
import datetime
import hashlib
import hmac
import ipaddress
import ssl
import tempfile
from pathlib import Path

from authlib.integrations.flask_oauth1 import (
    AuthorizationServer,
    ResourceProtector,
    create_exists_nonce_func,
    current_credential,
    register_nonce_hooks,
    register_temporary_credential_hooks,
)
from authlib.oauth1 import ClientMixin, OAuth1Request, TokenCredentialMixin
from authlib.oauth1.errors import OAuth1Error
from authlib.oauth1.rfc5849.base_server import BaseServer
from authlib.oauth1.rfc5849.signature import generate_signature_base_string
from authlib.oauth1.rfc5849.util import escape
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

CLIENT_ID = "consumer-key"
CLIENT_SECRET = "a consumer secret & more, only for these tests"
PERSON = {"id": 815, "name": "Ada Lovelace", "screen_name": "ada"}


class Cache(dict):
    """The cache interface of Authlib, without expiry."""

    def set(self, key, value, timeout=None):
        self[key] = value

    def has(self, key):
        return key in self

    def delete(self, key):
        self.pop(key, None)


class Client(ClientMixin):
    def __init__(self, public_key):
        self.public_key = public_key

    def get_default_redirect_uri(self):
        raise NotImplementedError("every login has a redirect URI")

    def get_client_secret(self):
        return CLIENT_SECRET

    def get_rsa_public_key(self):
        return self.public_key


class Person:
    def get_user_id(self):
        return PERSON["id"]


class Token(TokenCredentialMixin):
    def __init__(self, token, secret, user_id):
        self.token, self.secret, self.user_id = token, secret, user_id

    def get_oauth_token(self):
        return self.token

    def get_oauth_token_secret(self):
        return self.secret


def verify_hmac_sha256(oauth_request):
    secrets = (oauth_request.client_secret or "", oauth_request.token_secret or "")
    key = "&".join(escape(secret) for secret in secrets)
    text = generate_signature_base_string(oauth_request)
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    expected = binascii.b2a_base64(digest)[:-1].decode()
    return hmac.compare_digest(expected, oauth_request.signature)


def verify_rsa_sha256(oauth_request):
    key = serialization.load_pem_public_key(oauth_request.rsa_public_key.encode())
    text = generate_signature_base_string(oauth_request).encode()
    signature = base64.b64decode(oauth_request.signature)
    try:
        key.verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


BaseServer.register_signature_method("HMAC-SHA256", verify_hmac_sha256)
BaseServer.register_signature_method("RSA-SHA256", verify_rsa_sha256)


def raw_url():
    """The URL as it was sent and signed: Flask decodes it."""
    return request.host_url.rstrip("/") + request.environ["RAW_URI"]


def form():
    """The form as it was sent: Flask's parser, which Authlib uses, drops repeated names."""
    is_form = request.mimetype == "application/x-www-form-urlencoded"
    return request.get_data(as_text=True) if is_form else None


class Server(AuthorizationServer):
    def create_oauth1_request(self, _):
        return OAuth1Request(request.method, raw_url(), form(), request.headers)


class Protector(ResourceProtector):
    def acquire_credential(self):
        oauth_request = self.validate_request(request.method, raw_url(), form(), request.headers)
        self.check_body_hash(oauth_request)
        self.last = oauth_request
        return oauth_request.credential

    def check_body_hash(self, oauth_request):
        """OAuth Request Body Hash, which Authlib's server does not check."""
        claimed = oauth_request.oauth_params.get("oauth_body_hash")
        body = b"" if request.form else request.get_data()
        algorithm = hashlib.sha256 if "SHA256" in oauth_request.signature_method else hashlib.sha1
        expected = base64.b64encode(algorithm(body).digest()).decode() if body else None
        if oauth_request.signature_method == "PLAINTEXT":
            expected = None
        if claimed != expected:
            error = OAuth1Error("the body is not the one that was signed")
            error.error = "invalid_body_hash"
            raise error


def routes(app, method, public_key):
    app.config["OAUTH1_SUPPORTED_SIGNATURE_METHODS"] = [method]
    cache, tokens, client = Cache(), {}, Client(public_key)
    seen = []

    def query_client(client_id):
        return client if client_id == CLIENT_ID else None

    server = Server(app, query_client=query_client)
    register_nonce_hooks(server, cache)
    register_temporary_credential_hooks(server, cache)

    def create_token_credential(token, temporary):
        made = Token(token["oauth_token"], token["oauth_token_secret"], temporary.get_user_id())
        tokens[made.token] = made
        return made

    server.register_hook("create_token_credential", create_token_credential)
    protector = Protector(
        app,
        query_client=query_client,
        query_token=lambda _, token: tokens.get(token),
        exists_nonce=create_exists_nonce_func(cache),
    )

    @app.before_request
    def remember():
        # Caches the body before Flask parses and discards it.
        request.get_data()
        seen.append(
            {
                "path": request.path,
                "method": request.method,
                "authorization": request.headers.get("Authorization", ""),
                "query": request.query_string.decode(),
                "form": dict(request.form),
            }
        )

    @app.post("/initiate")
    def initiate():
        return server.create_temporary_credentials_response()

    @app.get("/authorize")
    def authorize():
        try:
            server.check_authorization_request()
            person = None if request.args.get("deny") else Person()
            return server.create_authorization_response(grant_user=person)
        except OAuth1Error as error:
            return Response(str(error), status=400)

    @app.post("/token")
    def token():
        response = server.create_token_response()
        if response.status_code == 200:
            # Like some providers, it identifies the user in the token response.
            more = f"&user_id={PERSON['id']}&screen_name={PERSON['screen_name']}"
            response.set_data(response.get_data(as_text=True) + more)
        return response

    @app.get("/me")
    @protector()
    def me():
        return jsonify(PERSON)

    @app.route("/api/echo", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    @protector()
    def echo():
        parameters = [
            pair for pair in [*request.args.items(multi=True), *request.form.items(multi=True)] if not pair[0].startswith("oauth_")
        ]
        return jsonify(
            method=request.method,
            parameters=parameters,
            body="" if request.form else request.get_data(as_text=True),
            realm=protector.last.realm,
            placement=protector.last.signature_type,
        )

    @app.post("/forget-tokens")
    def forget_tokens():
        tokens.clear()
        return ""

    @app.get("/seen")
    def all_seen():
        return jsonify(seen)


def key_pair(path, key_format):
    """The public key of a new key pair, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    formats = {
        "pkcs8": serialization.PrivateFormat.PKCS8,
        "pkcs1": serialization.PrivateFormat.TraditionalOpenSSL,
    }
    pem = serialization.Encoding.PEM
    path.write_bytes(key.private_bytes(pem, formats[key_format], serialization.NoEncryption()))
    public_format = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(pem, public_format).decode()


def certificate(path):
    """A key and a self-signed certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    path.write_bytes(pem)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(private + pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--signature-method", required=True)
    parser.add_argument("--private-key", type=Path)
    parser.add_argument("--key-format", choices=["pkcs8", "pkcs1"], default="pkcs8")
    parser.add_argument("--certificate", type=Path)
    options = parser.parse_args()

    app = Flask(__name__)
    public_key = key_pair(options.private_key, options.key_format) if options.private_key else None
    routes(app, options.signature_method, public_key)
    context = certificate(options.certificate) if options.certificate else None
    server = make_server("127.0.0.1", options.port, app, threaded=True, ssl_context=context)
    scheme = "https" if context else "http"
    print(f"ready {scheme}://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
