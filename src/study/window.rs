//! Arithmetic on what was counted in a window of time.

use crate::engine::{ConnectionTotals, Totals};

/// Applies `$op` to every counter of two [`Totals`]: what adds up over adjacent windows.
macro_rules! counters {
    ($a:ident, $b:ident, $op:ident) => {{
        $a.arrivals = $a.arrivals.$op($b.arrivals);
        $a.departures = $a.departures.$op($b.departures);
        $a.completed = $a.completed.$op($b.completed);
        $a.good = $a.good.$op($b.good);
        for (mine, other) in $a.failures.0.iter_mut().zip($b.failures.0) {
            *mine = mine.$op(other);
        }
        $a.refused = $a.refused.$op($b.refused);
        $a.present_area = $a.present_area.$op($b.present_area);
        $a.waiting_area = $a.waiting_area.$op($b.waiting_area);
        $a.busy_area = $a.busy_area.$op($b.busy_area);
        $a.held_area = $a.held_area.$op($b.held_area);
        $a.slots_area = $a.slots_area.$op($b.slots_area);
        $a.sojourn_sum_ns = $a.sojourn_sum_ns.$op($b.sojourn_sum_ns);
        $a.waits = $a.waits.$op($b.waits);
        $a.wait_sum_ns = $a.wait_sum_ns.$op($b.wait_sum_ns);
        $a.services = $a.services.$op($b.services);
        $a.service_sum_ns = $a.service_sum_ns.$op($b.service_sum_ns);
        $a.hits = $a.hits.$op($b.hits);
        $a.misses = $a.misses.$op($b.misses);
        $a.versioned_reads = $a.versioned_reads.$op($b.versioned_reads);
        $a.stale_reads = $a.stale_reads.$op($b.stale_reads);
        $a.stale_age_sum_ns = $a.stale_age_sum_ns.$op($b.stale_age_sum_ns);
        $a.applied = $a.applied.$op($b.applied);
        $a.lag_sum_ns = $a.lag_sum_ns.$op($b.lag_sum_ns);
        $a.deliveries = $a.deliveries.$op($b.deliveries);
        $a.redeliveries = $a.redeliveries.$op($b.redeliveries);
        $a.duplicates = $a.duplicates.$op($b.duplicates);
        $a.lost_messages = $a.lost_messages.$op($b.lost_messages);
        $a.down_ns = $a.down_ns.$op($b.down_ns);
        $a.instances_area = $a.instances_area.$op($b.instances_area);
        $a.new_calls = $a.new_calls.$op($b.new_calls);
        $a.new_failed = $a.new_failed.$op($b.new_failed);
        $a.new_area = $a.new_area.$op($b.new_area);
        $a.connections_area = $a.connections_area.$op($b.connections_area);
        $a.opened = $a.opened.$op($b.opened);
        $a.closed = $a.closed.$op($b.closed);
        $a.broken = $a.broken.$op($b.broken);
        $a.reconnects = $a.reconnects.$op($b.reconnects);
    }};
}

/// What was counted between two readings of the same counters. When the counters were reset in
/// between, what was counted since the reset.
pub(crate) fn difference(later: &Totals, earlier: &Totals) -> Totals {
    if later.since_ns > earlier.since_ns {
        return *later;
    }
    let mut window = *later;
    window.since_ns = earlier.now_ns;
    window.present_at_start = earlier.present;
    counters!(window, earlier, saturating_sub);
    window
}

/// Two adjacent windows as one. An empty window (no time) adds nothing.
pub(crate) fn join(first: &Totals, second: &Totals) -> Totals {
    let mut window = *second;
    window.since_ns = second
        .since_ns
        .saturating_sub(first.now_ns - first.since_ns);
    if first.now_ns > first.since_ns {
        window.present_at_start = first.present_at_start;
    }
    counters!(window, first, saturating_add);
    window
}

