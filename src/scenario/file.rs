//! The scenario file: the only place that knows its syntax (RON).
//!
//! # Reading
//! [`load`] splits a text into entries (each component, connection, fault, …) and decodes every
//! entry by itself, so that all problems of a file are listed at once, each with line and column,
//! what was found, what is allowed and the nearest word for a typo. Files over [`MAX_BYTES`] are
//! refused before they are read, brackets nested too deep before they are decoded.
//!
//! # Saving
//! A document remembers the text it was read from. [`Document::to_text`] keeps that text to the
//! byte wherever the scenario did not change, its layout and comments included:
//! - an unchanged document saves to the bytes it was loaded from;
//! - of a changed entry only the changed fields are written anew; a field that gets its default
//!   is left out, and a value of another shape is written as in a new file;
//! - a new entry gets a line of its own, or is added to the line when the others share one;
//! - a removed entry disappears with its own lines; comments above it stay;
//! - comments inside a value that is written anew are kept in front of it;
//! - an entry that stood on one line and no longer fits 140 columns is broken.
//!
//! A document without a text (drawn in the window) is written in one way only: fields in the
//! order of the types, defaults left out, one entry a line if it fits, else one field a line,
//! whole numbers from 10,000 on in groups of three digits. The same document always saves to the
//! same bytes.

mod csv;
mod decode;
pub(in crate::scenario) mod distribution;
mod layout;
mod lines;
pub mod message_size;
mod migrate;
mod other;
mod read;
mod save;
mod scan;
mod tree;
pub(in crate::scenario) mod value;

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Problem, Scenario, Subject};
use lines::Lines;

pub use csv::{Beside, read_beside, read_beside_of, relocate};
pub use other::{from_text, outer_name, to_text, write_text};

/// The largest file that is read: 64 MiB.
pub const MAX_BYTES: u64 = 64 << 20;

/// Most problems that are listed.
pub const MAX_PROBLEMS: usize = 1_000;

/// A scenario and the text it came from.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// What is drawn. May be changed at will.
    pub scenario: Scenario,
    source: Option<Arc<Source>>,
}

/// A text and the scenario that it says.
#[derive(Debug)]
struct Source {
    text: String,
    scenario: Scenario,
}

impl Document {
    /// A document that was never in a file.
    pub fn new(scenario: Scenario) -> Self {
        Self {
            scenario,
            source: None,
        }
    }

    /// The text to save.
    pub fn to_text(&self) -> String {
        match &self.source {
            Some(source) if source.scenario == self.scenario => source.text.clone(),
            Some(source) => self
                .merged(source)
                .unwrap_or_else(|| canonical(&self.scenario)),
            None => canonical(&self.scenario),
        }
    }

    /// The text of the file with what changed since, if it says what it should.
    fn merged(&self, source: &Source) -> Option<String> {
        let text = save::merge(
            &source.text,
            &compact(&source.scenario),
            &compact(&self.scenario),
        )?;
        // Better another layout than another scenario.
        let (tree, faults) = tree::parse(&text);
        let tree = tree.filter(|_| faults.is_empty())?;
        let beside = &self.scenario.beside;
        let (scenario, _, decoded) = read::scenario(&tree, &Lines::new(&text), false, beside);
        (decoded && scenario == self.scenario).then_some(text)
    }
}

/// The dialect of the scenario file: no `Some(…)`, no double brackets.
fn options() -> ron::Options {
    use ron::extensions::Extensions;
    ron::Options::default().with_default_extension(
        Extensions::IMPLICIT_SOME
            | Extensions::UNWRAP_NEWTYPES
            | Extensions::UNWRAP_VARIANT_NEWTYPES,
    )
}

/// A scenario as serde writes it, without white space.
fn compact(scenario: &Scenario) -> String {
    // The types of the document have nothing that can't be written; an empty text is refused by
    // everyone who reads it.
    options().to_string(scenario).unwrap_or_default()
}

fn canonical(scenario: &Scenario) -> String {
    let compact = compact(scenario);
    save::canonical(&compact).unwrap_or(compact)
}

/// Reads a text. There is a document when every entry could be decoded; it runs when no problem
/// is an error. Problems come in the order of their places. A text has no files beside it: what it
/// says stands in some is a problem.
pub fn load(text: &str) -> (Option<Document>, Vec<Problem>) {
    load_beside(text, &Beside::default())
}

/// As [`load`], for the text of a file with others beside it.
pub fn load_beside(text: &str, beside: &Beside) -> (Option<Document>, Vec<Problem>) {
    if text.len() as u64 > MAX_BYTES {
        return (None, vec![too_large(text.len() as u64)]);
    }
    let (document, mut problems) = load_any_version(text, &migrate::STEPS, beside);
    problems.sort_by_key(|problem| (problem.place.is_none(), problem.place));
    if problems.len() > MAX_PROBLEMS {
        problems.truncate(MAX_PROBLEMS);
        let message = format!("only the first {MAX_PROBLEMS} problems are listed");
        problems.push(Problem::error(Subject::Scenario, "", message));
    }
    (document, problems)
}

