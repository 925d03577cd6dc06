//! From a file and flags to something that can be studied.

use std::io::{self, Write};
use std::path::Path;

use super::Stop;
use super::arguments::{Study, WarmUp};
use crate::scenario::{Scenario, file, parameters, problem};
use crate::study::{self, Plan, Subject, recording, steady};

/// How much longer than a scenario says it may take to reach a precision.
const MOST_TIMES: u64 = 100;

/// Reads a file and applies the flags. Problems are printed; only errors stop.
pub(super) fn subject(arguments: &Study) -> Result<(Subject, Plan), Stop> {
    let path = &arguments.file;
    let mut subject = read(path)?;
    match &mut subject {
        Subject::Scenario(scenario) => {
            for setting in &arguments.set {
                set(scenario, setting)?;
            }
            if !arguments.set.is_empty() {
                let problems = crate::scenario::check(scenario);
                say(path, &problems);
                if !problem::can_run(&problems) {
                    return Err(Stop::Said(
                        "error: the scenario can't run with these settings".into(),
                    ));
                }
            }
            if let Some(seed) = arguments.seed {
                scenario.seed = seed;
            }
        }
        Subject::Recording(_) => {
            if !arguments.set.is_empty() || arguments.seed.is_some() || arguments.runs > 1 {
                return Err(Stop::Said(
                    "error: a recording is one run as it was: --set, --seed and --runs don't go \
                     with it"
                        .into(),
                ));
            }
        }
    }
    let plan = plan(arguments, &subject)?;
    Ok((subject, plan))
}

fn plan(arguments: &Study, subject: &Subject) -> Result<Plan, Stop> {
    let duration_ns = match (arguments.duration, arguments.until) {
        (Some(span), _) => span.0.nanos(),
        (None, None) => subject.duration_ns(),
        (None, Some(_)) => subject.duration_ns().saturating_mul(MOST_TIMES),
    };
    let warm_up = match arguments.warm_up {
        Some(WarmUp::Auto) => study::WarmUp::Auto,
        Some(WarmUp::Fixed(duration)) => study::WarmUp::Fixed(duration.nanos()),
        None => study::WarmUp::Fixed(subject.scenario().run.warm_up.nanos()),
    };
    if let study::WarmUp::Fixed(nanos) = warm_up
        && nanos >= duration_ns
    {
        return Err(Stop::Said(format!(
            "error: the warm-up ({}) must be shorter than the run ({})",
            crate::scenario::Duration::from_nanos(nanos),
            crate::scenario::Duration::from_nanos(duration_ns),
        )));
    }
    let change = steady::planned_change(subject.scenario());
    if let (Some(change), Some(_)) = (change, arguments.until) {
        return Err(Stop::Said(format!(
            "error: --until needs a steady state, but {change}; --runs 20 gives intervals"
        )));
    }
    Ok(Plan {
        duration_ns,
        warm_up,
        precision: arguments.until.map(|percent| percent.0),
        runs: arguments.runs,
    })
}

/// Reads a scenario or a recording; its problems are printed.
pub(super) fn read(path: &Path) -> Result<Subject, Stop> {
    let (document, problems) = match file::read_text(path)? {
        Ok(text) if recording::is_recording(&text) => {
            return match recording::from_text(&text, &file::Beside::file(path)) {
                Ok(recording) => Ok(Subject::Recording(recording)),
                Err(problem) => Err(Stop::Said(problem.in_file(&path.display().to_string()))),
            };
        }
        Ok(text) => file::load_beside(&text, &file::Beside::file(path)),
        Err(problem) => (None, vec![problem]),
    };
    say(path, &problems);
    match document {
        Some(document) if problem::can_run(&problems) => Ok(Subject::Scenario(document.scenario)),
        _ => Err(Stop::Said(format!(
            "error: {} can't run because of {}",
            path.display(),
            count(
                problems.iter().filter(|problem| problem.is_error()).count(),
                "error"
            )
        ))),
    }
}

/// Prints problems, one a line.
pub(super) fn say(path: &Path, problems: &[crate::scenario::Problem]) {
    let file = path.display().to_string();
    let mut text = String::new();
    for problem in problems {
        text += &problem.in_file(&file);
        text.push('\n');
    }
    // Without a standard error there is nobody to tell; the exit status still says it.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// `1 error`, `3 errors`.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn set(scenario: &mut Scenario, setting: &str) -> Result<(), Stop> {
    let said = |why: String| Stop::Said(format!("error: --set {setting}: {why}"));
    let (path, value) = setting
        .split_once('=')
        .ok_or_else(|| said("write it as NAME=VALUE, such as api.instances=8".into()))?;
    parameters::set(scenario, path.trim(), value.trim()).map_err(said)
}
