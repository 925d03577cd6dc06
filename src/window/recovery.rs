//! Unsaved work, kept where a crash can't reach it.
//!
//! Each window writes its unsaved document to a file of its own, shortly after the first edit that
//! is in no file, and holds a lock beside it. A file whose lock is free belongs to a window that is gone: its work is
//! offered at the next start.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    thread::JoinHandle,
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::scenario::file;

/// How long after the first edit that is in no file the document is written. Work lost to `kill -9`
/// is at most this old, plus the time a write takes.
pub const DELAY: Duration = Duration::from_millis(1500);

/// Unsaved work of a window that is gone.
#[derive(Clone, Debug)]
pub struct Lost {
    /// The document.
    pub document: file::Document,
    /// The file it came from.
    pub path: Option<PathBuf>,
    file: PathBuf,
}

/// What stands in a recovery file.
#[derive(Serialize, Deserialize)]
struct Contents {
    path: Option<PathBuf>,
    scenario: String,
}

/// The recovery file of this window.
#[derive(Debug)]
pub struct Recovery {
    file: Option<PathBuf>,
    /// Held as long as the window lives.
    _lock: Option<File>,
    written_revision: Option<u64>,
    writing: Option<JoinHandle<io::Result<()>>>,
}

impl Recovery {
    /// A recovery file in `directory`, under a name nobody has.
    pub fn new(directory: Option<&Path>) -> Self {
        let place = directory.and_then(|directory| {
            claim(directory)
                .inspect_err(|error| {
                    log::warn!("no recovery in {}: {error}", directory.display());
                })
                .ok()
        });
        let (file, lock) = place.unzip();
        Self {
            file,
            _lock: lock,
            written_revision: None,
            writing: None,
        }
    }

    /// Whether `revision` is in the recovery file, or on its way there.
    pub fn has(&self, revision: u64) -> bool {
        self.file.is_none() || self.written_revision == Some(revision)
    }

    /// Writes the document, on a thread of its own.
    pub fn write(&mut self, document: file::Document, path: Option<&Path>, revision: u64) {
        self.wait();
        let Some(file) = self.file.clone() else {
            return;
        };
        self.written_revision = Some(revision);
        let path = path.map(Path::to_owned);
        self.writing = Some(std::thread::spawn(move || {
            let contents = Contents {
                path,
                scenario: document.to_text(),
            };
            let contents = serde_json::to_string(&contents)?;
            write_whole(&file, contents.as_bytes())
        }));
    }

    /// Waits until what was being written is written.
    pub fn wait(&mut self) {
        let Some(writing) = self.writing.take() else {
            return;
        };
        match writing.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => log::warn!("can't keep unsaved work: {error}"),
            Err(_) => log::warn!("can't keep unsaved work"),
        }
    }

    /// The work is saved, or not wanted any more.
    pub fn clear(&mut self) {
        self.wait();
        if self.written_revision.take().is_some()
            && let Some(file) = &self.file
            && let Err(error) = fs::remove_file(file)
        {
            log::warn!("can't remove {}: {error}", file.display());
        }
    }
}

impl Drop for Recovery {
    fn drop(&mut self) {
        self.wait();
        if let Some(file) = &self.file {
            // Only the lock goes: unsaved work that is still there was not given up by anybody.
            let _ = fs::remove_file(file.with_extension("lock"));
        }
    }
}

/// Takes a name in `directory` that nobody has.
fn claim(directory: &Path) -> io::Result<(PathBuf, File)> {
    fs::create_dir_all(directory)?;
    for number in 0..1000 {
        let file = directory.join(format!("window-{number}.json"));
        let lock = file.with_extension("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock)?;
        if !file.exists() && lock.try_lock().is_ok() {
            return Ok((file, lock));
        }
    }
    Err(io::Error::other(
        "a thousand recovery files are there already",
    ))
}

/// Work of windows that are gone. Files that can't be read are left where they are.
pub fn lost_work(directory: &Path) -> Vec<Lost> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    files.into_iter().filter_map(read_lost).collect()
}

fn read_lost(file: PathBuf) -> Option<Lost> {
    if let Ok(lock) = File::open(file.with_extension("lock"))
        && lock.try_lock().is_err()
    {
        // Its window is still there.
        return None;
    }
    let contents: Contents = serde_json::from_str(&fs::read_to_string(&file).ok()?).ok()?;
    let beside = contents.path.as_deref().map(file::Beside::file);
    let (document, problems) = file::load_beside(&contents.scenario, &beside.unwrap_or_default());
    let Some(document) = document else {
        let problem = problems
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        log::warn!("{}: {problem}", file.display());
        return None;
    };
    Some(Lost {
        document,
        path: contents.path,
        file,
    })
}

impl Lost {
    /// Forgets it, after it was taken over or refused.
    pub fn forget(&self) {
        let _ = fs::remove_file(self.file.with_extension("lock"));
        if let Err(error) = fs::remove_file(&self.file) {
            log::warn!("can't remove {}: {error}", self.file.display());
        }
    }
}

/// Writes a file so that after a crash there is the old one or the new one, never half of it.
pub fn write_whole(file: &Path, contents: &[u8]) -> io::Result<()> {
    let mut name = std::ffi::OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(".new");
    let beside = file.with_file_name(name);
    let mut new = File::create(&beside)?;
    new.write_all(contents)?;
    new.sync_all()?;
    fs::rename(&beside, file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    fn document(name: &str) -> file::Document {
        file::Document::new(Scenario {
            name: name.into(),
            ..Scenario::default()
        })
    }

    #[test]
    fn the_work_of_a_dead_window_is_found_and_that_of_a_living_one_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let mut dead = Recovery::new(Some(directory.path()));
        dead.write(document("dead"), Some(Path::new("/tmp/a.ron")), 1);
        dead.wait();
        let mut living = Recovery::new(Some(directory.path()));
        living.write(document("living"), None, 1);
        living.wait();
        assert!(lost_work(directory.path()).is_empty());
        drop(dead);
        let lost = lost_work(directory.path());
        assert_eq!(lost.len(), 1);
        assert_eq!(lost[0].document.scenario.name, "dead");
        assert_eq!(lost[0].path.as_deref(), Some(Path::new("/tmp/a.ron")));
        lost[0].forget();
        assert!(lost_work(directory.path()).is_empty());
        assert!(living.has(1));
    }

    #[test]
    fn saved_work_is_not_offered() {
        let directory = tempfile::tempdir().unwrap();
        let mut recovery = Recovery::new(Some(directory.path()));
        recovery.write(document("x"), None, 1);
        recovery.clear();
        assert!(!recovery.has(1));
        drop(recovery);
        assert!(lost_work(directory.path()).is_empty());
    }

    #[test]
    fn a_new_window_does_not_write_over_lost_work() {
        let directory = tempfile::tempdir().unwrap();
        let mut first = Recovery::new(Some(directory.path()));
        first.write(document("first"), None, 1);
        drop(first);
        let mut second = Recovery::new(Some(directory.path()));
        second.write(document("second"), None, 1);
        drop(second);
        let names: Vec<String> = lost_work(directory.path())
            .into_iter()
            .map(|lost| lost.document.scenario.name)
            .collect();
        assert_eq!(names, ["first", "second"]);
    }

    #[test]
    fn without_a_directory_nothing_is_kept_and_nothing_fails() {
        let mut recovery = Recovery::new(None);
        recovery.write(document("x"), None, 1);
        assert!(recovery.has(1));
        recovery.clear();
    }
}
