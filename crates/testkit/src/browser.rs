//! A browser that knows cookies, links and plain HTML forms, and follows nothing by itself.

use std::collections::BTreeMap;
use std::sync::{Mutex, Once, PoisonError};

use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, StatusCode};

/// A browser of its own: nobody else's cookies.
pub struct Browser {
    client: Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its URL.
    pub url: String,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

/// A client that follows no redirects, with the process's cryptography in place.
#[must_use]
pub fn http() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Somebody else may have installed the same.
        let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    });
    Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("an HTTP client")
}

impl Default for Browser {
    fn default() -> Self {
        Self { client: http(), cookies: Mutex::default() }
    }
}

impl Browser {
    /// Loads a page.
    pub async fn get(&self, url: &str) -> Page {
        self.send(Method::GET, url, None, &[]).await
    }

    /// Loads a page with further headers.
    pub async fn get_with(&self, url: &str, headers: &[(&str, &str)]) -> Page {
        self.send(Method::GET, url, None, headers).await
    }

    /// Follows redirects as long as they stay at `origin`; the page, or the redirect that leaves.
    pub async fn follow(&self, mut page: Page, origin: &str) -> Page {
        for _ in 0..8 {
            match page.location() {
                Some(location) if location.starts_with(origin) => page = self.get(&location).await,
                Some(_) | None => return page,
            }
        }
        panic!("the redirects lead in a circle: {page:?}");
    }

    /// Sends the form of `page` whose action contains `action`: its anti-forgery token and `fields`.
    pub async fn submit(&self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        self.submit_with(page, action, fields, &[]).await
    }

    /// The same with further headers.
    pub async fn submit_with(
        &self,
        page: &Page,
        action: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Page {
        let target = page.action_to(action).unwrap_or_else(|| panic!("no form to {action} in {}", page.text));
        let csrf = page.input("csrf").unwrap_or_default();
        let fields: Vec<(&str, &str)> = std::iter::once(("csrf", &*csrf)).chain(fields.iter().copied()).collect();
        self.post_with(&target, &fields, headers).await
    }

    /// Sends a form.
    pub async fn post(&self, url: &str, fields: &[(&str, &str)]) -> Page {
        self.send(Method::POST, url, Some(fields), &[]).await
    }

    /// Sends a form with further headers.
    pub async fn post_with(&self, url: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        self.send(Method::POST, url, Some(fields), headers).await
    }

    /// The cookies, by name.
    #[must_use]
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a cookie there.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value.to_owned());
    }

    async fn send(&self, method: Method, url: &str, fields: Option<&[(&str, &str)]>, headers: &[(&str, &str)]) -> Page {
        let mut request = self.client.request(method, url);
        let cookies: Vec<String> = self.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(fields) = fields {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form(fields));
        }
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status(), response.headers().clone());
        {
            let mut kept = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
            for header in headers.get_all(SET_COOKIE) {
                let text = header.to_str().expect("a cookie is text");
                let (name, value) =
                    text.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie is a pair");
                if text.contains("Max-Age=0") {
                    kept.remove(name);
                } else {
                    kept.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        Page { url: url.to_owned(), status, headers, text: response.text().await.expect("a body") }
    }
}

impl Page {
    /// Where it sends the browser.
    #[must_use]
    pub fn location(&self) -> Option<String> {
        let location = self.headers.get(LOCATION)?.to_str().ok()?;
        // Resolved as a browser would.
        Some(url::Url::parse(&self.url).ok()?.join(location).ok()?.to_string())
    }

    /// The value of the input called `name`.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<String> {
        let at = self.text.find(&format!("name=\"{name}\""))?;
        let begin = self.text[..at].rfind('<')?;
        let end = at + self.text[at..].find('>')?;
        let tag = &self.text[begin..end];
        let value = tag.split("value=\"").nth(1)?.split('"').next()?;
        Some(unescape(value))
    }

    /// Where its first form goes.
    #[must_use]
    pub fn action(&self) -> Option<String> {
        self.action_to("")
    }

    /// Where its first form goes whose action contains `part`.
    #[must_use]
    pub fn action_to(&self, part: &str) -> Option<String> {
        let forms = self.text.split("<form").skip(1);
        let actions = forms.filter_map(|form| form.split("action=\"").nth(1)?.split('"').next()).map(unescape);
        let action = actions.into_iter().find(|action| action.contains(part))?;
        Some(url::Url::parse(&self.url).ok()?.join(&action).ok()?.to_string())
    }

    /// The text of the element of this id, its markup left out.
    #[must_use]
    pub fn text_of(&self, id: &str) -> Option<String> {
        let at = self.text.find(&format!("id=\"{id}\""))?;
        let name_at = self.text[..at].rfind('<')? + 1;
        let name = self.text[name_at..].split([' ', '>']).next()?;
        let begin = at + self.text[at..].find('>')? + 1;
        let end = begin + self.text[begin..].find(&format!("</{name}>"))?;
        let pieces =
            self.text[begin..end].split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
        Some(unescape(pieces.collect::<String>().trim()))
    }

    /// The value of a header; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The parameters with which it sends the browser away.
    #[must_use]
    pub fn answer(&self) -> Vec<(String, String)> {
        let location = self.location().unwrap_or_else(|| panic!("no redirect: {} {}", self.status, self.text));
        crate::party::parameters(&location)
    }

    /// Whether it has an element of this id.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.text.contains(&format!("id=\"{id}\""))
    }
}

fn unescape(text: &str) -> String {
    text.replace("&#x2f;", "/")
        .replace("&#x3d;", "=")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Fields as a form's body.
#[must_use]
pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
