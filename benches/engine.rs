//! How fast the engine is beside programs that can simulate one network only, and what it takes.
//!
//! ```text
//! cargo bench --bench engine                     speed beside the plain loops, alternating
//! cargo bench --bench engine -- --quick          work counts; fails when they differ from benches/work.txt
//! cargo bench --bench engine -- --quick --bless  writes benches/work.txt
//! cargo bench --bench engine -- --growth         time per event and memory as scenarios and runs grow
//! cargo bench --bench engine -- --balancers      time per event of every algorithm with 10 and 1,000 targets
//! cargo bench --bench engine -- --heavy          time per event with a million calls in flight, and with every policy
//! cargo bench --bench engine -- --plain          the plain loops alone, checked against theory
//! ```

#![allow(clippy::unwrap_used)] // what fails here is a failed check

#[path = "../tests/support/lib.rs"]
mod support;

mod plain {
    pub mod check;
    pub mod heap;
    pub mod pairs;
    pub mod station;
    pub mod w1;
    pub mod w2;
    pub mod w3;
    pub mod ziggurat;

    pub use station::{Plain, Report};
}
mod report {
    pub mod balancers;
    pub mod growth;
    pub mod heavy;
    pub mod networks;
    pub mod speed;
    pub mod work;
}

use std::{
    alloc::{GlobalAlloc, Layout, System},
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

/// The system's allocator with a counter.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations made so far.
fn allocations() -> u64 {
    ALLOCATIONS.load(Ordering::Relaxed)
}

/// Processor time of this thread in seconds, so that other programs on the machine disturb less; on
/// systems that do not tell it, time on the wall.
fn seconds() -> f64 {
    thread_local! {
        static START: Instant = Instant::now();
    }
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<f64>().ok())
        .map_or_else(
            || START.with(|start| start.elapsed().as_secs_f64()),
            |nanos| nanos / 1e9,
        )
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let good = if has("--quick") {
        report::work::check(has("--bless"))
    } else if has("--growth") {
        report::growth::print();
        true
    } else if has("--balancers") {
        report::balancers::print()
    } else if has("--heavy") {
        report::heavy::print();
        true
    } else if has("--plain") {
        plain::check::all()
    } else {
        plain::check::all() && report::speed::compare()
    };
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
