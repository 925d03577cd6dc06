//! The shipped scenarios show what their notes say, with every seed, and stop showing it when the
//! cause is taken away.

#![allow(clippy::unwrap_used)]

#[path = "support/lib.rs"]
mod support;

use littlebox::{
    engine::{Cause, Engine, Stage, Totals},
    scenario::{
        Arrivals, Component, Duration, FaultKind, RateShape, Retries, Scenario, file,
        parameters::set,
    },
    study::{Cost, Demand, Figure, Resource, tightest},
};
use support::design::{Figures, at, index, secs};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=5;

/// Where a run is long.
const FEW_SEEDS: std::ops::RangeInclusive<u64> = 1..=3;

fn load(name: &str) -> Scenario {
    let path = format!("{}/scenarios/{name}.ron", env!("CARGO_MANIFEST_DIR"));
    let (document, problems) = file::read(path.as_ref()).unwrap();
    assert_eq!(problems, [], "{name}");
    document.unwrap().scenario
}

fn start(scenario: &Scenario, seed: u64) -> Engine {
    let mut scenario = scenario.clone();
    scenario.seed = seed;
    Engine::new(&scenario).unwrap()
}

/// What is counted at the named boxes between two moments.
fn between<const N: usize>(
    engine: &mut Engine,
    from_secs: u64,
    until_secs: u64,
    names: [&str; N],
) -> [Totals; N] {
    engine.run_until(secs(from_secs).nanos());
    engine.reset_measures();
    engine.run_until(secs(until_secs).nanos());
    engine.check_conservation().unwrap();
    names.map(|name| at(engine, name))
}

fn p99(engine: &Engine, name: &str) -> f64 {
    let latency = engine.component_latency(index(engine, name));
    latency.quantile_ns(0.99).unwrap() / 1e9
}

#[track_caller]
fn check(what: &str, range: std::ops::RangeInclusive<f64>, found: f64) {
    assert!(
        range.contains(&found),
        "{what}: {found} is not in {range:?}"
    );
}

#[test]
fn all_are_whole() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let mut count = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let scenario = load(name);
        assert!(
            scenario.notes.contains("What to watch"),
            "{name} has no notes"
        );
        assert!(!scenario.objectives.is_empty(), "{name} has no objectives");
        for component in scenario.components.keys() {
            assert!(
                scenario.layout.contains_key(component),
                "{name}: {component} has no place"
            );
        }
        let mut places: Vec<_> = scenario.layout.values().collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(
            places.len(),
            scenario.components.len(),
            "{name}: two boxes in one place"
        );
        count += 1;
    }
    assert_eq!(count, 20);
}

#[test]
fn mm1() {
    let mut scenario = load("mm1");
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let [server] = between(&mut engine, 60, 6_000, ["server"]);
        check("four present", 3.6..=4.4, server.l());
        check("50 ms", 0.045..=0.055, server.w());
        check("230 ms", 0.205..=0.255, p99(&engine, "clients"));
        check("80 %", 0.79..=0.81, server.utilization());
    }
    if let Component::Client(client) = &mut scenario.components["clients"] {
        client.arrivals = support::design::poisson(40.0);
    }
    for seed in SEEDS {
        let [server] = between(&mut start(&scenario, seed), 60, 6_000, ["server"]);
        check("hardly more than the work", 0.016..=0.0175, server.w());
    }
    for (rate, times) in [(90.0, 0.1), (95.0, 0.2)] {
        if let Component::Client(client) = &mut scenario.components["clients"] {
            client.arrivals = support::design::poisson(rate);
        }
        for seed in FEW_SEEDS {
            let [server] = between(&mut start(&scenario, seed), 600, 40_000, ["server"]);
            check("it doubles", times * 0.85..=times * 1.15, server.w());
        }
    }
}

/// Dollars a month of a fleet, and for a million answers to its own users.
fn cost(engine: &Engine, fleet: &str, users: &str) -> (f64, f64) {
    let scenario = engine.scenario();
    let (prices, server) = (&scenario.prices, &scenario.components[fleet]);
    let cost = Cost::of(server, prices, &at(engine, users), &at(engine, fleet)).unwrap();
    (cost.per_month, cost.per_million.unwrap())
}

fn answered(client: &Totals) -> f64 {
    Figure::Availability.of(client).unwrap()
}

#[test]
fn day_cost() {
    let mut scenario = load("day_cost");
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let [users, others] = between(&mut engine, 3_600, 7_200, ["users", "other users"]);
        check("everything is answered", 0.999..=1.0, answered(&users));
        check("most is not", 0.05..=0.4, answered(&others));
        let (month, million) = cost(&engine, "for the peak", "users");
        let (less_a_month, more_a_million) = cost(&engine, "for the average", "other users");
        // 9 and 5 machines at 0.096 $ an hour, 730 hours a month.
        check("nine machines", 630.71..=630.73, month);
        check("five machines", 350.39..=350.41, less_a_month);
        // 0.864 $ an hour for 72,000 answers.
        check("a million answers", 11.5..=12.5, million);
        check(
            "the cheap one is dear",
            1.3..=10.0,
            more_a_million / million,
        );
    }
    for client in ["users", "other users"] {
        let swing = format!("{client}.arrivals.profile");
        set(&mut scenario, &swing, "[]").unwrap();
    }
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let [others] = between(&mut engine, 600, 4_200, ["other users"]);
        check("the small fleet is enough", 0.999..=1.0, answered(&others));
        let (_, million) = cost(&engine, "for the peak", "users");
        let (_, less) = cost(&engine, "for the average", "other users");
        check("the swing is what costs", 0.53..=0.58, less / million);
    }
}

