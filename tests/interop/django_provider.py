"""An OpenID Provider: django-oauth-toolkit with one client, and the user `ada`.

    django_provider.py PORT FOLDER BASE CLIENT_ID CLIENT_SECRET

Its files lie in FOLDER, and the client belongs to the application at BASE."""
import sys
from pathlib import Path

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

port, folder, base, client_id, client_secret = sys.argv[1:]
key = rsa.generate_private_key(65537, 2048).private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
).decode()
LOGIN = """<!doctype html><title>Sign in</title><form method="post">{% csrf_token %}
<label for="id_username">Name</label>{{ form.username }}
<label for="id_password">Password</label>{{ form.password }}
<button>Continue</button></form>"""
settings.configure(
    SECRET_KEY="only for these tests",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                ],
            },
        },
    ],
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(folder) / "django.db"},
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    USE_TZ=True,
    LOGIN_URL="/login/",
    OAUTH2_PROVIDER={
        "ACCESS_TOKEN_EXPIRE_SECONDS": 60,
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": key,
        "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
        "OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT": False,
        "OAUTH2_VALIDATOR_CLASS": f"{__name__}.Claims",
        "PKCE_REQUIRED": True,
        "ROTATE_REFRESH_TOKEN": True,
        "SCOPES": {"openid": "Sign in", "profile": "Name", "email": "Address"},
    },
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.contrib.auth.views import LoginView  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402


class Claims(OAuth2Validator):
    """Adds the claims of the scopes."""

    def get_additional_claims(self):
        return {
            "name": lambda request: request.user.get_full_name(),
            "email": lambda request: request.user.email,
        }


class SignIn(LoginView):
    """The page with the password."""

    def render_to_response(self, context, **_):
        return HttpResponse(engines["django"].from_string(LOGIN).render(context, self.request))


urlpatterns = [
    path("login/", SignIn.as_view()),
    path("", include("oauth2_provider.urls", namespace="oauth2_provider")),
]

call_command("migrate", verbosity=0)
User.objects.create_user(
    "ada", "ada@example.com", "ada", first_name="Ada", last_name="Lovelace"
)
get_application_model().objects.create(
    name="Relying party",
    client_id=client_id,
    client_secret=client_secret,
    client_type="confidential",
    authorization_grant_type="authorization-code",
    redirect_uris=f"{base}/callback",
    post_logout_redirect_uris=f"{base}/logged-out",
    algorithm="RS256",
)
call_command("runserver", f"127.0.0.1:{port}", "--noreload")
