//! What can be typed, parsed into types that can't be wrong.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};

use crate::scenario::Duration;

/// A whiteboard whose boxes run: draw a system, press play, and read true queueing figures.
#[derive(Debug, Parser)]
#[command(
    name = "littlebox",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Without a command the window opens, with FILE if one is given.\n\n\
        Exit status: 0 good, 1 an objective does not hold, 2 bad usage or bad file,\n\
        130 stopped by Ctrl+C (what was measured is printed)."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Scenario to open in the window
    pub file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Simulate, print the measures
    Run(Run),
    /// Load and check files; list every problem with line and column
    Check {
        /// Scenario files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Simulate, judge the objectives; exit status 1 if one does not hold
    Test(Test),
    /// What queueing theory says beside the simulation, and where it does not apply
    Theory(Study),
}

#[derive(Args, Debug)]
pub(super) struct Run {
    #[command(flatten)]
    pub study: Study,
    /// Print one JSON object
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print one figure a line, as comma-separated values
    #[arg(long)]
    pub csv: bool,
}

#[derive(Args, Debug)]
pub(super) struct Test {
    #[command(flatten)]
    pub study: Study,
    /// More scenario files
    #[arg(value_name = "FILE")]
    pub more: Vec<PathBuf>,
}

/// What is simulated, and how.
#[derive(Args, Clone, Debug)]
pub(super) struct Study {
    /// Scenario file, or a recording made in the window
    pub file: PathBuf,
    /// Simulated time of a run, warm-up included [default: what the scenario says, or 10min]
    #[arg(long = "for", value_name = "DURATION")]
    pub duration: Option<Span>,
    /// Simulated time at the start that no measure includes, or `auto` to find it (MSER-5)
    /// [default: what the scenario says, or 0s]
    #[arg(long, value_name = "DURATION|auto")]
    pub warm_up: Option<WarmUp>,
    /// Seed of the (first) run [default: what the scenario says, or 1]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Run until the 95 % interval of mean latency is within this share of it, at most for --for
    /// [default of --for then: 100 times what the scenario says]
    #[arg(long, value_name = "PERCENT", conflicts_with = "runs")]
    pub until: Option<Percent>,
    /// Independent runs, with the seeds that follow; intervals then come from their differences
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub runs: u32,
    /// Change a parameter, such as api.instances=8 (may be repeated)
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
}

/// A span of time above zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span(pub Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match Duration::parse(text)? {
            Duration::ZERO => Err("it must be longer than 0s".into()),
            duration => Ok(Self(duration)),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum WarmUp {
    Auto,
    Fixed(Duration),
}

impl FromStr for WarmUp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            _ => Duration::parse(text).map(Self::Fixed),
        }
    }
}

/// A share, written as a percentage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Percent(pub f64);

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text
            .strip_suffix('%')
            .ok_or("write it with a percent sign, such as 1%")?;
        match number.trim().parse::<f64>() {
            Ok(value) if value > 0.0 && value < 100.0 => Ok(Self(value / 100.0)),
            _ => Err("it must be a number above 0% and below 100%".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn percentages() {
        let check = |text: &str| text.parse::<Percent>().map(|percent| percent.0);
        assert_eq!(check("1%"), Ok(0.01));
        assert_eq!(check("0.5 %"), Ok(0.005));
        for wrong in ["1", "0%", "-1%", "100%", "NaN%", "%", ""] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_file_alone_is_for_the_window() {
        let parse = |words: &[&str]| Arguments::try_parse_from([&["littlebox"], words].concat());
        let arguments = parse(&["shop.ron"]).unwrap();
        assert!(arguments.command.is_none());
        assert_eq!(arguments.file, Some("shop.ron".into()));
        assert!(parse(&[]).unwrap().file.is_none());
        assert!(parse(&["run", "a.ron", "--json", "--csv"]).is_err());
        assert!(parse(&["run", "a.ron", "--until", "1%", "--runs", "3"]).is_err());
        assert!(parse(&["run", "a.ron", "--runs", "0"]).is_err());
        assert!(parse(&["run", "a.ron", "--for", "0s"]).is_err());
        assert!(parse(&["check"]).is_err());
    }
}
