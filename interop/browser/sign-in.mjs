// node interop/browser/sign-in.mjs URL USERNAME PASSWORD REDIRECT-PREFIX
//
// Signs in through the pages in headless Chromium, JavaScript off, allows what is asked for, and prints the URL with
// which the browser came back. For tests in languages that do not drive a browser themselves.

import { signIn } from "./browser.mjs";

const [authorizationUrl, username, password, redirectPrefix] = process.argv.slice(2);
if (!redirectPrefix) {
  console.error("usage: sign-in.mjs URL USERNAME PASSWORD REDIRECT-PREFIX");
  process.exit(2);
}
try {
  console.log(await signIn(authorizationUrl, { username, password, redirectPrefix }));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
