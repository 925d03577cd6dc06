//! The parameters of a box, an arrow or the scenario, from the registry.

use egui::{ComboBox, Ui};

use super::{
    field::{self, Drafts, Field},
    scrub,
};
use crate::{
    scenario::{
        FrameKind, Scenario, Subject,
        parameters::{self, Editor, Effect, Parameter},
    },
    window::{edit::Edit, outbox::Outbox, text},
};

/// Draws the parameters of a subject whose paths start with `prefix`.
pub fn ui(
    ui: &mut Ui,
    drafts: &mut Drafts,
    scenario: &Scenario,
    subject: &Subject,
    prefix: &str,
    out: &mut Outbox,
) {
    let all = parameters::fields_of(scenario, subject);
    for found in all.iter().filter(|found| found.path.starts_with(prefix)) {
        // Below the fields whose parts it is; a group without a switch is no field.
        let is_part = |whole: &&parameters::Field| {
            found
                .path
                .strip_prefix(&whole.path)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        let depth = all.iter().filter(is_part).count();
        if let Some((text, gesture)) = draw(ui, drafts, scenario, subject, found, depth) {
            out.edit(Edit::Set {
                subject: subject.clone(),
                path: found.path.clone(),
                text,
                what: found.parameter.name.to_lowercase(),
                gesture,
            });
        }
    }
}

/// What a parameter is to become, and the number of the drag that did it.
type Change = (String, Option<u64>);

/// Draws one parameter and returns what it is to become.
fn draw(
    ui: &mut Ui,
    drafts: &mut Drafts,
    scenario: &Scenario,
    subject: &Subject,
    found: &parameters::Field,
    depth: usize,
) -> Option<Change> {
    let parameter = found.parameter;
    let about = about(parameter);
    let words: Vec<(&str, &str)> = match parameter.editor {
        Editor::Choice(choices) => choices
            .iter()
            .map(|choice| (choice.word, choice.explanation))
            .collect(),
        Editor::Variants(variants) => variants
            .iter()
            .map(|variant| (variant.word, variant.explanation))
            .collect(),
        Editor::Group(_) => vec![("none", "Switched off"), ("on", "Switched on")],
        Editor::Target => {
            return target(ui, scenario, subject, found, depth, &about).map(|text| (text, None));
        }
        _ => {
            let can_drag = scrub::can_scrub(parameter.editor, &found.text);
            let (entered, label) = Field {
                key: &found.path,
                label: parameter.name,
                depth,
                value: match parameter.editor {
                    // What an empty field shows says it better.
                    Editor::List if found.text == "[]" => String::new(),
                    _ => found.text.clone(),
                },
                hint: hint(parameter),
                about,
                can_drag,
                is_default: found.is_default,
                default: (!found.is_default && !parameter.required)
                    .then(|| parameter.default.to_owned()),
            }
            .ui(ui, drafts, |text| {
                try_out(scenario, subject, &found.path, text)
            });
            if let Some(text) = entered {
                return Some((text, None));
            }
            if !can_drag {
                return None;
            }
            let (start, way, gesture) = drafts.scrub(&found.path, &found.text, &label)?;
            // Ten points are ten per cent.
            let factor = 1.01_f64.powf(f64::from(way));
            let text = scrub::scaled(parameter.editor, &start, factor, (way / 30.0) as i64)?;
            let text = try_out(scenario, subject, &found.path, &text).ok()?;
            return (text != found.text).then_some((text, Some(gesture)));
        }
    };
    // A group that is off until somebody wants it reads as a choice, too.
    let mut chosen = None;
    ui.horizontal(|ui| {
        let label = field::label(ui, parameter.name, depth, &about, false);
        let optional = parameter.optional && !matches!(parameter.editor, Editor::Group(_));
        let combo = ComboBox::from_id_salt(&found.path)
            .width(ui.available_width() - ui.spacing().item_spacing.x)
            .selected_text(spaced(&found.text))
            .show_ui(ui, |ui| {
                let none = optional.then_some(("none", "Not set"));
                for (word, explanation) in none.into_iter().chain(words) {
                    let entry = ui.selectable_label(word == found.text, spaced(word));
                    if entry.on_hover_text(explanation).clicked() && word != found.text {
                        chosen = Some(word.to_owned());
                    }
                }
            });
        combo.response.labelled_by(label.id).on_hover_text(&about);
    });
    chosen.map(|word| (word, None))
}

/// A choice among the boxes, or among the regions for what is in one.
fn target(
    ui: &mut Ui,
    scenario: &Scenario,
    subject: &Subject,
    found: &parameters::Field,
    depth: usize,
    about: &str,
) -> Option<String> {
    let mut chosen = None;
    ui.horizontal(|ui| {
        let label = field::label(ui, found.parameter.name, depth, about, false);
        let combo = ComboBox::from_id_salt(&found.path)
            .width(ui.available_width() - ui.spacing().item_spacing.x)
            .truncate()
            .selected_text(&found.text)
            .show_ui(ui, |ui| {
                let regions = scenario.frames.iter();
                let regions = regions.filter(|(_, frame)| frame.kind == FrameKind::Region);
                let none = found.parameter.optional.then(|| "none".to_owned());
                let names: Vec<String> = match subject {
                    Subject::Frame(_) => regions.map(|(name, _)| name.clone()).collect(),
                    _ => scenario.components.keys().cloned().collect(),
                };
                for name in none.iter().chain(&names) {
                    if ui.selectable_label(*name == found.text, name).clicked() {
                        chosen = Some(name.clone());
                    }
                }
            });
        combo.response.labelled_by(label.id).on_hover_text(about);
    });
    chosen.filter(|name| *name != found.text)
}

/// Whether the document takes a text for a parameter; the text itself, or why not.
fn try_out(
    scenario: &Scenario,
    subject: &Subject,
    path: &str,
    text: &str,
) -> Result<String, String> {
    let mut scenario = scenario.clone();
    parameters::set_field(&mut scenario, subject, path, text)
        .map(|()| text.to_owned())
        .map_err(|problem| text::capital(&problem))
}

/// Explanation, unit, range and default.
fn about(parameter: &Parameter) -> String {
    let mut facts = Vec::new();
    if !parameter.unit.is_empty() {
        facts.push(format!("In {}", parameter.unit));
    }
    if let Some(range) = parameter.range {
        facts.push(format!("Allowed: {range}"));
    }
    let default = match parameter.default {
        "" => "nothing",
        default => default,
    };
    if !parameter.required {
        facts.push(match parameter.source {
            "" => format!("Default: {default}"),
            source => format!("Default: {default} ({source})"),
        });
    }
    let effect = match parameter.effect {
        Effect::Moves { .. } => format!("\nMore of it {}", parameter.effect).replace('`', ""),
        Effect::Unsaid | Effect::Changes(_) | Effect::Nothing => String::new(),
    };
    format!("{}{effect}\n{}", parameter.explanation, facts.join(" · "))
}

/// What an empty field shows.
fn hint(parameter: &Parameter) -> &'static str {
    match parameter.editor {
        Editor::Number => "2.5",
        Editor::Integer => "8",
        Editor::Share => "5%",
        Editor::Rate => "1.2k/s",
        Editor::Duration => "20ms",
        Editor::Size => "20kB, exp 20kB",
        Editor::Bandwidth => "100Mbit/s",
        Editor::Distribution => "20ms, exp 20ms",
        Editor::Limit => "200ms",
        Editor::Names => "all",
        // An example would look like a default.
        Editor::Map | Editor::Weights | Editor::List => "none",
        Editor::Times => "1s, 2s or times.csv",
        Editor::Phrase(_)
        | Editor::Choice(_)
        | Editor::Variants(_)
        | Editor::Group(_)
        | Editor::Target
        | Editor::Text => "",
    }
}

/// `LeastConnections` as `Least connections`.
fn spaced(word: &str) -> String {
    match word {
        "Lru" => return word.to_uppercase(),
        // Units.
        "s" | "ms" | "us" | "ns" => return word.to_owned(),
        _ => {}
    }
    let mut spaced = String::with_capacity(word.len() + 4);
    for (at, letter) in word.chars().enumerate() {
        if at > 0 && letter.is_uppercase() {
            spaced.push(' ');
        }
        if at == 0 {
            spaced.extend(letter.to_uppercase());
        } else {
            spaced.extend(letter.to_lowercase());
        }
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_file_read_as_words() {
        for (word, text) in [
            ("LeastConnections", "Least connections"),
            ("ms", "ms"),
            ("none", "None"),
            ("Lru", "LRU"),
            ("OnMiss", "On miss"),
        ] {
            assert_eq!(spaced(word), text);
        }
    }
}
