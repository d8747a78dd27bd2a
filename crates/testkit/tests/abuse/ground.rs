//! Servers to be abused, and generated abuse.

use chancery_testkit::Issuer;
use chancery_testkit::issuer::WORLD;
use chancery_testkit::postgres::empty_database;

/// A server on PostgreSQL, on a database of its own.
pub(crate) async fn on_postgres() -> Issuer {
    Issuer::start_on(&empty_database().await, WORLD, "", None).await
}

/// How many cases a generated test tries: few, or many where somebody has the time.
#[expect(clippy::disallowed_methods, reason = "the test command, not a configuration, asks for long tests")]
pub(crate) fn cases(usually: u32) -> u32 {
    if std::env::var("CHANCERY_LONG_TESTS").is_ok_and(|asked| !asked.is_empty()) { usually * 50 } else { usually }
}

/// Puts generated values to `check`, the same ones every time; a value that fails is made smaller first.
pub(crate) fn for_all<S, F>(usually: u32, strategy: S, check: impl Fn(S::Value) -> F)
where
    S: proptest::strategy::Strategy,
    F: Future<Output = Result<(), String>>,
{
    use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
    let config = Config {
        cases: cases(usually),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(6749),
        max_shrink_iters: 200,
        ..Config::default()
    };
    let handle = tokio::runtime::Handle::current();
    let outcome = TestRunner::new(config).run(&strategy, |value| {
        let checked = tokio::task::block_in_place(|| handle.block_on(check(value)));
        checked.map_err(TestCaseError::fail)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
