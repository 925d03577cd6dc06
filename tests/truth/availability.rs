//! Random failures: how long things are up, one by one and together, and what requests see of it.

use littlebox::{
    engine::{Cause, Engine},
    scenario::{Algorithm, Component, Connection, Distribution, RandomFailures, Server, When},
    study::predicted,
};

use crate::support::{design::*, estimate::*};

fn fails(mtbf: Distribution, mttr: Distribution) -> Option<RandomFailures> {
    Some(RandomFailures { mtbf, mttr })
}

/// Up for 9 s and down for 1 s on average.
fn nine_in_ten() -> Option<RandomFailures> {
    fails(exponential(9_000), exponential(1_000))
}

fn frail(instances: u32, failures: Option<RandomFailures>) -> Component {
    Component::Server(Server {
        instances,
        failures,
        ..server(10, Distribution::ZERO)
    })
}

fn uptime(engine: &Engine, name: &str) -> f64 {
    let totals = at(engine, name);
    1.0 - totals.down_ns as f64 / (totals.now_ns - totals.since_ns) as f64
}

/// Alternating renewal: up for the share MTBF ⁄ (MTBF + MTTR), whatever the distributions (Barlow and
/// Proschan 1965, chapter 3). Poisson arrivals see time averages (Wolff 1982), so as many requests
/// are refused.
#[test]
fn up_for_its_share_of_the_time() {
    for (mtbf, mttr, seed) in [
        (exponential(9_000), exponential(1_000), 1),
        (exponential(4_000), constant(1_000), 2),
        (
            Distribution::Erlang {
                k: 3,
                mean: ms(6_000),
            },
            Distribution::LogNormalMean {
                mean: ms(2_000),
                cv: 2.0,
            },
            3,
        ),
    ] {
        let exact = mtbf.mean_secs() / (mtbf.mean_secs() + mttr.mean_secs());
        let engine = Design::new(seed)
            .poisson("clients", 2.0)
            .add("api", frail(1, fails(mtbf, mttr)))
            .join("clients", "api")
            .engine();
        let [up, answered] = batches(engine, 500.0, 10_000.0, |engine| {
            let clients = at(engine, "clients");
            assert_eq!(clients.failures.total(), clients.failures.get(Cause::Down));
            let answered = clients.completed as f64 / clients.departures as f64;
            [uptime(engine, "api"), answered]
        });
        check_within("uptime", &up, exact);
        check_within("requests", &answered, exact);
        // And as far from 1, which is what the share of time up is mostly made of.
        let down: Vec<f64> = up.iter().map(|up| 1.0 - up).collect();
        check_within("downtime", &down, 1.0 - exact);
    }
}

/// Doors, names and functions fail as a whole, and are up for the same share.
#[test]
fn a_door_a_name_and_a_function_are_up_for_their_share() {
    use littlebox::scenario::{ApiGateway, Dns, Function, Scope};
    let function = Function {
        service: Distribution::ZERO,
        ..Function::default()
    };
    let names = Dns {
        scope: Scope::Global,
        ..Dns::default()
    };
    let mut design = Design::new(9)
        .poisson("visitors", 2.0)
        .poisson("callers", 2.0)
        .poisson("travellers", 2.0)
        .add("door", Component::ApiGateway(ApiGateway::default()))
        .add("function", Component::Function(function))
        .add("names", Component::Dns(names))
        .server("behind", 100, Distribution::ZERO)
        .join("visitors", "door")
        .join("door", "behind")
        .join("callers", "function")
        .join("travellers", "names")
        .join("names", "behind");
    for name in ["door", "function", "names"] {
        fail_by_chance(&mut design.0.components[name], nine_in_ten());
    }
    let [door, function, names, visitors, callers] =
        batches(design.engine(), 500.0, 10_000.0, |engine| {
            let answered = |name: &str| {
                let client = at(engine, name);
                client.completed as f64 / client.departures as f64
            };
            // Most travellers remember the address.
            assert!(answered("travellers") > answered("callers"));
            [
                1.0 - uptime(engine, "door"),
                1.0 - uptime(engine, "function"),
                1.0 - uptime(engine, "names"),
                answered("visitors"),
                answered("callers"),
            ]
        });
    check_within("the door is down", &door, 0.1);
    check_within("the function is down", &function, 0.1);
    check_within("the names are down", &names, 0.1);
    check_within("visitors answered", &visitors, 0.9);
    check_within("callers answered", &callers, 0.9);
}

