//! Caches: hit ratios as outcomes.

use littlebox::{
    engine::Engine,
    scenario::{
        Arrivals, Cache, Client, Component, Connection, Distribution, Duration, Keys,
        OperationKind, Rate, When,
    },
};
use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};

use crate::support::{design::*, estimate::*};

/// A server that asks a cache, and on a miss a database which fills it. Nothing takes time, so
/// requests do not overlap and the cache sees independent references.
fn look_aside(seed: u64, rate: f64, keys: Keys, cache: Cache) -> Design {
    let client = Client {
        keys,
        ..patient(poisson(rate))
    };
    Design::new(seed)
        .add("clients", Component::Client(client))
        .server("api", 1_000, Distribution::ZERO)
        .add("cache", Component::Cache(cache))
        .add("db", Component::Database(instant_database()))
        .join("clients", "api")
        .connect(Connection {
            step: Some(1),
            ..at_once("api", "cache")
        })
        .connect(Connection {
            step: Some(2),
            when: Some(When::OnMiss),
            ..at_once("api", "db")
        })
}

fn lru(capacity: u64) -> Cache {
    Cache {
        capacity: Some(capacity),
        ..instant_cache()
    }
}

fn hit_ratio(engine: &Engine) -> f64 {
    let cache = at(engine, "cache");
    cache.hits as f64 / (cache.hits + cache.misses) as f64
}

fn zipf(items: u64, s: f64) -> Vec<f64> {
    let weights: Vec<f64> = (1..=items).map(|i| (i as f64).powf(-s)).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// Exact hit ratio of LRU under independent references (King 1971): the chance that the cache holds
/// i1, i2, …, most recent first, is p(i1) · p(i2)/(1 − p(i1)) · p(i3)/(1 − p(i1) − p(i2)) ….
fn king(popularity: &[f64], places: usize) -> f64 {
    fn sum(popularity: &[f64], held: &mut Vec<usize>, places: usize, chance: f64) -> f64 {
        let mass: f64 = held.iter().map(|i| popularity[*i]).sum();
        if places == 0 {
            return chance * mass;
        }
        let mut total = 0.0;
        for i in 0..popularity.len() {
            if !held.contains(&i) {
                held.push(i);
                total += sum(
                    popularity,
                    held,
                    places - 1,
                    chance * popularity[i] / (1.0 - mass),
                );
                held.pop();
            }
        }
        total
    }
    sum(popularity, &mut Vec::new(), places, 1.0)
}

/// Che's approximation (Che, Tung and Wang 2002): with T such that Σ 1 − e^(−pᵢT) = capacity, item i
/// is hit with probability 1 − e^(−pᵢT).
fn che(popularity: &[f64], capacity: f64) -> f64 {
    let held = |t: f64| popularity.iter().map(|p| -(-p * t).exp_m1()).sum::<f64>();
    let (mut low, mut high) = (0.0, 1e12);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if held(middle) < capacity {
            low = middle;
        } else {
            high = middle;
        }
    }
    popularity.iter().map(|p| p * -(-p * low).exp_m1()).sum()
}