/// Two windows of independent runs as one: everything adds up, their lengths too.
pub(crate) fn pool(first: &Totals, second: &Totals) -> Totals {
    let mut window = *first;
    counters!(window, second, saturating_add);
    window.now_ns = window
        .now_ns
        .saturating_add(second.now_ns - second.since_ns);
    window.present_at_start += second.present_at_start;
    window.present += second.present;
    window.waiting += second.waiting;
    window.busy += second.busy;
    window.held += second.held;
    window.slots += second.slots;
    window
}

/// Two windows of a connection in independent runs as one.
pub(crate) fn pool_connections(
    first: &ConnectionTotals,
    second: &ConnectionTotals,
) -> ConnectionTotals {
    let mut window = *first;
    window.now_ns = window
        .now_ns
        .saturating_add(second.now_ns - second.since_ns);
    window.attempts += second.attempts;
    window.retries += second.retries;
    window.completed += second.completed;
    for (mine, other) in window.failures.0.iter_mut().zip(second.failures.0) {
        *mine += other;
    }
    window.present += second.present;
    window.present_at_start += second.present_at_start;
    window.sojourn_sum_ns += second.sojourn_sum_ns;
    window.records += second.records;
    window.breaker = second.breaker;
    window.opened += second.opened;
    window.open_ns += second.open_ns;
    window.denied += second.denied;
    window.cancels += second.cancels;
    window.hedges += second.hedges;
    window.hedges_won += second.hedges_won;
    window.places_used += second.places_used;
    window.places_area += second.places_area;
    window.waiting += second.waiting;
    window.waiting_area += second.waiting_area;
    window.waits += second.waits;
    window.wait_sum_ns += second.wait_sum_ns;
    window.carried = match (window.carried, second.carried) {
        (Some([there, back]), Some([more_there, more_back])) => {
            Some([there.pooled(more_there), back.pooled(more_back)])
        }
        (mine, other) => mine.or(other),
    };
    window
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(now_ns: u64, arrivals: u64, present: u64, present_area: u128) -> Totals {
        Totals {
            now_ns,
            arrivals,
            departures: arrivals - present,
            present,
            present_area,
            ..Totals::default()
        }
    }

    #[test]
    fn the_windows_between_readings_join_to_the_last_reading() {
        let readings = [
            reading(10, 3, 2, 9),
            reading(20, 8, 1, 40),
            reading(30, 9, 0, 42),
        ];
        let mut last = Totals::default();
        let mut whole = Totals::default();
        for now in readings {
            let window = difference(&now, &last);
            assert_eq!(window.now_ns - window.since_ns, 10);
            assert_eq!(
                window.present_at_start + window.arrivals,
                window.present + window.departures
            );
            whole = join(&whole, &window);
            last = now;
        }
        assert_eq!(whole, last);
    }

    #[test]
    fn a_reset_in_between_starts_the_window() {
        let before = reading(10, 3, 2, 9);
        let after = Totals {
            since_ns: 15,
            present_at_start: 4,
            ..reading(20, 1, 1, 7)
        };
        assert_eq!(difference(&after, &before), after);
    }

    #[test]
    fn independent_windows_add_up() {
        let one = Totals {
            since_ns: 5,
            ..reading(10, 3, 2, 9)
        };
        let two = Totals {
            since_ns: 5,
            ..reading(25, 8, 1, 40)
        };
        let both = pool(&one, &two);
        assert_eq!((both.since_ns, both.now_ns), (5, 30));
        assert_eq!(
            (both.arrivals, both.present, both.present_area),
            (11, 3, 49)
        );
        let calls = ConnectionTotals {
            now_ns: 10,
            attempts: 3,
            present: 1,
            ..Default::default()
        };
        let both = pool_connections(&calls, &calls);
        assert_eq!((both.now_ns, both.attempts, both.present), (20, 6, 2));
    }

    #[test]
    fn an_empty_window_adds_nothing() {
        let empty = Totals {
            since_ns: 10,
            now_ns: 10,
            ..Totals::default()
        };
        let window = Totals {
            since_ns: 10,
            present_at_start: 5,
            ..reading(20, 8, 1, 40)
        };
        assert_eq!(join(&empty, &window), window);
    }
}
