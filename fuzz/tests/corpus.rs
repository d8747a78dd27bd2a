//! The corpus and its nearest neighbours, as a plain test: every prefix, and every byte replaced by hostile ones.

use std::fs;
use std::path::Path;

use chancery_fuzz::TARGETS;

/// Bytes that mean something to one parser or another.
const HOSTILE: &[u8] = b"\0\n\"%&'+,-./0:;<=?@A[\\]_{}\x7f\xc3\xff";

/// Longer inputs are run as they are: their neighbours would cost more than they tell.
const LONGEST: usize = 1_000;

/// Readers of an operator's files compare with a whole schema each time: of their neighbours, every fifth will do.
const THOROUGH: [&str; 2] = ["configuration", "seed"];

fn neighbours(input: &[u8], stride: usize, mut visit: impl FnMut(&[u8])) {
    visit(input);
    if input.len() > LONGEST {
        return;
    }
    for end in (0..input.len()).step_by(stride) {
        visit(&input[..end]);
        visit(&input[end..]);
    }
    let mut changed = input.to_vec();
    for at in (0..input.len()).step_by(stride) {
        for byte in HOSTILE {
            changed[at] = *byte;
            visit(&changed);
        }
        changed[at] = input[at] ^ 0x20;
        visit(&changed);
        changed[at] = input[at];
        let doubled = [&input[..at], &input[at..=at], &input[at..]].concat();
        visit(&doubled);
    }
}

fn run(name: &str) {
    let (_, target) = TARGETS.into_iter().find(|(known, _)| *known == name).expect("a target of this name");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let stride = if THOROUGH.contains(&name) { 5 } else { 1 };
    let mut seeds = 0;
    for entry in fs::read_dir(&folder).expect("a corpus folder") {
        let path = entry.expect("an entry").path();
        let seed = fs::read(&path).expect("a seed");
        neighbours(&seed, stride, target);
        seeds += 1;
    }
    assert!(seeds > 0, "{name} has no seed");
}

macro_rules! corpus {
    ($($name:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            run(stringify!($name));
        })+

        #[test]
        fn every_target_has_its_test() {
            let tested = [$(stringify!($name)),+];
            assert_eq!(TARGETS.map(|(name, _)| name), tested);
        }
    };
}

corpus!(
    authorization_request,
    client_authentication,
    client_metadata,
    configuration,
    cookies,
    encrypted_token,
    form,
    forwarded,
    host,
    issuer,
    key_set,
    redirect_uri,
    refresh_token,
    scope,
    seed,
    signed_token,
    token_request,
);
