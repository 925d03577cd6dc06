//! The course of a run over simulated time, in bounded memory.

use super::{Figure, window};
use crate::engine::{Engine, Histogram, Nanos, Totals};
use crate::scenario::{Arrivals, Component, Scenario};

/// Whose figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Of {
    /// The clients taken together.
    System,
    /// A component, by its position in the scenario.
    Component(usize),
}

/// What was counted in each interval of a grid of simulated time.
///
/// The grid starts at time zero. When the series is full, pairs of intervals become one and the
/// interval doubles, so a run of any length keeps between half and all of [`Self::capacity`]
/// intervals and has taken only O(capacity × log length) samples. Where a sample is taken depends
/// on simulated time alone, never on how a run was sliced.
#[derive(Clone, Debug)]
pub struct Series {
    interval_ns: Nanos,
    /// Intervals kept at most; even.
    capacity: usize,
    /// Complete intervals.
    len: usize,
    /// When measuring began: the last reset.
    measured_from_ns: Nanos,
    /// Changes of the scenario seen so far; more of them mean that components may have moved.
    changes: usize,
    system: Column,
    /// By component. `None`: too many components to record, and not watched.
    components: Vec<(String, Option<Column>)>,
}

/// Memory for intervals of all components together, about.
const BUDGET_BYTES: usize = 80 << 20;
/// Most intervals kept.
const MOST: usize = 1024;
/// Fewest: enough for 25 batches.
const FEWEST: usize = 64;
/// With so many components or fewer, latencies are recorded for each of them.
const LATENCIES: usize = 16;
/// Shortest first interval.
const SHORTEST_NS: Nanos = 1_000_000;
/// Longest first interval.
const LONGEST_NS: Nanos = 1_024_000_000;

/// One subject's intervals.
#[derive(Clone, Debug)]
struct Column {
    last: Totals,
    intervals: Vec<Totals>,
    latency: Option<Spread>,
}

/// Latency histograms by interval.
#[derive(Clone, Debug, Default)]
struct Spread {
    /// The running histogram's filled buckets when the last interval ended.
    last: Vec<(usize, u64)>,
    intervals: Vec<Sparse>,
}

/// The filled buckets of a histogram: (number, count), in rising order.
type Sparse = Vec<(u16, u32)>;

