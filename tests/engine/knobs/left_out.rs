//! Whether every row of the registry has its test, on every kind that has the row.

use std::collections::BTreeSet;

use littlebox::scenario::{
    Kind, Scenario, Subject,
    parameters::{
        self, CONNECTION, Editor, Effect, FAULT, FRAME, Field, LATENCY, OPERATION, Parameter,
        SCENARIO, fields_of,
    },
};

use super::effect;

/// Rows that no run of the engine can show: another test does.
const SHOWN_ELSEWHERE: &[(&str, &str)] = &[
    ("Scenario.run.duration", "tests/command.rs"),
    ("Scenario.run.warm_up", "tests/command.rs"),
    ("Scenario.prices.load_balancer", "src/study/cost.rs"),
    ("Scenario.prices.rate_limiter", "src/study/cost.rs"),
    ("Scenario.prices.server", "src/study/cost.rs"),
    ("Scenario.prices.api_gateway", "src/study/cost.rs"),
    ("Scenario.prices.dns", "src/study/cost.rs"),
    ("Scenario.prices.function", "src/study/cost.rs"),
    ("Scenario.prices.gigabyte_second", "src/study/cost.rs"),
    ("Function.memory", "src/study/cost.rs"),
    ("Scenario.prices.cache", "src/study/cost.rs"),
    ("Scenario.prices.database", "src/study/cost.rs"),
    ("Scenario.prices.queue", "src/study/cost.rs"),
    ("Scenario.prices.gigabyte_out", "src/study/cost/egress.rs"),
    (
        "Scenario.prices.gigabyte_across_zones",
        "src/study/cost/egress.rs",
    ),
    (
        "Scenario.prices.gigabyte_across_regions",
        "src/study/cost/egress.rs",
    ),
    (
        "Connection.link",
        "tests/truth/replication.rs, tests/truth/work_queue.rs",
    ),
];

/// What was turned: rows of their owners, and the words that were chosen.
#[derive(Default)]
pub struct Turned(BTreeSet<String>);

impl Turned {
    /// This field was turned, and what its row says of that was seen: of a change between two
    /// words other than the default one, or from none to a number, it says nothing.
    pub fn insert(&mut self, scenario: &Scenario, subject: &Subject, was: &Field, is: &Field) {
        if effect::predicted(was, is) == Effect::Unsaid {
            return;
        }
        let row = row_of(scenario, subject, &was.path);
        for field in [was, is] {
            let word = field.text.split(['(', ' ']).next().unwrap_or_default();
            self.0.insert(format!("{row} = {word}"));
        }
        self.0.insert(row);
    }

    /// There was such a fault.
    pub fn insert_fault(&mut self, word: &str) {
        self.0.insert(format!("Fault.fault = {word}"));
    }

    /// Every row that says no effect, or was not turned on a kind that has it.
    pub fn left_out(&self) -> Vec<String> {
        let kinds = Kind::ALL.map(|kind| (kind.word(), parameters::of_kind(kind)));
        let others = [
            ("Scenario", SCENARIO),
            ("Operation", OPERATION),
            ("Connection", CONNECTION),
            ("Fault", FAULT),
            ("Frame", FRAME),
            ("Latency", LATENCY),
        ];
        let mut left_out = Vec::new();
        for (owner, rows) in kinds.into_iter().chain(others) {
            self.look(rows, owner, &mut left_out);
        }
        left_out
    }

    fn look(&self, rows: &[Parameter], owner: &str, left_out: &mut Vec<String>) {
        for parameter in rows {
            let row = format!("{owner}.{}", parameter.key);
            let is_shown = SHOWN_ELSEWHERE.iter().any(|(shown, _)| *shown == row);
            if parameter.effect == Effect::Nothing {
                continue;
            }
            let words: Vec<(&str, Effect)> = match parameter.editor {
                Editor::Choice(choices) | Editor::Phrase(choices) => {
                    let words = choices.iter();
                    words.map(|choice| (choice.word, choice.effect)).collect()
                }
                Editor::Variants(variants) => {
                    let words = variants.iter();
                    words
                        .map(|variant| (variant.word, variant.effect))
                        .collect()
                }
                _ => Vec::new(),
            };
            let default = match parameter.default.split('(').next() {
                Some("none") => words.first().map(|(word, _)| *word),
                word => word,
            };
            for (word, effect) in words.iter().filter(|(word, _)| Some(*word) != default) {
                let chosen = format!("{row} = {word}");
                if *effect == Effect::Unsaid {
                    left_out.push(format!("{chosen} says no effect"));
                }
                if !is_shown && !self.0.contains(&chosen) {
                    left_out.push(format!("{chosen} is never chosen"));
                }
            }
            match parameter.editor {
                Editor::Variants(variants) => {
                    for variant in variants {
                        let owner = format!("{row}({})", variant.word);
                        self.look(variant.parameters, &owner, left_out);
                    }
                }
                Editor::Group(rows) => self.look(rows, &row, left_out),
                _ => {}
            }
            let is_switch = parameter.optional || !matches!(parameter.editor, Editor::Group(_));
            if words.is_empty() && is_switch {
                if parameter.effect == Effect::Unsaid {
                    left_out.push(format!("{row} says no effect"));
                }
                if !is_shown && !self.0.contains(&row) {
                    left_out.push(format!("{row} is never turned"));
                }
            }
        }
    }
}

/// A row with its owner and the variants that it is in: `Client.arrivals(Bursts).low`.
fn row_of(scenario: &Scenario, subject: &Subject, path: &str) -> String {
    let mut row = match subject {
        Subject::Component(name) => scenario.components[name].kind().word(),
        Subject::Scenario => "Scenario",
        Subject::Operation(_) => "Operation",
        Subject::Connection(_) => "Connection",
        Subject::Frame(_) => "Frame",
        Subject::Latency(_) => "Latency",
        Subject::Fault(_) => "Fault",
        Subject::Objective(_) | Subject::Layout(_) => panic!("{subject:?} is never turned"),
    }
    .to_owned();
    let fields = fields_of(scenario, subject);
    let mut within = String::new();
    for key in path.split('.') {
        let above = fields.iter().find(|field| field.path == within);
        if let Some(above) = above
            && matches!(above.parameter.editor, Editor::Variants(_))
        {
            row = format!("{row}({})", above.text);
        }
        if !within.is_empty() {
            within.push('.');
        }
        within += key;
        row = format!("{row}.{key}");
    }
    row
}
