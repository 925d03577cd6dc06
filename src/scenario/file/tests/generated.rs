use proptest::prelude::*;

use super::*;
use crate::scenario::arbitrary;
use crate::scenario::{check, parameters};

/// The same cases every time, so that a failure can be repeated; with `PROPTEST_CASES` set, that
/// many new ones.
fn cases(count: u32) -> ProptestConfig {
    let mut config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = count;
        config.rng_seed = proptest::test_runner::RngSeed::Fixed(1);
    }
    config
}

/// Puts comments, line breaks and blanks between the parts of a text, as a seed says.
fn scribbled(text: &str, seed: u64) -> String {
    const SCRIBBLES: [&str; 8] = [
        "",
        "",
        " ",
        "\n",
        " // note\n",
        "/* a, b: (c */",
        "\n    // one\n    // two\n",
        "\t",
    ];
    let mut out = String::new();
    let mut scanner = scan::Scanner::new(text);
    let mut state = seed | 1;
    let mut at = 0;
    while let Ok(Some((token, span))) = scanner.next() {
        out.push_str(&text[at..span.end]);
        at = span.end;
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        // Between a name and its bracket anything may stand too, but nobody writes it.
        if matches!(token, scan::Token::Mark(_)) && state >> 62 == 0 {
            out.push_str(SCRIBBLES[(state >> 32) as usize % SCRIBBLES.len()]);
        }
    }
    out.push_str(&text[at..]);
    out
}

fn decoded(text: &str) -> Scenario {
    let (document, problems) = load(text);
    match document {
        Some(document) => document.scenario,
        None => panic!("{problems:#?} in {text}"),
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn what_is_saved_is_loaded(scenario in arbitrary::scenario()) {
        let text = Document::new(scenario.clone()).to_text();
        prop_assert_eq!(&decoded(&text), &scenario);
        // Loaded and saved again, drawn again: the same bytes.
        prop_assert_eq!(load(&text).0.unwrap().to_text(), text.as_str());
        prop_assert_eq!(Document::new(decoded(&text)).to_text(), text.as_str());
        // It is what others call RON.
        prop_assert!(options().from_str::<ron::Value>(&text).is_ok(), "{}", text);
    }

    #[test]
    fn layout_and_comments_do_not_matter(scenario in arbitrary::scenario(), seed: u64) {
        let text = scribbled(&Document::new(scenario.clone()).to_text(), seed);
        prop_assert_eq!(decoded(&text), scenario);
        prop_assert_eq!(load(&text).0.unwrap().to_text(), text);
    }

    #[test]
    fn any_change_is_saved_whole(
        before in arbitrary::scenario(),
        after in arbitrary::scenario(),
        mix: [u8; 16],
        seed: u64,
    ) {
        let text = scribbled(&Document::new(before.clone()).to_text(), seed);
        let mut changed = before.clone();
        mixed(&mut changed, &after, mix);
        // Not through the document, which would fall back to another layout.
        let merged = save::merge(&text, &compact(&before), &compact(&changed)).unwrap();
        prop_assert_eq!(decoded(&merged), changed.clone(), "{}\n---\n{}", text, merged);
        // And back: nothing is left over that changes the meaning.
        let back = save::merge(&merged, &compact(&changed), &compact(&before)).unwrap();
        prop_assert_eq!(decoded(&back), before, "{}\n---\n{}", merged, back);
    }

    #[test]
    fn checks_and_tables_take_anything(scenario in arbitrary::scenario()) {
        for problem in check(&scenario) {
            prop_assert!(!problem.message.is_empty());
        }
        let connections = (0..scenario.connections.len()).map(Subject::Connection);
        let components = scenario.components.keys().cloned().map(Subject::Component);
        for subject in connections.chain(components) {
            for field in parameters::fields_of(&scenario, &subject) {
                // Nobody means the spaces around a name.
                if field.text.trim() != field.text {
                    continue;
                }
                let mut same = scenario.clone();
                if parameters::set_field(&mut same, &subject, &field.path, &field.text).is_ok() {
                    prop_assert_eq!(&same, &scenario, "{} = {}", field.path, field.text);
                }
            }
        }
    }

    #[test]
    fn nothing_typed_brings_the_tables_down(path in path(), text in typed()) {
        let before = decoded(EXAMPLES[1]);
        let mut after = before.clone();
        if parameters::set(&mut after, &path, &text).is_err() {
            prop_assert_eq!(after, before);
        } else {
            prop_assert!(parameters::get(&after, &path).is_ok());
        }
    }
}

/// Takes entries of another scenario, drops and moves some.
fn mixed(scenario: &mut Scenario, other: &Scenario, mix: [u8; 16]) {
    let mut mix = mix.into_iter().cycle();
    let mut draw = || mix.next().unwrap_or(0);
    if draw() % 2 == 0 {
        scenario.name.clone_from(&other.name);
    }
    if draw() % 2 == 0 {
        scenario.run = other.run;
    }
    if draw() % 2 == 0 {
        scenario.operations.clone_from(&other.operations);
    }
    for (name, component) in &other.components {
        match draw() % 3 {
            0 => {
                scenario.components.insert(name.clone(), component.clone());
            }
            1 => {
                scenario
                    .components
                    .shift_insert(0, name.clone(), component.clone());
            }
            _ => {}
        }
    }
    scenario.components.retain(|_, _| draw() % 4 != 0);
    if draw() % 4 == 0 {
        scenario.components.reverse();
    }
    scenario.connections.retain(|_| draw() % 4 != 0);
    for connection in &other.connections {
        let at = usize::from(draw()) % (scenario.connections.len() + 1);
        match draw() % 3 {
            0 => scenario.connections.insert(at, connection.clone()),
            1 if at < scenario.connections.len() => {
                scenario.connections[at].retries = connection.retries;
                scenario.connections[at].latency = connection.latency.clone();
            }
            _ => {}
        }
    }
    if draw() % 2 == 0 {
        scenario.faults.clone_from(&other.faults);
    }
    scenario.objectives.truncate(usize::from(draw() % 3));
    scenario
        .objectives
        .extend(other.objectives.iter().take(1).cloned());
    scenario.layout.extend(
        other
            .layout
            .iter()
            .map(|(name, place)| (name.clone(), *place)),
    );
    scenario.layout.retain(|_, _| draw() % 4 != 0);
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "users.arrivals",
            "users.arrivals.rate",
            "users.arrivals.profile",
            "users.operations",
            "users.keys",
            "users.retries.backoff",
            "api.service",
            "api.per_operation",
            "api.per_operation.x",
            "lb.health",
            "lb -> api.only",
            "lb -> api.latency",
            "db -> replica.link",
            "faults.1.fault",
            "faults.1.on",
            "objectives.1.what",
            "objectives.1.below",
            "seed",
            "name",
            "api.queue.capacity",
        ])
        .prop_map(str::to_owned),
        "[a-z>. #0-9-]{0,20}",
    ]
}

