//! The one definition of every figure that is a ratio of two counted sums.

use crate::engine::Totals;

/// A figure that is a sum over a sum: a rate, a share or a mean. Times are in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Figure {
    /// λ: calls admitted per second.
    ArrivalRate,
    /// X: calls that left well per second.
    Throughput,
    /// Calls that left well while somebody still wanted the answer, per second.
    Goodput,
    /// Failures per second, refused calls included.
    FailureRate,
    /// L: time average of the calls present.
    L,
    /// Lq: time average of the calls waiting in line.
    Lq,
    /// Time average of the slots working.
    Busy,
    /// W: mean time from arrival to departure over the calls that left, in seconds. For clients over
    /// all requests, also those that failed: L counts them as long as they are there, so L = λW holds
    /// only so. [`super::Measures::latency`] and [`super::Measures::failure_latency`] tell them apart.
    W,
    /// Wq: mean time in line over the calls that left it, in seconds.
    Wq,
    /// S: mean own work over the calls whose own work was finished, in seconds.
    S,
    /// Share of the slot-time on offer that was worked.
    Utilization,
    /// Share of the slot-time on offer that was taken: working, or waiting for others.
    Held,
    /// Share of the calls that ended well among all that ended, refused ones included.
    Availability,
    /// Share of the lookups that found their key.
    HitRatio,
    /// Share of the calls to a function that had to start an instance.
    ColdStartShare,
    /// Share of the versioned reads that returned an old version.
    StaleShare,
    /// Mean time that a stale answer had been out of date, in seconds.
    StaleAge,
    /// Mean time from commit to applied at a replica, in seconds.
    ReplicationLag,
    /// Share of a queue's deliveries that were not the message's first.
    RedeliveryShare,
    /// Share of the time in which a box was up: at least one of its instances, and not standing
    /// still.
    Uptime,
    /// Time average of the instances that boot, serve, drain or are kept ready; servers with an
    /// autoscaler or deploys only.
    Instances,
    /// Time average of the instances that serve with the newest version.
    NewInstances,
    /// Share of the calls ended by instances of the newest version that failed.
    NewFailures,
    /// Time average of the open long-lived connections; clients and servers that have some.
    OpenConnections,
}

impl Figure {
    /// Every figure.
    pub const ALL: [Self; 24] = [
        Self::ArrivalRate,
        Self::Throughput,
        Self::Goodput,
        Self::FailureRate,
        Self::L,
        Self::Lq,
        Self::Busy,
        Self::W,
        Self::Wq,
        Self::S,
        Self::Utilization,
        Self::Held,
        Self::Availability,
        Self::HitRatio,
        Self::ColdStartShare,
        Self::StaleShare,
        Self::StaleAge,
        Self::ReplicationLag,
        Self::RedeliveryShare,
        Self::Uptime,
        Self::Instances,
        Self::NewInstances,
        Self::NewFailures,
        Self::OpenConnections,
    ];

