//! The hidden `chancery reference`: the generated part of the documentation, made of the sources that the program runs on.

mod commands;
mod errors;

use std::path::PathBuf;

use chancery_engine::specs;
use clap::Args;
use serde_json::json;

use super::{Answer, CommandError};
use crate::{config, seed};

#[derive(Debug, Args)]
pub(super) struct Reference {
    /// Where the files are written
    #[arg(long, value_name = "DIRECTORY", default_value = "docs/reference")]
    output: PathBuf,
}

impl Reference {
    pub(super) fn run(self) -> Result<Answer, CommandError> {
        let schema =
            serde_json::to_string_pretty(&seed::schema()).map_err(|error| CommandError::Failed(error.to_string()))?;
        let files = [
            ("config.md", config::reference_markdown()),
            ("cli.md", commands::markdown()),
            ("errors.md", errors::markdown()),
            ("seed.schema.json", schema + "\n"),
            ("specs.md", specifications()),
        ];
        let failed = |error: std::io::Error| CommandError::Failed(format!("{}: {error}", self.output.display()));
        std::fs::create_dir_all(&self.output).map_err(failed)?;
        let mut names = Vec::new();
        for (name, text) in files {
            std::fs::write(self.output.join(name), text).map_err(failed)?;
            names.push(name);
        }
        Ok(Answer::new(json!({"directory": self.output, "files": names}), names.join("\n")))
    }
}

/// docs/reference/specs.md.
fn specifications() -> String {
    let mut page = String::from(
        "# Specifications\n\nWhat the server speaks. Its metadata documents are made of the same table.\n\n\
         | specification | title | extent | tests |\n|---|---|---|---|\n",
    );
    for entry in specs::CATALOGUE {
        page.push_str(&format!("| {} | {} | {} | `{}` |\n", entry.spec, entry.title, entry.extent, entry.tests));
    }
    page
}
