"""A machine's token, asked for with Authlib, verified with joserfc and with PyJWT."""

import httpx2
import jwt as pyjwt
import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jws, jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet


@pytest.fixture(scope="module")
def access_token(server):
    with OAuth2Client(client_id="machine", client_secret=server.secret("machine"), scope="read write") as client:
        token = client.fetch_token(server.metadata["token_endpoint"], grant_type="client_credentials")
    assert "refresh_token" not in token
    return token["access_token"]


def test_joserfc_verifies_it(server, access_token):
    keys = KeySet.import_key_set(httpx2.get(server.metadata["jwks_uri"]).raise_for_status().json())
    token = jwt.decode(access_token, keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": server.issuer},
        client_id={"essential": True, "value": "machine"},
        scope={"essential": True, "value": "read write"},
        aud={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        jti={"essential": True},
        sub={"essential": True},
    ).validate(token.claims)


def test_pyjwt_verifies_it(server, access_token):
    key = pyjwt.PyJWKClient(server.metadata["jwks_uri"]).get_signing_key_from_jwt(access_token)
    claims = pyjwt.decode(
        access_token,
        key,
        algorithms=["ES256"],
        issuer=server.issuer,
        options={"verify_aud": False, "require": ["aud", "exp", "iat", "iss", "jti", "sub"]},
    )
    assert claims["client_id"] == "machine"


def test_a_changed_token_is_refused_by_both_and_by_the_server(server, access_token):
    header, payload, signature = access_token.split(".")
    changed = ".".join([header, payload, signature[:-4] + ("AAAA" if signature[-4:] != "AAAA" else "BBBB")])
    keys = KeySet.import_key_set(httpx2.get(server.metadata["jwks_uri"]).raise_for_status().json())
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(changed, keys, algorithms=["ES256"])
    with pytest.raises(pyjwt.InvalidTokenError):
        key = pyjwt.PyJWKClient(server.metadata["jwks_uri"]).get_signing_key_from_jwt(access_token)
        pyjwt.decode(changed, key, algorithms=["ES256"], options={"verify_aud": False})
    answer = httpx2.post(
        server.metadata["introspection_endpoint"],
        data={"token": changed},
        auth=("machine", server.secret("machine")),
    )
    assert answer.raise_for_status().json() == {"active": False}


def test_a_wrong_secret_gets_no_token(server):
    with OAuth2Client(client_id="machine", client_secret="not the secret", scope="read") as client:
        with pytest.raises(OAuthError) as refusal:
            client.fetch_token(server.metadata["token_endpoint"], grant_type="client_credentials")
    assert refusal.value.error == "invalid_client"