    /// The name in JSON and CSV.
    pub const fn key(self) -> &'static str {
        match self {
            Self::ArrivalRate => "arrival_rate",
            Self::Throughput => "throughput",
            Self::Goodput => "goodput",
            Self::FailureRate => "failure_rate",
            Self::L => "l",
            Self::Lq => "lq",
            Self::Busy => "busy",
            Self::W => "w",
            Self::Wq => "wq",
            Self::S => "s",
            Self::Utilization => "utilization",
            Self::Held => "held",
            Self::Availability => "availability",
            Self::HitRatio => "hit_ratio",
            Self::ColdStartShare => "cold_start_share",
            Self::StaleShare => "stale_share",
            Self::StaleAge => "stale_age",
            Self::ReplicationLag => "replication_lag",
            Self::RedeliveryShare => "redelivery_share",
            Self::Uptime => "uptime",
            Self::Instances => "instances",
            Self::NewInstances => "new_instances",
            Self::NewFailures => "new_failures",
            Self::OpenConnections => "open_connections",
        }
    }

    /// Whether it is a part of 1.
    pub const fn is_share(self) -> bool {
        matches!(
            self,
            Self::Utilization
                | Self::Held
                | Self::Availability
                | Self::HitRatio
                | Self::ColdStartShare
                | Self::StaleShare
                | Self::RedeliveryShare
                | Self::Uptime
                | Self::NewFailures
        )
    }

    /// The sum above and the sum below the line. The sum below is 0 when nothing was observed.
    pub fn ratio(self, totals: &Totals) -> (f64, f64) {
        let window_ns = (totals.now_ns - totals.since_ns) as f64;
        let secs = window_ns / 1e9;
        match self {
            Self::ArrivalRate => (totals.arrivals as f64, secs),
            Self::Throughput => (totals.completed as f64, secs),
            Self::Goodput => (totals.good as f64, secs),
            Self::FailureRate => (totals.failures.total() as f64, secs),
            Self::L => (totals.present_area as f64, window_ns),
            Self::Lq => (totals.waiting_area as f64, window_ns),
            Self::Busy => (totals.busy_area as f64, window_ns),
            Self::W => (totals.sojourn_sum_ns as f64 / 1e9, totals.departures as f64),
            Self::Wq => (totals.wait_sum_ns as f64 / 1e9, totals.waits as f64),
            Self::S => (totals.service_sum_ns as f64 / 1e9, totals.services as f64),
            Self::Utilization => (totals.busy_area as f64, totals.slots_area as f64),
            Self::Held => (totals.held_area as f64, totals.slots_area as f64),
            Self::Availability => {
                let failed = totals.failures.total();
                (totals.completed as f64, (totals.completed + failed) as f64)
            }
            Self::HitRatio => (totals.hits as f64, (totals.hits + totals.misses) as f64),
            Self::ColdStartShare => (totals.misses as f64, (totals.hits + totals.misses) as f64),
            Self::StaleShare => (totals.stale_reads as f64, totals.versioned_reads as f64),
            Self::StaleAge => (
                totals.stale_age_sum_ns as f64 / 1e9,
                totals.stale_reads as f64,
            ),
            Self::ReplicationLag => (totals.lag_sum_ns as f64 / 1e9, totals.applied as f64),
            Self::RedeliveryShare => (totals.redeliveries as f64, totals.deliveries as f64),
            Self::Uptime => (window_ns - totals.down_ns as f64, window_ns),
            Self::Instances => (totals.instances_area as f64, window_ns),
            Self::NewInstances => (totals.new_area as f64, window_ns),
            Self::NewFailures => (totals.new_failed as f64, totals.new_calls as f64),
            Self::OpenConnections => (totals.connections_area as f64, window_ns),
        }
    }

    /// The figure over a window. `None` when there was nothing to observe.
    pub fn of(self, totals: &Totals) -> Option<f64> {
        let (above, below) = self.ratio(totals);
        (below > 0.0).then(|| above / below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Cause, Failures};

    #[test]
    fn figures_of_a_hand_made_window() {
        // Two seconds; three calls admitted, one refused; two left after 0.5 s and 1.5 s, one by
        // timeout. One slot of two worked for one second.
        let totals = Totals {
            since_ns: 1_000_000_000,
            now_ns: 3_000_000_000,
            arrivals: 3,
            departures: 2,
            completed: 1,
            good: 1,
            failures: Failures::from([(Cause::Timeout, 1), (Cause::QueueFull, 1)]),
            refused: 1,
            present: 1,
            present_area: 3_000_000_000,
            waiting_area: 500_000_000,
            busy_area: 1_000_000_000,
            held_area: 2_000_000_000,
            slots_area: 4_000_000_000,
            sojourn_sum_ns: 2_000_000_000,
            waits: 2,
            wait_sum_ns: 500_000_000,
            services: 2,
            service_sum_ns: 1_000_000_000,
            ..Totals::default()
        };
        let expected = [
            (Figure::ArrivalRate, 1.5),
            (Figure::Throughput, 0.5),
            (Figure::Goodput, 0.5),
            (Figure::FailureRate, 1.0),
            (Figure::L, 1.5),
            (Figure::Lq, 0.25),
            (Figure::Busy, 0.5),
            (Figure::W, 1.0),
            (Figure::Wq, 0.25),
            (Figure::S, 0.5),
            (Figure::Utilization, 0.25),
            (Figure::Held, 0.5),
            (Figure::Availability, 1.0 / 3.0),
        ];
        for (figure, value) in expected {
            assert_eq!(figure.of(&totals), Some(value), "{figure:?}");
        }
        assert_eq!(Figure::HitRatio.of(&totals), None);
        assert!(
            Figure::ALL
                .iter()
                .all(|figure| figure.of(&Totals::default()).is_none())
        );
    }

    #[test]
    fn keys_are_unique() {
        let mut keys: Vec<_> = Figure::ALL.iter().map(|figure| figure.key()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), Figure::ALL.len());
    }
}
