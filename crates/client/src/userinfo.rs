//! Claims about the person who signed in.
//!
//! Implements: OpenID Connect Core §5.3.
//! Leaves out: signed and encrypted responses.

use bytes::Bytes;
use chancery_spec::user_info::UserInfo;
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use http::{HeaderMap, Method, StatusCode};

use crate::client::{Client, secret_field};
use crate::error::{ClientError, IdTokenFault, Refused};
use crate::http::Call;
use crate::id_token::IdToken;
use crate::metadata::Endpoint;

impl Client {
    /// What the server tells about the person of `about`, by the access token that came with it.
    ///
    /// # Errors
    /// [`IdTokenFault::Subject`] if the answer is about somebody else (§5.3.2: it must not be used then),
    /// [`ClientError::Refused`], and failing calls.
    pub async fn userinfo(&self, access_token: &str, about: &IdToken) -> Result<UserInfo<'static>, ClientError> {
        let url = self.provider.endpoint(Endpoint::UserInfo)?.clone();
        let headers = HeaderMap::from_iter([
            (ACCEPT, HeaderValue::from_static("application/json")),
            (AUTHORIZATION, secret_field(&["Bearer ", access_token].concat())?),
        ]);
        let call = Call { method: Method::GET, url, headers, body: Bytes::new() };
        let answer = self.surroundings.http.send(call).await?;
        if answer.status != StatusCode::OK {
            return Err(ClientError::Refused(Refused::of(&answer)));
        }
        let told: UserInfo<'static> =
            serde_json::from_slice(&answer.body).map_err(|_| ClientError::Answer("a UserInfo response"))?;
        if told.sub == about.subject() { Ok(told) } else { Err(IdTokenFault::Subject.into()) }
    }
}
