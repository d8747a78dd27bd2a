// The pages themselves, in Chromium: they work without JavaScript, refuse to be framed, and everybody can use them.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { arrivalAt, fillSignIn, leave, openBrowser, openProfile, signIn } from "./browser.mjs";
import { startServer } from "./server.mjs";

// Nobody listens there.
const REDIRECT = "http://127.0.0.1:49151/callback";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let server;
let browser;
let authorizationEndpoint;
before(async () => {
  server = await startServer();
  browser = await openBrowser();
  const metadata = await fetch(`${server.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  authorizationEndpoint = (await metadata.json()).authorization_endpoint;
});
after(async () => {
  await browser?.close();
  const outcome = await server?.stop();
  assert.ok(!outcome || outcome.code === 0, `the server did not end well: ${JSON.stringify(outcome)}`);
});

function authorizationUrl(changes = {}) {
  const url = new URL(authorizationEndpoint);
  const parameters = {
    response_type: "code",
    client_id: "web",
    redirect_uri: REDIRECT,
    scope: "openid profile email",
    state: randomBytes(8).toString("hex"),
    code_challenge: createHash("sha256").update(randomBytes(32)).digest("base64url"),
    code_challenge_method: "S256",
    ...changes,
  };
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value);
  return url.href;
}

async function withPage(run, options) {
  const profile = await openProfile(browser, options);
  try {
    await run(await profile.newPage(), profile);
  } finally {
    await profile.close();
  }
}

async function openSignIn(page, changes) {
  const response = await page.goto(authorizationUrl(changes));
  await page.locator("#sign-in-form").waitFor();
  return response;
}

async function openConsent(page, username, changes) {
  await openSignIn(page, changes);
  await leave(page, () => fillSignIn(page, server.user(username)));
  await page.locator("#allow").waitFor();
}

async function complaintsOfAxe(page) {
  // Evaluated through the browser's own debugger, so the page's policy stays as it is.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target).join(", ")})`);
}

describe("the sign-in page", () => {
  test("refuses frames, foreign content, referrers and caches", () =>
    withPage(async (page) => {
      const foreign = [];
      page.on("request", (request) => {
        if (new URL(request.url()).origin !== new URL(server.issuer).origin) foreign.push(request.url());
      });
      const headers = (await openSignIn(page)).headers();
      assert.match(headers["content-security-policy"], /frame-ancestors 'none'/);
      assert.match(headers["content-security-policy"], /default-src 'none'/);
      assert.doesNotMatch(headers["content-security-policy"], /unsafe-inline|unsafe-eval/);
      assert.equal(headers["referrer-policy"], "no-referrer");
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.match(headers["cache-control"], /no-store/);
      assert.equal(headers["access-control-allow-origin"], undefined);
      assert.deepEqual(foreign, []);
    }));

  test("is not shown inside another site's frame", () =>
    withPage(async (page) => {
      const frame = `<iframe src="${authorizationUrl().replaceAll("&", "&amp;")}"></iframe>`;
      // Another port is another origin; another name would be stopped before the server's own policy is asked.
      const framing = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end(frame));
      await new Promise((resolve) => framing.listen(0, "127.0.0.1", resolve));
      try {
        await page.goto(`http://127.0.0.1:${framing.address().port}/`);
        const [inside] = page.mainFrame().childFrames();
        await inside.waitForLoadState();
        assert.equal(await inside.locator("form, input, button").count(), 0);
      } finally {
        framing.close();
      }
    }));

  test("can be used with the keyboard alone", () =>
    withPage(async (page) => {
      const { username, password } = server.user("alice");
      await openSignIn(page);
      await page.locator("#username").focus();
      await page.keyboard.type(username);
      await page.keyboard.press("Tab");
      assert.equal(await page.locator("#password:focus").count(), 1);
      await page.keyboard.type(password);
      await leave(page, () => page.keyboard.press("Enter"));
      assert.equal(await page.locator("#allow").count(), 1);
    }));

  test("says the same of a wrong password and of an unknown user, and keeps no password", async () => {
    const texts = [];
    for (const username of ["alice", "nobody-of-this-name"]) {
      await withPage(async (page) => {
        await openSignIn(page);
        await leave(page, () => fillSignIn(page, { username, password: "wrong password" }));
        assert.equal(await page.locator("#sign-in-form").count(), 1);
        assert.equal(await page.locator("#password").inputValue(), "");
        texts.push((await page.locator("body").innerText()).replaceAll(username, ""));
      });
    }
    assert.equal(texts[0], texts[1]);
  });

  test("does not run what a request smuggles into it", () =>
    withPage(
      async (page) => {
        const dialogs = [];
        page.on("dialog", (dialog) => {
          dialogs.push(dialog.message());
          return dialog.dismiss();
        });
        const smuggled = `"><script>alert(1)</script><img src=x onerror=alert(2)>`;
        await openSignIn(page, { login_hint: smuggled, state: smuggled });
        assert.equal(await page.locator("img[onerror], main script").count(), 0);
        assert.deepEqual(dialogs, []);
      },
      { javaScriptEnabled: true },
    ));

  for (const colorScheme of ["light", "dark"]) {
    for (const [name, viewport] of [["a desktop", { width: 1280, height: 800 }], ["a phone", { width: 360, height: 740 }]]) {
      test(`has no accessibility fault and no sideways scrolling on ${name} in ${colorScheme} colours`, () =>
        withPage(
          async (page) => {
            await openSignIn(page);
            assert.deepEqual(await complaintsOfAxe(page), []);
            await leave(page, () => fillSignIn(page, server.user("alice")));
            assert.deepEqual(await complaintsOfAxe(page), []);
            const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
            assert.ok(content <= window, `${content} > ${window}`);
          },
          { javaScriptEnabled: true, colorScheme, viewport },
        ));
    }
  }
});

