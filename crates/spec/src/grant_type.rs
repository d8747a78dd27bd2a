//! Grant types.
//!
//! Implements: the names of RFC 6749 §4, RFC 7523 §2.1, RFC 8628 §3.4, RFC 8693 §2.1, CIBA Core §10.1.

use crate::text::words;

words! {
    /// A registered grant type. Knowing the name does not mean that a realm speaks it.
    pub enum GrantType {
        /// RFC 6749 §4.1.
        AuthorizationCode = "authorization_code",
        /// OpenID Connect Client-Initiated Backchannel Authentication.
        Ciba = "urn:openid:params:grant-type:ciba",
        /// RFC 6749 §4.4.
        ClientCredentials = "client_credentials",
        /// RFC 8628.
        DeviceCode = "urn:ietf:params:oauth:grant-type:device_code",
        /// RFC 6749 §4.2: never sent to the token endpoint, but a word of client metadata.
        Implicit = "implicit",
        /// RFC 7523 §2.1.
        JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer",
        /// RFC 6749 §4.3: for old clients, where a realm allows it.
        Password = "password",
        /// RFC 6749 §6.
        RefreshToken = "refresh_token",
        /// RFC 8693.
        TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange",
    }
}
