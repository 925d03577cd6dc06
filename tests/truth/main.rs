//! The engine against what is known without it: queueing theory, conservation laws, published
//! tables and independent replays. One file per behaviour.

#![allow(clippy::unwrap_used)] // a helper that can't go on fails the test that called it

#[path = "../support/lib.rs"]
mod support;

mod arrivals;
mod availability;
mod balancing;
mod bandwidth;
mod bottleneck;
mod caching;
mod calls;
mod cancellation;
mod closed;
mod deploys;
mod disciplines;
mod functions;
mod gateways;
mod general_service;
mod hedging;
mod interruptions;
mod little;
mod long_lived;
mod loss;
mod many_servers;
mod message_sizes;
mod mm1;
mod names;
mod network;
mod pause;
mod pools;
mod rate_limits;
mod regions;
mod replication;
mod retries;
mod storms;
mod traffic;
mod work_queue;