#[test]
fn photos() {
    let scenario = load("photos");
    // Share of the time that the way back is in use, mean time, share answered, utilization of the
    // machines.
    let run = |scenario: &Scenario, seed| {
        let mut engine = start(scenario, seed);
        let [users, photos] = between(&mut engine, 60, 600, ["users", "photos"]);
        let back = engine.connection(0).carried.unwrap()[1];
        let busy = back.busy_ns as f64 / 540e9;
        (busy, users.w(), answered(&users), photos.utilization())
    };
    let sending_breaks_first = |scenario: &Scenario, seed| {
        let mut engine = start(scenario, seed);
        let [system, photos] = between(&mut engine, 60, 600, ["users", "photos"]);
        let demands = [None, None, Demand::measured(&system, &photos)];
        let connections = [0, 1].map(|at| engine.connection(at));
        tightest(&demands, &system, &connections).unwrap()
    };
    for seed in SEEDS {
        let (busy, w, _, machines) = run(&scenario, seed);
        check("four fifths", 0.77..=0.83, busy);
        check("a fifth", 0.18..=0.22, machines);
        // 40 ms on the way, 32 of work, 16 to send and 32 to wait for that.
        check("three times the work", 0.105..=0.135, w);
        let first = sending_breaks_first(&scenario, seed);
        assert_eq!(first.resource, Resource::Bandwidth(0));
        check("62.5 a second", 61.0..=64.0, first.saturates_at);
        let mut more = scenario.clone();
        set(&mut more, "users.arrivals.rate", "65").unwrap();
        let (busy, _, answered, machines) = run(&more, seed);
        check("full", 0.99..=1.0, busy);
        check("nobody in time", 0.0..=0.2, answered);
        check("the machines never notice", 0.22..=0.3, machines);
        let mut small = scenario.clone();
        set(&mut small, "operations.photo.reply", "200kB").unwrap();
        let (busy, w, ..) = run(&small, seed);
        check("a tenth", 0.07..=0.09, busy);
        check("the way and the work", 0.07..=0.08, w);
        let first = sending_breaks_first(&small, seed);
        assert_eq!(first.resource, Resource::Slots(2));
    }
}

#[test]
fn balancing() {
    let scenario = load("balancing");
    let names = ["random", "turns", "two choices", "least"];
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let found = between(&mut engine, 30, 630, names).map(|client| client.w());
        let tails = names.map(|name| p99(&engine, name));
        check("random is M/M/1", 0.085..=0.115, found[0]);
        check("turns halve it", 0.4..=0.65, found[1] / found[0]);
        check("two choices are most of it", 0.2..=0.4, found[2] / found[0]);
        assert!(
            found.is_sorted_by(|worse, better| worse > better),
            "{found:?}"
        );
        assert!(
            tails.is_sorted_by(|worse, better| worse > better),
            "{tails:?}"
        );
        check("least, p99", 0.0..=0.1, tails[3]);
    }
    // With the load taken away there is nothing to balance.
    let mut light = scenario.clone();
    for component in light.components.values_mut() {
        if let Component::Client(client) = component {
            client.arrivals = support::design::poisson(40.0);
        }
    }
    for seed in SEEDS {
        let found = between(&mut start(&light, seed), 30, 1_230, names);
        for client in found {
            check("all the same", 0.0098..=0.0110, client.w());
        }
    }
}

#[test]
fn url_shortener() {
    let scenario = load("url_shortener");
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let names = ["users", "cache", "replica"];
        let ratio = |cache: &Totals| cache.hits as f64 / (cache.hits + cache.misses) as f64;
        let [_, early, _] = between(&mut engine, 0, 5, names);
        let [before, warm, calm] = between(&mut engine, 40, 60, names);
        assert!(ratio(&warm) > ratio(&early) + 0.1, "it climbs");
        let [during, cache, loaded] = between(&mut engine, 61, 90, names);
        assert_eq!(cache.hits, 0);
        check("a third of its capacity", 0.3..=0.42, loaded.utilization());
        assert!(loaded.utilization() > 1.5 * calm.utilization());
        check("a few milliseconds", 0.001..=0.006, during.w() - before.w());
        assert_eq!(during.failures.total(), 0);
        let [_, empty, _] = between(&mut engine, 90, 95, names);
        assert!(ratio(&empty) < ratio(&warm) - 0.1, "it comes back empty");
        let [rush, ..] = between(&mut engine, 121, 149, names);
        check(
            "three times as much",
            3_550.0..=3_650.0,
            rush.arrival_rate(),
        );
        check(
            "and it is taken",
            0.9999..=1.0,
            rush.completed as f64 / rush.departures as f64,
        );
        check("at no great cost", 0.0..=0.2, p99(&engine, "users"));
        let [_, _, replica] = between(&mut engine, 150, 180, names);
        let stale = replica.stale_reads as f64 / replica.versioned_reads as f64;
        check("small, and measured", 1e-5..=0.01, stale);
    }
    // Without the crash the replica stays calm.
    let mut quiet = scenario;
    quiet.faults.clear();
    for seed in SEEDS {
        let mut engine = start(&quiet, seed);
        let [cache, replica] = between(&mut engine, 61, 90, ["cache", "replica"]);
        assert!(cache.hits > 10_000);
        assert!(replica.utilization() < 0.25);
    }
}

