//! clap's help and refusals in Chinese.

use crate::arguments::Arguments;
use crate::refusal::Refusal;
use crate::words::{ArgumentWords, CommandWords, usage, words};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory as _, Error};

const TEMPLATE: &str = "{about}\n\n{before-help}{all-args}{after-help}";
/// What clap writes in a usage line whatever it is told.
const OPTIONS_PLACE: &str = "[OPTIONS]";
const USAGE_TITLE: &str = "Usage: ";

/// Returns the command line with all its words.
pub fn command() -> Command {
    let help = &words().help;
    let own = |id: &'static str, action| Arg::new(id).long(id).action(action).help_heading(&*help.common);
    let mut root = Arguments::command()
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(own("help", ArgAction::Help).short('h').global(true))
        .arg(own("version", ArgAction::Version).short('V'));
    dress(&mut root, "");
    root.build();
    lay_out(&mut root);
    root
}

/// Gives a command and those below it their words.
fn dress(command: &mut Command, path: &str) {
    let help = &words().help;
    let told = command_words(path);
    let ids: Vec<String> = command.get_arguments().map(|arg| arg.get_id().to_string()).collect();
    let mut dressed = std::mem::take(command)
        .about(&*told.about)
        .long_about(None)
        .disable_help_subcommand(true)
        .subcommand_help_heading(&*help.commands)
        .subcommand_value_name(&*help.command_place)
        .help_template(TEMPLATE)
        .after_help(after(told));
    for id in ids {
        dressed = dressed.mut_arg(&id, |arg| dress_argument(arg, argument_words(path, &id)));
    }
    for below in dressed.get_subcommands_mut() {
        let path = format!("{path} {}", below.get_name());
        dress(below, path.trim_start());
    }
    *command = dressed;
}

fn dress_argument(arg: Arg, told: &'static ArgumentWords) -> Arg {
    let help = &words().help;
    let heading = if arg.is_positional() {
        &help.arguments
    } else if arg.is_global_set() || arg.get_help_heading().is_some() {
        &help.common
    } else {
        &help.options
    };
    let dressed = arg.help(&*told.help).long_help(None).help_heading(&**heading);
    match &told.value {
        Some(value) => dressed.value_name(&**value).hide_default_value(true),
        None => dressed,
    }
}

/// Puts the usage line, which clap only makes once everything is built, above the help.
fn lay_out(command: &mut Command) {
    let line = command.render_usage().to_string();
    let line = line.strip_prefix(USAGE_TITLE).unwrap_or(&line).replace(OPTIONS_PLACE, &words().help.options_place);
    *command = std::mem::take(command).before_help(format!("{}：{line}", words().help.usage));
    command.get_subcommands_mut().for_each(lay_out);
}

fn after(told: &CommandWords) -> String {
    let mut lines = told.more.clone();
    if !told.examples.is_empty() {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(format!("{}:", words().help.examples));
        lines.extend(told.examples.iter().map(|example| format!("  {example}")));
    }
    lines.join("\n")
}

fn command_words(path: &str) -> &'static CommandWords {
    words().commands.get(path).unwrap_or_else(|| panic!("cli.json has no words for `evidock {path}`; a test asks"))
}

fn argument_words(path: &str, id: &str) -> &'static ArgumentWords {
    let arguments = &words().arguments;
    let told = arguments.get(&format!("{path}.{id}")).or_else(|| arguments.get(id));
    told.unwrap_or_else(|| panic!("cli.json has no words for {id} of `evidock {path}`; a test asks"))
}

