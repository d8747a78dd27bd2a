//! docs/reference/cli.md, made of the command line's own description.

use clap::{Arg, Command, CommandFactory as _};

use crate::cli::Cli;

pub(super) fn markdown() -> String {
    let mut root = Cli::command();
    root.build();
    let mut page = String::from("# Command line\n\nMade of what `chancery --help` says.\n");
    write(&root, "chancery", 2, &mut page);
    page
}

fn write(command: &Command, name: &str, level: usize, page: &mut String) {
    page.push_str(&format!("\n{} `{name}`\n", "#".repeat(level.min(4))));
    if let Some(about) = command.get_about() {
        page.push_str(&format!("\n{about}.\n"));
    }
    if level > 2 && !command.has_subcommands() {
        let usage = command.clone().render_usage().to_string();
        page.push_str(&format!("\n```\n{}\n```\n", usage.trim_start_matches("Usage: ").trim()));
    }
    // The global ones are told once, at the top.
    let arguments: Vec<&Arg> = command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set() && (level == 2 || !argument.is_global_set()))
        .filter(|argument| !matches!(argument.get_id().as_str(), "help" | "version"))
        .collect();
    if !arguments.is_empty() {
        page.push_str("\n| argument | meaning |\n|---|---|\n");
        for argument in arguments {
            page.push_str(&format!("| `{}` | {} |\n", spelled(argument), meaning(argument)));
        }
    }
    if let Some(after) = command.get_after_help() {
        page.push_str(&format!("\n```text\n{after}\n```\n"));
    }
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help") {
        write(inner, &format!("{name} {}", inner.get_name()), level + 1, page);
    }
}

fn spelled(argument: &Arg) -> String {
    let values: Vec<String> = match argument.get_value_names() {
        Some(names) if argument.get_action().takes_values() => names.iter().map(|name| format!("<{name}>")).collect(),
        Some(_) | None => Vec::new(),
    };
    match argument.get_long() {
        Some(long) if values.is_empty() => format!("--{long}"),
        Some(long) => format!("--{long} {}", values.join(" ")),
        None => values.join(" "),
    }
}

fn meaning(argument: &Arg) -> String {
    let mut text = argument.get_help().map(ToString::to_string).unwrap_or_default().replace('|', "\\|");
    let defaults: Vec<String> =
        argument.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if argument.get_action().takes_values() && !defaults.is_empty() {
        text.push_str(&format!(" (default `{}`)", defaults.join(" ")));
    }
    text
}
