//! Pauses of a single slot: M/G/1 with interruptions (Gaver 1962; Avi-Itzhak and Naor 1963, model A).
//!
//! With pauses that come at rate ξ while it is not in one, work S stretches to a completion time C
//! with E\[C\] = E\[S\] (1 + ξ E\[R\]) and E\[C²\] = E\[S²\] (1 + ξ E\[R\])² + E\[S\] ξ E\[R²\]. Who comes
//! waits for those before it, for what is left of the completion under way (λ E\[C²\]/2), and for what
//! is left of a pause that began while nobody was there:
//! Wq = λ E\[C²\] ⁄ 2(1 − λ E\[C\]) + ξ E\[R²\] ⁄ 2(1 + ξ E\[R\]).

use littlebox::scenario::{Component, Pauses, Server};

use crate::support::{design::*, estimate::*};

#[test]
fn waits_as_with_interruptions() {
    let (rate, xi) = (40.0, 2.0);
    // Work exponential with mean 10 ms; pauses of 50 ms, or exponential with mean 50 ms.
    let (s, s2) = (0.01, 0.000_2);
    for (length, r2, seed) in [(constant(50), 0.002_5, 1), (exponential(50), 0.005, 2)] {
        let r = 0.05;
        let c = s * (1.0 + xi * r);
        let c2 = s2 * (1.0 + xi * r) * (1.0 + xi * r) + s * xi * r2;
        let wq = rate * c2 / 2.0 / (1.0 - rate * c) + xi * r2 / 2.0 / (1.0 + xi * r);
        let server = Server {
            pauses: Some(Box::new(Pauses {
                every: exponential(500),
                length,
            })),
            ..server(1, exponential(10))
        };
        let engine = Design::new(seed)
            .poisson("clients", rate)
            .add("server", Component::Server(server))
            .join("clients", "server")
            .engine();
        let [mean_wait, mean_sojourn, utilization] = batches(engine, 100.0, 4_000.0, |engine| {
            let server = at(engine, "server");
            [server.wq(), server.w(), server.utilization()]
        });
        check_within("Wq", &mean_wait, wq);
        check_within("W", &mean_sojourn, wq + c);
        check_within("utilization = λ E[C]", &utilization, rate * c);
    }
}