describe("the session cookie", () => {
  test("is out of reach of scripts and of other sites", () =>
    withPage(async (page, profile) => {
      await openConsent(page, "alice");
      const cookies = await profile.cookies();
      assert.ok(cookies.length > 0);
      for (const cookie of cookies) {
        assert.ok(cookie.httpOnly, cookie.name);
        assert.ok(["Lax", "Strict"].includes(cookie.sameSite), cookie.name);
        assert.equal(cookie.path, "/", cookie.name);
      }
    }));

  test("changes when a person signs in", () =>
    withPage(async (page, profile) => {
      await openSignIn(page);
      const before = await profile.cookies();
      await leave(page, () => fillSignIn(page, server.user("alice")));
      await page.locator("#allow").waitFor();
      const after = await profile.cookies();
      for (const cookie of after) {
        const old = before.find((other) => other.name === cookie.name);
        if (/session/i.test(cookie.name)) assert.notEqual(old?.value, cookie.value, cookie.name);
      }
      assert.ok(after.some((cookie) => !before.some((other) => other.value === cookie.value)));
    }));

  test("spares the person a second sign-in", () =>
    withPage(async (page, profile) => {
      const person = { ...server.user("bob"), redirectPrefix: REDIRECT };
      await signIn(authorizationUrl(), person, { profile });
      const wrong = { ...person, password: "never asked for" };
      const second = new URL(await signIn(authorizationUrl(), wrong, { profile }));
      assert.ok(second.searchParams.get("code"));
    }));
});

describe("the consent page", () => {
  test("sends the person back with a refusal when denied", () =>
    withPage(async (page) => {
      const arrival = arrivalAt(page, REDIRECT);
      await openConsent(page, "carol");
      await page.locator("#deny").click();
      const arrived = new URL(await arrival);
      assert.equal(arrived.searchParams.get("error"), "access_denied");
      assert.equal(arrived.searchParams.get("iss"), server.issuer);
      assert.equal(arrived.searchParams.get("code"), null);
    }));

  test("does not accept a form that another site sends", () =>
    withPage(async (page) => {
      await openConsent(page, "carol");
      const form = await page.locator("form:has(#allow)").first();
      const action = new URL((await form.getAttribute("action")) || page.url(), page.url()).href;
      const button = page.locator("#allow");
      const [name, value] = [await button.getAttribute("name"), await button.getAttribute("value")];
      const hidden = name ? `<input name="${name}" value="${value ?? ""}">` : "";
      await page.route("http://attacker.example/", (route) =>
        route.fulfill({
          contentType: "text/html",
          body: `<form method="post" action="${action.replaceAll("&", "&amp;")}">${hidden}<button id="go">go</button></form>`,
        }),
      );
      let leaked = null;
      arrivalAt(page, REDIRECT).then((url) => (leaked = url), () => {});
      await page.goto("http://attacker.example/");
      await leave(page, () => page.locator("#go").click());
      assert.equal(leaked, null);
    }));

  test("is its own in each of two tabs", () =>
    withPage(async (first, profile) => {
      const second = await profile.newPage();
      const arrivals = [arrivalAt(first, REDIRECT), arrivalAt(second, REDIRECT)];
      await openSignIn(first, { state: "first-tab" });
      await openSignIn(second, { state: "second-tab" });
      for (const page of [first, second]) {
        await leave(page, () => fillSignIn(page, server.user("alice")));
      }
      for (const page of [second, first]) await page.locator("#allow").click();
      const states = (await Promise.all(arrivals)).map((url) => new URL(url).searchParams.get("state"));
      assert.deepEqual(states, ["first-tab", "second-tab"]);
    }));
});

describe("the error page", () => {
  const cases = [
    ["an unknown client", { client_id: "nobody" }],
    ["a redirect URI that is not registered", { redirect_uri: "https://attacker.example/callback" }],
    ["a redirect URI with another path", { redirect_uri: "http://127.0.0.1:49151/callback/../other" }],
    ["a redirect URI with a user in front of its host", { redirect_uri: "http://127.0.0.1@attacker.example/callback" }],
    ["no redirect URI among several", { redirect_uri: null }],
  ];
  for (const [name, changes] of cases) {
    test(`keeps the browser here for ${name}`, () =>
      withPage(async (page) => {
        const response = await page.goto(authorizationUrl(changes));
        assert.ok(response.status() >= 400 && response.status() < 500, `${response.status()}`);
        assert.equal(new URL(page.url()).origin, new URL(server.issuer).origin);
        assert.notEqual((await page.locator("#problem-code").innerText()).trim(), "");
      }));
  }

  test("has no accessibility fault", () =>
    withPage(
      async (page) => {
        await page.goto(authorizationUrl({ client_id: "nobody" }));
        assert.deepEqual(await complaintsOfAxe(page), []);
      },
      { javaScriptEnabled: true },
    ));

  test("is not shown for what the client may learn by a redirect", () =>
    withPage(async (page) => {
      const arrival = arrivalAt(page, REDIRECT);
      // RFC 7636 §4.4.1, by a public client, which can never do without.
      const unproven = { client_id: "spa", code_challenge: null, code_challenge_method: null };
      // The redirect fails, because nobody listens; that it is tried is what counts.
      await page.goto(authorizationUrl(unproven)).catch(() => {});
      const arrived = new URL(await arrival);
      assert.equal(arrived.searchParams.get("error"), "invalid_request");
      assert.equal(arrived.searchParams.get("iss"), server.issuer);
    }));
});