fn typed() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,20}",
        "[A-Za-z]{3,12}[( ]{0,2}[0-9]{0,9}[a-zµ]{0,3}[,)\"]{0,3}",
        "[\\[\\](){}\",:/*# a1.%-]{0,12}",
    ]
}

/// What happens to a text by accident.
#[derive(Clone, Debug)]
enum Accident {
    Cut(usize, usize),
    Paste(usize, String),
    Repeat(usize, usize),
}

fn accident() -> impl Strategy<Value = Accident> {
    let pieces = prop::sample::select(vec![
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"",
        "'",
        "//",
        "/*",
        "*/",
        "-",
        "1",
        "_",
        ".",
        "NaN",
        "None",
        "Some(",
        "r#\"",
        "b'",
        "\u{0}",
        "é",
        "1e400",
        "version: 2,",
        "\\",
        "#![",
        "\r",
    ])
    .prop_map(str::to_owned);
    prop_oneof![
        (any::<usize>(), 0..40_usize).prop_map(|(at, length)| Accident::Cut(at, length)),
        (any::<usize>(), prop_oneof![pieces, ".{1,5}"])
            .prop_map(|(at, text)| Accident::Paste(at, text)),
        (any::<usize>(), 1..60_usize).prop_map(|(at, length)| Accident::Repeat(at, length)),
    ]
}

fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn accidents_are_survived(example in 0..3_usize, accidents in prop::collection::vec(accident(), 1..6)) {
        let mut text = EXAMPLES[example].to_owned();
        for accident in accidents {
            let place = |at: usize| boundary(&text, at % (text.len() + 1));
            match accident {
                Accident::Cut(at, length) => {
                    let at = place(at);
                    let end = boundary(&text, at + length).max(at);
                    text.replace_range(at..end, "");
                }
                Accident::Paste(at, piece) => {
                    let at = place(at);
                    text.insert_str(at, &piece);
                }
                Accident::Repeat(at, length) => {
                    let at = place(at);
                    let end = boundary(&text, at + length).max(at);
                    let piece = text[at..end].to_owned();
                    text.insert_str(at, &piece);
                }
            }
        }
        let (document, problems) = load(&text);
        let lines = text.matches('\n').count() + 1;
        for problem in &problems {
            prop_assert!(problem.place.is_some_and(|place| place.line <= lines), "{} in {}", problem, text);
        }
        match document {
            Some(document) => prop_assert_eq!(document.to_text(), text),
            None => prop_assert!(!problems.is_empty()),
        }
    }
}
