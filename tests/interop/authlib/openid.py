"""An OAuth 2.0 authorization server and OpenID Provider built from Authlib's server classes.

    python openid.py --port 0 --redirect-uri http://127.0.0.1:4000/callback

prints `ready ISSUER` once it serves. All data is in memory. There is one user, `ada`, and no login page:
every visitor of the authorization endpoint is ada and gives consent, or denies it with `deny=1` in the
request.

There is one confidential client, `relying-party`. PKCE is required, refresh tokens are rotated and an old
one is refused, tokens can be revoked and introspected, and the client may request its own tokens.
"""

import argparse
import secrets
import time
from dataclasses import dataclass, field

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.integrations.flask_oauth2 import current_token
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin, grants
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, jsonify, request
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

CLIENT_ID = "relying-party"
CLIENT_SECRET = "a secret only for these tests"
SCOPES = ["openid", "profile", "email", "offline_access", "api"]
PERSON = {"sub": "ada", "name": "Ada Lovelace", "email": "ada@example.com", "email_verified": True}


@dataclass
class Client(ClientMixin):
    redirect_uris: list
    client_id: str = CLIENT_ID

    def get_client_id(self):
        return self.client_id

    def get_default_redirect_uri(self):
        return self.redirect_uris[0]

    def get_allowed_scope(self, scope):
        return " ".join(one for one in scope.split() if one in SCOPES)

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret):
        return secrets.compare_digest(client_secret, CLIENT_SECRET)

    def check_endpoint_auth_method(self, method, endpoint):
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return True


@dataclass
class Code(AuthorizationCodeMixin):
    code: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None
    issued_at: int = field(default_factory=lambda: int(time.time()))

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope

    def get_nonce(self):
        return self.nonce

    def get_auth_time(self):
        return self.issued_at

    def get_acr(self):
        return None

    def get_amr(self):
        return None


@dataclass
class Token(TokenMixin):
    access_token: str
    scope: str
    expires_in: int
    subject: str | None
    client: Client
    refresh_token: str | None = None
    revoked: bool = False
    rotated: bool = False
    issued_at: int = field(default_factory=lambda: int(time.time()))

    def check_client(self, client):
        return client.client_id == self.client.client_id

    def get_scope(self):
        return self.scope

    def get_expires_in(self):
        return self.expires_in

    def is_expired(self):
        return self.issued_at + self.expires_in <= time.time()

    def is_revoked(self):
        return self.revoked

    def get_user(self):
        return PERSON if self.subject else None

    def get_client(self):
        return self.client


class Provider:
    def __init__(self, issuer, redirect_uris):
        self.issuer = issuer
        self.client = Client(redirect_uris)
        self.key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        self.codes = {}
        self.tokens = []

    def find(self, member, value):
        found = (token for token in self.tokens if value and getattr(token, member) == value)
        return next(found, None)

    def save(self, token, oauth_request):
        subject = PERSON["sub"] if oauth_request.user else None
        known = ("access_token", "scope", "expires_in", "refresh_token")
        fields = {name: token[name] for name in known if name in token}
        self.tokens.append(Token(subject=subject, client=oauth_request.client, **fields))