#[test]
fn shop() {
    let names = ["shoppers", "primary", "replica 1", "web"];
    let scenario = load("shop");
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let [shoppers, primary, replica, _] = between(&mut engine, 30, 150, names);
        check("the primary does little", 0.1..=0.3, primary.utilization());
        check(
            "available",
            0.999..=1.0,
            shoppers.completed as f64 / shoppers.departures as f64,
        );
        check("fast", 0.0..=0.15, p99(&engine, "shoppers"));
        let stale = replica.stale_reads as f64 / replica.versioned_reads as f64;
        check("some are out of date", 0.001..=0.1, stale);

        let mut without = scenario.clone();
        without.components.shift_remove("cache");
        without
            .connections
            .retain(|connection| connection.to != "cache");
        without.layout.shift_remove("cache");
        without
            .objectives
            .retain(|objective| objective.of != "cache");
        let mut engine = start(&without, seed);
        let [shoppers, _, replica, web] = between(&mut engine, 60, 180, names);
        check("the replicas drown", 0.97..=1.0, replica.utilization());
        check(
            "every web slot is held",
            0.97..=1.0,
            web.held_area as f64 / web.slots_area as f64,
        );
        let failed = shoppers.failures.get(Cause::Timeout) as f64 / shoppers.departures as f64;
        check("most fail", 0.5..=1.0, failed);
        let buy = engine.operation(1);
        let failed = buy.failures.total() as f64 / buy.departures as f64;
        check("buyers too", 0.5..=1.0, failed);

        let third = without.components["replica 1"].clone();
        without.components.insert("replica 3".into(), third);
        for connection in without.connections.clone() {
            if connection.to == "replica 1" {
                without.connections.push(littlebox::scenario::Connection {
                    to: "replica 3".into(),
                    ..connection
                });
            }
        }
        let mut engine = start(&without, seed);
        let [shoppers, ..] = between(&mut engine, 60, 180, names);
        check(
            "a third one holds it",
            0.999..=1.0,
            shoppers.completed as f64 / shoppers.departures as f64,
        );
    }
    // At once instead of 200 ms later: nothing is out of date.
    let mut at_once = scenario;
    for connection in &mut at_once.connections {
        if let littlebox::scenario::Link::Replication(link) = &mut connection.link {
            link.lag = littlebox::scenario::Distribution::ZERO;
        }
    }
    for seed in SEEDS {
        let [.., replica, _] = between(&mut start(&at_once, seed), 30, 150, names);
        let stale = replica.stale_reads as f64 / replica.versioned_reads as f64;
        check("hardly any", 0.0..=2e-3, stale);
    }
}

#[test]
fn retry_storm() {
    let names = ["callers", "endless line", "other callers", "short line"];
    let scenario = load("retry_storm");
    let retries = |scenario: &mut Scenario, max: u32| {
        if let Component::Client(client) = &mut scenario.components["callers"] {
            client.retries = Retries {
                max,
                ..client.retries
            };
        }
    };
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let [callers, _, others, _] = between(&mut engine, 20, 60, names);
        check("well before", 66.0..=74.0, callers.throughput());
        check("both", 66.0..=74.0, others.throughput());
        // Twenty seconds and two hundred after the trigger is gone: no difference.
        for (from, until) in [(100, 200), (280, 580), (3_000, 3_300)] {
            let [callers, endless, others, short] = between(&mut engine, from, until, names);
            check("nobody is answered", 0.0..=1.0, callers.throughput());
            check(
                "the server works as hard as it can",
                0.99..=1.0,
                endless.utilization(),
            );
            check(
                "for nobody",
                0.0..=0.02,
                endless.good as f64 / endless.completed as f64,
            );
            let attempts = engine.connection(0).attempts as f64 / (until - from) as f64;
            check("four attempts a request", 265.0..=295.0, attempts);
            check("the short line is well", 66.0..=74.0, others.throughput());
            check(
                "and answers in time",
                0.999..=1.0,
                short.good as f64 / short.completed as f64,
            );
        }

        // It recovers within seconds.
        let mut engine = start(&scenario, seed);
        let [.., others, _] = between(&mut engine, 85, 100, names);
        check("within seconds", 60.0..=80.0, others.throughput());

        let mut one = scenario.clone();
        retries(&mut one, 1);
        let mut engine = start(&one, seed);
        let [callers, ..] = between(&mut engine, 300, 600, names);
        check(
            "one retry is still too many",
            0.0..=2.0,
            callers.throughput(),
        );

        let mut none = scenario.clone();
        retries(&mut none, 0);
        let mut engine = start(&none, seed);
        let [callers, ..] = between(&mut engine, 200, 300, names);
        check(
            "without retries it recovers",
            66.0..=74.0,
            callers.throughput(),
        );

        let mut quiet = scenario.clone();
        quiet.faults.clear();
        let mut engine = start(&quiet, seed);
        let [callers, ..] = between(&mut engine, 100, 400, names);
        check(
            "without the trigger all is well",
            68.0..=72.0,
            callers.throughput(),
        );
        assert_eq!(callers.failures.total(), 0);
    }
}

#[test]
fn checkout() {
    let names = ["buyers", "orders", "workers", "other buyers"];
    let scenario = load("checkout");
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let [buyers, orders, _, others] = between(&mut engine, 63, 120, names);
        assert_eq!(buyers.failures.total(), 0, "buyers notice nothing");
        check("the others sell nothing", 0.0..=0.05, others.throughput());
        check("40 more a second", 2_150.0..=2_650.0, orders.present as f64);
        assert_eq!(orders.failures.total(), 0);
        engine.run_until(secs(230).nanos());
        check(
            "drained in two minutes",
            0.0..=60.0,
            at(&engine, "orders").present as f64,
        );

        // Nothing is lost: what was ordered is done, each once, but for what the dying workers had.
        let mut engine = start(&scenario, seed);
        engine.run_until(secs(360).nanos());
        let [buyers, orders, workers] =
            ["buyers", "orders", "workers"].map(|name| at(&engine, name));
        assert_eq!(orders.failures.total() + orders.lost_messages, 0);
        assert_eq!(orders.completed + orders.present, orders.arrivals);
        assert!(orders.arrivals >= buyers.completed);
        assert!(
            orders.redeliveries > 0 && orders.redeliveries <= 8,
            "{}",
            orders.redeliveries
        );
        assert!(workers.completed >= orders.completed);
        check(
            "available",
            1.0..=1.0,
            buyers.completed as f64 / buyers.departures as f64,
        );
        check("fast", 0.0..=1.0, p99(&engine, "buyers"));
    }
    let mut quiet = scenario;
    quiet.faults.clear();
    for seed in SEEDS {
        let [_, orders, _, others] = between(&mut start(&quiet, seed), 63, 120, names);
        check("no backlog", 0.0..=60.0, orders.present as f64);
        check("and sales", 35.0..=45.0, others.throughput());
    }
}

