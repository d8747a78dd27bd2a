//! A relying party: discovery, authorization, tokens.
