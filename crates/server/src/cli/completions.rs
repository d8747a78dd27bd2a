//! `chancery completions` and `chancery man`.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use serde_json::json;

use super::{Answer, Cli, CommandError};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  chancery completions bash > /etc/bash_completion.d/chancery")]
pub(super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Result<Answer, CommandError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "chancery", &mut script);
        let script = String::from_utf8_lossy(&script).into_owned();
        Ok(Answer::new(json!({"shell": self.shell.to_string(), "script": script}), script))
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  chancery man | man -l -\n  chancery man --output /usr/local/share/man/man1")]
pub(super) struct Man {
    /// A folder for one page per command; the first page is printed where it is not named
    #[arg(long, value_name = "DIRECTORY")]
    output: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(self) -> Result<Answer, CommandError> {
        let failed = |error: std::io::Error| CommandError::Failed(format!("the manual cannot be written: {error}"));
        match self.output {
            Some(directory) => {
                std::fs::create_dir_all(&directory).map_err(failed)?;
                clap_mangen::generate_to(Cli::command(), &directory).map_err(failed)?;
                Ok(Answer::new(json!({"directory": directory}), format!("the manual is in {}", directory.display())))
            }
            None => {
                let mut page = Vec::new();
                clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(failed)?;
                let page = String::from_utf8_lossy(&page).into_owned();
                Ok(Answer::new(json!({"page": page}), page))
            }
        }
    }
}