#[test]
fn double_burst() {
    let mut scenario = load("double_burst");
    // The longest lines, and how many pass while one batch comes.
    let watch = |scenario: &Scenario, seed| {
        let mut engine = start(scenario, seed);
        let servers = ["falls behind", "keeps up", "never waits"];
        let mut longest = [0; 3];
        engine.run_until(secs(59).nanos());
        engine.reset_measures();
        for step in 0..300 {
            engine.run_until(secs(59).nanos() + step * 10_000_000);
            for (longest, name) in longest.iter_mut().zip(servers) {
                *longest = at(&engine, name).waiting.max(*longest);
            }
        }
        engine.run_until(secs(240).nanos());
        engine.check_conservation().unwrap();
        (longest, servers.map(|name| p99(&engine, name)))
    };
    for seed in SEEDS {
        let ([window, log, bucket], [slow, half, quick]) = watch(&scenario, seed);
        assert!((140..=150).contains(&window), "{window}");
        assert!((65..=80).contains(&log), "{log}");
        assert_eq!(bucket, 0);
        check("more than a second", 1.1..=1.4, slow);
        check("half as long", 0.5..=0.7, half);
        check("no wait", 0.0089..=0.0091, quick);
    }
    // When no window ends in the middle of the rush there is but one burst.
    for component in scenario.components.values_mut() {
        if let Component::Client(client) = component
            && let Arrivals::Constant { profile, .. } = &mut client.arrivals
            && let [RateShape::Steps(steps)] = &mut profile[..]
        {
            for (at, _) in steps {
                *at = Duration::from_nanos(at.nanos() - 400_000_000);
            }
        }
    }
    for seed in SEEDS {
        let ([window, log, _], _) = watch(&scenario, seed);
        assert!(window < 100 && window < 2 * log, "{window} {log}");
    }
}

#[test]
fn cold_starts() {
    let mut scenario = load("cold_starts");
    let functions = ["seldom called", "kept warm", "often called"];
    let days = 24 * 3600;
    let cold = |t: &Totals| t.misses as f64 / (t.hits + t.misses) as f64;
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let found = between(&mut engine, 3600, 7 * days, functions);
        check("a third", 0.30..=0.44, cold(&found[0]));
        check("hardly any", 0.0..=0.002, cold(&found[1]));
        check("few", 0.0..=0.002, cold(&found[2]));
        assert!(p99(&engine, "seldom") > 0.5);
        assert!(p99(&engine, "often") < 0.35);
    }
    // With instances that stay for a day, or that start at once, the first row is quick.
    for (path, value) in [
        ("seldom called.keep_alive", "1d"),
        ("seldom called.cold_start", "0s"),
    ] {
        let mut scenario = scenario.clone();
        set(&mut scenario, path, value).unwrap();
        for seed in SEEDS {
            let mut engine = start(&scenario, seed);
            between(&mut engine, 3600, 7 * days, functions);
            assert!(p99(&engine, "seldom") < 0.35, "{path}");
        }
    }
    // Without the pinger the second row is as the first.
    scenario.components.shift_remove("pinger");
    scenario.connections.retain(|arrow| arrow.from != "pinger");
    scenario.layout.shift_remove("pinger");
    for seed in SEEDS {
        let found = between(&mut start(&scenario, seed), 3600, 7 * days, functions);
        check("a third", 0.30..=0.44, cold(&found[1]));
    }
}

#[test]
fn dns_failover() {
    let scenario = load("dns_failover");
    let clients = ["visitors", "other visitors"];
    let failed = |engine: &mut Engine, from, until| {
        let found = between(engine, from, until, clients);
        found.map(|t| t.failures.total() as f64 / t.departures as f64)
    };
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let [slow, quick] = failed(&mut engine, 540, 604);
        assert_eq!((slow, quick), (0.0, 0.0));
        let [slow, quick] = failed(&mut engine, 606, 629);
        check("all of them", 1.0..=1.0, slow);
        check("all of them", 1.0..=1.0, quick);
        // A session comes every 20 s, so it has an answer for 60 s of every 80.
        let [slow, quick] = failed(&mut engine, 636, 645);
        check("50 of 80", 0.55..=0.68, slow);
        assert_eq!(quick, 0.0);
        let [slow, _] = failed(&mut engine, 655, 665);
        check("30 of 80", 0.32..=0.43, slow);
        let [slow, quick] = failed(&mut engine, 691, 1200);
        assert_eq!((slow, quick), (0.0, 0.0));
    }
    // Without health checks nobody is told of the stand-by.
    let mut blind = scenario.clone();
    for path in ["slow dns.health", "quick dns.health"] {
        set(&mut blind, path, "none").unwrap();
    }
    // With the same time to live as the other the upper row recovers as quickly.
    let mut short = scenario;
    set(&mut short, "slow dns.ttl", "5s").unwrap();
    for seed in SEEDS {
        let [slow, quick] = failed(&mut start(&blind, seed), 606, 844);
        assert_eq!((slow, quick), (1.0, 1.0));
        let [slow, _] = failed(&mut start(&short, seed), 636, 1200);
        assert_eq!(slow, 0.0);
    }
}

