//! `littlebox check`.

use std::path::PathBuf;

use super::{Exit, Stop, load, print};
use crate::study::Subject;

pub(super) fn check(files: &[PathBuf]) -> Result<Exit, Stop> {
    let mut exit = Exit::Good;
    let mut text = String::new();
    for path in files {
        match load::read(path) {
            Ok(subject) => {
                let scenario = subject.scenario();
                text += &format!(
                    "{}: {}, {}{}: good\n",
                    path.display(),
                    load::count(scenario.components.len(), "component"),
                    load::count(scenario.connections.len(), "connection"),
                    match &subject {
                        Subject::Scenario(_) => String::new(),
                        Subject::Recording(recording) => {
                            format!(
                                ", {}",
                                load::count(recording.changes.len(), "recorded change")
                            )
                        }
                    }
                );
            }
            Err(Stop::Said(message)) => {
                eprintln!("{message}");
                exit = Exit::Bad;
            }
            Err(Stop::Quiet) => return Err(Stop::Quiet),
        }
    }
    print(&text)?;
    Ok(exit)
}
