//! Whether turning a knob does what its row says: the same designs before and after, on the same
//! luck, over several seeds.

use littlebox::{
    engine::Engine,
    scenario::{
        Bandwidth, Duration, Kind, Scenario, Size, Subject,
        parameters::{Editor, Effect, Field, Way, Whose, fields_of},
    },
    study::{Measures, Times},
};

use super::changes;
use crate::support::everything::EVERYTHING_END_NS;

/// Runs of each design. A knob that is dead changes nothing at all, since luck is the same; one that
/// moves its measure only by way of luck moves it in the predicted direction in all of them once in
/// 2^8 times, and by five standard errors as well much more seldom.
const SEEDS: u64 = 8;
const STANDARD_ERRORS: f64 = 5.0;

/// Finds a field by the path of its scenario, `api.instances`.
pub fn field(scenario: &Scenario, path: &str) -> (Subject, Field) {
    for subject in subjects(scenario) {
        for field in fields_of(scenario, &subject) {
            if littlebox::scenario::parameters::path_of(scenario, &subject, &field.path) == path {
                return (subject, field);
            }
        }
    }
    panic!("there is no {path}");
}

/// Everything that has parameters.
fn subjects(scenario: &Scenario) -> Vec<Subject> {
    let operations = scenario.operations.keys().cloned().map(Subject::Operation);
    let components = scenario.components.keys().cloned().map(Subject::Component);
    let connections = (0..scenario.connections.len()).map(Subject::Connection);
    let faults = (0..scenario.faults.len()).map(Subject::Fault);
    let frames = scenario.frames.keys().cloned().map(Subject::Frame);
    let latencies = (0..scenario.latencies.len()).map(Subject::Latency);
    let all = operations
        .chain(components)
        .chain(connections)
        .chain(faults)
        .chain(frames)
        .chain(latencies);
    std::iter::once(Subject::Scenario).chain(all).collect()
}

/// What the registry predicts for a change from one value to another; `Unsaid` where the values
/// can't be told larger from smaller.
pub fn predicted(before: &Field, after: &Field) -> Effect {
    let word = |field: &Field| {
        let text = field.text.split(['(', ' ']).next().unwrap_or_default();
        text.to_owned()
    };
    let effect_of = |word: &str| match before.parameter.editor {
        Editor::Choice(choices) | Editor::Phrase(choices) => {
            let found = choices.iter().find(|choice| choice.word == word);
            found.map(|choice| choice.effect)
        }
        Editor::Variants(variants) => {
            let found = variants.iter().find(|variant| variant.word == word);
            found.map(|variant| variant.effect)
        }
        _ => None,
    };
    let (was, is) = (word(before), word(after));
    match before.parameter.editor {
        Editor::Choice(_) | Editor::Phrase(_) | Editor::Variants(_) if was != is => {
            match (effect_of(&was), effect_of(&is)) {
                (None | Some(Effect::Unsaid), Some(effect)) => effect,
                (Some(effect), None | Some(Effect::Unsaid)) => reversed(effect),
                _ => Effect::Unsaid,
            }
        }
        _ if matches!(before.parameter.effect, Effect::Changes(_)) => before.parameter.effect,
        _ => match order(before, after) {
            Some(Way::Up) => before.parameter.effect,
            Some(Way::Down) => reversed(before.parameter.effect),
            None => Effect::Unsaid,
        },
    }
}

fn reversed(effect: Effect) -> Effect {
    match effect {
        Effect::Moves {
            measure,
            way,
            whose,
        } => Effect::Moves {
            measure,
            way: match way {
                Way::Up => Way::Down,
                Way::Down => Way::Up,
            },
            whose,
        },
        other => other,
    }
}