def authorization_server(app, provider):
    class AuthorizationCode(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

        def save_authorization_code(self, code, request):
            asked = request.payload.data
            provider.codes[code] = Code(
                code,
                request.payload.redirect_uri,
                request.payload.scope,
                asked.get("nonce"),
                asked.get("code_challenge"),
                asked.get("code_challenge_method"),
            )

        def query_authorization_code(self, code, client):
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code):
            provider.codes.pop(authorization_code.code, None)

        def authenticate_user(self, authorization_code):
            return PERSON

    class OpenId(OpenIDCode):
        def exists_nonce(self, nonce, request):
            return any(code.nonce == nonce for code in provider.codes.values())

        def resolve_client_private_key(self, client):
            return provider.key

        def get_encode_header(self, client):
            return {"alg": "RS256", "kid": provider.key.kid}

        def get_client_claims(self, client):
            return {"iss": provider.issuer, "aud": [client.client_id]}

        def generate_user_info(self, user, scope):
            return UserInfo(user).filter(scope)

    class Refresh(grants.RefreshTokenGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
        INCLUDE_NEW_REFRESH_TOKEN = True

        def authenticate_refresh_token(self, refresh_token):
            token = provider.find("refresh_token", refresh_token)
            if token and token.rotated:
                # A reused token has been stolen, by the first or the second caller.
                for other in provider.tokens:
                    other.revoked = True
            return token if token and not token.revoked else None

        def authenticate_user(self, refresh_token):
            return refresh_token.get_user()

        def revoke_old_credential(self, refresh_token):
            refresh_token.rotated = True

    class ClientCredentials(grants.ClientCredentialsGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    class Revocation(RevocationEndpoint):
        def query_token(self, token_string, token_type_hint):
            return provider.find("access_token", token_string) or provider.find(
                "refresh_token", token_string
            )

        def revoke_token(self, token, request):
            token.revoked = True

    class Introspection(IntrospectionEndpoint):
        def check_permission(self, token, client, request):
            return token.check_client(client)

        def query_token(self, token_string, token_type_hint):
            return provider.find("access_token", token_string) or provider.find(
                "refresh_token", token_string
            )

        def introspect_token(self, token):
            return {
                "active": not token.revoked and not token.is_expired(),
                "client_id": token.client.client_id,
                "token_type": "Bearer",
                "sub": token.subject or token.client.client_id,
                "scope": token.scope,
                "iss": provider.issuer,
                "iat": token.issued_at,
                "exp": token.issued_at + token.expires_in,
            }

    server = AuthorizationServer(app, lambda name: _client(provider, name), provider.save)
    server.register_grant(AuthorizationCode, [CodeChallenge(required=True), OpenId(require_nonce=True)])
    server.register_grant(Refresh)
    server.register_grant(ClientCredentials)
    server.register_endpoint(Revocation)
    server.register_endpoint(Introspection)
    return server


def _client(provider, client_id):
    return provider.client if client_id == provider.client.client_id else None


def routes(app, provider):
    server = authorization_server(app, provider)

    class Validator(BearerTokenValidator):
        def authenticate_token(self, token_string):
            return provider.find("access_token", token_string)

    protected = ResourceProtector()
    protected.register_token_validator(Validator())

    @app.get("/authorize")
    def authorize():
        person = None if request.args.get("deny") else PERSON
        grant = server.get_consent_grant(end_user=PERSON)
        return server.create_authorization_response(grant=grant, grant_user=person)

    @app.post("/token")
    def token():
        return server.create_token_response()

    @app.post("/revoke")
    def revoke():
        return server.create_endpoint_response(RevocationEndpoint.ENDPOINT_NAME)

    @app.post("/introspect")
    def introspect():
        return server.create_endpoint_response(IntrospectionEndpoint.ENDPOINT_NAME)

    @app.get("/userinfo")
    @protected("openid")
    def userinfo():
        return jsonify(UserInfo(PERSON).filter(current_token.scope))

    @app.get("/api/resource")
    @protected()
    def resource():
        return jsonify(owner=current_token.subject or current_token.client.client_id)

    @app.get("/jwks")
    def jwks():
        return jsonify(KeySet([provider.key]).as_dict(private=False))

    @app.get("/.well-known/openid-configuration")
    def metadata():
        return jsonify(
            issuer=provider.issuer,
            authorization_endpoint=f"{provider.issuer}/authorize",
            token_endpoint=f"{provider.issuer}/token",
            revocation_endpoint=f"{provider.issuer}/revoke",
            introspection_endpoint=f"{provider.issuer}/introspect",
            userinfo_endpoint=f"{provider.issuer}/userinfo",
            jwks_uri=f"{provider.issuer}/jwks",
            scopes_supported=SCOPES,
            response_types_supported=["code"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["RS256"],
            token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
            code_challenge_methods_supported=["S256"],
        )




def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--redirect-uri", action="append", required=True)
    arguments.add_argument("--expires-in", type=int, default=3600)
    given = arguments.parse_args()
    app = Flask(__name__)
    app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {
        "authorization_code": given.expires_in,
        "refresh_token": given.expires_in,
        "client_credentials": given.expires_in,
    }
    http = make_server("127.0.0.1", given.port, app, threaded=True)
    issuer = f"http://127.0.0.1:{http.server_port}"
    routes(app, Provider(issuer, given.redirect_uri))
    print(f"ready {issuer}", flush=True)
    http.serve_forever()


if __name__ == "__main__":
    main()
