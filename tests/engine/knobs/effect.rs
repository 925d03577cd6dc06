//! Whether turning a knob does what its row says: the same designs before and after, on the same
//! luck, over several seeds.

use littlebox::{
    engine::Engine,
    scenario::{
        Duration, Kind, Scenario, Subject,
        parameters::{Editor, Effect, Field, Way, Whose, fields_of},
    },
    study::{Measures, Times},
};

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

/// `Exponential(20ms)` as its name and a number of nanoseconds; a bare number with no name.
fn quantity(text: &str) -> Option<(&str, f64)> {
    let (name, inner) = text.split_once('(').unwrap_or(("", text));
    let inner = inner.trim_end_matches(')').replace('_', "");
    let duration = Duration::parse(&inner).map(|time| time.nanos() as f64);
    let number = duration.ok().or_else(|| inner.parse().ok())?;
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
fn measure(engine: &Engine, subject: &Subject, measure: &str, whose: Whose) -> Option<f64> {
    let scenario = engine.scenario();
    match (whose, subject) {
        (Whose::System, _) | (Whose::Own, Subject::Scenario) => {
            let (latency, failures) = (engine.system_latency(), engine.system_failure_latency());
            let times = Times {
                latency: Some(&latency),
                failure_latency: Some(&failures),
                ..Times::default()
            };
            Measures::of(None, &engine.system(), times).get(measure)
        }
        (Whose::Own, Subject::Operation(name)) => {
            let at = scenario.operations.get_index_of(name)?;
            let latency = engine.operation_latency(at);
            let times = Times {
                latency: Some(&latency),
                ..Times::default()
            };
            Measures::of(Some(Kind::Client), &engine.operation(at), times).get(measure)
        }
        // The attempts of a box are counted at its arrows.
        (Whose::Own, Subject::Component(name)) if measure == "retry_rate" => {
            let arrows = scenario.connections.iter().enumerate();
            let own = arrows.filter(|(_, arrow)| arrow.from == *name);
            own.map(|(at, _)| of_arrow(engine, at, measure)).sum()
        }
        (Whose::Own, Subject::Component(name)) => of_box(engine, name, measure),
        (Whose::Own, Subject::Connection(at)) => of_arrow(engine, *at, measure),
        (Whose::Caller | Whose::Callee, Subject::Component(name)) => {
            nearest(engine, name, measure, whose)
        }
        (Whose::Caller, Subject::Connection(at)) => {
            let name = &scenario.connections[*at].from;
            of_box(engine, name, measure).or_else(|| nearest(engine, name, measure, whose))
        }
        (Whose::Callee, Subject::Connection(at)) => {
            let name = &scenario.connections[*at].to;
            of_box(engine, name, measure).or_else(|| nearest(engine, name, measure, whose))
        }
        (Whose::Own, Subject::Fault(at)) => {
            let on = &scenario.faults[*at].on;
            let mut arrows = scenario.connections.iter();
            match arrows.position(|arrow| arrow.name() == *on) {
                Some(arrow) => of_arrow(engine, arrow, measure),
                None => of_box(engine, on, measure),
            }
        }
        _ => None,
    }
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
    let Effect::Moves {
        measure: key,
        way,
        whose,
    } = effect
    else {
        return None;
    };
    let sign = match way {
        Way::Up => 1.0,
        Way::Down => -1.0,
    };
    let mut shown = Vec::new();
    let mut moved = Vec::new();
    for (before, after) in before.iter().zip(after) {
        let (was, is) = (
            measure(before, subject, key, whose),
            measure(after, subject, key, whose),
        );
        let (Some(was), Some(is)) = (was, is) else {
            return Some(format!("{path}: {key} of {whose:?} is {was:?} and {is:?}"));
        };
        shown.push(format!("{was:.5} → {is:.5}"));
        moved.push(sign * (is - was));
    }
    let count = moved.len() as f64;
    let mean = moved.iter().sum::<f64>() / count;
    let variance = moved.iter().map(|by| (by - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let error = (variance / count).sqrt();
    let moves = moved.iter().all(|by| *by > 0.0) && mean > STANDARD_ERRORS * error;
    (!moves).then(|| {
        let shown = shown.join(", ");
        format!("{path}: {key} of {whose:?} does not go {way:?}: {shown}")
    })
}

/// Runs of a design, one for each seed.
pub fn runs(scenario: &Scenario, what: &str) -> Vec<Engine> {
    let run = |seed| finished(scenario, seed, what);
    (0..SEEDS).map(run).collect()
}
