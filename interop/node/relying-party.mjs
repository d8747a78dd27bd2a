// What a relying party brings along: a listener at its redirect URI, and a way to send a person through the pages.

import { createServer } from "node:http";
import * as oidc from "openid-client";
import { openBrowser, openProfile, signIn } from "../browser/browser.mjs";

/** Listens on a free loopback port; RFC 8252 §7.3: the port of a loopback redirect URI may vary. */
export async function listenAtLoopback() {
  const received = [];
  const listener = createServer((request, response) => {
    received.push(request.url);
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>arrived</title>");
  });
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    redirectUri: `http://127.0.0.1:${listener.address().port}/callback`,
    received,
    close: () => new Promise((resolve) => listener.close(resolve).closeAllConnections()),
  };
}

/** Discovers the server for one of its demo clients, as openid-client does. */
export function discover(server, clientId) {
  const { client_id, client_secret } = server.client(clientId);
  const authentication = client_secret ? oidc.ClientSecretBasic(client_secret) : oidc.None();
  // The issuer is http on loopback, which openid-client permits on demand only.
  const options = { execute: [oidc.allowInsecureRequests] };
  return oidc.discovery(new URL(server.issuer), client_id, undefined, authentication, options);
}

/** What a client keeps between sending the browser away and seeing it again. */
export function freshRequest() {
  return {
    pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
    expectedState: oidc.randomState(),
    expectedNonce: oidc.randomNonce(),
  };
}

/** Builds the authorization URL and walks it in a fresh profile; answers with the URL at the redirect URI. */
export async function authorize(config, kept, { redirectUri, scope, person, decision, extra }) {
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope,
    code_challenge: await oidc.calculatePKCECodeChallenge(kept.pkceCodeVerifier),
    code_challenge_method: "S256",
    state: kept.expectedState,
    nonce: kept.expectedNonce,
    ...extra,
  });
  const browser = await openBrowser();
  try {
    const profile = await openProfile(browser);
    const arrived = await signIn(url.href, { ...person, redirectPrefix: redirectUri }, { profile, decision });
    return new URL(arrived);
  } finally {
    await browser.close();
  }
}