/// Whether a value grew. Of what is neither larger nor smaller: whether it was given at all.
fn order(before: &Field, after: &Field) -> Option<Way> {
    let (was, is) = (before.text.as_str(), after.text.as_str());
    let way = |up: bool| Some(if up { Way::Up } else { Way::Down });
    match before.parameter.editor {
        Editor::Group(_) => way(was == "none"),
        Editor::List | Editor::Map | Editor::Weights | Editor::Names
            if was.trim_matches(['[', ']']).is_empty() =>
        {
            way(true)
        }
        Editor::Text | Editor::Target => way(true),
        _ => {
            let ((kind_was, was), (kind_is, is)) = (quantity(was)?, quantity(is)?);
            (kind_was == kind_is && was != is).then(|| way(is > was))?
        }
    }
}

/// `Exponential(20ms)` as its name and a number of nanoseconds; a bare number or size with no name.
fn quantity(text: &str) -> Option<(&str, f64)> {
    let (name, inner) = text.split_once('(').unwrap_or(("", text));
    let inner = inner.trim_end_matches(')').replace('_', "");
    let duration = Duration::parse(&inner).map(|time| time.nanos() as f64);
    let size = || Size::parse(&inner).map(|size| size.bytes() as f64);
    let bandwidth = || Bandwidth::parse(&inner).map(|width| width.bits() as f64);
    let number = duration.ok().or_else(|| inner.parse().ok());
    let number = number.or_else(|| size().ok());
    let number = number.or_else(|| bandwidth().ok())?;
    Some((name, number))
}

/// A run to the end of [`crate::support::everything`], for its fingerprint and its figures.
fn finished(scenario: &Scenario, seed: u64, what: &str) -> Engine {
    let mut scenario = scenario.clone();
    scenario.seed += seed;
    let mut engine = Engine::new(&scenario).unwrap_or_else(|error| panic!("{what}: {error}"));
    engine.run_until(EVERYTHING_END_NS);
    engine.check_conservation().unwrap();
    engine
}

/// The measure that an effect is about. That of a caller or callee is that of the nearest box in
/// that direction which has it.
pub fn measure(engine: &Engine, subject: &Subject, key: &str, whose: Whose) -> Option<f64> {
    let scenario = engine.scenario();
    match (whose, subject) {
        (Whose::System, _) | (Whose::Own, Subject::Scenario) => {
            let (latency, failures) = (engine.system_latency(), engine.system_failure_latency());
            let times = Times {
                latency: Some(&latency),
                failure_latency: Some(&failures),
                ..Times::default()
            };
            Measures::of(None, &engine.system(), times).get(key)
        }
        (Whose::Own, Subject::Operation(name)) => {
            let at = scenario.operations.get_index_of(name)?;
            let latency = engine.operation_latency(at);
            let times = Times {
                latency: Some(&latency),
                ..Times::default()
            };
            Measures::of(Some(Kind::Client), &engine.operation(at), times).get(key)
        }
        // The attempts of a box are counted at its arrows.
        (Whose::Own, Subject::Component(name)) if key == "retry_rate" => {
            let arrows = scenario.connections.iter().enumerate();
            let own = arrows.filter(|(_, arrow)| arrow.from == *name);
            own.map(|(at, _)| of_arrow(engine, at, key)).sum()
        }
        (Whose::Own, Subject::Component(name)) => of_box(engine, name, key),
        (Whose::Own, Subject::Connection(at)) => of_arrow(engine, *at, key),
        (Whose::Caller | Whose::Callee, Subject::Component(name)) => {
            nearest(engine, name, key, whose)
        }
        (Whose::Caller, Subject::Connection(at)) => {
            let name = &scenario.connections[*at].from;
            of_box(engine, name, key).or_else(|| nearest(engine, name, key, whose))
        }
        (Whose::Callee, Subject::Connection(at)) => {
            let name = &scenario.connections[*at].to;
            of_box(engine, name, key).or_else(|| nearest(engine, name, key, whose))
        }
        (whose, Subject::Fault(at)) => measure(engine, &on(scenario, *at)?, key, whose),
        _ => None,
    }
}

