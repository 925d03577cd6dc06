//! The figures of one component, connection or the whole, derived from what the engine counted.

use super::{Audit, Cost, Demand, Figure, Interval, Part};
use crate::engine::{Carried, Cause, ConnectionTotals, Failures, Histogram, Totals};
use crate::scenario::Kind;

/// Every figure of a subject over a window; `None` where it makes no sense or nothing was
/// observed. Rates are per second, times in seconds, shares 0..1. The same figures stand in the
/// window, in tables, in JSON and in CSV; [`Figure`] defines those that are ratios.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measures {
    /// Length of the window, in seconds.
    pub window_secs: f64,
    /// Calls that left: the number of observations behind the means.
    pub departures: u64,
    /// Calls present now.
    pub present: u64,
    /// [`Figure::ArrivalRate`].
    pub arrival_rate: Option<f64>,
    /// [`Figure::Throughput`].
    pub throughput: Option<f64>,
    /// [`Figure::Goodput`].
    pub goodput: Option<f64>,
    /// [`Figure::L`].
    pub l: Option<f64>,
    /// [`Figure::Lq`]; only where there is a line. Of a connection: waiting for a place in its pool.
    pub lq: Option<f64>,
    /// [`Figure::W`].
    pub w: Option<f64>,
    /// [`Figure::Wq`]; only where there is a line. Of a connection: mean wait for a place in its pool.
    pub wq: Option<f64>,
    /// L = λW, each measured on its own.
    pub little: Option<Audit>,
    /// [`Figure::Utilization`]; only where there are slots. Of a connection: of the places in its pool.
    pub utilization: Option<f64>,
    /// [`Figure::Held`]; only where there are slots.
    pub held: Option<f64>,
    /// What the requests of all clients demand of it: of its slots, or of the bandwidth of a
    /// connection, the way that is busier.
    pub demand: Option<Demand>,
    /// What it costs, in dollars; of a component with what the connections to it carry, which is
    /// that of a connection. Clients cost nothing.
    pub cost: Option<Cost>,
    /// [`Figure::Availability`].
    pub availability: Option<f64>,
    /// [`Figure::Uptime`]; not for clients and the whole system.
    pub uptime: Option<f64>,
    /// Time from arrival to departure; at a client and for the whole system the end-to-end
    /// latency of the requests that were answered well.
    pub latency: Option<Spread>,
    /// Time from the first attempt to the final failure, over the requests that failed; clients and
    /// the whole system only. `w` is the mean over both.
    pub failure_latency: Option<Spread>,
    /// Failures by cause, refused calls included; causes that did not occur are left out.
    pub failures: Vec<(Cause, u64)>,
    /// Attempts after the first per second; connections only.
    pub retry_rate: Option<f64>,
    /// Retries and second attempts per second that the retry budget did not allow; connections only.
    pub denied_rate: Option<f64>,
    /// Callees that were told that nobody waits any more, per second; connections only.
    pub cancel_rate: Option<f64>,
    /// Bytes per second that it carried to the callee; connections only, where messages have sizes.
    pub request_bytes: Option<f64>,
    /// Bytes per second that it carried back.
    pub reply_bytes: Option<f64>,
    /// Share of the time that its bandwidth to the callee was in use; connections with one only.
    pub request_bandwidth: Option<f64>,
    /// Share of the time that its bandwidth back was in use.
    pub reply_bandwidth: Option<f64>,
    /// Mean time that a message waited, either way, until others had been sent.
    pub bandwidth_wait: Option<f64>,
    /// Second attempts that were made before the first had ended, per second; connections only.
    pub hedge_rate: Option<f64>,
    /// Those in proportion to the other attempts: how much more is asked of the callee; connections only.
    pub hedge_share: Option<f64>,
    /// Share of the time that the circuit breaker was open; connections only.
    pub open_share: Option<f64>,
    /// How many times the circuit breaker opened; connections only.
    pub opened: Option<u64>,
    /// Log records sent per second; replication links only.
    pub record_rate: Option<f64>,
    /// [`Figure::HitRatio`]; caches, response caches and remembered names only.
    pub hit_ratio: Option<f64>,
    /// [`Figure::ColdStartShare`]; functions only.
    pub cold_start_share: Option<f64>,
    /// [`Figure::Instances`].
    pub instances: Option<f64>,
    /// See [`Figure::NewInstances`]; once there was a deploy.
    pub new_instances: Option<f64>,
    /// See [`Figure::NewFailures`].
    pub new_failures: Option<f64>,
    /// What became of long-lived connections; clients and servers that have some.
    pub channels: Option<Channels>,
    /// [`Figure::StaleShare`].
    pub stale_share: Option<f64>,
    /// [`Figure::StaleAge`].
    pub stale_age: Option<f64>,
    /// Time from commit to applied; replicas only.
    pub replication_lag: Option<Spread>,
    /// Messages delivered, redeliveries included; queues only.
    pub deliveries: Option<u64>,
    /// Deliveries that were not a message's first; queues only.
    pub redeliveries: Option<u64>,
    /// Work done again on a message that was already done; queues only.
    pub duplicates: Option<u64>,
    /// Messages lost; queues only.
    pub lost_messages: Option<u64>,
    /// 95 % confidence intervals, by the key of the figure (`w`, `utilization`, `p99`).
    pub intervals: Vec<(&'static str, Interval)>,
}

