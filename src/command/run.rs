//! `littlebox run`.

use super::{Exit, Stop, arguments, csv, json, load, print, table, watch};

pub(super) fn run(arguments: &arguments::Run) -> Result<Exit, Stop> {
    let (subject, plan) = load::subject(&arguments.study)?;
    let (report, wall_secs) = watch::watched(&subject, &plan)?;
    let text = if arguments.json {
        json::json(&report, wall_secs)
    } else if arguments.csv {
        csv::csv(&report)
    } else {
        table::table(&report, wall_secs)
    };
    print(&text)?;
    Ok(if report.interrupted {
        Exit::Interrupted
    } else {
        Exit::Good
    })
}