/// What a fault is on.
fn on(scenario: &Scenario, at: usize) -> Option<Subject> {
    let on = scenario.faults[at].on.as_str();
    let mut arrows = scenario.connections.iter();
    if let Some(at) = arrows.position(|arrow| arrow.name() == on) {
        return Some(Subject::Connection(at));
    }
    let name = on.split(" #").next().unwrap_or(on);
    let is_box = scenario.components.contains_key(name);
    is_box.then(|| Subject::Component(name.to_owned()))
}

fn nearest(engine: &Engine, name: &str, measure: &str, whose: Whose) -> Option<f64> {
    let scenario = engine.scenario();
    let mut reached = vec![name];
    let mut at = 0;
    while at < reached.len() {
        let from = reached[at];
        at += 1;
        for connection in &scenario.connections {
            let next = match whose {
                Whose::Callee if connection.from == from => connection.to.as_str(),
                Whose::Caller if connection.to == from => connection.from.as_str(),
                _ => continue,
            };
            if reached.contains(&next) {
                continue;
            }
            if let Some(found) = of_box(engine, next, measure) {
                return Some(found);
            }
            reached.push(next);
        }
    }
    None
}

fn of_arrow(engine: &Engine, at: usize, measure: &str) -> Option<f64> {
    let found = Measures::of_connection(&engine.connection(at)).get(measure);
    found.or((measure == "retry_rate").then_some(0.0))
}

fn of_box(engine: &Engine, name: &str, measure: &str) -> Option<f64> {
    let at = engine.scenario().components.get_index_of(name)?;
    let times = Times {
        latency: Some(engine.component_latency(at)),
        failure_latency: engine.failure_latency(at),
        replication_lag: engine.replication_lag(at),
    };
    let kind = engine.scenario().components[at].kind();
    Measures::of(Some(kind), &engine.component(at), times).get(measure)
}

/// What is wrong with a prediction, if anything: the measure of `subject` before and after, over
/// several seeds.
pub fn check(
    before: &[Engine],
    after: &[Engine],
    subject: &Subject,
    effect: Effect,
    path: &str,
) -> Option<String> {
    let (key, way, whose) = match effect {
        Effect::Moves {
            measure,
            way,
            whose,
        } => (measure, way, whose),
        // Another seed is another run: that was seen already.
        Effect::Changes("luck") | Effect::Unsaid | Effect::Nothing => return None,
        Effect::Changes(what) => return changes::check(before, after, subject, what, path),
    };
    let sign = match way {
        Way::Up => 1.0,
        Way::Down => -1.0,
    };
    let mut shown = Vec::new();
    let mut moved = Vec::new();
    for (before, after) in before.iter().zip(after) {
        let was = measure(before, subject, key, whose);
        let is = measure(after, subject, key, whose);
        let none = (COUNTED.contains(&key) && was.or(is).is_some()).then_some(0.0);
        let (Some(was), Some(is)) = (was.or(none), is.or(none)) else {
            return Some(format!("{path}: {key} of {whose:?} is {was:?} and {is:?}"));
        };
        shown.push(format!("{was:.5} → {is:.5}"));
        moved.push(sign * (is - was));
    }
    (!clearly(&moved)).then(|| {
        let shown = shown.join(", ");
        format!("{path}: {key} of {whose:?} does not go {way:?}: {shown}")
    })
}

/// What there is none of is absent, and counts as 0 beside a run that has some.
const COUNTED: [&str; 4] = ["retry_rate", "open_connections", "new_instances", "wq"];

/// Whether something grew in every run, and by more than noise.
pub fn clearly(moved: &[f64]) -> bool {
    let count = moved.len() as f64;
    let mean = moved.iter().sum::<f64>() / count;
    let variance = moved.iter().map(|by| (by - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let error = (variance / count).sqrt();
    moved.iter().all(|by| *by > 0.0) && mean > STANDARD_ERRORS * error
}

/// Runs of a design, one for each seed.
pub fn runs(scenario: &Scenario, what: &str) -> Vec<Engine> {
    let run = |seed| finished(scenario, seed, what);
    (0..SEEDS).map(run).collect()
}