/// Each of n instances by itself: k of them are up with the binomial probability. As long as one is
/// up, the box is.
#[test]
fn so_many_of_five_are_up_as_the_binomial_law_says() {
    let (n, p) = (5, 0.9f64);
    let mut engine = Design::new(4)
        .poisson("clients", 0.01)
        .add("api", frail(n, nine_in_ten()))
        .join("clients", "api")
        .engine();
    // Looked at so seldom that one look knows nothing of the last: e^(-20 · (1/9 + 1)).
    let looks = 40_000;
    let mut found = vec![0; n as usize + 1];
    for look in 1..=looks {
        engine.run_until(look * secs(20).nanos());
        let up = engine.instances_up(1).iter().filter(|up| **up).count();
        found[up] += 1;
    }
    let binomial = |k: u32| {
        let ways = [1.0, 5.0, 10.0, 10.0, 5.0, 1.0][k as usize];
        ways * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32)
    };
    for k in 2..=n {
        check_share(
            &format!("{k} of {n}"),
            found[k as usize],
            looks,
            binomial(k),
        );
    }
    let each = engine.instances_down_ns(1);
    for down in each {
        let share = down as f64 / engine.now_ns() as f64;
        assert!((share - 0.1).abs() < 0.01, "{share}");
    }
}

/// In parallel: down only when both are. In series, through a balancer that fails by itself.
#[test]
fn in_parallel_and_in_series() {
    let engine = Design::new(5)
        .poisson("clients", 20.0)
        .balancer("balancer", Algorithm::RoundRobin)
        .add("api", frail(2, nine_in_ten()))
        .join("clients", "balancer")
        .join("balancer", "api");
    let mut engine = engine;
    fail_by_chance(&mut engine.0.components["balancer"], nine_in_ten());
    let [balancer, api, answered] = batches(engine.engine(), 100.0, 20_000.0, |engine| {
        let clients = at(engine, "clients");
        let answered = clients.completed as f64 / clients.departures as f64;
        [
            1.0 - uptime(engine, "balancer"),
            1.0 - uptime(engine, "api"),
            answered,
        ]
    });
    check_within("the balancer is down", &balancer, 0.1);
    check_within("both instances are down", &api, 0.01);
    // It asks blindly: half of its calls go to the instance that happens to be up or not.
    check_within("answered", &answered, 0.9 * 0.9);
}

/// Without a balancer calls go to those that are up, so only both together are missed.
#[test]
fn calls_without_a_balancer_find_who_is_up() {
    let engine = Design::new(6)
        .poisson("clients", 20.0)
        .add("api", frail(2, nine_in_ten()))
        .join("clients", "api")
        .engine();
    let [refused] = batches(engine, 100.0, 20_000.0, |engine| {
        let clients = at(engine, "clients");
        [clients.failures.total() as f64 / clients.departures as f64]
    });
    check_within("refused", &refused, 0.01);
}

/// Failures have luck of their own: whatever else happens, they are the same.
#[test]
fn failures_have_their_own_luck() {
    let down = |rate: f64| {
        let mut engine = Design::new(7)
            .poisson("clients", rate)
            .add("api", frail(3, nine_in_ten()))
            .join("clients", "api")
            .engine();
        engine.run_until(secs(1_000).nanos());
        engine.instances_down_ns(1)
    };
    assert_eq!(down(1.0), down(100.0));
    assert_ne!(down(1.0)[0], down(1.0)[1]);
}

/// The prediction along the drawing: a balancer that fails, two instances that it asks blindly, a
/// store behind them, and a second store that stands in. And what a health check or a balancer that
/// is not there make of it.
#[test]
fn series_and_parallel_along_the_drawing() {
    let design = |balancer: bool| {
        let mut design = Design::new(8)
            .poisson("clients", 10.0)
            .add("spare", frail(1, nine_in_ten()))
            .add("api", frail(2, nine_in_ten()))
            .add("store", frail(1, nine_in_ten()));
        if balancer {
            design = design
                .balancer("balancer", Algorithm::RoundRobin)
                .join("clients", "balancer")
                .join("balancer", "api");
            fail_by_chance(&mut design.0.components["balancer"], nine_in_ten());
        } else {
            design = design.join("clients", "api");
        }
        let fallback = Connection {
            step: Some(2),
            when: Some(When::OnFailure),
            ..at_once("api", "spare")
        };
        design.join("api", "store").connect(fallback)
    };
    // In series a balancer, an instance, and one of two stores: 0.9 × 0.9 × 0.99.
    for (balancer, exact) in [(true, 0.9 * 0.9 * 0.99), (false, 0.99 * 0.99)] {
        let design = design(balancer);
        let predicted = predicted(&design.0).unwrap();
        let found = predicted.answered[0].clone().unwrap().unwrap();
        assert!((found - exact).abs() < 1e-12, "{found}");
        assert!((predicted.up[2] - 0.99).abs() < 1e-12);
        let [answered] = batches(design.engine(), 100.0, 10_000.0, |engine| {
            let clients = at(engine, "clients");
            [1.0 - clients.completed as f64 / clients.departures as f64]
        });
        check_within("failed", &answered, 1.0 - exact);
    }
    assert_eq!(predicted(&Design::new(9).poisson("clients", 1.0).0), None);
}
