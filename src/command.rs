//! The command line: a face of the program, as the window is. It starts studies and prints what
//! they found; it never touches an event.

mod arguments;
mod check;
mod csv;
mod json;
mod load;
mod number;
mod run;
mod table;
mod test;
mod theory;
mod watch;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// All is well.
    Good,
    /// An objective does not hold.
    Failed,
    /// Bad usage, a bad file, or output that could not be written.
    Bad,
    /// Stopped by Ctrl+C, as shells expect it (128 + SIGINT). What was measured was printed.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Good => 0,
            Exit::Failed => 1,
            Exit::Bad => 2,
            Exit::Interrupted => 130,
        })
    }
}

/// Reads the arguments, does what they say and returns how it went: 0 good, 1 an objective does
/// not hold, 2 bad usage or bad file, 130 stopped by Ctrl+C.
pub fn main() -> ExitCode {
    env_logger::init();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to standard output and are no errors. When the message can't be
            // written there is nobody left to tell.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Bad
            } else {
                Exit::Good
            }
            .into();
        }
    };
    let outcome = match arguments.command {
        Some(Command::Run(run)) => run::run(&run),
        Some(Command::Check { files }) => check::check(&files),
        Some(Command::Test(test)) => test::test(&test),
        Some(Command::Theory(theory)) => theory::theory(&theory),
        None => window(arguments.file),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(Stop::Quiet) => Exit::Good.into(),
        Err(Stop::Said(message)) => {
            let _ = writeln!(io::stderr(), "{message}");
            Exit::Bad.into()
        }
    }
}

/// Why a command ends before it is done.
#[derive(Debug)]
enum Stop {
    /// The reader of the output has gone (`| head`): there is nothing to say.
    Quiet,
    /// Something is wrong, in words.
    Said(String),
}

impl<T: std::error::Error> From<T> for Stop {
    fn from(error: T) -> Self {
        Self::Said(format!("error: {error}"))
    }
}

/// Prints a whole output at once: all of it or, if the reader has gone, an end without noise.
fn print(text: &str) -> Result<(), Stop> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Stop::Quiet),
        Err(error) => Err(Stop::Said(format!(
            "error: can't write the output: {error}"
        ))),
    }
}

#[cfg(feature = "window")]
fn window(file: Option<std::path::PathBuf>) -> Result<Exit, Stop> {
    crate::window::run(file)?;
    Ok(Exit::Good)
}

#[cfg(not(feature = "window"))]
fn window(_file: Option<std::path::PathBuf>) -> Result<Exit, Stop> {
    Err(Stop::Said(
        "error: this build has no window; simulate with `littlebox run FILE`, or build with the \
         feature `window`"
            .into(),
    ))
}
