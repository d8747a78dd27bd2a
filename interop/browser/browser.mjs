// A headless Chromium with a fresh profile, and a person in it who signs in.

import { chromium } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** How long a page may take, in milliseconds: generous, because machines that run tests are busy. */
const PATIENCE = 60_000;

/** Starts Chromium. `CHANCERY_CHROMIUM` says where it is, if not where Debian puts it. */
export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHANCERY_CHROMIUM ?? "/usr/bin/chromium",
    args: FLAGS,
    timeout: PATIENCE,
  });
}

/**
 * A fresh profile: no cookie, no cache. JavaScript is off unless asked for, because the pages must work without it.
 * Certificates are not checked, because a test's server makes its own.
 */
export async function openProfile(browser, options = {}) {
  const profile = await browser.newContext({ javaScriptEnabled: false, ignoreHTTPSErrors: true, ...options });
  profile.setDefaultTimeout(PATIENCE);
  return profile;
}

/**
 * The browser's request to the relying party, as a promise. Nothing needs to listen there.
 * The request is watched and not replaced: the browser's own rules (a policy's `form-action`, mixed content) still
 * decide whether it is made.
 */
function arrivingAt(page, redirectPrefix) {
  const arriving = new Promise((resolve, reject) => {
    page.on("request", (request) => {
      if (request.isNavigationRequest() && request.url().startsWith(redirectPrefix)) resolve(request);
    });
    const late = () => reject(new Error(`the browser did not come to ${redirectPrefix}; it is at ${page.url()}`));
    setTimeout(late, 2 * PATIENCE).unref();
  });
  // Who waits for it will hear of it; nobody else has to.
  arriving.catch(() => {});
  return arriving;
}

/** The URL with which the browser comes to the relying party, as a promise. */
export function arrivalAt(page, redirectPrefix) {
  const arrival = arrivingAt(page, redirectPrefix).then((request) => request.url());
  arrival.catch(() => {});
  return arrival;
}

/** Does what leads to another page, and waits until that one is there. */
export async function leave(page, action) {
  const loaded = page.waitForEvent("load");
  // The action may fail first; its error is the one to tell.
  loaded.catch(() => {});
  await action();
  await loaded;
}

/** Fills in and sends the sign-in form of the page that is open. */
export async function fillSignIn(page, { username, password }) {
  await page.locator("#username").fill(username);
  await page.locator("#password").fill(password);
  await page.locator("#sign-in").click();
}

/**
 * Walks an authorization request from its URL to the relying party: signs in and consents where a page asks for it.
 *
 * @param authorizationUrl where the relying party sends the browser
 * @param person `username`, `password`, and `redirectPrefix`, what the final URL begins with
 * @param options `profile`, an open profile to use; `decision`, the consent button to press: `allow` or `deny`
 * @returns the URL with which the browser came back to the relying party
 * @throws when the server answers with its error page, or with a page that is neither of the two
 */
export async function signIn(authorizationUrl, person, options = {}) {
  const { decision = "allow" } = options;
  const browser = options.profile ? null : await openBrowser();
  try {
    const profile = options.profile ?? (await openProfile(browser));
    const page = await profile.newPage();
    const arriving = arrivingAt(page, person.redirectPrefix);
    const request = await Promise.race([arriving, walk(page, authorizationUrl, person, decision)]);
    // A listener is to have the whole request before the page goes away. Where nobody listens there is no response.
    await request.response().catch(() => null);
    await page.close();
    return request.url();
  } finally {
    await browser?.close();
  }
}

/** From page to page; ends only by an error, because the arrival is noticed elsewhere. */
async function walk(page, authorizationUrl, person, decision) {
  await page.goto(authorizationUrl);
  let signedIn = false;
  for (;;) {
    if ((await page.locator("#problem-code").count()) > 0) {
      const problem = await page.locator("#problem-code").innerText();
      throw new Error(`the error page says ${problem} at ${page.url()}`);
    }
    if ((await page.locator("#sign-in-form").count()) > 0) {
      if (signedIn) throw new Error(`signing in was refused: ${await page.locator("main, body").first().innerText()}`);
      signedIn = true;
      await leave(page, () => fillSignIn(page, person));
    } else if ((await page.locator(`#${decision}`).count()) > 0) {
      await leave(page, () => page.locator(`#${decision}`).click());
    } else {
      throw new Error(`an unexpected page at ${page.url()}: ${await page.locator("body").innerText()}`);
    }
  }
}
