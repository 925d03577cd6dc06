//! Connection pools against Erlang's formulas: a pool in front of slots for everybody is the line in
//! front of so many servers, kept at the caller.

use littlebox::{
    engine::Engine,
    scenario::{Connection, Pool},
    theory::markov,
};

use crate::support::{design::*, estimate::*};

/// Poisson arrivals at `rate`, 100 ms of exponential work, a pool, and slots for everybody.
fn pooled(rate: f64, pool: Pool) -> Engine {
    Design::new(7)
        .poisson("clients", rate)
        .server("server", 10_000, exponential(100))
        .connect(Connection {
            pool: Some(pool),
            ..at_once("clients", "server")
        })
        .engine()
}

/// Gross et al. 2008, section 2.3.
#[test]
fn a_pool_of_c_is_erlang_c() {
    for (places, rate) in [(1, 7.0), (4, 34.0)] {
        let pool = Pool {
            max: places,
            wait: None,
            queue: None,
        };
        let exact = markov::mmc(rate, 0.1, places).unwrap();
        let [lq, wq, taken, w] = batches(pooled(rate, pool), 500.0, 3_000.0, |engine| {
            let arrow = engine.connection(0);
            let secs = (arrow.now_ns - arrow.since_ns) as f64;
            [
                arrow.waiting_area as f64 / secs,
                arrow.wait_sum_ns as f64 / 1e9 / arrow.waits as f64,
                arrow.places_area as f64 / secs / f64::from(places),
                at(engine, "clients").w(),
            ]
        });
        check_within("Lq", &lq, exact.lq);
        check_within("Wq", &wq, exact.wq);
        check_within("places taken", &taken, exact.utilization);
        check_within("W", &w, exact.w);
    }
}

/// Gross et al. 2008, section 2.5; without a line Erlang's loss formula (section 2.6).
#[test]
fn a_pool_with_a_short_line_is_m_m_c_k() {
    for (places, line, rate) in [(3, 0, 30.0), (3, 4, 40.0)] {
        let pool = Pool {
            max: places,
            wait: None,
            queue: Some(line),
        };
        let exact = markov::mmck(rate, 0.1, places, places + line).unwrap();
        let [refused, lq, taken] = batches(pooled(rate, pool), 50.0, 1_000.0, |engine| {
            let arrow = engine.connection(0);
            let secs = (arrow.now_ns - arrow.since_ns) as f64;
            [
                arrow.failures.total() as f64 / arrow.attempts as f64,
                arrow.waiting_area as f64 / secs,
                arrow.places_area as f64 / secs / f64::from(places),
            ]
        });
        check_within("exhausted", &refused, exact.refused);
        check_within("places taken", &taken, exact.utilization);
        if line > 0 {
            check_within("Lq", &lq, exact.lq);
        }
    }
}
