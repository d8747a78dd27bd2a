### What the pages say, in English.
### Plain text only. A value such as { $client } is set off by the page itself; do not put quotation marks around it.

## Every page

frame-problem-title = Error: { $title }
frame-footer = Sealed by Chancery

## Applications and scopes

client-website = Website
client-privacy = Privacy policy
client-terms = Terms of service
client-unverified = Not verified
scope-openid = Recognise you
scope-openid-more = By an identifier that stays the same.
scope-profile = See your profile
scope-profile-more = Your name, picture and language.
scope-email = See your email address
scope-email-more = And whether it has been confirmed.
scope-address = See your postal address
scope-address-more = As it stands in your profile.
scope-phone = See your phone number
scope-phone-more = And whether it has been confirmed.
scope-offline_access = Keep this access while you are away
scope-offline_access-more = Until you disconnect it.

## Sign in

sign-in-title = Sign in
sign-in-for = to continue to { $client }
sign-in-here = to your account at { $realm }
sign-in-unverified = The name { $client } is not verified. It comes from { $host }.
sign-in-username = Username
sign-in-password = Password
sign-in-submit = Sign in
sign-in-cancel = Cancel
sign-in-problem-wrong-credentials = That username and password do not match. Check both and try again.
sign-in-problem-busy = Too many people are signing in just now. Your password was not checked. Try again in a moment.
sign-in-problem-expired = This page was open for too long. Enter your password once more.
sign-in-problem-wait-seconds = { $seconds ->
    [one] Too many attempts. Wait one second, then try again.
   *[other] Too many attempts. Wait { $seconds } seconds, then try again.
}
sign-in-problem-wait-minutes = { $minutes ->
    [one] Too many attempts. Wait one minute, then try again.
   *[other] Too many attempts. Wait { $minutes } minutes, then try again.
}

## Consent

consent-title = Allow { $client }?
consent-heading = Allow { $client } to use your account?
consent-account = Signed in as { $user }
consent-scopes = It will be able to
consent-scopes-none = It asks for nothing but to know that you have signed in.
consent-resources = It will use this at
consent-unverified = Nobody here has checked this application’s name or logo. Allow it only if you trust { $host }.
consent-destination = Either way, you will go to { $host } next.
consent-allow = Allow
consent-deny = Deny
consent-switch = Use another account

## Your account

home-title = Your account
home-sign-out = Sign out
home-applications = Connected applications
home-applications-none = No application can use your account. When you allow one, it is listed here.
home-granted = Since { $when }
home-disconnect = Disconnect
home-disconnect-label = Disconnect { $client }
home-details = What it can do
home-sessions = Where you are signed in
home-sessions-none = You are signed in nowhere else.
home-session-current = This browser
home-session-device = { $browser } on { $system }
home-session-unknown = Unknown browser
home-session-times = Signed in { $started }, last seen { $seen }

## Sign out

sign-out-title = Sign out?
sign-out-asked = { $client } asks to sign you out.
sign-out-effect = You are signed in as { $user }. Signing out ends this session in this browser.
sign-out-submit = Sign out
sign-out-stay = Stay signed in
signed-out-title = You are signed out
signed-out-advice = On a shared computer, close all browser windows as well.
signed-out-again = Sign in again
signed-out-back = Back to the application

## Passwords

set-password-title = Choose a password
set-password-for = for the account { $user }
set-password-advice = At least { $minimum } characters. A few unrelated words are easy to keep and hard to guess.
set-password-new = New password
set-password-repeat = Repeat it
set-password-submit = Save password
password-problem-mismatch = The two entries differ. Type the new password again, twice.
password-problem-too-common = This password is among those that are guessed first. Choose another.
password-problem-too-long = This password is too long. Choose a shorter one.
password-problem-too-short = This password is too short. Use at least { $minimum } characters.
password-set-title = Your password is saved
password-set-next = From now on, sign in with it.
password-set-sign-in = Sign in
link-expired-title = This link no longer works
link-expired-next = Links like this one work once, and not for long. Ask for a new one where this one came from.

## Problems

problem-client-unknown-title = This application is not known here
problem-client-unknown-next = It is not registered, or it has been switched off. Ask the people who run it.
problem-forbidden-title = You may not do this
problem-forbidden-next = Your account does not have the right to. If it should, ask your administrator.
problem-not-found-title = There is no such page
problem-not-found-next = Check the address, or start again from the application you came from.
problem-redirect-unknown-title = We stopped here to protect you
problem-redirect-unknown-next = The application wanted to send you to an address that it has not registered. Nothing about you was sent. Tell the people who run it.
problem-request-expired-title = You took a little too long
problem-request-expired-next = For your safety, a sign-in must be finished soon after it is begun. Go back to the application and start again.
problem-request-invalid-title = The application made a mistake
problem-request-invalid-next = It sent a request that cannot be accepted. Nothing about you was sent. Go back and try once more; if that does not help, tell the people who run it.
problem-session-mismatch-title = This page belongs to another sign-in
problem-session-mismatch-next = Someone has signed in or out in this browser since it was opened. Go back to the application and start again.
problem-too-many-requests-title = That was too often
problem-too-many-requests-next = Too many requests came from your address. Wait a minute, then try again.
problem-unavailable-title = We cannot answer just now
problem-unavailable-next = The fault is ours, and you have lost nothing. Try again in a minute.
problem-retry = Try again
problem-developers = For whoever looks into it
problem-code = Error
problem-detail = Detail
problem-request-id = Request ID