impl Series {
    /// An empty series for a run that starts at time zero.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let components = scenario.components.len();
        let bytes = components * size_of::<Totals>();
        let mut capacity = MOST;
        while capacity > FEWEST && capacity * bytes > BUDGET_BYTES {
            capacity /= 2;
        }
        let record = capacity * bytes <= BUDGET_BYTES;
        let column = |watched: bool| Column {
            last: Totals::default(),
            intervals: Vec::new(),
            latency: watched.then(Spread::default),
        };
        Self {
            interval_ns: first_interval_ns(scenario),
            capacity,
            len: 0,
            measured_from_ns: 0,
            changes: 0,
            system: column(true),
            components: scenario
                .components
                .keys()
                .map(|name| {
                    (
                        name.clone(),
                        record.then(|| column(components <= LATENCIES)),
                    )
                })
                .collect(),
        }
    }

    /// Most intervals kept.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Number of complete intervals.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no interval is complete yet.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Length of an interval now, in nanoseconds of simulated time.
    pub fn interval_ns(&self) -> Nanos {
        self.interval_ns
    }

    /// When the interval under way ends.
    pub fn next_ns(&self) -> Nanos {
        (self.len as Nanos + 1).saturating_mul(self.interval_ns)
    }

    /// When measuring began: the last reset, in nanoseconds.
    pub fn measured_from_ns(&self) -> Nanos {
        self.measured_from_ns
    }

    /// What was counted in each complete interval, oldest first; warm-up included. Intervals from
    /// before a component existed have no length. Empty when the component is not recorded.
    pub fn intervals(&self, of: Of) -> &[Totals] {
        self.column(of).map_or(&[], |column| &column.intervals)
    }

    /// The intervals that lie wholly after the last reset.
    pub fn measured(&self, of: Of) -> &[Totals] {
        let all = self.intervals(of);
        let first = all.partition_point(|interval| interval.since_ns < self.measured_from_ns);
        &all[first..]
    }

    /// A figure over time: (end of the interval in seconds, value), without the intervals in which
    /// there was nothing to observe.
    pub fn points(&self, of: Of, figure: Figure) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.intervals(of).iter().filter_map(move |interval| {
            let value = figure.of(interval)?;
            Some((interval.now_ns as f64 / 1e9, value))
        })
    }

    /// Whether latencies are recorded for a subject.
    pub fn has_latency(&self, of: Of) -> bool {
        self.column(of)
            .is_some_and(|column| column.latency.is_some())
    }

    /// A latency quantile (0..1) over time: (end of the interval in seconds, seconds), from the
    /// histogram of each interval, without the intervals in which nothing ended.
    pub fn latency_points(&self, of: Of, quantile: f64) -> impl Iterator<Item = (f64, f64)> + '_ {
        let intervals = self.intervals(of).iter().enumerate();
        intervals.filter_map(move |(index, interval)| {
            let secs = self.latency(of, index..index + 1, quantile)?;
            Some((interval.now_ns as f64 / 1e9, secs))
        })
    }

    /// A latency quantile over several intervals of [`Self::measured`] taken together, in seconds.
    pub fn measured_latency(
        &self,
        of: Of,
        range: std::ops::Range<usize>,
        quantile: f64,
    ) -> Option<f64> {
        let first = self.intervals(of).len() - self.measured(of).len();
        self.latency(of, first + range.start..first + range.end, quantile)
    }

    /// A latency quantile over several intervals of [`Self::intervals`] taken together, in seconds.
    pub fn latency(&self, of: Of, range: std::ops::Range<usize>, quantile: f64) -> Option<f64> {
        let intervals = &self.column(of)?.latency.as_ref()?.intervals;
        let merged = intervals
            .get(range)?
            .iter()
            .fold(Sparse::new(), |merged, more| merge(&merged, more));
        sparse_quantile(merged.iter().copied(), quantile).map(|nanos| nanos / 1e9)
    }

    /// Records the latencies of a component from now on, and its counts when they are not recorded
    /// for all. It changes no result.
    pub(crate) fn watch(&mut self, component: usize, engine: &Engine) {
        let len = self.len;
        let Some((_, column)) = self.components.get_mut(component) else {
            return;
        };
        let column = column.get_or_insert_with(|| Column::born(engine.component(component), len));
        if column.latency.is_none() {
            column.latency = Some(Spread {
                last: engine.component_latency(component).filled().collect(),
                intervals: vec![Sparse::new(); len],
            });
        }
    }

    /// Ends the interval under way. The engine stands at [`Self::next_ns`].
    pub(crate) fn sample(&mut self, engine: &Engine) {
        self.align(engine);
        let system_latency = engine.system_latency();
        self.system.push(engine.system(), || &system_latency);
        for (index, (_, column)) in self.components.iter_mut().enumerate() {
            if let Some(column) = column {
                column.push(engine.component(index), || engine.component_latency(index));
            }
        }
        self.advance();
    }

    /// What was counted since the last complete interval ended.
    pub(crate) fn unfinished(&self, of: Of, now: &Totals) -> Totals {
        self.column(of)
            .map_or(*now, |column| window::difference(now, &column.last))
    }

    fn advance(&mut self) {
        self.len += 1;
        if self.len == self.capacity {
            self.system.halve();
            for (_, column) in &mut self.components {
                if let Some(column) = column {
                    column.halve();
                }
            }
            self.len /= 2;
            self.interval_ns = self.interval_ns.saturating_mul(2);
        }
    }

    fn column(&self, of: Of) -> Option<&Column> {
        match of {
            Of::System => Some(&self.system),
            Of::Component(index) => self.components.get(index)?.1.as_ref(),
        }
    }

    /// Follows components that moved, came or went with an edit, and resets.
    pub(crate) fn align(&mut self, engine: &Engine) {
        self.measured_from_ns = engine.system().since_ns;
        let changes = engine.recording().changes.len();
        if changes == self.changes {
            return;
        }
        self.changes = changes;
        let names = &engine.scenario().components;
        if names
            .keys()
            .eq(self.components.iter().map(|(name, _)| name))
        {
            return;
        }
        let record = names.len() * size_of::<Totals>() * self.capacity <= BUDGET_BYTES;
        let mut old: std::collections::HashMap<_, _> = self.components.drain(..).collect();
        self.components = names
            .keys()
            .enumerate()
            .map(|(index, name)| {
                let column = old
                    .remove(name)
                    .flatten()
                    .or_else(|| record.then(|| Column::born(engine.component(index), self.len)));
                (name.clone(), column)
            })
            .collect();
        if names.len() <= LATENCIES {
            for index in 0..names.len() {
                self.watch(index, engine);
            }
        }
    }
}