/// Answered well among all that came while the outage lasted and its balancers knew, and from when
/// on everything was well again for ten seconds.
fn watch_outage(scenario: &Scenario, seed: u64, users: &str) -> (f64, Option<u64>) {
    let mut engine = start(scenario, seed);
    let [during] = between(&mut engine, 80, 120, [users]);
    let share = |totals: &Totals| totals.completed as f64 / totals.departures.max(1) as f64;
    let recovered = (12..30).find(|ten| {
        let [totals] = between(&mut engine, ten * 10, ten * 10 + 10, [users]);
        share(&totals) > 0.99
    });
    (share(&during), recovered.map(|ten| ten * 10 - 120))
}

#[test]
fn zone_outage() {
    let scenario = load("zone_outage");
    for seed in SEEDS {
        let (answered, recovered) = watch_outage(&scenario, seed, "users");
        check("almost nobody is answered", 0.0..=0.1, answered);
        let recovered = recovered.expect("it ends") as f64;
        check("longer than the outage", 30.0..=160.0, recovered);
        let (answered, recovered) = watch_outage(&scenario, seed, "other users");
        check("nobody notices", 0.995..=1.0, answered);
        assert_eq!(recovered, Some(0));

        // Until the balancers know.
        let mut engine = start(&scenario, seed);
        let [users] = between(&mut engine, 60, 61, ["other users"]);
        let failed = users.failures.total() as f64 / users.departures as f64;
        check("half fails at once", 0.35..=0.65, failed);
    }
    // The cause taken away: no outage, or a zone that could do all the work.
    let mut calm = scenario.clone();
    calm.faults.clear();
    let mut roomy = scenario.clone();
    for name in ["shop a", "shop b"] {
        if let Component::Server(server) = &mut roomy.components[name] {
            server.slots = 16;
        }
    }
    // Or the zones kept apart: the frame is what takes both down.
    let mut elsewhere = scenario;
    elsewhere.frames["zone a"]
        .members
        .retain(|name| name != "shop a");
    for scenario in [calm, roomy, elsewhere] {
        for seed in SEEDS {
            let (answered, recovered) = watch_outage(&scenario, seed, "users");
            check("without", 0.99..=1.0, answered);
            assert_eq!(recovered, Some(0));
        }
    }
}

/// Share that failed, mean time, and share of all calls that the site in Europe got.
fn watch_regions(engine: &mut Engine, from: u64, until: u64) -> (f64, f64, f64) {
    let [users, europe, america] = between(
        engine,
        from,
        until,
        ["users", "Europe site", "America site"],
    );
    let failed = users.failures.total() as f64 / users.departures as f64;
    let europe = europe.arrivals as f64 / (europe.arrivals + america.arrivals) as f64;
    (failed, users.w(), europe)
}

#[test]
fn region_failover() {
    let scenario = load("region_failover");
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let (failed, mean, europe) = watch_regions(&mut engine, 60, 305);
        assert_eq!(failed, 0.0);
        check("at home", 0.0245..=0.0265, mean);
        check("half of them", 0.48..=0.52, europe);
        let (failed, ..) = watch_regions(&mut engine, 306, 329);
        check("those from Europe", 0.45..=0.55, failed);
        let (failed, ..) = watch_regions(&mut engine, 331, 360);
        check("fewer and fewer", 0.1..=0.25, failed);
        let (failed, mean, europe) = watch_regions(&mut engine, 361, 605);
        assert_eq!((failed, europe), (0.0, 0.0));
        check("over the ocean", 0.103..=0.108, mean);
        let (failed, mean, europe) = watch_regions(&mut engine, 660, 900);
        assert_eq!(failed, 0.0);
        check("at home again", 0.0245..=0.0265, mean);
        check("half of them", 0.48..=0.52, europe);
    }
    let change = |path: &str, value: &str| {
        let mut changed = scenario.clone();
        set(&mut changed, path, value).unwrap();
        changed
    };
    // Nobody tells DNS: those from Europe fail until it is back.
    let blind = change("dns.health", "none");
    // Without the outage, or with all users in America, nothing happens.
    let mut calm = scenario.clone();
    calm.faults.clear();
    let calm = [calm, change("users.regions", "America: 1")];
    // In turns every second one pays for the ocean, outage or not.
    let turns = change("dns.policy", "RoundRobin");
    for seed in SEEDS {
        let (failed, ..) = watch_regions(&mut start(&blind, seed), 361, 605);
        check("all the time", 0.48..=0.52, failed);
        for calm in &calm {
            let (failed, mean, _) = watch_regions(&mut start(calm, seed), 300, 605);
            assert_eq!(failed, 0.0);
            check("at home", 0.022..=0.0265, mean);
        }
        let (failed, mean, _) = watch_regions(&mut start(&turns, seed), 60, 305);
        assert_eq!(failed, 0.0);
        check("in turns", 0.1..=0.11, mean);
    }
}