/// Reads a text of any version that `steps` lead on from.
fn load_any_version(
    text: &str,
    steps: &[migrate::Step],
    beside: &Beside,
) -> (Option<Document>, Vec<Problem>) {
    let newest = steps.len() as u64 + 1;
    let lines = Lines::new(text);
    let (tree, faults) = tree::parse(text);
    let mut problems: Vec<Problem> = faults
        .into_iter()
        .map(|fault| Problem::error(Subject::Scenario, "", fault.message).at(lines.place(fault.at)))
        .collect();
    let Some(tree) = tree else {
        return (None, problems);
    };
    match read::version(&tree, &lines) {
        Ok(version) if version == newest => {
            let well_formed = problems.is_empty();
            let (scenario, found, decoded) = read::scenario(&tree, &lines, well_formed, beside);
            problems.extend(found);
            let document = (well_formed && decoded).then(|| Document {
                source: Some(Arc::new(Source {
                    text: text.to_owned(),
                    scenario: scenario.clone(),
                })),
                scenario,
            });
            (document, problems)
        }
        Ok(version) => match migrate::to_newest(text, version, steps) {
            Ok(newer) => migrated(&newer, version, steps, beside, problems),
            Err(sentence) => {
                let place = read::version_place(&tree, &lines);
                problems.push(Problem::error(Subject::Scenario, "version", sentence).at(place));
                (None, problems)
            }
        },
        Err(problem) => {
            problems.push(*problem);
            // The rest of a scenario without a version is still worth reading.
            if tree.nodes[tree.root].shape == tree::Shape::Struct {
                problems.extend(read::scenario(&tree, &lines, false, beside).1);
            }
            (None, problems)
        }
    }
}

/// Reads what the migrations made of an older file. Places are those of the new text, which nobody
/// has seen, so they are left out.
fn migrated(
    text: &str,
    version: u64,
    steps: &[migrate::Step],
    beside: &Beside,
    mut problems: Vec<Problem>,
) -> (Option<Document>, Vec<Problem>) {
    let (document, found) = load_any_version(text, steps, beside);
    problems.extend(found.into_iter().map(|problem| Problem {
        place: None,
        ..problem
    }));
    let message = format!(
        "the file was version {version} and is now version {}; saving writes the new version",
        steps.len() + 1
    );
    problems.push(Problem::warning(Subject::Scenario, "version", message));
    (document, problems)
}

fn too_large(bytes: u64) -> Problem {
    let message = format!(
        "the file has {} MiB; a scenario file may have {} MiB",
        bytes.div_ceil(1 << 20),
        MAX_BYTES >> 20
    );
    Problem::error(Subject::Scenario, "", message)
}

/// A file that could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("can't {doing} {}: {source}", path.display())]
pub struct FileError {
    doing: &'static str,
    path: PathBuf,
    source: io::Error,
}

/// Reads a file. Like [`load`]; a file that is too large or no text is a problem of the file.
///
/// # Errors
/// When the file can't be opened or read.
pub fn read(path: &Path) -> Result<(Option<Document>, Vec<Problem>), FileError> {
    Ok(match read_text(path)? {
        Ok(text) => load_beside(&text, &Beside::file(path)),
        Err(problem) => (None, vec![problem]),
    })
}

/// Reads the text of a file; a file that is too large or no text is a problem of the file.
///
/// # Errors
/// When the file can't be opened or read.
pub fn read_text(path: &Path) -> Result<Result<String, Problem>, FileError> {
    let error = |source| FileError {
        doing: "read",
        path: path.to_owned(),
        source,
    };
    let file = fs::File::open(path).map_err(error)?;
    let bytes = file.metadata().map_err(error)?.len();
    if bytes > MAX_BYTES {
        return Ok(Err(too_large(bytes)));
    }
    let mut content = Vec::with_capacity(bytes as usize);
    // Pipes and devices have no length beforehand.
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut content)
        .map_err(error)?;
    match String::from_utf8(content) {
        Ok(text) => Ok(Ok(text)),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let start = String::from_utf8_lossy(&bytes[..good]);
            let message = format!(
                "the file is not text (UTF-8): here stands the byte {:#04x}",
                bytes[good]
            );
            let place = Lines::new(&start).place(good);
            Ok(Err(Problem::error(Subject::Scenario, "", message).at(place)))
        }
    }
}

/// Saves a document. The file is replaced in one step: after a crash it is the old or the new one.
/// From then on its files are looked for beside this one.
///
/// # Errors
/// When the file can't be written; the old one is untouched then.
pub fn write(path: &Path, document: &Document) -> Result<(), FileError> {
    replace(path, document.to_text().as_bytes()).map_err(|source| FileError {
        doing: "write",
        path: path.to_owned(),
        source,
    })?;
    document.scenario.beside.moved_to(path);
    Ok(())
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // A link stays a link: what it points to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = target
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "this is no name of a file"))?;
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = target.with_file_name(temporary);
    let written = (|| {
        let mut file = fs::File::create(&temporary)?;
        file.write_all(content)?;
        if let Ok(old) = fs::metadata(&target) {
            file.set_permissions(old.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&temporary, &target)
    })();
    if written.is_err() {
        // The error that matters is the first one.
        let _ = fs::remove_file(&temporary);
    }
    written
}

#[cfg(test)]
mod tests;
