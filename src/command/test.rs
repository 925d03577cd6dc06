//! `littlebox test`.

use super::{Exit, Stop, arguments, load, number, print, table, watch};
use crate::study::Judgement;

pub(super) fn test(arguments: &arguments::Study) -> Result<Exit, Stop> {
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
    format!("{word}  {}: {measured}", judgement.text)
}