/// Mean and percentiles of a time, in seconds. Percentiles come from a histogram with at most
/// 0.8 % relative error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// 99.9th percentile.
    pub p999: f64,
    /// Longest, exactly.
    pub max: f64,
}

/// Long-lived connections over a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Channels {
    /// Open now.
    pub now: u64,
    /// [`Figure::OpenConnections`].
    pub open: f64,
    /// Opened per second.
    pub opened_rate: f64,
    /// Closed by their users per second.
    pub closed_rate: f64,
    /// Broken per second.
    pub broken_rate: f64,
    /// Openings tried again per second, after a connection broke or could not be opened; of a client.
    pub reconnect_rate: f64,
}

impl Channels {
    fn of(totals: &Totals) -> Option<Self> {
        let secs = totals.window_secs();
        let any = totals.connections_area > 0 || totals.opened + totals.reconnects > 0;
        let rate = |count: u64| count as f64 / secs;
        (any && secs > 0.0).then(|| Self {
            now: totals.connections,
            open: Figure::OpenConnections.of(totals).unwrap_or_default(),
            opened_rate: rate(totals.opened),
            closed_rate: rate(totals.closed),
            broken_rate: rate(totals.broken),
            reconnect_rate: rate(totals.reconnects),
        })
    }

    /// The rates and the mean by their keys.
    pub fn figures(&self) -> [(&'static str, f64); 5] {
        [
            ("open_connections", self.open),
            ("opened_rate", self.opened_rate),
            ("closed_rate", self.closed_rate),
            ("broken_rate", self.broken_rate),
            ("reconnect_rate", self.reconnect_rate),
        ]
    }
}

/// The histograms behind the times of a subject; `None` where it has no such time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times<'a> {
    /// From arrival to departure; of a client's requests those that were answered well.
    pub latency: Option<&'a Histogram>,
    /// Of a client's requests that failed.
    pub failure_latency: Option<&'a Histogram>,
    /// From commit to applied.
    pub replication_lag: Option<&'a Histogram>,
}

/// The percentiles of a [`Spread`] with their keys.
pub const PERCENTILES: [(&str, f64); 5] = [
    ("p50", 0.5),
    ("p90", 0.9),
    ("p95", 0.95),
    ("p99", 0.99),
    ("p999", 0.999),
];

impl Spread {
    /// Of a histogram. `mean_secs`: the exact mean where it is known; otherwise it is that of the
    /// histogram's buckets. `None` when nothing was counted.
    pub fn of(histogram: &Histogram, mean_secs: Option<f64>) -> Option<Self> {
        let count = histogram.count();
        if count == 0 {
            return None;
        }
        let secs = |quantile| histogram.quantile_ns(quantile).map(|nanos| nanos / 1e9);
        let mean = mean_secs.unwrap_or_else(|| {
            let sum: f64 = histogram
                .buckets()
                .map(|(middle, count)| middle * count as f64)
                .sum();
            sum / count as f64 / 1e9
        });
        Some(Self {
            mean,
            p50: secs(0.5)?,
            p90: secs(0.9)?,
            p95: secs(0.95)?,
            p99: secs(0.99)?,
            p999: secs(0.999)?,
            max: histogram.max_ns() as f64 / 1e9,
        })
    }

    /// By its key.
    pub fn percentile(&self, key: &str) -> Option<f64> {
        Some(match key {
            "p50" => self.p50,
            "p90" => self.p90,
            "p95" => self.p95,
            "p99" => self.p99,
            "p999" => self.p999,
            _ => return None,
        })
    }
}

