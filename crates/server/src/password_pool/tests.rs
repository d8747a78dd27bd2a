//! What the pool promises to those who sign in.

use super::*;

fn settings() -> Passwords {
    Passwords { threads: 1, queue: 4, memory_kib: 8192, iterations: 1, parallelism: 1 }
}

fn pool() -> PasswordPool {
    PasswordPool::start(&settings()).expect("a pool")
}

#[tokio::test]
async fn a_password_makes_its_own_hash_and_no_other() {
    let pool = pool();
    let hash = pool.hash("correct horse".to_owned()).await.expect("hashed");
    assert!(hash.starts_with("$argon2id$v=19$m=8192,t=1,p=1$"), "{hash}");
    assert_ne!(hash, pool.hash("correct horse".to_owned()).await.expect("hashed"), "the salt is fresh");
    assert_eq!(pool.verify("correct horse".to_owned(), &hash).await, Ok(true));
    assert_eq!(pool.verify("battery staple".to_owned(), &hash).await, Ok(false));
    assert_eq!(pool.verify_against_nothing("correct horse".to_owned()).await, Ok(()));
}

/// Made by the reference implementation: `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32`.
#[tokio::test]
async fn a_hash_of_the_reference_implementation_is_understood() {
    let phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    assert_eq!(pool().verify("password".to_owned(), phc).await, Ok(true));
    assert!(pool().needs_rehash(phc));
}

#[tokio::test]
async fn a_hash_that_makes_no_sense_matches_nothing() {
    for phc in [
        "",
        "secret",
        "$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHQ",
        "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=8192,t=4294967295,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$2b$12$abcdefghijklmnopqrstuv",
    ] {
        assert_eq!(pool().verify("secret".to_owned(), phc).await, Ok(false), "{phc}");
        assert!(pool().needs_rehash(phc), "{phc}");
    }
}

#[tokio::test]
async fn a_password_that_is_too_long_is_refused_before_it_is_hashed() {
    let pool = pool();
    let long = "x".repeat(LONGEST_PASSWORD + 1);
    assert_eq!(pool.hash(long.clone()).await, Err(HashError::TooLong));
    assert_eq!(pool.verify(long, &pool.nothing).await, Ok(false));
    assert!(pool.hash("x".repeat(LONGEST_PASSWORD)).await.is_ok());
}

#[tokio::test]
async fn who_finds_the_queue_full_is_told_to_come_back() {
    let pool = pool();
    // More at once than one thread and four places can take: some are turned away, the others are answered.
    let all = (0..64).map(|_| pool.verify_against_nothing("secret".to_owned()));
    let answers = futures_util::future::join_all(all).await;
    let busy = answers.iter().filter(|answer| answer.is_err()).count();
    assert!(busy > 0 && busy < answers.len(), "{busy} of {}", answers.len());
    assert_eq!(pool.verify_against_nothing("secret".to_owned()).await, Ok(()));
}

#[tokio::test]
async fn a_change_of_parameters_asks_for_a_new_hash() {
    let kept = pool().hash("secret".to_owned()).await.expect("hashed");
    assert!(!pool().needs_rehash(&kept));
    let stronger = PasswordPool::start(&Passwords { iterations: 2, ..settings() }).expect("a pool");
    assert!(stronger.needs_rehash(&kept));
    assert_eq!(stronger.verify("secret".to_owned(), &kept).await, Ok(true));
}

#[test]
fn a_hash_of_nothing_is_a_hash_like_any_other() {
    let pool = pool();
    assert!(!pool.needs_rehash(&pool.nothing));
}
