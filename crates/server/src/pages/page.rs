//! The pages, as values: what each one needs to be drawn, and nothing else.
//!
//! Every string here is plain text; escaping, isolation of writing direction and the refusal of links
//! that could run script happen when a page is drawn.

use serde::Serialize;

use super::{link, text};

/// A page to draw.
#[derive(Debug, Clone)]
pub enum Page {
    /// "May this application use your account?"
    Consent(Consent),
    /// The account page of a signed-in person.
    Home(Home),
    /// A link from a message that was used already, or has expired.
    LinkExpired,
    /// The new password is kept.
    PasswordSet(PasswordSet),
    /// Something was wrong and there is nowhere to send the browser.
    Problem(Problem),
    /// The form for a new password.
    SetPassword(SetPassword),
    /// The sign-in form.
    SignIn(SignIn),
    /// "Do you want to sign out?"
    SignOutConfirm(SignOutConfirm),
    /// The session has ended.
    SignedOut(SignedOut),
}

/// An application, as people see it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ClientCard {
    /// The name to show; cut after 80 characters.
    #[serde(serialize_with = "text::name")]
    pub name: String,
    /// The path of its logo on this server, or a `data:image/…` URL. Anything else is not drawn.
    #[serde(serialize_with = "link::image")]
    pub logo_path: Option<String>,
    /// Its home page. Like the next two: an `http` or `https` URL, or it is not drawn.
    #[serde(serialize_with = "link::web")]
    pub homepage: Option<String>,
    /// Its privacy policy.
    #[serde(serialize_with = "link::web")]
    pub policy: Option<String>,
    /// Its terms of service.
    #[serde(serialize_with = "link::web")]
    pub terms: Option<String>,
    /// The host of its home page or redirect URI.
    pub host: Option<String>,
    /// Whether someone of this realm vouches for name and logo.
    pub verified: bool,
}

/// A person, as the person sees it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UserCard {
    /// The name to sign in with.
    pub username: String,
    /// The name to be called by; may equal `username`; cut after 80 characters.
    #[serde(serialize_with = "text::name")]
    pub display_name: String,
    /// The email address, where one is known.
    pub email: Option<String>,
}

/// One scope, in words.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ScopeLine {
    /// The scope as it is asked for on the wire.
    pub name: String,
    /// What it allows, as a verb phrase. When empty, our own words for the standard scopes of
    /// OpenID Connect are used, and the bare name for the others.
    pub title: String,
    /// One more sentence; may be empty.
    pub description: String,
    /// A drawing of `templates/icons.html`; the standard scopes have their own, the others a key.
    pub icon: Option<String>,
}

impl ScopeLine {
    /// A scope of which nothing but its name is known here.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// [`Page::SignIn`].
#[derive(Debug, Clone, Serialize)]
pub struct SignIn {
    /// The application that waits, if one does.
    pub client: Option<ClientCard>,
    /// Where the form is posted.
    #[serde(serialize_with = "link::action")]
    pub action: String,
    /// The anti-forgery token of the form.
    pub csrf: String,
    /// What the field starts with: `login_hint`, or what was typed before.
    pub username: String,
    /// What went wrong at the last attempt.
    pub problem: Option<SignInProblem>,
    /// Whether there is an application to go back to empty-handed.
    pub cancel: bool,
}

/// Why a sign-in did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum SignInProblem {
    /// Passwords cannot be checked just now; nothing was counted.
    Busy,
    /// The form was too old, or posted twice.
    Expired,
    /// Too many failures for this account or address.
    TooManyAttempts {
        /// Seconds until the next attempt is looked at.
        retry_after_seconds: u64,
    },
    /// The username is unknown or the password is wrong; the page never says which.
    WrongCredentials,
}

/// [`Page::Consent`].
#[derive(Debug, Clone, Serialize)]
pub struct Consent {
    /// Who asks.
    pub client: ClientCard,
    /// Who is asked.
    pub user: UserCard,
    /// What is asked for.
    pub scopes: Vec<ScopeLine>,
    /// The services at which it will be used (RFC 8707), as people can read them.
    pub resources: Vec<String>,
    /// Where the form is posted.
    #[serde(serialize_with = "link::action")]
    pub action: String,
    /// The anti-forgery token of the form.
    pub csrf: String,
    /// The host to which the browser goes after either answer.
    pub redirect_host: String,
    /// Whether another account may be chosen.
    pub switch_account: bool,
}