impl Measures {
    /// Of a component of some kind, or of the whole system (`None`).
    pub fn of(kind: Option<Kind>, totals: &Totals, times: Times<'_>) -> Self {
        let has_slots = totals.slots_area > 0;
        let has_line =
            has_slots || matches!(kind, Some(Kind::Queue | Kind::RateLimiter | Kind::Dns));
        let with = |makes_sense: bool, figure: Figure| {
            if makes_sense { figure.of(totals) } else { None }
        };
        let is_queue = kind == Some(Kind::Queue);
        let counted = |count: u64| is_queue.then_some(count);
        let spread = |histogram: &Histogram| {
            let is_all = histogram.count() == totals.departures;
            Spread::of(histogram, Figure::W.of(totals).filter(|_| is_all))
        };
        Self {
            window_secs: totals.window_secs(),
            departures: totals.departures,
            present: totals.present,
            arrival_rate: Figure::ArrivalRate.of(totals),
            throughput: Figure::Throughput.of(totals),
            goodput: Figure::Goodput.of(totals),
            l: Figure::L.of(totals),
            lq: with(has_line, Figure::Lq),
            w: Figure::W.of(totals),
            wq: with(has_line, Figure::Wq),
            little: Audit::of(Part::All, totals),
            utilization: with(has_slots, Figure::Utilization),
            held: with(has_slots, Figure::Held),
            availability: Figure::Availability.of(totals),
            uptime: with(
                kind.is_some_and(|kind| kind != Kind::Client),
                Figure::Uptime,
            ),
            latency: times.latency.and_then(spread),
            failure_latency: times.failure_latency.and_then(spread),
            failures: failures(&totals.failures),
            hit_ratio: with(
                matches!(kind, Some(Kind::Cache | Kind::ApiGateway | Kind::Dns)),
                Figure::HitRatio,
            ),
            cold_start_share: with(kind == Some(Kind::Function), Figure::ColdStartShare),
            instances: with(totals.instances_area > 0, Figure::Instances),
            new_instances: with(totals.new_area > 0, Figure::NewInstances),
            new_failures: with(totals.new_calls > 0, Figure::NewFailures),
            channels: Channels::of(totals),
            stale_share: Figure::StaleShare.of(totals),
            stale_age: Figure::StaleAge.of(totals),
            replication_lag: times
                .replication_lag
                .and_then(|lag| Spread::of(lag, Figure::ReplicationLag.of(totals))),
            deliveries: counted(totals.deliveries),
            redeliveries: counted(totals.redeliveries),
            duplicates: counted(totals.duplicates),
            lost_messages: counted(totals.lost_messages),
            ..Self::default()
        }
    }

    /// Of a connection, as its caller sees it: arrivals are attempts, retries included.
    pub fn of_connection(totals: &ConnectionTotals) -> Self {
        let secs = (totals.now_ns - totals.since_ns) as f64 / 1e9;
        let rate = |count: u64| (secs > 0.0).then(|| count as f64 / secs);
        if totals.records > 0 && totals.attempts == 0 {
            return Self {
                window_secs: secs,
                record_rate: rate(totals.records),
                ..Self::default()
            };
        }
        let ended = (totals.present_at_start + totals.attempts).saturating_sub(totals.present);
        // Of its pool: who waits for a place, for how long, and how many places are taken.
        let pooled = totals.places;
        let carried = |way: usize| totals.carried.map(|ways| ways[way]);
        let bytes = |way: Carried| (secs > 0.0).then(|| way.bytes as f64 / secs);
        let busy =
            |way: Carried| (way.is_limited && secs > 0.0).then(|| way.busy_ns as f64 / 1e9 / secs);
        let wait = |[there, back]: [Carried; 2]| {
            let both = there.pooled(back);
            (both.is_limited && both.messages > 0)
                .then(|| both.wait_sum_ns as f64 / 1e9 / both.messages as f64)
        };
        Self {
            window_secs: secs,
            departures: ended,
            present: totals.present,
            arrival_rate: rate(totals.attempts),
            throughput: rate(totals.completed),
            w: (ended > 0).then(|| totals.sojourn_sum_ns as f64 / 1e9 / ended as f64),
            availability: (ended > 0).then(|| totals.completed as f64 / ended as f64),
            failures: failures(&totals.failures),
            retry_rate: rate(totals.retries).filter(|_| totals.retries > 0),
            denied_rate: rate(totals.denied).filter(|_| totals.denied > 0),
            cancel_rate: rate(totals.cancels).filter(|_| totals.cancels > 0),
            hedge_rate: rate(totals.hedges).filter(|_| totals.hedges > 0),
            hedge_share: totals.hedge_share(),
            open_share: totals
                .breaker
                .and_then(|_| (secs > 0.0).then(|| totals.open_ns as f64 / 1e9 / secs)),
            opened: totals.breaker.map(|_| totals.opened),
            record_rate: rate(totals.records).filter(|_| totals.records > 0),
            request_bytes: carried(0).and_then(bytes),
            reply_bytes: carried(1).and_then(bytes),
            request_bandwidth: carried(0).and_then(busy),
            reply_bandwidth: carried(1).and_then(busy),
            bandwidth_wait: totals.carried.and_then(wait),
            lq: pooled.and_then(|_| (secs > 0.0).then(|| totals.waiting_area as f64 / 1e9 / secs)),
            wq: pooled
                .filter(|_| totals.waits > 0)
                .map(|_| totals.wait_sum_ns as f64 / 1e9 / totals.waits as f64),
            utilization: pooled.and_then(|places| {
                let on_offer = f64::from(places) * secs;
                (on_offer > 0.0).then(|| totals.places_area as f64 / 1e9 / on_offer)
            }),
            ..Self::default()
        }
    }

