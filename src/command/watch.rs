//! Progress on long work, and Ctrl+C.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Stop;
use crate::study::{Control, Plan, Report, Subject, study};

/// Work shorter than this shows no progress.
const PATIENCE: Duration = Duration::from_millis(400);
/// Steps of the progress bar.
const STEPS: u64 = 1_000;

/// Carries out a study while showing its progress on standard error, if that is a terminal. The
/// first Ctrl+C ends it at the next slice, the second one ends the program. Returns what was found
/// and how long it took in seconds.
pub(super) fn watched(subject: &Subject, plan: &Plan) -> Result<(Report, f64), Stop> {
    let control = Arc::new(Control::default());
    stop_on_interrupt(&control)?;
    let start = Instant::now();
    let report = std::thread::scope(|scope| {
        let (done, waiting) = mpsc::channel::<()>();
        let control = &control;
        scope.spawn(move || show(control, &waiting));
        let report = study(subject, plan, control);
        // The bar goes when its channel closes.
        drop(done);
        report
    })?;
    Ok((report, start.elapsed().as_secs_f64()))
}

/// What Ctrl+C stops: the study that runs now.
static RUNNING: Mutex<Option<Arc<Control>>> = Mutex::new(None);

/// From now on Ctrl+C stops this study. The handler is the process's and is set once.
fn stop_on_interrupt(control: &Arc<Control>) -> Result<(), ctrlc::Error> {
    let running = || RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if running().replace(Arc::clone(control)).is_some() {
        return Ok(());
    }
    ctrlc::set_handler(move || {
        if let Some(control) = &*running() {
            if control.is_stopped() {
                std::process::exit(130);
            }
            control.stop();
        }
    })
}

fn show(control: &Control, done: &mpsc::Receiver<()>) {
    if done.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::with_draw_target(Some(STEPS), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}  {eta} left") {
        bar.set_style(style);
    }
    let start = Instant::now();
    while done.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout) {
        let share = control.done_ns() as f64 / control.total_ns().max(1) as f64;
        bar.set_position((share * STEPS as f64) as u64);
        let rate = control.events() as f64 / (start.elapsed() + PATIENCE).as_secs_f64() / 1e6;
        bar.set_message(if control.is_stopped() {
            "stopping".to_owned()
        } else {
            format!("{rate:.1} M events/s")
        });
    }
    bar.finish_and_clear();
}