/// [`Page::Home`].
#[derive(Debug, Clone, Serialize)]
pub struct Home {
    /// Whose page this is.
    pub user: UserCard,
    /// Applications that hold a consent.
    pub applications: Vec<ConnectedApplication>,
    /// Browsers that are signed in.
    pub sessions: Vec<SessionLine>,
    /// Where the sign-out form is posted.
    #[serde(serialize_with = "link::action")]
    pub sign_out_action: String,
    /// The anti-forgery token of the sign-out form.
    pub csrf: String,
}

/// One application on [`Home`].
#[derive(Debug, Clone, Serialize)]
pub struct ConnectedApplication {
    /// The application.
    pub client: ClientCard,
    /// What it may do.
    pub scopes: Vec<ScopeLine>,
    /// Since when, ready to be read.
    pub granted_at: String,
    /// Where the form that ends the consent is posted.
    #[serde(serialize_with = "link::action")]
    pub revoke_action: String,
    /// The anti-forgery token of that form.
    pub csrf: String,
}

/// One signed-in browser on [`Home`].
#[derive(Debug, Clone, Serialize)]
pub struct SessionLine {
    /// Whether it is the browser that asks.
    pub current: bool,
    /// When it signed in, ready to be read.
    pub started: String,
    /// When it was last seen, ready to be read.
    pub last_seen: String,
    /// Its `User-Agent` header; drawn as "Firefox on Linux".
    #[serde(serialize_with = "super::device::serialize")]
    pub user_agent: String,
}

/// [`Page::SignOutConfirm`].
#[derive(Debug, Clone, Serialize)]
pub struct SignOutConfirm {
    /// The application that asks for it, if one does.
    pub client: Option<ClientCard>,
    /// Who is signed in.
    pub user: UserCard,
    /// Where the form is posted.
    #[serde(serialize_with = "link::action")]
    pub action: String,
    /// The anti-forgery token of the form.
    pub csrf: String,
}

/// [`Page::SignedOut`].
#[derive(Debug, Clone, Serialize)]
pub struct SignedOut {
    /// Where to sign in again.
    #[serde(serialize_with = "link::action")]
    pub sign_in: String,
    /// The application's registered address to return to.
    #[serde(serialize_with = "link::onward")]
    pub back: Option<String>,
}

/// [`Page::SetPassword`].
#[derive(Debug, Clone, Serialize)]
pub struct SetPassword {
    /// Whose password it is.
    pub user: UserCard,
    /// Where the form is posted.
    #[serde(serialize_with = "link::action")]
    pub action: String,
    /// The anti-forgery token of the form.
    pub csrf: String,
    /// What was wrong with the last one.
    pub problem: Option<PasswordProblem>,
    /// The fewest characters that are accepted.
    pub minimum: usize,
}

/// Why a new password was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum PasswordProblem {
    /// The two entries differ.
    Mismatch,
    /// It is on the list of those that are tried first.
    TooCommon,
    /// It is longer than we hash.
    TooLong,
    /// It has fewer characters than the realm asks for.
    TooShort {
        /// The fewest characters that are accepted.
        minimum: usize,
    },
}

/// [`Page::PasswordSet`].
#[derive(Debug, Clone, Serialize)]
pub struct PasswordSet {
    /// Where to sign in with it.
    #[serde(serialize_with = "link::action")]
    pub sign_in: String,
}

/// [`Page::Problem`].
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// What happened, for people.
    pub heading: ProblemHeading,
    /// What happened, for the developer of the application: the `error_description`; cut after
    /// 500 characters.
    #[serde(serialize_with = "text::detail")]
    pub detail: Option<String>,
    /// The exact OAuth error code, where there is one.
    pub error_code: Option<String>,
    /// By which the operator finds this request in the log.
    pub request_id: String,
    /// Where to try again, if that can help.
    #[serde(serialize_with = "link::onward")]
    pub retry: Option<String>,
}

/// What happened, for people. Each has a headline and a sentence on what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemHeading {
    /// The application is not registered, or is switched off.
    ClientUnknown,
    /// The person may not do this.
    Forbidden,
    /// There is no such page.
    NotFound,
    /// The redirect URI is not registered.
    RedirectUnknown,
    /// The authorization request has waited too long.
    RequestExpired,
    /// The application's request cannot be accepted.
    RequestInvalid,
    /// The browser's session is not the one that began this.
    SessionMismatch,
    /// A limit was reached.
    TooManyRequests,
    /// The server cannot answer just now.
    Unavailable,
}

impl ProblemHeading {
    /// Every heading.
    pub const ALL: [Self; 9] = [
        Self::ClientUnknown,
        Self::Forbidden,
        Self::NotFound,
        Self::RedirectUnknown,
        Self::RequestExpired,
        Self::RequestInvalid,
        Self::SessionMismatch,
        Self::TooManyRequests,
        Self::Unavailable,
    ];
}
