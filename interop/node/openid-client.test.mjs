// openid-client, unmodified, against the real binary: a person signs in through the pages, a machine gets a token.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import * as oidc from "openid-client";
import { startServer } from "../browser/server.mjs";
import { authorize, discover, freshRequest, listenAtLoopback } from "./relying-party.mjs";

const SCOPE = "openid profile email offline_access";

let server;
let listener;
before(async () => {
  server = await startServer();
  listener = await listenAtLoopback();
});
after(async () => {
  await listener?.close();
  const outcome = await server?.stop();
  assert.ok(!outcome || outcome.code === 0, `the server did not end well: ${JSON.stringify(outcome)}`);
});

/** An OAuth error with this code, as openid-client reports it. */
const refusedWith = (code) => (error) => {
  assert.equal(error.error, code, `${error.name}: ${error.message}`);
  return true;
};

async function signedIn(clientId, username) {
  const config = await discover(server, clientId);
  const kept = freshRequest();
  const redirectUri = listener.redirectUri;
  const arrived = await authorize(config, kept, { redirectUri, scope: SCOPE, person: server.user(username) });
  return { config, kept, arrived };
}

for (const [clientId, username] of [["web", "alice"], ["spa", "bob"]]) {
  describe(`openid-client as the client ${clientId}`, () => {
    let config, kept, arrived, tokens, claims;

    test("comes back from the pages with a code, the state and the issuer", async () => {
      ({ config, kept, arrived } = await signedIn(clientId, username));
      assert.equal(arrived.searchParams.get("state"), kept.expectedState);
      assert.equal(arrived.searchParams.get("iss"), server.issuer);
      assert.ok(arrived.searchParams.get("code"));
      assert.equal(listener.received.filter((url) => url.includes(arrived.search)).length, 1);
    });

    test("exchanges the code for an access token, an ID token and a refresh token", async () => {
      tokens = await oidc.authorizationCodeGrant(config, arrived, kept);
      claims = tokens.claims();
      assert.equal(tokens.token_type.toLowerCase(), "bearer");
      assert.ok(tokens.refresh_token);
      assert.ok(tokens.expires_in > 0);
      assert.equal(claims.iss, server.issuer);
      assert.equal(claims.aud, clientId);
      assert.equal(claims.nonce, kept.expectedNonce);
    });

    test("has its ID token verified by jose with the published keys", async () => {
      const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
      const { payload } = await jwtVerify(tokens.id_token, keys, { issuer: server.issuer, audience: clientId });
      assert.equal(payload.sub, claims.sub);
      assert.ok(payload.at_hash);
      assert.notEqual(payload.sub, clientId);
    });

    test("reads the person's claims at userinfo", async () => {
      const person = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
      assert.equal(person.sub, claims.sub);
      assert.ok(person.email ?? person.name ?? person.preferred_username, JSON.stringify(person));
    });

    test("is refused when it presents the code a second time, and the code's tokens end", async () => {
      const second = await signedIn(clientId, username);
      const won = await oidc.authorizationCodeGrant(second.config, second.arrived, second.kept);
      await assert.rejects(
        oidc.authorizationCodeGrant(second.config, second.arrived, second.kept),
        refusedWith("invalid_grant"),
      );
      await assert.rejects(oidc.refreshTokenGrant(second.config, won.refresh_token), refusedWith("invalid_grant"));
    });

    test("refreshes, and the refresh token rotates", async () => {
      const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token);
      assert.ok(fresh.access_token);
      assert.notEqual(fresh.access_token, tokens.access_token);
      assert.ok(fresh.refresh_token);
      assert.notEqual(fresh.refresh_token, tokens.refresh_token);
      assert.equal((await oidc.fetchUserInfo(config, fresh.access_token, claims.sub)).sub, claims.sub);
      tokens = fresh;
    });

    test("revokes, and neither the refresh token nor the access token lives on", async () => {
      await oidc.tokenRevocation(config, tokens.refresh_token, { token_type_hint: "refresh_token" });
      await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), refusedWith("invalid_grant"));
      await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, claims.sub));
    });
  });
}

describe("openid-client, when something is wrong", () => {
  test("learns by a redirect that the person denied", async () => {
    const config = await discover(server, "web");
    const kept = freshRequest();
    const arrived = await authorize(config, kept, {
      redirectUri: listener.redirectUri,
      scope: SCOPE,
      person: server.user("carol"),
      decision: "deny",
    });
    assert.equal(arrived.searchParams.get("iss"), server.issuer);
    await assert.rejects(oidc.authorizationCodeGrant(config, arrived, kept), refusedWith("access_denied"));
  });

  test("gets no token with another request's verifier", async () => {
    const { config, kept, arrived } = await signedIn("spa", "alice");
    const stolen = { ...kept, pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
    await assert.rejects(oidc.authorizationCodeGrant(config, arrived, stolen), refusedWith("invalid_grant"));
  });

  test("gets no token with a wrong secret", async () => {
    const options = { execute: [oidc.allowInsecureRequests] };
    const wrong = oidc.ClientSecretBasic("not the secret");
    const config = await oidc.discovery(new URL(server.issuer), "machine", undefined, wrong, options);
    await assert.rejects(oidc.clientCredentialsGrant(config, { scope: "read" }), (error) => {
      // A 401 with a challenge reaches the caller as the challenge's cause.
      const response = error.response ?? error.cause?.response ?? error.cause;
      assert.equal(error.status ?? response?.status, 401, error.stack);
      return true;
    });
  });
});

describe("a machine", () => {
  let config, token;
  before(async () => {
    config = await discover(server, "machine");
    token = await oidc.clientCredentialsGrant(config, { scope: "read write" });
  });

  test("gets a token that jose verifies with the published keys", async () => {
    const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
    const { payload, protectedHeader } = await jwtVerify(token.access_token, keys, {
      issuer: server.issuer,
      typ: "at+jwt",
      requiredClaims: ["aud", "exp", "iat", "jti", "sub"],
    });
    assert.equal(payload.client_id, "machine");
    assert.equal(payload.scope, "read write");
    assert.equal(protectedHeader.alg, "ES256");
    assert.ok(protectedHeader.kid);
  });

  test("gets no refresh token", () => assert.equal(token.refresh_token, undefined));

  test("gets the scope it asked for and no more", async () => {
    const narrow = await oidc.clientCredentialsGrant(config, { scope: "read" });
    assert.equal(narrow.scope ?? "read", "read");
    await assert.rejects(oidc.clientCredentialsGrant(config, { scope: "read openid-of-others" }), refusedWith("invalid_scope"));
  });

  test("revokes its token, and introspection tells so", async () => {
    const { active } = await oidc.tokenIntrospection(config, token.access_token);
    assert.equal(active, true);
    await oidc.tokenRevocation(config, token.access_token);
    assert.deepEqual(await oidc.tokenIntrospection(config, token.access_token), { active: false });
  });
});

test("the published keys are public keys only", async () => {
  const config = await discover(server, "spa");
  const { keys } = await (await fetch(config.serverMetadata().jwks_uri)).json();
  assert.ok(keys.length > 0);
  for (const key of keys) {
    for (const secret of ["d", "p", "q", "dp", "dq", "qi", "k", "priv"]) assert.equal(key[secret], undefined);
  }
  const machine = await oidc.clientCredentialsGrant(await discover(server, "machine"), { scope: "read" });
  assert.ok(keys.some((key) => key.kid === decodeProtectedHeader(machine.access_token).kid));
});
