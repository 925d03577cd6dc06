//! W1: a client and a server with one slot (M/M/1).

use std::collections::VecDeque;

use super::{Plain, Report, heap::Heap, station::Station, ziggurat::Exponential};

pub const RATE: f64 = 80.0;
pub const SERVICE_NS: f64 = 10e6;

const ARRIVAL: u32 = 0;
const DEPARTURE: u32 = 1;

pub struct W1 {
    heap: Heap<32>,
    now_ns: u64,
    events: u64,
    gaps: Exponential,
    services: Exponential,
    line: VecDeque<u64>,
    client: Station,
    server: Station,
}

impl W1 {
    pub fn new(seed: u64) -> Self {
        let mut gaps = Exponential::new(1e9 / RATE, seed);
        let mut heap = Heap::default();
        heap.push(gaps.next_ns(), ARRIVAL);
        Self {
            heap,
            now_ns: 0,
            events: 0,
            gaps,
            services: Exponential::new(SERVICE_NS, seed + 1),
            line: VecDeque::new(),
            client: Station::default(),
            server: Station::default(),
        }
    }
}

impl Plain for W1 {
    fn run(&mut self, events: u64) {
        for _ in 0..events {
            let event = self.heap.top();
            let now = event.time_ns();
            if event.payload() == ARRIVAL {
                self.heap.replace_top(now + self.gaps.next_ns(), ARRIVAL);
                self.client.arrive(now);
                self.server.arrive(now);
                if self.server.present.now == 1 {
                    self.server.start(now, now);
                    self.heap.push(now + self.services.next_ns(), DEPARTURE);
                }
                self.line.push_back(now);
            } else if let Some(arrived) = self.line.pop_front() {
                self.server.busy.down(now);
                self.server.leave(now, arrived);
                self.client.leave(now, arrived);
                if let Some(&next) = self.line.front() {
                    self.server.start(now, next);
                    self.heap
                        .replace_top(now + self.services.next_ns(), DEPARTURE);
                } else {
                    self.heap.pop();
                }
            }
            self.now_ns = now;
        }
        self.events += events;
    }

    fn report(&self) -> Report<'_> {
        Report {
            events: self.events,
            now_ns: self.now_ns,
            stations: vec![
                ("client", 0.0, &self.client),
                ("server", SERVICE_NS, &self.server),
            ],
        }
    }
}
