//! The engine's thread: paces the runner against the clock on the wall.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        atomic::Ordering,
        mpsc::{Receiver, RecvTimeoutError, TryRecvError},
    },
    time::{Duration, Instant},
};

use super::{Order, Runner, Shared, Snapshot, lock};

/// Snapshots at most so often.
const PERIOD: Duration = Duration::from_micros(16_000);
/// While nobody looks at them, so often.
const PERIOD_UNSEEN: Duration = Duration::from_millis(200);
/// The engine runs at most so long before orders are looked at.
const SLICE: Duration = Duration::from_millis(6);
/// Reading a large drawing takes at most this share of the time.
const READING_SHARE: u32 = 8;
/// Time on the wall that passed unseen (a suspended machine) is not made up for.
const LONGEST_STEP_SECS: f64 = 0.1;

/// Works until the other side is gone.
pub(super) fn work(orders: &Receiver<Order>, shared: &Shared, wake: impl Fn()) {
    let mut runner = Runner::default();
    let mut last_run = Instant::now();
    let mut next_reading = Instant::now();
    // Something was done that the window has not seen.
    let mut changed = false;
    loop {
        // Paused: sleep until something is asked. Playing: take what was asked meanwhile.
        if !changed && !runner.is_active() {
            let Ok(order) = orders.recv() else { return };
            carry_out(&mut runner, order, shared);
            changed = true;
            last_run = Instant::now();
        }
        loop {
            match orders.try_recv() {
                Ok(order) => {
                    carry_out(&mut runner, order, shared);
                    changed = true;
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return,
            }
        }

        let start = Instant::now();
        let secs = (start - last_run).as_secs_f64().min(LONGEST_STEP_SECS);
        last_run = start;
        guard(&mut runner, shared, |runner| {
            runner.advance(secs, &mut || start.elapsed() >= SLICE);
        });

        let now = Instant::now();
        let was_seen = shared.seen.load(Ordering::Relaxed);
        // What was asked for is shown at once.
        if changed || now >= next_reading {
            guard(&mut runner, shared, |runner| shared.publish(runner));
            wake();
            let cost = now.elapsed();
            let period = if was_seen || changed {
                PERIOD
            } else {
                PERIOD_UNSEEN
            };
            changed = false;
            next_reading = now + period.max(cost * READING_SHARE);
        }
        if runner.is_active() && !runner.is_flat_out() {
            let pause = next_reading
                .min(start + PERIOD)
                .saturating_duration_since(Instant::now());
            match orders.recv_timeout(pause) {
                Ok(order) => {
                    carry_out(&mut runner, order, shared);
                    changed = true;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

fn carry_out(runner: &mut Runner, order: Order, shared: &Shared) {
    guard(runner, shared, |runner| runner.carry_out(order));
}

/// A bug in the engine must not take the drawing with it: the run ends, the window says so.
fn guard(runner: &mut Runner, shared: &Shared, act: impl FnOnce(&mut Runner)) {
    if catch_unwind(AssertUnwindSafe(|| act(runner))).is_err() {
        log::error!("the engine stopped; the run is lost, the document is not");
        *runner = Runner::default();
        *lock(&shared.snapshot) = std::sync::Arc::new(Snapshot {
            error: Some(
                "The simulator stopped because of a mistake in it. Your drawing is safe; \
                 please report this with the file"
                    .into(),
            ),
            ..Snapshot::default()
        });
    }
}
