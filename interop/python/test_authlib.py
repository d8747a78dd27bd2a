"""Authlib, unmodified, against the real binary: a person signs in through the pages."""

import secrets

import httpx2
import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.jwk import KeySet

# Nobody listens there: that the browser is sent there is enough.
REDIRECT = "http://127.0.0.1:49151/callback"
SCOPE = "openid profile email offline_access"


def relying_party(server, client_id):
    """Authlib's client for one of the demo clients."""
    secret = server.secret(client_id)
    return OAuth2Client(
        client_id=client_id,
        client_secret=secret,
        token_endpoint_auth_method="client_secret_basic" if secret else "none",
        revocation_endpoint_auth_method="client_secret_basic" if secret else "none",
        scope=SCOPE,
        redirect_uri=REDIRECT,
        code_challenge_method="S256",
        token_endpoint=server.metadata["token_endpoint"],
    )


def authorized(server, client_id, username):
    """A client, its verifier, its nonce, and the URL with which the browser came back."""
    client = relying_party(server, client_id)
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    url, state = client.create_authorization_url(
        server.metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )
    arrived = server.sign_in(url, username, REDIRECT)
    query = httpx2.URL(arrived).params
    assert query["state"] == state
    assert query["iss"] == server.issuer
    return client, verifier, nonce, arrived


def fetch_token(server, client, arrived, verifier):
    return client.fetch_token(
        server.metadata["token_endpoint"], authorization_response=arrived, code_verifier=verifier
    )


@pytest.mark.parametrize(("client_id", "username"), [("web", "alice"), ("spa", "bob")])
def test_a_person_signs_in_and_the_tokens_live_until_they_are_revoked(server, client_id, username):
    client, verifier, nonce, arrived = authorized(server, client_id, username)
    token = fetch_token(server, client, arrived, verifier)
    assert token["token_type"].lower() == "bearer"

    keys = KeySet.import_key_set(httpx2.get(server.metadata["jwks_uri"]).raise_for_status().json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["ES256"]).claims
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": server.issuer},
        aud={"essential": True, "value": client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
    ).validate(claims)

    person = client.get(server.metadata["userinfo_endpoint"]).raise_for_status().json()
    assert person["sub"] == claims["sub"]

    fresh = client.refresh_token(server.metadata["token_endpoint"])
    assert fresh["access_token"] != token["access_token"]
    assert fresh["refresh_token"] != token["refresh_token"]
    assert client.get(server.metadata["userinfo_endpoint"]).status_code == 200

    revoked = client.revoke_token(
        server.metadata["revocation_endpoint"], token=fresh["refresh_token"], token_type_hint="refresh_token"
    )
    assert revoked.status_code == 200
    with pytest.raises(OAuthError) as refusal:
        client.refresh_token(server.metadata["token_endpoint"], refresh_token=fresh["refresh_token"])
    assert refusal.value.error == "invalid_grant"
    bearer = {"Authorization": f"Bearer {fresh['access_token']}"}
    assert httpx2.get(server.metadata["userinfo_endpoint"], headers=bearer).status_code == 401


def test_a_code_is_good_for_one_exchange(server):
    client, verifier, _, arrived = authorized(server, "web", "carol")
    fetch_token(server, client, arrived, verifier)
    with pytest.raises(OAuthError) as refusal:
        fetch_token(server, client, arrived, verifier)
    assert refusal.value.error == "invalid_grant"


def test_a_code_is_good_with_its_own_verifier_only(server):
    client, _, _, arrived = authorized(server, "spa", "carol")
    with pytest.raises(OAuthError) as refusal:
        fetch_token(server, client, arrived, secrets.token_urlsafe(48))
    assert refusal.value.error == "invalid_grant"
