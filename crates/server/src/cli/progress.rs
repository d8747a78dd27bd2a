//! A sign of life for what takes longer than a second, on a terminal only.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget};

/// After this long people wonder.
const PATIENCE: Duration = Duration::from_secs(1);

/// Does `work`; where that takes long, says `what` is being done.
pub(super) async fn with_sign_of_life<T>(what: &'static str, work: impl Future<Output = T>) -> T {
    if !std::io::stderr().is_terminal() {
        return work.await;
    }
    tokio::pin!(work);
    if let Ok(done) = tokio::time::timeout(PATIENCE, &mut work).await {
        return done;
    }
    let sign = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    sign.set_message(what);
    sign.enable_steady_tick(Duration::from_millis(120));
    let done = work.await;
    sign.finish_and_clear();
    done
}