/// Least recently used, as literally as it can be written, on keys from its own stream.
fn replay(popularity: &[f64], capacity: usize, seed: u64, warm_up: usize, count: usize) -> f64 {
    let cumulative: Vec<f64> = popularity
        .iter()
        .scan(0.0, |sum, p| {
            *sum += p;
            Some(*sum)
        })
        .collect();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut last_use = vec![0usize; popularity.len()];
    let mut by_age = std::collections::BTreeMap::new();
    let mut hits = 0;
    for now in 1..=warm_up + count {
        let u = (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let key = cumulative
            .partition_point(|sum| *sum <= u)
            .min(popularity.len() - 1);
        let hit = by_age.remove(&last_use[key]) == Some(key);
        if !hit && by_age.len() == capacity {
            by_age.pop_first();
        }
        last_use[key] = now;
        by_age.insert(now, key);
        hits += usize::from(hit && now > warm_up);
    }
    hits as f64 / count as f64
}

#[test]
fn lru_is_exactly_lru() {
    for (items, s, places) in [(6, 1.0, 3), (8, 0.6, 2), (7, 1.5, 4)] {
        let keys = Keys::Zipf { items, s };
        let engine = look_aside(1, 1_000.0, keys, lru(places)).engine();
        let [ratio] = batches(engine, 10.0, 30.0, |engine| [hit_ratio(engine)]);
        let exact = king(&zipf(items, s), places as usize);
        check_within(
            &format!("{places} of {items} items, s = {s}"),
            &ratio,
            exact,
        );
    }
}

#[test]
fn uniform_keys() {
    // All as likely: the hit ratio is the share of items held, whatever is evicted.
    let engine = look_aside(2, 1_000.0, Keys::Uniform { items: 400 }, lru(100)).engine();
    let [ratio] = batches(engine, 10.0, 20.0, |engine| [hit_ratio(engine)]);
    check_within("100 of 400", &ratio, 0.25);
}

/// Against a replay that shares nothing with the engine, and both against Che, who is within a percent
/// of the truth at this size (Fricker, Robert and Roberts 2012, figure 1: no difference to be seen).
#[test]
fn large_lru_with_zipf_keys() {
    for (s, capacity) in [(0.8, 500), (1.0, 200)] {
        let items = 10_000;
        let popularity = zipf(items, s);
        let engine = look_aside(3, 10_000.0, Keys::Zipf { items, s }, lru(capacity)).engine();
        let [found] = batches(engine, 10.0, 5.0, |engine| [hit_ratio(engine)]);
        let [replayed] = replications(16, |seed| {
            [replay(
                &popularity,
                capacity as usize,
                seed,
                100_000,
                100_000,
            )]
        });
        check_same("engine and replay", &found, &replayed);
        let approximation = che(&popularity, capacity as f64);
        check_within_resolution("Che", &found, approximation, 0.01);
    }
}

/// A key comes back into the cache at a miss and stays for the TTL: of 1 + λT requests one is a miss
/// (renewal reward), so the hit ratio is λT/(1 + λT).
#[test]
fn time_to_live() {
    for (ttl, expected) in [(500, 0.5), (2_000, 0.8)] {
        let cache = Cache {
            ttl: Some(Duration::from_millis(ttl)),
            ..lru(1_000)
        };
        let engine = look_aside(4, 200.0, Keys::Uniform { items: 100 }, cache).engine();
        let [ratio] = batches(engine, 20.0, 100.0, |engine| [hit_ratio(engine)]);
        check_within(&format!("TTL {ttl} ms"), &ratio, expected);
    }
}

#[test]
fn what_a_cache_misses_goes_to_the_store() {
    let mut engine = look_aside(
        5,
        500.0,
        Keys::Zipf {
            items: 5_000,
            s: 1.0,
        },
        lru(300),
    )
    .engine();
    engine.run_until(secs(60).nanos());
    let (clients, cache, db) = (
        at(&engine, "clients"),
        at(&engine, "cache"),
        at(&engine, "db"),
    );
    assert_eq!(cache.hits + cache.misses, clients.completed);
    assert_eq!(cache.misses, db.completed);
    assert!(cache.hits > 1_000 && cache.misses > 1_000);
    engine.check_conservation().unwrap();
}

#[test]
fn a_read_through_cache_behaves_the_same() {
    let engine = |through: bool| {
        let keys = Keys::Zipf { items: 6, s: 1.0 };
        if !through {
            return look_aside(6, 1_000.0, keys, lru(3)).engine();
        }
        let client = Client {
            keys,
            ..patient(poisson(1_000.0))
        };
        Design::new(6)
            .add("clients", Component::Client(client))
            .add("cache", Component::Cache(lru(3)))
            .add("db", Component::Database(instant_database()))
            .join("clients", "cache")
            .join("cache", "db")
            .engine()
    };
    for through in [false, true] {
        let [ratio] = batches(engine(through), 10.0, 30.0, |engine| [hit_ratio(engine)]);
        check_within(
            &format!("read-through: {through}"),
            &ratio,
            king(&zipf(6, 1.0), 3),
        );
    }
}

#[test]
fn a_fixed_hit_ratio_is_kept() {
    let cache = Cache {
        hit_ratio: Some(0.7),
        ..instant_cache()
    };
    let mut engine = look_aside(7, 1_000.0, Keys::Uniform { items: 10 }, cache).engine();
    engine.run_until(secs(100).nanos());
    let cache = at(&engine, "cache");
    check_share("hits", cache.hits, cache.hits + cache.misses, 0.7);
    assert_eq!(cache.misses, at(&engine, "db").completed);
}

/// One key, written behind the cache's back at rate w, read at random, kept for T. The first write
/// comes S after the key, S ~ Exp(w); from then on reads get an old version:
/// share E(T − S)⁺/T, mean age E((T − S)⁺)²/2 ÷ E(T − S)⁺, as Poisson arrivals see time averages.
#[test]
fn age_of_what_is_out_of_date() {
    let (w, t): (f64, f64) = (0.5, 4.0);
    let fresh = 1.0 - (-w * t).exp();
    let stale_time = t - fresh / w;
    let age_area = (t * t - 2.0 * t / w + 2.0 * fresh / (w * w)) / 2.0;
    let client = |operation: &str, rate| {
        Component::Client(Client {
            operations: vec![operation.into()],
            keys: Keys::Uniform { items: 10 },
            ..patient(poisson(rate))
        })
    };
    let cache = Cache {
        ttl: Some(secs(4)),
        ..instant_cache()
    };
    let engine = Design::new(9)
        .operation("write", OperationKind::Write, 1.0)
        .add("readers", client("read", 200.0))
        .add("writers", client("write", 10.0 * w))
        .server("app", 1_000, Distribution::ZERO)
        .add("cache", Component::Cache(cache))
        .add("db", Component::Database(instant_database()))
        .join("readers", "app")
        .join("app", "cache")
        .join("app", "db")
        .join("writers", "db")
        .engine();
    let [share, age] = batches(engine, 10.0, 1_000.0, |engine| {
        let (cache, readers) = (at(engine, "cache"), at(engine, "readers"));
        assert_eq!(cache.stale_reads, readers.stale_reads);
        assert_eq!(cache.stale_age_sum_ns, readers.stale_age_sum_ns);
        let (stale, read) = (cache.stale_reads as f64, cache.versioned_reads as f64);
        let ages = cache.stale_age_sum_ns as f64 / 1e9;
        // Differences, and not ratios, whose means are not exact; in units of about a batch.
        let (stale_share, mean_age) = (stale_time / t, age_area / stale_time);
        let unit = 200.0 * 1_000.0 * stale_share;
        [
            1.0 + (stale - read * stale_share) / unit,
            1.0 + (ages - stale * mean_age) / (unit * mean_age),
        ]
    });
    check_within("stale reads", &share, 1.0);
    check_within("their age", &age, 1.0);
}

/// What is written again and again while it is on its way into the cache is out of date since the
/// first of these writes, whenever it is asked for.
#[test]
fn what_comes_out_of_date_has_been_so_since_the_first_write() {
    let every = |millis: u64, operation: &str| {
        Component::Client(Client {
            operations: vec![operation.into()],
            keys: Keys::Uniform { items: 1 },
            ..patient(Arrivals::Constant {
                rate: Rate(1_000.0 / millis as f64),
                profile: Vec::new(),
            })
        })
    };
    let mut engine = Design::new(1)
        .operation("write", OperationKind::Write, 1.0)
        .add("readers", every(1_000, "read"))
        .add("writers", every(40, "write"))
        .add("cache", Component::Cache(instant_cache()))
        .add("db", Component::Database(instant_database()))
        .join("readers", "cache")
        .connect(Connection {
            latency: Some(constant(110)),
            ..Connection::new("cache", "db")
        })
        .join("writers", "db")
        .engine();
    // Read at 1.11 s, written at 1.12, 1.16 and 1.2 s, in the cache at 1.22 s, written at 1.24 s.
    engine.run_until(ms(11_500).nanos());
    let cache = at(&engine, "cache");
    assert_eq!((cache.misses, cache.hits, cache.stale_reads), (1, 10, 10));
    let ages = (2..=11).map(|second| u128::from(ms(1_000 * second - 1_120).nanos()));
    assert_eq!(cache.stale_age_sum_ns, ages.sum());
}
