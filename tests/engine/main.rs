//! What the engine promises whatever it simulates: the same results again and again, nothing lost or
//! made up, faults and changes that end without a leak. One file per promise.

#![allow(clippy::unwrap_used)] // a helper that can't go on fails the test that called it

#[path = "../support/lib.rs"]
mod support;

mod cancellation;
mod channels;
mod conservation;
mod deploys;
mod determinism;
mod edits;
mod faults;
mod frames;
mod guards;
mod health;
mod hedging;
mod knobs;
mod laws;
mod names_health;
mod outages;
mod regions;
mod scaling;
mod servers;
mod stalls;
mod traffic;
mod unawaited;