impl Column {
    /// A column that starts now, behind `len` intervals without length.
    fn born(now: Totals, len: usize) -> Self {
        let empty = Totals {
            since_ns: now.now_ns,
            now_ns: now.now_ns,
            ..Totals::default()
        };
        Self {
            last: now,
            intervals: vec![empty; len],
            latency: None,
        }
    }

    fn push<'a>(&mut self, now: Totals, latency: impl FnOnce() -> &'a Histogram) {
        if let Some(spread) = &mut self.latency {
            spread.push(latency(), now.since_ns > self.last.since_ns);
        }
        self.intervals.push(window::difference(&now, &self.last));
        self.last = now;
    }

    fn halve(&mut self) {
        halve(&mut self.intervals, window::join);
        if let Some(spread) = &mut self.latency {
            halve(&mut spread.intervals, merge);
        }
    }
}

impl Spread {
    fn push(&mut self, histogram: &Histogram, was_reset: bool) {
        let now: Vec<(usize, u64)> = histogram.filled().collect();
        if was_reset {
            self.last.clear();
        }
        let mut before = self.last.iter().peekable();
        let mut fresh = Sparse::new();
        for &(bucket, count) in &now {
            while before.next_if(|(other, _)| *other < bucket).is_some() {}
            let old = before
                .next_if(|(other, _)| *other == bucket)
                .map_or(0, |(_, old)| *old);
            let more = count.saturating_sub(old);
            if more > 0 {
                fresh.push((bucket as u16, u32::try_from(more).unwrap_or(u32::MAX)));
            }
        }
        self.intervals.push(fresh);
        self.last = now;
    }
}

/// Turns pairs into one.
fn halve<T>(items: &mut Vec<T>, join: impl Fn(&T, &T) -> T) {
    let half = items
        .chunks_exact(2)
        .map(|pair| join(&pair[0], &pair[1]))
        .collect();
    *items = half;
}

fn merge(a: &Sparse, b: &Sparse) -> Sparse {
    let mut merged = Sparse::with_capacity(a.len().max(b.len()));
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    loop {
        let next = match (a.peek(), b.peek()) {
            (Some(x), Some(y)) if x.0 == y.0 => (x.0, x.1.saturating_add(y.1)),
            (Some(x), Some(y)) => **(if x.0 < y.0 { x } else { y }),
            (Some(x), None) => **x,
            (None, Some(y)) => **y,
            (None, None) => return merged,
        };
        a.next_if(|x| x.0 == next.0);
        b.next_if(|y| y.0 == next.0);
        merged.push(next);
    }
}

/// The smallest value that at least the share `quantile` of the counted ones do not exceed.
fn sparse_quantile(
    buckets: impl Iterator<Item = (u16, u32)> + Clone,
    quantile: f64,
) -> Option<f64> {
    let total: u64 = buckets.clone().map(|(_, count)| u64::from(count)).sum();
    let rank = ((quantile * total as f64).ceil() as u64).clamp(1, total.max(1));
    let mut seen = 0;
    for (bucket, count) in buckets {
        seen += u64::from(count);
        if seen >= rank {
            return Some(Histogram::middle_ns(bucket.into()));
        }
    }
    None
}