/// Returns what clap has against a command, in Chinese.
pub fn refusal(error: &Error, typed: &[String]) -> Refusal {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(list)) => list.join("、"),
        _ => String::new(),
    };
    let arg = text(ContextKind::InvalidArg);
    let (other, value) = (text(ContextKind::PriorArg), text(ContextKind::InvalidValue));
    let named = [("arg", arg.as_str()), ("other", &other), ("value", &value)];
    let what = match error.kind() {
        ErrorKind::UnknownArgument => usage("unknown", &named),
        ErrorKind::InvalidSubcommand => usage("unknown_command", &[("arg", &text(ContextKind::InvalidSubcommand))]),
        ErrorKind::MissingRequiredArgument => usage("missing", &named),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            usage("missing_command", &[])
        }
        ErrorKind::InvalidValue | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues if value.is_empty() => {
            usage("missing_value", &named)
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::TooManyValues => usage("bad_value", &named),
        ErrorKind::ArgumentConflict if other == arg || other.is_empty() => usage("twice", &named),
        ErrorKind::ArgumentConflict => usage("conflict", &named),
        ErrorKind::InvalidUtf8 => usage("not_text", &[]),
        _ => usage("other", &[]),
    };
    let near = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand].map(text).concat();
    let mut lines = Vec::new();
    if !near.is_empty() {
        lines.push(usage("near", &[("arg", &near)]));
    }
    lines.push(usage("hint", &[("command", &nearest(typed))]));
    Refusal::wrong(what).saying(lines)
}

/// Returns the longest known command that was typed, for the hint.
fn nearest(typed: &[String]) -> String {
    let mut path = String::new();
    for word in typed {
        let longer = format!("{path} {word}");
        if words().commands.contains_key(longer.trim_start()) {
            path = longer.trim_start().to_owned();
        }
    }
    format!("evidock {path}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn walk(command: &Command, path: &str, each: &mut impl FnMut(&Command, &str)) {
        each(command, path);
        for below in command.get_subcommands() {
            walk(below, format!("{path} {}", below.get_name()).trim_start(), each);
        }
    }

    #[test]
    fn words_and_command_line_fit_each_other() {
        let (mut commands, mut arguments) = (BTreeSet::new(), BTreeSet::new());
        walk(&command(), "", &mut |command, path| {
            commands.insert(path.to_owned());
            for arg in command.get_arguments() {
                let own = format!("{path}.{}", arg.get_id());
                let known = words().arguments.contains_key(&own);
                arguments.insert(if known { own } else { arg.get_id().to_string() });
                let takes = arg.get_action().takes_values();
                let told = argument_words(path, arg.get_id().as_str());
                assert_eq!(takes, told.value.is_some(), "{} of `{path}` names its value", arg.get_id());
            }
        });
        assert_eq!(commands, words().commands.keys().cloned().collect(), "every command has its words");
        assert_eq!(arguments, words().arguments.keys().cloned().collect(), "no words are left over");
        command().debug_assert();
    }

    #[test]
    fn help_is_chinese_throughout() {
        walk(&command(), "", &mut |command, path| {
            let help = command.clone().render_long_help().to_string();
            for english in ["Usage", "Options", "Commands", "Arguments", "Print", "[default", "[env", "[OPTIONS]"] {
                assert!(!help.contains(english), "`evidock {path} --help` says {english}:\n{help}");
            }
            assert!(help.contains(&words().help.usage), "`evidock {path} --help` begins with the usage:\n{help}");
        });
    }

    #[test]
    fn refusals_are_chinese() {
        for (line, expected) in [
            ("--valut x rules list", "不认识的参数 --valut"),
            ("ruels list", "没有命令 ruels"),
            ("", "缺少命令"),
            ("rules", "缺少命令"),
            ("init --unit 甲", "缺少 --rules <规则包>"),
            ("init --unit", "--unit <名称> 后面缺少内容"),
            ("clips --limit many", "--limit <个数> 不能是“many”"),
            ("serve --port 99999", "--port <端口> 不能是“99999”"),
            ("session assign a --case b --none", "不能与"),
            ("init --unit 甲 --unit 乙 --rules x", "--unit <名称> 只能写一次"),
            ("rebuild --unit 甲", "缺少 --rules <规则包>"),
            ("clip", "缺少 <片段>"),
        ] {
            let typed: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            let words = ["evidock".to_owned()].into_iter().chain(typed.clone());
            let error = command().try_get_matches_from(words).expect_err(line);
            let refusal = refusal(&error, &typed);
            let said = refusal.lines.join("\n");
            assert!(said.contains(expected) && said.contains("--help"), "`evidock {line}`: {said}");
        }
    }
}