    /// The value of a figure by its key: that of a [`Figure`], of a latency percentile, or
    /// `failures.` and the key of a cause: how many a second.
    pub fn get(&self, key: &str) -> Option<f64> {
        let rate = |count: u64| (self.window_secs > 0.0).then(|| count as f64 / self.window_secs);
        if let Some(cause) = key.strip_prefix("failures.") {
            let is_it = |(found, _): &&(Cause, u64)| found.word() == cause;
            return rate(
                self.failures
                    .iter()
                    .find(is_it)
                    .map_or(0, |(_, count)| *count),
            );
        }
        match key {
            "arrival_rate" => self.arrival_rate,
            "throughput" => self.throughput,
            "goodput" => self.goodput,
            "l" => self.l,
            "lq" => self.lq,
            "w" => self.w,
            "wq" => self.wq,
            "utilization" => self.utilization,
            "held" => self.held,
            "availability" => self.availability,
            "uptime" => self.uptime,
            "cost" => Some(self.cost?.per_month),
            "cost_per_million" => self.cost?.per_million,
            "visits" => Some(self.demand?.visits),
            "demand" => Some(self.demand?.secs()),
            "saturates_at" => self.demand?.saturates_at(),
            "hit_ratio" => self.hit_ratio,
            "cold_start_share" => self.cold_start_share,
            "instances" => self.instances,
            "new_instances" => self.new_instances,
            "new_failures" => self.new_failures,
            "stale_share" => self.stale_share,
            "stale_age" => self.stale_age,
            "denied_rate" => self.denied_rate,
            "cancel_rate" => self.cancel_rate,
            "hedge_rate" => Some(self.hedge_rate.unwrap_or(0.0)),
            "hedge_share" => Some(self.hedge_share.unwrap_or(0.0)),
            "open_share" => self.open_share,
            "replication_lag" => self.replication_lag.map(|lag| lag.mean),
            "failure_rate" => rate(self.failures.iter().map(|(_, count)| count).sum()),
            "retry_rate" => self.retry_rate,
            "redelivery_share" => {
                let all = self.deliveries.filter(|all| *all > 0)?;
                Some(self.redeliveries? as f64 / all as f64)
            }
            "open_connections" | "opened_rate" | "closed_rate" | "broken_rate"
            | "reconnect_rate" => {
                let figures = self.channels?.figures();
                let found = figures.iter().find(|(name, _)| *name == key);
                found.map(|(_, value)| *value)
            }
            percentile => self.latency?.percentile(percentile),
        }
    }

    /// The interval of a figure by its key.
    pub fn interval(&self, key: &str) -> Option<Interval> {
        self.intervals
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, interval)| *interval)
    }
}

/// The figures that get an interval.
pub(crate) const WITH_INTERVAL: [Figure; 13] = [
    Figure::ArrivalRate,
    Figure::Throughput,
    Figure::Goodput,
    Figure::L,
    Figure::Lq,
    Figure::W,
    Figure::Wq,
    Figure::Utilization,
    Figure::Held,
    Figure::Availability,
    Figure::HitRatio,
    Figure::StaleShare,
    Figure::ReplicationLag,
];