/// 1 ms × 2ⁿ, long enough for about sixteen requests and, among many components, for so many that
/// sampling costs little beside them.
fn first_interval_ns(scenario: &Scenario) -> Nanos {
    let rate: f64 = scenario
        .components
        .values()
        .map(|component| match component {
            Component::Client(client) => match &client.arrivals {
                Arrivals::Closed { users, think } => {
                    f64::from(*users) / think.mean_secs().max(0.001)
                }
                Arrivals::LongLived(drawn) => drawn.mean_rate(),
                Arrivals::Recorded(recorded) => {
                    let times = recorded.times.times();
                    let last = times.iter().max().map_or(0.0, |last| last.secs());
                    times.len() as f64 / last.max(0.001)
                }
                open => open.mean_rate().unwrap_or(0.0),
            },
            _ => 0.0,
        })
        .sum();
    let requests = (scenario.components.len() as f64 / 4.0).max(16.0);
    let wanted_ns = requests / rate.max(1e-9) * 1e9;
    let mut interval_ns = SHORTEST_NS;
    while interval_ns < LONGEST_NS && (interval_ns as f64) < wanted_ns {
        interval_ns *= 2;
    }
    interval_ns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_boxes() -> Series {
        let text = [
            ("clients", crate::scenario::Kind::Client),
            ("server", crate::scenario::Kind::Server),
        ];
        let scenario = Scenario {
            components: text
                .iter()
                .map(|(name, kind)| ((*name).into(), kind.component()))
                .collect(),
            ..Scenario::default()
        };
        Series::new(&scenario)
    }

    /// Feeds the system column alone with `rate` arrivals each interval.
    fn feed(series: &mut Series, intervals: usize, rate: u64) {
        for _ in 0..intervals {
            let mut totals = series.system.last;
            totals.now_ns = series.next_ns();
            totals.arrivals +=
                rate * (totals.now_ns - series.system.last.now_ns) / series.interval_ns;
            totals.departures = totals.arrivals;
            series
                .system
                .push(totals, || unreachable!("no latencies in this test"));
            series.advance();
        }
    }

    #[test]
    fn the_first_interval_follows_the_traffic() {
        // 100 requests a second by default: sixteen take 160 ms.
        assert_eq!(two_boxes().interval_ns(), 256_000_000);
        assert_eq!(Series::new(&Scenario::default()).interval_ns(), LONGEST_NS);
    }

    #[test]
    fn memory_stays_bounded_and_nothing_is_lost() {
        let mut series = two_boxes();
        series.system.latency = None;
        feed(&mut series, 10_000, 3);
        assert!(
            series.len() < MOST && series.len() >= MOST / 2,
            "{}",
            series.len()
        );
        let intervals = series.intervals(Of::System);
        assert_eq!(intervals.len(), series.len());
        assert_eq!(intervals.iter().map(|i| i.arrivals).sum::<u64>(), 30_000);
        let mut end = 0;
        for interval in intervals {
            assert_eq!(
                (interval.since_ns, interval.now_ns),
                (end, end + series.interval_ns())
            );
            end = interval.now_ns;
        }
    }

    #[test]
    fn points_are_rates_at_the_ends_of_intervals() {
        let mut series = two_boxes();
        series.system.latency = None;
        feed(&mut series, 2, 4);
        let points: Vec<_> = series.points(Of::System, Figure::ArrivalRate).collect();
        assert_eq!(points, [(0.256, 15.625), (0.512, 15.625)]);
        assert_eq!(series.points(Of::System, Figure::W).count(), 2);
        assert_eq!(series.points(Of::Component(0), Figure::W).count(), 0);
    }

    #[test]
    fn quantiles_come_from_each_interval_alone() {
        let mut spread = Spread::default();
        let mut histogram = Histogram::default();
        for value in 1..=100 {
            histogram.record(value * 1_000_000);
        }
        spread.push(&histogram, false);
        for _ in 0..100 {
            histogram.record(500_000_000);
        }
        spread.push(&histogram, false);
        histogram.clear();
        histogram.record(7_000_000);
        spread.push(&histogram, true);
        let median =
            |at: usize| sparse_quantile(spread.intervals[at].iter().copied(), 0.5).unwrap() / 1e6;
        assert!((median(0) - 50.0).abs() < 0.5, "{}", median(0));
        assert!((median(1) - 500.0).abs() < 4.0, "{}", median(1));
        assert!((median(2) - 7.0).abs() < 0.07, "{}", median(2));
        let both = merge(&spread.intervals[0], &spread.intervals[1]);
        assert_eq!(both.iter().map(|(_, count)| count).sum::<u32>(), 200);
        assert!(both.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(sparse_quantile(Sparse::new().into_iter(), 0.5), None);
    }

    #[test]
    fn many_components_get_fewer_intervals() {
        let many = |count: usize| {
            let server = crate::scenario::Kind::Server.component();
            let components = (0..count)
                .map(|i| (format!("s{i}"), server.clone()))
                .collect();
            Series::new(&Scenario {
                components,
                ..Scenario::default()
            })
        };
        assert_eq!(many(100).capacity(), 1024);
        let thousand = many(1_000);
        assert_eq!(thousand.capacity(), 128);
        assert!(thousand.components[0].1.is_some());
        let huge = many(10_000);
        assert_eq!(huge.capacity(), FEWEST);
        assert!(huge.components[0].1.is_none());
    }
}
