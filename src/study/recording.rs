//! Recorded runs in files: `Recording(start: Scenario(…), changes: [(time in ns, events before,
//! change), …])`, in the syntax of scenario files.

use std::path::Path;

use crate::engine::{Change, Recording};
use crate::scenario::{Problem, file};

/// What stands in front of the outermost bracket.
const NAME: &str = "Recording";

/// Whether a text is meant to be a recording, not a scenario.
pub fn is_recording(text: &str) -> bool {
    file::outer_name(text) == Some(NAME)
}

/// Reads a recording from its text, and the files beside it that its scenarios name.
///
/// # Errors
/// The first mistake, with its place.
pub fn from_text(text: &str, beside: &file::Beside) -> Result<Recording, Box<Problem>> {
    let mut recording: Recording = file::from_text(text)?;
    let edits = recording.changes.iter_mut();
    let edits = edits.filter_map(|(_, _, change)| match change {
        Change::Edit(scenario) => Some(&mut **scenario),
        _ => None,
    });
    for scenario in std::iter::once(&mut recording.start).chain(edits) {
        scenario.beside = beside.clone();
        file::read_beside(scenario);
    }
    Ok(recording)
}

/// Writes a recording in one step.
///
/// # Errors
/// When the file can't be written; an old one is untouched then.
pub fn write(path: &Path, recording: &Recording) -> Result<(), file::FileError> {
    file::write_text(path, &file::to_text(NAME, recording))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{FaultKind, Kind, Scenario};

    fn recorded() -> Recording {
        let mut start = Scenario {
            seed: 7,
            ..Scenario::default()
        };
        for kind in Kind::ALL {
            start
                .components
                .insert(kind.word().into(), kind.component());
        }
        let mut edited = start.clone();
        edited.components.shift_remove("Queue");
        Recording {
            start,
            changes: vec![
                (5, 1, Change::Edit(Box::new(edited))),
                (
                    7_000_000_000,
                    90,
                    Change::Fault("Cache".into(), FaultKind::Slow { times: 2.5 }),
                ),
                (
                    8_000_000_000,
                    100,
                    Change::Fault("Server".into(), FaultKind::Crash),
                ),
                (9_000_000_000, 120, Change::Heal("Cache".into())),
                (9_000_000_000, 120, Change::Reset),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ron");
        write(&path, &recorded()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(is_recording(&text), "{text}");
        assert_eq!(from_text(&text, &file::Beside::file(&path)), Ok(recorded()));
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "Scenario(version: 1)",
            "",
            "(",
            "// Recording(\n(version: 1)",
            "\u{feff}",
        ] {
            assert!(!is_recording(text), "{text}");
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        let text = "// by hand\nRecording(\n    start: (version: 1),\n    changes: [(1, 2, Heel(\"a\"))],\n)\n";
        let problem = from_text(text, &file::Beside::default()).unwrap_err();
        let message = problem.in_file("a.ron");
        assert!(
            message.starts_with("a.ron: line 4, column 22: "),
            "{message}"
        );
        assert!(message.contains("Heal"), "{message}");
    }
}
