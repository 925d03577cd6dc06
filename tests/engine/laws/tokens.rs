//! Who passes a rate limiter in random designs, and who is refused: seen from outside, by the messages
//! that leave it and the refusals that come back, against the definition of its limit. So the tokens
//! balance: those at the start and those refilled, less those taken and those that the bucket had no room
//! for, are those there are, whenever somebody passes or is refused.

use littlebox::{
    engine::{Cause, Engine, Hop},
    scenario::{Component, Excess, FaultKind, RateLimit, Scenario, Scope},
};
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, RngSeed, TestCaseError},
};

use super::super::conservation::{
    acts::{Act, act, acts},
    plumbing::placed,
};
use crate::support::design::*;

const GATE: &str = "gate";

/// More are not written down.
const MOST_HOPS: usize = 1 << 16;

/// A limit, and when calls have passed it.
struct Recount {
    limit: RateLimit,
    passed: Vec<u64>,
    /// In billionths of a token, as it was when the last call passed.
    tokens: u128,
}

const TOKEN: u128 = 1_000_000_000;

impl Recount {
    fn new(limit: &RateLimit) -> Self {
        let tokens = match limit {
            RateLimit::TokenBucket { burst, .. } => u128::from(*burst) * TOKEN,
            _ => 0,
        };
        Self {
            limit: limit.clone(),
            passed: Vec::new(),
            tokens,
        }
    }

    /// Calls that passed in the window of this number.
    fn in_window(&self, number: u64, window: u64) -> u64 {
        let passed = self.passed.iter().rev();
        let since = passed.take_while(|at| **at / window >= number);
        since.filter(|at| **at / window == number).count() as u64
    }

    fn tokens(&self, now: u64) -> u128 {
        let RateLimit::TokenBucket { burst, rate } = self.limit else {
            return 0;
        };
        let last = self.passed.last().copied().unwrap_or(0);
        // Rates are whole numbers here.
        let refilled = u128::from(now - last) * rate.0 as u128;
        (self.tokens + refilled).min(u128::from(burst) * TOKEN)
    }

    /// Whether another call may pass now. The second: whether it has to, which a nanosecond's fraction
    /// makes different.
    fn may_pass(&self, now: u64) -> (bool, bool) {
        let both = |passes| (passes, passes);
        match self.limit {
            RateLimit::TokenBucket { rate, .. } => {
                let tokens = self.tokens(now);
                (tokens + rate.0 as u128 >= TOKEN, tokens >= TOKEN)
            }
            RateLimit::LeakyBucket { rate, .. } => {
                let last = self.passed.last();
                let since = last.map_or(TOKEN, |at| u128::from(now - at) * rate.0 as u128);
                (since + rate.0 as u128 >= TOKEN, since >= TOKEN)
            }
            RateLimit::FixedWindow { limit, window } => {
                let window = window.nanos();
                both(self.in_window(now / window, window) < u64::from(limit))
            }
            RateLimit::SlidingLog { limit, window } => {
                let oldest = self.passed.len().checked_sub(limit as usize);
                both(oldest.is_none_or(|oldest| now - self.passed[oldest] >= window.nanos()))
            }
            RateLimit::SlidingCounter { limit, window } => {
                let window = window.nanos();
                let number = now / window;
                let before = number.checked_sub(1);
                let before = before.map_or(0, |before| self.in_window(before, window));
                let (left, count) = (window - now % window, self.in_window(number, window));
                let counted = u128::from(before) * u128::from(left)
                    + u128::from(count + 1) * u128::from(window);
                both(counted <= u128::from(limit) * u128::from(window))
            }
        }
    }

    fn pass(&mut self, now: u64) {
        self.tokens = self.tokens(now).saturating_sub(TOKEN);
        self.passed.push(now);
    }
}

/// A design whose rate limiter counts all calls alike and never loses what it has counted, and whose
/// arrows to what is behind it send each call once and at once.
fn seen(mut design: Scenario) -> Scenario {
    if let Component::RateLimiter(limiter) = &mut design.components[GATE] {
        limiter.scope = Scope::Global;
    }
    fail_by_chance(&mut design.components[GATE], None);
    // Health checks take tokens, too, and are not shown as hops.
    for component in design.components.values_mut() {
        match component {
            Component::LoadBalancer(balancer) => balancer.health = None,
            Component::Dns(dns) => dns.health = None,
            _ => {}
        }
    }
    for arrow in &mut design.connections {
        if arrow.from == GATE {
            arrow.retries = None;
            (arrow.breaker, arrow.pool, arrow.hedge, arrow.bandwidth) = (None, None, None, None);
            arrow.cancellation = false;
        }
    }
    design
}

