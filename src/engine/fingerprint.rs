//! A hash over every result of a run.

use super::{
    Simulation,
    component::Part,
    histogram::Histogram,
    measure::{Failures, Totals},
};

/// Causes of failure that there have been from the start.
const FIRST_CAUSES: usize = 6;

/// FNV-1a over 64-bit words.
struct Hash(u64);

impl Hash {
    fn word(&mut self, word: u64) {
        for byte in word.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn wide(&mut self, wide: u128) {
        self.word(wide as u64);
        self.word((wide >> 64) as u64);
    }

    /// Causes that there were not always count only where they occur: a run without them keeps its
    /// fingerprint.
    fn failures(&mut self, failures: &Failures) {
        let (first, later) = failures.0.split_at(FIRST_CAUSES);
        for count in first {
            self.word(*count);
        }
        for (cause, count) in later.iter().enumerate().filter(|(_, count)| **count > 0) {
            self.word(cause as u64);
            self.word(*count);
        }
    }

    fn totals(&mut self, t: &Totals) {
        let counts = [
            t.since_ns,
            t.now_ns,
            t.present_at_start,
            t.arrivals,
            t.departures,
            t.completed,
            t.good,
            t.refused,
            t.present,
            t.waiting,
            t.busy,
            t.held,
            t.slots,
            t.waits,
            t.services,
            t.hits,
            t.misses,
            t.versioned_reads,
            t.stale_reads,
            t.applied,
            t.deliveries,
            t.redeliveries,
            t.duplicates,
            t.lost_messages,
        ];
        for count in counts {
            self.word(count);
        }
        self.failures(&t.failures);
        let areas = [
            t.present_area,
            t.waiting_area,
            t.busy_area,
            t.held_area,
            t.slots_area,
            t.sojourn_sum_ns,
            t.wait_sum_ns,
            t.service_sum_ns,
            t.stale_age_sum_ns,
            t.lag_sum_ns,
        ];
        for area in areas {
            self.wide(area);
        }
    }

    fn histogram(&mut self, histogram: &Histogram) {
        self.word(histogram.max_ns());
        for (middle, count) in histogram.buckets() {
            self.word(middle.to_bits());
            self.word(count);
        }
    }
}

impl Simulation {
    /// The same for the same scenario, seed and changes, on every machine. How the run was cut
    /// into pieces, watched or drawn leaves no trace in it.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hash = Hash(0xcbf2_9ce4_8422_2325);
        hash.word(self.now);
        hash.word(self.events);
        hash.word(self.requests);
        for (at, component) in self.components.iter().enumerate() {
            let slotted = self.is_slotted(at);
            hash.totals(&component.meter.totals(self.now, slotted));
            hash.histogram(&component.latency);
            if let Some(sockets) = &component.sockets {
                let mut t = Totals {
                    now_ns: self.now,
                    ..Totals::default()
                };
                sockets.count(&mut t);
                for count in [t.connections, t.opened, t.closed, t.broken, t.reconnects] {
                    hash.word(count);
                }
                hash.wide(t.connections_area);
            }
            if let Part::Replica(replica) = &component.part {
                hash.histogram(&replica.lags);
            }
        }
        for connection in &self.connections {
            let t = connection.totals(self.now);
            for count in [t.attempts, t.retries, t.completed, t.present, t.records] {
                hash.word(count);
            }
            hash.failures(&t.failures);
            hash.wide(t.sojourn_sum_ns);
            // Guards that have never had anything to do leave no trace.
            for count in [
                t.opened, t.open_ns, t.denied, t.waiting, t.cancels, t.hedges,
            ] {
                if count > 0 {
                    hash.word(count);
                }
            }
            if t.wait_sum_ns > 0 {
                hash.wide(t.wait_sum_ns);
            }
        }
        for operation in &self.operations {
            hash.totals(&operation.meter.totals(self.now, false));
            hash.histogram(&operation.latency);
        }
        hash.0
    }
}
