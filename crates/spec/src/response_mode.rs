//! Response modes.
//!
//! Implements: OAuth 2.0 Multiple Response Type Encoding Practices §2, §5; OAuth 2.0 Form Post
//! Response Mode; the names and defaults of JARM §2.3.

use crate::response_type::ResponseType;
use crate::text::words;

words! {
    /// How an authorization response travels through the browser.
    pub enum ResponseMode {
        /// In a form that posts itself.
        FormPost = "form_post",
        /// A signed response in a form that posts itself.
        FormPostJwt = "form_post.jwt",
        /// In the fragment.
        Fragment = "fragment",
        /// A signed response in the fragment.
        FragmentJwt = "fragment.jwt",
        /// A signed response, where the response type's default says.
        Jwt = "jwt",
        /// In the query.
        Query = "query",
        /// A signed response in the query.
        QueryJwt = "query.jwt",
    }
}

impl ResponseMode {
    /// The mode of a response type that names none: the query, unless a token would be in it.
    pub fn default_for(response_type: ResponseType) -> Self {
        if carries_tokens(response_type) { Self::Fragment } else { Self::Query }
    }

    /// The mode that is meant: [`ResponseMode::Jwt`] becomes the signed form of the default.
    #[must_use]
    pub fn resolved(self, response_type: ResponseType) -> Self {
        match self {
            Self::Jwt if carries_tokens(response_type) => Self::FragmentJwt,
            Self::Jwt => Self::QueryJwt,
            Self::FormPost | Self::FormPostJwt | Self::Fragment | Self::FragmentJwt | Self::Query | Self::QueryJwt => {
                self
            }
        }
    }

    /// Whether a response of this type may travel so: tokens never go into a plain query (Multiple
    /// Response Type Encoding Practices §3; a signed query is left to the policy on encryption).
    pub fn fits(self, response_type: ResponseType) -> bool {
        match self {
            Self::Query | Self::QueryJwt => !carries_tokens(response_type),
            Self::FormPost | Self::FormPostJwt | Self::Fragment | Self::FragmentJwt | Self::Jwt => true,
        }
    }

    /// Whether the response is one signed (and perhaps encrypted) JWT.
    pub fn is_signed(self) -> bool {
        match self {
            Self::FormPostJwt | Self::FragmentJwt | Self::Jwt | Self::QueryJwt => true,
            Self::FormPost | Self::Fragment | Self::Query => false,
        }
    }
}

fn carries_tokens(response_type: ResponseType) -> bool {
    response_type.has_token() || response_type.has_id_token()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_never_travels_in_the_query() {
        for response_type in ResponseType::ALL {
            let tokens = response_type.has_token() || response_type.has_id_token();
            assert_eq!(ResponseMode::Query.fits(*response_type), !tokens);
            assert!(ResponseMode::default_for(*response_type).fits(*response_type));
            assert!(ResponseMode::Jwt.resolved(*response_type).fits(*response_type));
        }
    }
}