/// Whether it leaves the limiter as it is, and what it has counted.
fn is_elsewhere(engine: &Engine, act: &Act) -> bool {
    let boxes = &engine.scenario().components;
    let gate = boxes.get_index_of(GATE);
    match act {
        Act::Change(_) | Act::Remove(_) | Act::BreakFrame(_, FaultKind::Crash) => false,
        Act::Break(at, FaultKind::Crash | FaultKind::Hang) => Some(at % boxes.len()) != gate,
        _ => true,
    }
}

/// What is done, with long runs in pieces: not too many hops come at a time.
fn pieces(acts: &[Act]) -> impl Iterator<Item = Act> {
    /// Milliseconds.
    const PIECE: u64 = 100;
    acts.iter().flat_map(|act| match act {
        Act::Run(millis) => {
            let pieces = millis / PIECE;
            let whole = std::iter::repeat_n(Act::Run(PIECE), pieces as usize);
            whole.chain([Act::Run(millis % PIECE)]).collect()
        }
        act => vec![act.clone()],
    })
}

/// Takes the hops of a run and holds them against the limit. None: they are not all there.
fn recount(
    engine: &mut Engine,
    hops: &mut Vec<Hop>,
    limit: &mut Recount,
    refuses: bool,
) -> Result<Option<(u64, u64)>, TestCaseError> {
    hops.clear();
    engine.take_hops(hops);
    if hops.len() >= MOST_HOPS {
        return Ok(None);
    }
    let mut found = (0, 0);
    let arrows = &engine.scenario().connections;
    for hop in hops.iter() {
        let arrow = &arrows[hop.connection as usize];
        let now = hop.from_ns;
        let is_sent = !matches!(hop.failed, Some(Cause::Timeout | Cause::Cancelled));
        if arrow.from == GATE && !hop.reply && is_sent {
            let (may, _) = limit.may_pass(now);
            prop_assert!(may, "{:?}: one passes at {now} ns", limit.limit);
            limit.pass(now);
            found.0 += 1;
        } else if refuses && arrow.to == GATE && hop.reply && hop.failed == Some(Cause::RateLimited)
        {
            let (_, has_to) = limit.may_pass(now);
            prop_assert!(!has_to, "{:?}: one is refused at {now} ns", limit.limit);
            found.1 += 1;
        }
    }
    Ok(Some(found))
}

/// Cases that failed once, which are tried first.
const KEPT: &str = "tests/engine/tokens.regressions";

#[test]
fn tokens_balance() {
    let seen_in_all = std::cell::Cell::new((0, 0));
    let config = Config {
        cases: Config::default().cases.max(500),
        rng_seed: RngSeed::Fixed(1986),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(KEPT))),
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    proptest!(config, |(design in placed(), acts in acts())| {
        let design = seen(design);
        let Component::RateLimiter(limiter) = &design.components[GATE] else {
            return Ok(());
        };
        let is_leaky = matches!(limiter.limit, RateLimit::LeakyBucket { .. });
        let refuses = limiter.excess == Excess::Refuse && !is_leaky;
        let mut limit = Recount::new(&limiter.limit);
        let mut engine = Engine::new(&design).unwrap();
        engine.sample_hops(1);
        let mut hops = Vec::new();
        for step in pieces(&acts) {
            if is_elsewhere(&engine, &step) {
                act(&mut engine, &step, &design);
                let Some((passed, refused)) = recount(&mut engine, &mut hops, &mut limit, refuses)?
                else {
                    // A storm: not every hop was written down.
                    return Ok(());
                };
                let (all_passed, all_refused) = seen_in_all.get();
                seen_in_all.set((all_passed + passed, all_refused + refused));
            }
        }
    });
    // Otherwise the test would be about nothing.
    let (passed, refused) = seen_in_all.get();
    assert!(
        passed > 5_000 && refused > 1_000,
        "{passed} have passed, {refused} were refused"
    );
}
