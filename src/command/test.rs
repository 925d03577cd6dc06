//! `littlebox test`.

use super::{Exit, Stop, arguments, load, number, print, table, watch};
use crate::study::{Budget, Judgement};

/// Judges one file after the other. A bad file ends it; an objective that does not hold does not.
pub(super) fn test(arguments: &arguments::Test) -> Result<Exit, Stop> {
    let mut worst = Exit::Good;
    let first = &arguments.study;
    for file in std::iter::once(&first.file).chain(&arguments.more) {
        if !arguments.more.is_empty() {
            print(&format!("{}\n", file.display()))?;
        }
        let one = arguments::Study {
            file: file.clone(),
            ..first.clone()
        };
        match judge(&one)? {
            Exit::Good => {}
            Exit::Failed => worst = Exit::Failed,
            other => return Ok(other),
        }
        if !arguments.more.is_empty() {
            print("\n")?;
        }
    }
    Ok(worst)
}

fn judge(arguments: &arguments::Study) -> Result<Exit, Stop> {
    let (subject, plan) = load::subject(arguments)?;
    if subject.scenario().objectives.is_empty() {
        return Err(Stop::Said(format!(
            "error: {} has no objectives to test",
            arguments.file.display()
        )));
    }
    let (report, wall_secs) = watch::watched(&subject, &plan)?;
    let mut text = String::new();
    for judgement in &report.objectives {
        text += &line(judgement);
        text.push('\n');
    }
    text += &table::notes(&report);
    text += &table::summary(&report, wall_secs);
    print(&text)?;
    Ok(if report.interrupted {
        Exit::Interrupted
    } else if report.objectives.iter().all(|judgement| judgement.met) {
        Exit::Good
    } else {
        Exit::Failed
    })
}

/// `met      p99 latency of users below 200ms: 145.2ms`.
pub(super) fn line(judgement: &Judgement) -> String {
    let measured = match judgement.measured {
        Some(value) if judgement.is_time => number::time(value),
        // As many digits as the limit may have.
        Some(value) => format!("{}", (value * 1e6).round() / 1e6),
        None => "nothing was observed".into(),
    };
    let word = if judgement.met { "met   " } else { "FAILED" };
    let budget = judgement.budget.as_ref().map(of_budget);
    let budget = budget.unwrap_or_default();
    format!("{word}  {}: {measured}{budget}", judgement.text)
}

/// What of the error budget is left, on a line of its own.
fn of_budget(budget: &Budget) -> String {
    let mut text = format!(
        "\n          error budget {} of {} failures, {} spent",
        number::grouped(budget.failed),
        number::plain(budget.allowed),
        number::share(budget.spent)
    );
    for (window, burn) in &budget.burns {
        text += &format!(", {}x over {}", number::plain(*burn), length(*window));
    }
    if let Some(nines) = budget.nines() {
        text += &format!(
            "; {} nines, {} down a year",
            number::plain(nines),
            number::time(budget.downtime_per_year())
        );
    }
    text
}

/// A window in the largest unit that it is a whole number of.
fn length(secs: f64) -> String {
    if secs < 3600.0 {
        format!("{:.0}min", secs / 60.0)
    } else {
        format!("{:.0}h", secs / 3600.0)
    }
}
