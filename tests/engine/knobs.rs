//! Every knob is alive: whatever can be set changes what happens, and how its row says.

mod changes;
mod designs;
mod effect;
mod left_out;
mod turns;

use littlebox::scenario::{
    Fault, Scenario, Subject,
    parameters::{self, Editor, FAULT, Field, set},
};

use crate::support::design::secs;
use turns::{Group, Turn};

/// What is written is gone from the caches, however hot it is.
const READS: &[Turn<'_>] = &[("clients.operations", "read")];

/// What is set first, what the fault is on, and the fault.
type Case = (&'static [Turn<'static>], &'static str, &'static str);

/// Faults, each on its own against none at all, after something has been set.
const FAULTS: &[Case] = &[
    (&[], "api", "Crash"),
    (&[], "api", "Hang"),
    (&[], "api #2", "Hang"),
    (&[], "db", "Pause"),
    (&[], "api #2", "Pause"),
    (&[], "api", "Slow(times: 3)"),
    (&[], "cache", "Flush"),
    (&[], "balancer -> spare", "Cut"),
    (&[], "api", "Errors(share: 0.3)"),
    (&[], "api", "Capacity(lost: 0.6)"),
    (&[], "api -> db", "Loss(share: 0.5)"),
    (&[], "clients", "Traffic(times: 2)"),
    (READS, "clients", "HotKey(share: 0.5)"),
    (&[], "apart", "Partition"),
    (&[], "inner", "Deploy((errors: 0.3, boot: \"4s\"))"),
];

/// The knob turned: its field before and after, and the scenario.
fn turn(before: &Scenario, path: &str, value: &str) -> (Subject, Field, Field, Scenario) {
    let mut after = before.clone();
    let (subject, was) = effect::field(before, path);
    set(&mut after, path, value).unwrap_or_else(|error| panic!("{path}: {error}"));
    let fields = parameters::fields_of(&after, &subject);
    let is = fields.into_iter().find(|field| field.path == was.path);
    let is = is.unwrap_or_else(|| panic!("{path} is gone"));
    (subject, was, is, after)
}

/// The design in the situation of a group.
fn prepared(base: &Scenario, group: &Group) -> Scenario {
    let mut scenario = base.clone();
    if !group.has_faults {
        scenario.faults.clear();
    }
    for (path, value) in &group.first {
        set(&mut scenario, path, value).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    scenario
}

/// Whatever can be set changes what happens, and moves the measure that its row names in the
/// direction that the row says.
/// With `KNOB=api.slots` in the environment only the knobs whose path contains it.
fn turn_every(base: &Scenario, groups: Vec<Group>) {
    let only = std::env::var("KNOB").unwrap_or_default();
    let mut wrong = Vec::new();
    for mut group in groups {
        group.turns.retain(|(path, _)| path.contains(&only));
        if group.turns.is_empty() {
            continue;
        }
        let before = prepared(base, &group);
        let runs = effect::runs(&before, "before");
        for (path, value) in &group.turns {
            let (subject, was, is, after) = turn(&before, path, value);
            let after = effect::runs(&after, path);
            let what = format!("{path} = {value}");
            if after[0].fingerprint() == runs[0].fingerprint() {
                wrong.push(format!("{what} changes nothing"));
            }
            let effect = effect::predicted(&was, &is);
            wrong.extend(effect::check(&runs, &after, &subject, effect, &what));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A test for each part of the registry, so that they run at the same time.
macro_rules! every_row {
    ($($part:ident in $design:ident,)*) => {$(
        #[test]
        fn $part() {
            turn_every(&designs::$design(), turns::$part::turns());
        }
    )*

        /// Each row of the registry, its words with it, has its test on each kind that has it, and
        /// says what it does.
        #[test]
        fn no_knob_is_left_out() {
            let mut turned = left_out::Turned::default();
            $(
                let base = designs::$design();
                for group in turns::$part::turns() {
                    let before = prepared(&base, &group);
                    for (path, value) in &group.turns {
                        let (subject, was, is, _) = turn(&before, path, value);
                        turned.insert(&before, &subject, &was, &is);
                    }
                }
            )*
            for (_, _, fault) in FAULTS {
                turned.insert_fault(fault.split('(').next().unwrap());
            }
            let left_out = turned.left_out();
            assert!(left_out.is_empty(), "{}", left_out.join("\n"));
        }
    };
}

every_row! {
    arrivals in busy,
    autoscalers in busy,
    balancers in busy,
    channels in busy,
    clients in busy,
    connections in busy,
    deploys in busy,
    doors in busy,
    failures in busy,
    faults in busy,
    frames in apart,
    guards in busy,
    lines in lines,
    names in busy,
    retries in busy,
    servers in busy,
    stores in busy,
}

/// Every fault against none at all.
#[test]
fn every_fault_does_what_its_row_says() {
    let mut base = designs::busy();
    base.faults.clear();
    let untouched = effect::runs(&base, "nothing");
    let mut wrong = Vec::new();
    for (first, on, fault) in FAULTS {
        let group = turns::after(first, &[]);
        let before = prepared(&base, &group);
        let mut after = before.clone();
        // What happens at once happens every second.
        let at_once = *fault == "Flush";
        for at in if at_once { 10..40 } else { 10..11 } {
            after.faults.push(Fault {
                at: secs(at),
                until: (!at_once).then_some(secs(40)),
                on: (*on).to_owned(),
                fault: ron::from_str(fault).unwrap(),
            });
        }
        let word = fault.split('(').next().unwrap();
        let Editor::Variants(variants) = FAULT[3].editor else {
            panic!("{:?}", FAULT[3]);
        };
        let variant = variants.iter().find(|variant| variant.word == word);
        let effect = variant.unwrap_or_else(|| panic!("{word}")).effect;
        let subject = match base
            .connections
            .iter()
            .position(|arrow| arrow.name() == *on)
        {
            Some(at) => Subject::Connection(at),
            None => {
                let name = on.split(" #").next().unwrap_or(on);
                Subject::Component(name.to_owned())
            }
        };
        let set = (!first.is_empty()).then(|| effect::runs(&before, word));
        let runs = set.as_ref().unwrap_or(&untouched);
        let after = effect::runs(&after, word);
        wrong.extend(effect::check(runs, &after, &subject, effect, word));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
