//! What must hold, and whether it does now.

use egui::Ui;

use super::{
    Context,
    field::{self, Drafts},
    list,
};
use crate::{
    picture::Icon,
    scenario::{Duration, Kind, Limit, Objective, Rate, What},
    study::judgement,
    window::{
        edit::Edit,
        icon,
        outbox::Outbox,
        text,
        theme::{Theme, space},
    },
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Latency,
    Availability,
    Goodput,
    Utilization,
    HitRatio,
    StaleShare,
}

const WORDS: [(Word, &str); 6] = [
    (Word::Latency, "latency"),
    (Word::Availability, "availability"),
    (Word::Goodput, "goodput"),
    (Word::Utilization, "utilization"),
    (Word::HitRatio, "hit ratio"),
    (Word::StaleShare, "stale share"),
];

impl Word {
    fn of(what: What) -> Self {
        match what {
            What::Latency { .. } => Self::Latency,
            What::Availability => Self::Availability,
            What::Goodput => Self::Goodput,
            What::Utilization => Self::Utilization,
            What::HitRatio => Self::HitRatio,
            What::StaleShare => Self::StaleShare,
        }
    }

    /// A sensible objective to start from.
    fn start(self, of: String) -> Objective {
        let (what, below, above) = match self {
            Self::Latency => (
                What::Latency { percentile: 99.0 },
                Some(Limit::Duration(Duration::from_millis(200))),
                None,
            ),
            Self::Availability => (What::Availability, None, Some(Limit::Number(0.999))),
            Self::Goodput => (What::Goodput, None, Some(Limit::Number(100.0))),
            Self::Utilization => (What::Utilization, Some(Limit::Number(0.7)), None),
            Self::HitRatio => (What::HitRatio, None, Some(Limit::Number(0.8))),
            Self::StaleShare => (What::StaleShare, Some(Limit::Number(0.01)), None),
        };
        Objective {
            what,
            of,
            below,
            above,
        }
    }
}

/// Draws the list.
pub fn ui(ui: &mut Ui, drafts: &mut Drafts, context: &Context<'_>, out: &mut Outbox) {
    field::group(ui, "Objectives");
    let scenario = context.document.scenario();
    let targets = || scenario.components.keys().cloned().collect();
    let mut changed: Option<Vec<Objective>> = None;
    let mut rows = list::Rows::default();
    for (number, objective) in scenario.objectives.iter().enumerate() {
        rows.row(ui, scenario.objectives.len(), |ui| {
            let key = format!("objective {number} ");
            let about = |what: &str| format!("{what} of objective {}", number + 1);
            let mut new = objective.clone();
            let mut gone = false;
            ui.horizontal(|ui| {
                verdict(ui, context, number);
                let word = Word::of(objective.what);
                if let Some(word) = list::combo(ui, &about("Measure"), 96.0, word, &WORDS) {
                    new = word.start(objective.of.clone());
                }
                if let Some(of) = list::names(ui, &about("Target"), 92.0, &objective.of, targets) {
                    new.of = of;
                }
                gone = list::remove(ui, &format!("Remove objective {}", number + 1));
            });
            ui.horizontal(|ui| {
                ui.add_space(20.0 + space::M);
                if let What::Latency { percentile } = objective.what {
                    ui.weak("p");
                    let entered = list::cell(
                        ui,
                        drafts,
                        &format!("{key}percentile"),
                        &about("Percentile"),
                        &percentile.to_string(),
                        44.0,
                        |text| match text.parse::<f64>() {
                            Ok(p) if p > 0.0 && p < 100.0 => Ok(p),
                            _ => {
                                Err("A percentile is a number between 0 and 100, such as 99.9"
                                    .into())
                            }
                        },
                    );
                    if let Some(percentile) = entered {
                        new.what = What::Latency { percentile };
                    }
                }
                let limits = [("below", objective.below), ("above", objective.above)];
                for (word, limit) in limits {
                    let Some(limit) = limit else { continue };
                    ui.weak(word);
                    let shown = match limit {
                        Limit::Duration(duration) => duration.to_string(),
                        Limit::Number(number) => number.to_string(),
                    };
                    let entered = list::cell(
                        ui,
                        drafts,
                        &format!("{key}{word}"),
                        &about("Limit"),
                        &shown,
                        72.0,
                        |text| parse_limit(objective.what, text),
                    );
                    if let Some(limit) = entered {
                        if word == "below" {
                            new.below = Some(limit);
                        } else {
                            new.above = Some(limit);
                        }
                    }
                }
            });
            list::errors(ui, drafts, &key);
            if gone || new != *objective {
                let mut objectives = scenario.objectives.clone();
                if gone {
                    objectives.remove(number);
                } else {
                    objectives[number] = new;
                }
                changed = Some(objectives);
            }
        });
    }
    if scenario.objectives.is_empty() {
        ui.colored_label(Theme::of(ui).text_weak, "Nothing is demanded yet");
    }
    ui.add_enabled_ui(!scenario.components.is_empty(), |ui| {
        if icon::button(ui, Icon::Plus, "Add objective").clicked() {
            let components = &scenario.components;
            let client = components
                .iter()
                .find(|(_, component)| component.kind() == Kind::Client);
            let of = client
                .or(components.first())
                .map(|(name, _)| name.clone())
                .unwrap_or_default();
            let mut objectives = scenario.objectives.clone();
            objectives.push(Word::Latency.start(of));
            changed = Some(objectives);
        }
    });
    if let Some(objectives) = changed {
        out.edit(Edit::Objectives(objectives));
    }
}

fn parse_limit(what: What, text: &str) -> Result<Limit, String> {
    match what {
        What::Latency { .. } => Duration::parse(text).map(Limit::Duration),
        What::Goodput => Rate::parse(text).map(|rate| Limit::Number(rate.0)),
        _ => {
            let (number, times) = match text.strip_suffix('%') {
                Some(percent) => (percent.trim(), 0.01),
                None => (text, 1.0),
            };
            match number.parse::<f64>() {
                Ok(share) if (0.0..=1.0).contains(&(share * times)) => {
                    Ok(Limit::Number(share * times))
                }
                _ => Err("A share is a number from 0 to 1, or a percentage such as 99.9 %".into()),
            }
        }
    }
}

/// A tick or a cross, with what was measured.
fn verdict(ui: &mut Ui, context: &Context<'_>, number: usize) {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(
        egui::vec2(20.0, ui.spacing().interact_size.y),
        egui::Sense::hover(),
    );
    // The run may judge a part of the drawing only: by its words, not by its number.
    let objective = &context.document.scenario().objectives[number];
    let words = judgement::text(objective);
    let judged = context
        .snapshot
        .judgements
        .iter()
        .find(|judgement| judgement.text == words);
    let square = egui::Rect::from_center_size(rect.center(), egui::Vec2::splat(16.0));
    let words = match judged {
        None => "Not measured yet".to_owned(),
        Some(judgement) => {
            let (sign, color) = match (judgement.measured, judgement.met) {
                (None, _) => (Icon::Hourglass, theme.text_weak),
                (_, true) => (Icon::Check, theme.good),
                (_, false) => (Icon::Cross, theme.bad),
            };
            icon::paint(ui.painter(), sign, square, color);
            let measured = match judgement.measured {
                None => "nothing was observed yet".to_owned(),
                Some(secs) if judgement.is_time => format!("measured {}", text::seconds(secs)),
                Some(value) => format!("measured {value:.4}"),
            };
            let verdict = if judgement.met { "Met" } else { "Not met" };
            format!("{verdict}: {}; {measured}", judgement.text)
        }
    };
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &words));
    response.on_hover_text(words);
}
