//! Draws every page into a folder, with the style sheet beside them, to be opened in a browser:
//! `cargo run -p chancery-server --example preview_pages -- FOLDER [OVERRIDES] [LANGUAGE]`.
//!
//! With `crates/server` as OVERRIDES, templates, texts and style sheet are read anew without compiling.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use chancery_server::pages::{Locale, Pages, sample};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, rest @ ..] = arguments.as_slice() else {
        return Err("usage: preview_pages FOLDER [OVERRIDES] [LANGUAGE]".into());
    };
    let folder = Path::new(folder);
    let pages = Pages::new(rest.first().filter(|path| !path.is_empty()).map(Path::new))?;
    let locale = rest.get(1).and_then(|tag| Locale::find(tag)).unwrap_or_default();

    fs::create_dir_all(folder.join("assets"))?;
    for asset in pages.assets() {
        fs::write(folder.join(&asset.path[1..]), &asset.bytes)?;
    }
    let look = pages.look("Example Harbour Authority", "");
    for (name, page) in sample::pages() {
        // The folder takes the place of a host: what pages name by an absolute path becomes a neighbour.
        let html = pages.render(&look, locale, &page)?.replace("\"/assets/", "\"assets/");
        fs::write(folder.join(format!("{name}.html")), html)?;
    }
    Ok(())
}
