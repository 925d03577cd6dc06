//! What holds at every moment of a run, and what is the same in two runs that are the same.

use littlebox::engine::Engine;

#[track_caller]
pub fn check(engine: &Engine) {
    engine.check_conservation().unwrap();
    for (at, component) in engine.scenario().components.keys().enumerate() {
        let t = engine.component(at);
        assert_eq!(
            t.present_at_start + t.arrivals,
            t.departures + t.present,
            "{component}"
        );
        assert!(
            t.waiting <= t.present && t.busy <= t.held && t.good <= t.completed,
            "{component}"
        );
        assert!(t.refused <= t.failures.total(), "{component}");
        if let Some(failed) = engine.failure_latency(at) {
            let answered = engine.component_latency(at);
            assert_eq!(answered.count(), t.completed, "{component}");
            assert_eq!(
                failed.count(),
                t.failures.total() - t.refused,
                "{component}"
            );
        }
    }
    for (at, name) in engine.operations().iter().enumerate() {
        let t = engine.operation(at);
        let (answered, failed) = (
            engine.operation_latency(at),
            engine.operation_failure_latency(at),
        );
        assert_eq!(answered.count(), t.completed, "{name}");
        assert_eq!(failed.count(), t.failures.total() - t.refused, "{name}");
    }
    for at in 0..engine.scenario().connections.len() {
        let t = engine.connection(at);
        let ended = t.completed + t.failures.total();
        assert_eq!(t.present_at_start + t.attempts, ended + t.present, "{at}");
    }
}

/// Every figure of both runs is the same.
#[track_caller]
pub fn same(one: &Engine, other: &Engine) {
    for (at, name) in one.scenario().components.keys().enumerate() {
        let (one, other) = (one.component(at), other.component(at));
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "{name}");
    }
    for at in 0..one.scenario().connections.len() {
        let (one, other) = (one.connection(at), other.connection(at));
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "arrow {at}");
    }
    for (at, name) in one.operations().iter().enumerate() {
        let times = |engine: &Engine| -> Vec<(f64, u64)> {
            engine.operation_latency(at).buckets().collect()
        };
        assert_eq!(times(one), times(other), "{name}");
        let (one, other) = (one.operation(at), other.operation(at));
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "{name}");
    }
    for (at, name) in one.scenario().components.keys().enumerate() {
        let times = |engine: &Engine| -> (u64, Vec<(f64, u64)>) {
            let latency = engine.component_latency(at);
            (latency.max_ns(), latency.buckets().collect())
        };
        assert_eq!(times(one), times(other), "{name}");
    }
    assert_eq!(one.events(), other.events());
    assert_eq!(one.fingerprint(), other.fingerprint());
}
