//! Whatever strangers send to a whole server over a real socket: it is answered soundly or cut, and nothing of the
//! inside ever comes out.

mod addressing;
mod anything;
mod framing;
mod ground;
mod key_sets;
mod multiplexed;
mod paths;
mod redirects;
mod secrecy;
mod sizes;
mod soundness;
mod stranger;
mod tokens;
mod wire;
