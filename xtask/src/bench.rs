//! Measurements: builds the bare server and ours in release, and lets the driver run them in turn.
//!
//! Nothing here judges: the table is for docs/performance.md, and for whoever claims to be faster.

use crate::place::Place;
use crate::step;

/// Builds what is measured and measures it, on `database` or on an SQLite file of its own.
pub(crate) fn run(place: &Place, database: Option<&str>) -> Result<(), String> {
    step::run_plain(&mut place.cargo(&[
        "build",
        "--release",
        "--package",
        "chancery-bench",
        "--package",
        "chancery-server",
    ]))?;
    let built = |name: &str| place.program(&format!("../release/{name}"));
    let mut driver = place.command(built("chancery-bench"));
    driver.arg(built("floor")).arg(built("chancery")).arg(database.unwrap_or("-"));
    step::run_plain(&mut driver)
}
