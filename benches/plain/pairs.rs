//! Many clients with a server each: how the plain loop's time per event grows when its data do.

use std::collections::VecDeque;

use super::{heap::Heap, station::Station, ziggurat::Exponential};

/// Requests a second of all clients together, and how busy the servers are.
pub const RATE: f64 = 1_000.0;
pub const LOAD: f64 = 0.8;

struct Pair {
    gaps: Exponential,
    services: Exponential,
    line: VecDeque<u64>,
    client: Station,
    server: Station,
}

pub struct Pairs {
    heap: Box<Heap<65_536>>,
    pairs: Vec<Pair>,
}

impl Pairs {
    pub fn new(pairs: usize) -> Self {
        let mean_gap_ns = 1e9 * pairs as f64 / RATE;
        let mut heap: Box<Heap<65_536>> = Box::default();
        let pair = |at: usize| {
            let mut gaps = Exponential::new(mean_gap_ns, 2 * at as u64);
            heap.push(gaps.next_ns(), 2 * at as u32);
            Pair {
                gaps,
                services: Exponential::new(LOAD * mean_gap_ns, 2 * at as u64 + 1),
                line: VecDeque::new(),
                client: Station::default(),
                server: Station::default(),
            }
        };
        let pairs = (0..pairs).map(pair).collect();
        Self { heap, pairs }
    }

    /// Runs this many events. An even number is an arrival at a pair, an odd one a departure.
    pub fn run(&mut self, events: u64) {
        for _ in 0..events {
            let event = self.heap.top();
            let (now, number) = (event.time_ns(), event.payload());
            let pair = &mut self.pairs[number as usize / 2];
            if number.is_multiple_of(2) {
                self.heap.replace_top(now + pair.gaps.next_ns(), number);
                pair.client.arrive(now);
                pair.server.arrive(now);
                if pair.server.present.now == 1 {
                    pair.server.start(now, now);
                    self.heap.push(now + pair.services.next_ns(), number + 1);
                }
                pair.line.push_back(now);
            } else if let Some(arrived) = pair.line.pop_front() {
                pair.server.busy.down(now);
                pair.server.leave(now, arrived);
                pair.client.leave(now, arrived);
                if let Some(&next) = pair.line.front() {
                    pair.server.start(now, next);
                    self.heap.replace_top(now + pair.services.next_ns(), number);
                } else {
                    self.heap.pop();
                }
            }
        }
    }
}