fn failures(counts: &Failures) -> Vec<(Cause, u64)> {
    Cause::ALL
        .into_iter()
        .map(|cause| (cause, counts.get(cause)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> Totals {
        Totals {
            now_ns: 10_000_000_000,
            arrivals: 100,
            departures: 100,
            completed: 98,
            good: 98,
            failures: [(Cause::Down, 2)].into(),
            present_area: 4_000_000_000,
            waiting_area: 2_000_000_000,
            busy_area: 2_000_000_000,
            held_area: 2_000_000_000,
            slots_area: 20_000_000_000,
            sojourn_sum_ns: 4_000_000_000,
            waits: 100,
            wait_sum_ns: 2_000_000_000,
            services: 100,
            service_sum_ns: 2_000_000_000,
            ..Totals::default()
        }
    }

    fn answered(latency: &Histogram) -> Times<'_> {
        Times {
            latency: Some(latency),
            ..Times::default()
        }
    }

    #[test]
    fn what_makes_no_sense_is_absent() {
        let measures = Measures::of(Some(Kind::Server), &server(), Times::default());
        assert_eq!(measures.utilization, Some(0.1));
        assert_eq!((measures.lq, measures.wq), (Some(0.2), Some(0.02)));
        assert_eq!(measures.availability, Some(0.98));
        assert_eq!(measures.failures, [(Cause::Down, 2)]);
        assert_eq!((measures.hit_ratio, measures.deliveries), (None, None));
        assert_eq!((measures.latency, measures.stale_share), (None, None));

        let client = Totals {
            slots_area: 0,
            ..server()
        };
        let measures = Measures::of(Some(Kind::Client), &client, Times::default());
        assert_eq!(
            (measures.lq, measures.wq, measures.utilization),
            (None, None, None)
        );
        let queue = Measures::of(Some(Kind::Queue), &client, Times::default());
        assert_eq!(
            (queue.lq, queue.deliveries, queue.held),
            (Some(0.2), Some(0), None)
        );
        assert_eq!(
            Measures::of(None, &Totals::default(), Times::default()),
            Measures::default()
        );
    }

    #[test]
    fn latency_means_are_exact_when_everything_was_answered_well() {
        let mut histogram = Histogram::default();
        for _ in 0..100 {
            histogram.record(41_000_000);
        }
        let measures = Measures::of(None, &server(), answered(&histogram));
        assert_eq!(measures.latency.unwrap().mean, 0.04);
        // Two of them failed and are not in the histogram: its own mean counts.
        let mut histogram = Histogram::default();
        for _ in 0..98 {
            histogram.record(41_000_000);
        }
        let mean = Measures::of(None, &server(), answered(&histogram))
            .latency
            .unwrap()
            .mean;
        assert!((mean - 0.041).abs() < 0.008 * 0.041, "{mean}");
    }

    #[test]
    fn connections_count_attempts() {
        let totals = ConnectionTotals {
            now_ns: 2_000_000_000,
            attempts: 30,
            retries: 10,
            completed: 18,
            failures: [(Cause::Timeout, 10)].into(),
            present: 2,
            sojourn_sum_ns: 14_000_000_000,
            ..ConnectionTotals::default()
        };
        let measures = Measures::of_connection(&totals);
        assert_eq!(
            (measures.arrival_rate, measures.retry_rate),
            (Some(15.0), Some(5.0))
        );
        assert_eq!((measures.w, measures.throughput), (Some(0.5), Some(9.0)));
        assert_eq!((measures.l, measures.record_rate), (None, None));
        let link = ConnectionTotals {
            now_ns: 2_000_000_000,
            records: 8,
            ..totals
        };
        let link = ConnectionTotals {
            attempts: 0,
            ..link
        };
        assert_eq!(Measures::of_connection(&link).record_rate, Some(4.0));
    }

    #[test]
    fn every_interval_has_a_figure_to_stand_beside() {
        let measures = Measures {
            latency: Some(Spread {
                mean: 0.1,
                p50: 1.0,
                p90: 2.0,
                p95: 3.0,
                p99: 4.0,
                p999: 5.0,
                max: 6.0,
            }),
            replication_lag: Some(Spread {
                mean: 7.0,
                p50: 1.0,
                p90: 2.0,
                p95: 3.0,
                p99: 4.0,
                p999: 5.0,
                max: 6.0,
            }),
            hit_ratio: Some(0.5),
            stale_share: Some(0.5),
            ..Measures::of(Some(Kind::Server), &server(), Times::default())
        };
        for figure in WITH_INTERVAL {
            assert!(measures.get(figure.key()).is_some(), "{figure:?}");
        }
        for (key, _) in PERCENTILES {
            assert!(measures.get(key).is_some(), "{key}");
        }
        assert_eq!(measures.get("nothing"), None);
    }
}