#[test]
fn sinkhole() {
    use littlebox::scenario::Algorithm;
    let scenario = load("sinkhole");
    let names = [
        "callers",
        "servers",
        "fifth",
        "other callers",
        "other fifth",
    ];
    let share = |totals: Totals| totals.failures.total() as f64 / totals.departures as f64;
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let [callers, servers, fifth, others, other_fifth] = between(&mut engine, 60, 180, names);
        check("far more than a fifth", 0.65..=0.85, share(callers));
        // Refused, but for the few that were inside when it died.
        let inside = callers.failures.get(Cause::Down) - fifth.refused;
        assert!(inside <= 12, "{inside}");
        check("about a call each", 3.0..=5.0, servers.l());
        // Five, five more after 30 s, and 60 s later, and who was on the way then.
        let failed = others.failures.total();
        assert!((15..=25).contains(&failed), "{failed}");
        assert!(other_fifth.refused <= failed);
        // Healed, and no longer out.
        let [callers, .., others, other_fifth] = between(&mut engine, 280, 300, names);
        assert_eq!(callers.failures.total() + others.failures.total(), 0);
        assert!(other_fifth.arrivals > 1_000);
    }
    // The cause taken away: a balancer that does not look at calls in flight, or no dead server.
    let mut turns = scenario.clone();
    set_algorithm(&mut turns, "balancer", Algorithm::RoundRobin);
    let mut quiet = scenario;
    quiet.faults.clear();
    for seed in SEEDS {
        let [callers, ..] = between(&mut start(&turns, seed), 60, 180, names);
        check("in turns a fifth", 0.199..=0.201, share(callers));
        let mut engine = start(&quiet, seed);
        let [callers, _, fifth, others, _] = between(&mut engine, 60, 180, names);
        assert_eq!(callers.failures.total() + others.failures.total(), 0);
        check(
            "a fifth of the calls",
            0.19..=0.21,
            fifth.arrivals as f64 / callers.arrivals as f64,
        );
    }
}

fn set_algorithm(scenario: &mut Scenario, name: &str, algorithm: littlebox::scenario::Algorithm) {
    if let Component::LoadBalancer(balancer) = &mut scenario.components[name] {
        balancer.algorithm = algorithm;
    }
}

/// What watches a server sees nothing and who calls it does: differential observability (Huang et al.
/// 2017, "Gray Failure: The Achilles' Heel of Cloud-Scale Systems", Hot Topics in Operating Systems).
#[test]
fn gray_failure() {
    let scenario = load("gray_failure");
    let names = ["callers", "tenth", "other callers", "other tenth"];
    let mut quiet = scenario.clone();
    quiet.faults.clear();
    for seed in SEEDS {
        let figures = |scenario: &Scenario| {
            let mut engine = start(scenario, seed);
            let totals = between(&mut engine, 70, 170, names);
            let tails = ["callers", "other callers"].map(|name| p99(&engine, name));
            (totals, tails)
        };
        let ([callers, tenth, others, other_tenth], [tail, other_tail]) = figures(&scenario);
        let ([was, ..], [tail_was, other_tail_was]) = figures(&quiet);
        check("the mean hardly moves", 1.0..=1.16, callers.w() / was.w());
        check("the tail does", 3.0..=5.5, tail / tail_was);
        let share = tenth.arrivals as f64 / callers.arrivals as f64;
        check("about one in seventy", 0.011..=0.018, share);
        let share = other_tenth.arrivals as f64 / others.arrivals as f64;
        check("less than one in a hundred", 0.000_1..=0.006, share);
        check(
            "and the tail is what it was",
            0.8..=1.25,
            other_tail / other_tail_was,
        );
        assert_eq!(callers.failures.total() + others.failures.total(), 0);
    }
}

#[test]
fn hedged_tail() {
    let scenario = load("hedged_tail");
    let names = ["callers", "hedging callers", "cancelling callers"];
    let watch = |scenario: &Scenario, seed: u64| {
        let mut engine = start(scenario, seed);
        let calm = between(&mut engine, 20, 120, names);
        let more = [2, 4].map(|arrow| engine.connection(arrow).hedge_share());
        let tails = names.map(|name| p99(&engine, name));
        let busy = between(&mut engine, 130, 180, names);
        let busy_tails = names.map(|name| p99(&engine, name));
        let used = ["servers", "cancelling servers"].map(|name| at(&engine, name).utilization());
        (engine, (calm, more, tails), (busy, busy_tails, used))
    };
    let well = |totals: &Totals| totals.completed as f64 / totals.departures as f64;
    // The tail taken away, the second attempts, or the busy minute.
    let mut even = scenario.clone();
    let mut alone = scenario.clone();
    let mut quiet = scenario.clone();
    for (fleet, users) in ["servers", "hedged servers", "cancelling servers"]
        .iter()
        .zip(names)
    {
        let constant = "Exponential(\"27.6ms\")";
        set(&mut even, &format!("{fleet}.service"), constant).unwrap();
        set(
            &mut quiet,
            &format!("{users}.arrivals"),
            "Poisson(rate: 200)",
        )
        .unwrap();
    }
    for connection in &mut alone.connections {
        connection.hedge = None;
    }
    for seed in SEEDS {
        let (mut engine, (calm, more, tails), (busy, busy_tails, used)) = watch(&scenario, seed);
        check("the mean is fine", 0.026..=0.031, calm[0].w());
        check("the tail is not", 0.2..=0.4, tails[0]);
        for hedging in [1, 2] {
            check("a third", 0.22..=0.45, tails[hedging] / tails[0]);
            let more = more[hedging - 1].unwrap();
            check("for one in twenty", 0.045..=0.057, more);
        }
        assert_eq!(busy[0].failures.total(), 0);
        check("the upper row bears it", 0.0..=0.5, busy_tails[0]);
        check("the middle row does not", 0.0..=0.3, well(&busy[1]));
        check("the lower row does", 0.22..=0.45, busy_tails[2] / tails[0]);
        check("with less work", 0.7..=0.85, used[1] / used[0]);
        let [_, after, _] = between(&mut engine, 180, 230, names);
        check("still", 0.0..=0.5, well(&after));
        let [_, after, _] = between(&mut engine, 280, 300, names);
        check("and over at last", 0.99..=1.0, well(&after));

        let (_, (_, more, tails), _) = watch(&even, seed);
        check("no tail, little to cut", 0.7..=0.95, tails[1] / tails[0]);
        check("for as much", 0.045..=0.057, more[0].unwrap());
        let (_, (_, more, tails), (busy, ..)) = watch(&alone, seed);
        check("no second attempts", 0.6..=1.6, tails[1] / tails[0]);
        assert_eq!(more, [None, None]);
        assert_eq!(well(&busy[1]), 1.0);
        let (_, _, (busy, ..)) = watch(&quiet, seed);
        assert_eq!(well(&busy[1]), 1.0, "room enough");
    }
}

