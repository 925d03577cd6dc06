//! The system's file dialogs, behind a trait so that tests can answer for a person.

use std::{
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, TryRecvError},
    time::{Duration, Instant},
};

/// Asks a person for a path.
pub trait FileDialogs {
    /// Which file to open.
    fn open(&mut self, directory: Option<&Path>) -> Answer;
    /// Where to save.
    fn save(&mut self, directory: Option<&Path>, file_name: &str) -> Answer;
}

/// An answer that may still be thought about.
#[derive(Debug)]
pub struct Answer {
    receiver: Receiver<Option<PathBuf>>,
    asked: Instant,
}

/// What came of asking.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The dialog is still open.
    Open,
    /// A path.
    Path(PathBuf),
    /// No path, because the person closed the dialog.
    Cancelled,
    /// No path, at once: most likely there is no dialog on this machine.
    NoDialog,
}

impl Answer {
    /// An answer that is known already.
    pub fn ready(path: Option<PathBuf>) -> Self {
        Self::by(move || path, false)
    }

    /// The answer that `ask` gives, on a thread of its own when the system allows.
    fn by(ask: impl FnOnce() -> Option<PathBuf> + Send + 'static, on_thread: bool) -> Self {
        let (sender, receiver) = mpsc::channel();
        let asked = Instant::now();
        let answer = move || {
            // Nobody listens any more when the window was closed meanwhile.
            let _ = sender.send(ask());
        };
        if on_thread {
            std::thread::spawn(answer);
        } else {
            answer();
        }
        Self { receiver, asked }
    }

    /// Looks whether there is an answer.
    pub fn poll(&self) -> Outcome {
        // Nobody closes a dialog this fast.
        const AT_ONCE: Duration = Duration::from_millis(400);
        match self.receiver.try_recv() {
            Ok(Some(path)) => Outcome::Path(path),
            Ok(None) if self.asked.elapsed() < AT_ONCE => Outcome::NoDialog,
            Ok(None) => Outcome::Cancelled,
            Err(TryRecvError::Empty) => Outcome::Open,
            Err(TryRecvError::Disconnected) => Outcome::NoDialog,
        }
    }
}

/// The dialogs of the system.
#[derive(Debug, Default)]
pub struct SystemDialogs;

/// Dialogs of macOS must run on the main thread; elsewhere they would freeze the window there.
const ON_THREAD: bool = !cfg!(target_os = "macos");

fn dialog(directory: Option<&Path>) -> rfd::FileDialog {
    let dialog = rfd::FileDialog::new().add_filter("Littlebox scenario", &["ron"]);
    match directory {
        Some(directory) => dialog.set_directory(directory),
        None => dialog,
    }
}

impl FileDialogs for SystemDialogs {
    fn open(&mut self, directory: Option<&Path>) -> Answer {
        let dialog = dialog(directory).set_title("Open scenario");
        Answer::by(move || dialog.pick_file(), ON_THREAD)
    }

    fn save(&mut self, directory: Option<&Path>, file_name: &str) -> Answer {
        let dialog = dialog(directory)
            .set_title("Save scenario")
            .set_file_name(file_name);
        Answer::by(move || dialog.save_file(), ON_THREAD)
    }
}