#[test]
fn breaker() {
    let scenario = load("breaker");
    let names = ["shoppers", "shop", "other shoppers", "other tips"];
    let well = |totals: &Totals| totals.completed as f64 / totals.departures as f64;
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let [shoppers, shop, others, other_tips] = between(&mut engine, 80, 180, names);
        assert_eq!(shoppers.completed, 0, "nobody is answered in time");
        check(
            "all slots are held",
            0.98..=1.0,
            shop.held_area as f64 / shop.slots_area as f64,
        );
        // One page a slot and second, and 20 ms of work for each.
        check(
            "and hardly any works",
            0.015..=0.025,
            shop.busy_area as f64 / shop.slots_area as f64,
        );
        check("pages a second", 28.0..=30.5, shop.completed as f64 / 100.0);
        assert_eq!(others.failures.total(), 0);
        check(
            "a call every 5 s and a second",
            15.0..=18.0,
            other_tips.arrivals as f64,
        );
        // A while after the tips are back, so is the shop.
        let [shoppers, .., others, _] = between(&mut engine, 220, 300, names);
        assert_eq!((well(&shoppers), well(&others)), (1.0, 1.0));
        let [_, _, others, _] = between(&mut start(&scenario, seed), 60, 62, names);
        check("a hundred wait for a second", 0.3..=1.0, others.w());
    }
    // The cause taken away: tips that answer, or a breaker in the upper row too.
    let mut calm = scenario.clone();
    calm.faults.clear();
    let mut guarded = scenario.clone();
    guarded.connections[1].breaker = guarded.connections[4].breaker;
    // And the lower row goes down without its own.
    let mut bare = scenario;
    bare.connections[4].breaker = None;
    for seed in SEEDS {
        for scenario in [&calm, &guarded] {
            let [shoppers, ..] = between(&mut start(scenario, seed), 80, 180, names);
            assert_eq!(shoppers.failures.total(), 0);
        }
        let [_, _, others, _] = between(&mut start(&bare, seed), 80, 180, names);
        assert_eq!(others.completed, 0);
    }
}

#[test]
fn autoscaler() {
    let scenario = load("autoscaler");
    let names = ["users", "service", "other users", "other service"];
    let instances =
        |totals: &Totals| totals.instances_area as f64 / (totals.now_ns - totals.since_ns) as f64;
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let [before, _, others, _] = between(&mut engine, 60, 300, names);
        assert_eq!(before.failures.total() + others.failures.total(), 0);
        let [users, service, others, other] = between(&mut engine, 480, 660, names);
        let share = users.failures.total() as f64 / users.departures as f64;
        check("most give up", 0.5..=1.0, share);
        assert!(service.present > 1_000 || service.l() > 1_000.0);
        assert_eq!(others.failures.total(), 0);
        check(
            "more were there",
            1.0..=4.0,
            instances(&other) - instances(&service),
        );
        // With enough of them it is over.
        let [users, _, others, _] = between(&mut engine, 960, 1_200, names);
        assert_eq!(users.failures.total() + others.failures.total(), 0);
    }
    // The cause taken away: instances that boot fast, or the other policy; and with the policy of the
    // upper row the lower goes down as well.
    let with = |name: &str, path: &str, value: &str| {
        let mut scenario = scenario.clone();
        littlebox::scenario::parameters::set(&mut scenario, &format!("{name}.{path}"), value)
            .unwrap();
        scenario
    };
    let fast = with("service", "autoscaler.boot", "5s");
    let ahead = with("service", "autoscaler.policy", "Predictive(window: 1min)");
    let behind = with("other service", "autoscaler.policy", "Target");
    for seed in SEEDS {
        for scenario in [&fast, &ahead] {
            let [users, ..] = between(&mut start(scenario, seed), 60, 1_200, names);
            assert_eq!(users.failures.total(), 0);
        }
        let [_, _, others, _] = between(&mut start(&behind, seed), 480, 660, names);
        let share = others.failures.total() as f64 / others.departures as f64;
        check("most give up there too", 0.5..=1.0, share);
    }
}

#[test]
fn bad_deploy() {
    let scenario = load("bad_deploy");
    let names = ["users", "service", "other users", "other service"];
    let failed = |users: &Totals| users.failures.total() as f64 / users.departures as f64;
    let is_back = |engine: &Engine, name: &str| {
        let rollout = engine.rollout(index(engine, name)).unwrap();
        assert_eq!(rollout.stage, Stage::Done);
        rollout.is_back
    };
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let [users, _, others, _] = between(&mut engine, 60, 120, names);
        assert_eq!(users.failures.total() + others.failures.total(), 0);
        let [users, service, ..] = between(&mut engine, 120, 240, names);
        // A fifth of what the canary had in ten seconds or so.
        check(
            "calls to the canary",
            200.0..=450.0,
            service.new_calls as f64,
        );
        check(
            "failed of them",
            0.1..=0.3,
            service.new_failed as f64 / service.new_calls as f64,
        );
        assert_eq!(users.failures.total(), service.new_failed);
        let [users, _, others, other] = between(&mut engine, 360, 480, names);
        assert_eq!(users.failures.total(), 0);
        check("a fifth fail", 0.18..=0.22, failed(&others));
        assert_eq!(other.new_calls, other.departures + other.refused);
        assert!(is_back(&engine, "service") && !is_back(&engine, "other service"));
    }
    // The cause taken away: a version that is well; and each row with the deploy of the other.
    let mut good = scenario.clone();
    let mut swapped = scenario;
    for fault in &mut good.faults {
        let FaultKind::Deploy(deploy) = &mut fault.fault else {
            panic!("{fault:?}");
        };
        deploy.errors = 0.0;
    }
    let [first, second] = &mut swapped.faults[..] else {
        panic!()
    };
    std::mem::swap(&mut first.fault, &mut second.fault);
    for seed in SEEDS {
        let mut engine = start(&good, seed);
        let [users, service, others, _] = between(&mut engine, 0, 480, names);
        assert_eq!(users.failures.total() + others.failures.total(), 0);
        assert!(service.new_calls > 10_000 && !is_back(&engine, "service"));
        let [users, _, others, _] = between(&mut start(&swapped, seed), 360, 480, names);
        check("a fifth fail there", 0.18..=0.22, failed(&users));
        assert_eq!(others.failures.total(), 0);
    }
}

#[test]
fn reconnect_storm() {
    let scenario = load("reconnect_storm");
    let names = ["users", "chat", "other users", "other chat"];
    let limited = ["limited users", "limiter", "limited chat"];
    // Open for 30 min of every 30.4: 2,959 of 3,000, with a standard deviation of 6.
    let all = 2_900.0..=3_000.0;
    let open = |totals: &Totals| totals.connections as f64;
    for seed in SEEDS {
        let mut engine = start(&scenario, seed);
        let [users, chat, others, other] = between(&mut engine, 100, 119, names);
        for totals in [&users, &chat, &others, &other] {
            check("before", all.clone(), open(totals));
            assert_eq!(totals.broken + totals.failures.total(), 0);
        }
        let mut door = engine.clone();
        let [users, _, others, _] = between(&mut engine, 119, 200, names);
        for totals in [&users, &others] {
            check("a quarter breaks", 600.0..=900.0, totals.broken as f64);
        }
        let [users, limiter, chat] = between(&mut door, 119, 140, limited);
        check("a quarter breaks", 600.0..=900.0, users.broken as f64);
        check("all are back", all.clone(), open(&users));
        check(
            "many at the second attempt",
            1_000.0..=1e5,
            limiter.refused as f64,
        );
        check("and slots are left", 0.0..=0.6, chat.utilization());
        let late = users.failures.get(Cause::Timeout) as f64 / users.departures as f64;
        check("hardly a request is too late", 0.0..=0.01, late);
        // Long after it is over.
        let [users, chat, others, other] = between(&mut engine, 420, 480, names);
        check("fewer are open", 0.0..=2_600.0, open(&users));
        check("all the slots work", 0.98..=1.0, chat.utilization());
        let late = users.failures.get(Cause::Timeout) as f64 / users.departures as f64;
        check("most requests are too late", 0.5..=1.0, late);
        check("the others are all there", all.clone(), open(&others));
        check("and idle", 0.0..=0.2, other.utilization());
        assert_eq!(others.failures.total(), 0);
    }
    // The cause taken away: no crash, a wait that is random, or opening that costs little.
    let mut calm = scenario.clone();
    calm.faults.clear();
    let with = |path: &str, value: &str| {
        let mut scenario = scenario.clone();
        set(&mut scenario, path, value).unwrap();
        scenario
    };
    let spread = with("users.arrivals.reconnect", "Uniform(min: 0s, max: 1min)");
    let cheap = with("chat.per_operation.connect", "exp 20ms");
    for seed in SEEDS {
        for scenario in [&calm, &spread, &cheap] {
            let [users, chat, ..] = between(&mut start(scenario, seed), 420, 480, names);
            check("all are there", all.clone(), open(&users));
            check("and idle", 0.0..=0.2, chat.utilization());
            assert_eq!(users.failures.total(), 0);
        }
        // And shown by the others without what keeps them from it.
        let mut bare = with("other users.arrivals.reconnect", "1s");
        let unlimited = "TokenBucket(burst: 1000000, rate: 1000000)";
        set(&mut bare, "limiter.limit", unlimited).unwrap();
        let mut engine = start(&bare, seed);
        let names = ["other users", "limited users"];
        for users in between(&mut engine, 420, 480, names) {
            check("fewer are open there too", 0.0..=2_600.0, open(&users));
        }
    }
}

/// The objectives hold, except where the notes say that one must fail.
#[test]
fn objectives() {
    for (name, failing) in [
        ("mm1", vec![]),
        ("balancing", vec![]),
        ("url_shortener", vec![]),
        ("shop", vec![]),
        ("retry_storm", vec![0]),
        ("zone_outage", vec![0]),
        ("region_failover", vec![0]),
        ("double_burst", vec![0]),
        ("cold_starts", vec![0]),
        ("dns_failover", vec![0]),
        ("sinkhole", vec![0]),
        ("gray_failure", vec![0]),
        ("hedged_tail", vec![0, 1]),
        ("breaker", vec![0]),
        ("autoscaler", vec![0]),
        ("bad_deploy", vec![1]),
        ("reconnect_storm", vec![0]),
        ("checkout", vec![]),
        ("photos", vec![]),
        ("day_cost", vec![]),
    ] {
        let scenario = load(name);
        let mut engine = Engine::new(&scenario).unwrap();
        let warm_up = scenario.run.warm_up;
        if warm_up > Duration::ZERO {
            engine.run_until(warm_up.nanos());
            engine.reset_measures();
        }
        engine.run_until(scenario.run.duration.nanos());
        for (i, objective) in scenario.objectives.iter().enumerate() {
            let at = index(&engine, &objective.of);
            let judged = littlebox::study::judgement::judge(
                objective,
                &engine.component(at),
                engine.component_latency(at),
            );
            assert_eq!(judged.met, !failing.contains(&i), "{name}: {judged:?}");
        }
    }
}
