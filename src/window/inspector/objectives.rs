//! What must hold, and whether it does now.

use egui::Ui;

use super::{
    Context,
    field::Drafts,
    list::{self, List, Row},
};
use crate::{
    picture::Icon,
    scenario::{Duration, Kind, Limit, Objective, Rate, Scenario, What},
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
    let scenario = context.document.scenario();
    let list = List {
        title: "Objectives",
        one: "objective",
        empty: "Nothing is demanded yet",
        can_add: !scenario.components.is_empty(),
    };
    let objectives = list.ui(
        ui,
        drafts,
        &scenario.objectives,
        |ui, drafts, row, objective| {
            let is_gone = ui.horizontal(|ui| what(ui, context, row, objective));
            ui.horizontal(|ui| limits(ui, drafts, row, objective));
            is_gone.inner
        },
        || first_objective(scenario),
    );
    if let Some(objectives) = objectives {
        out.edit(Edit::Objectives(objectives));
    }
}

/// What is demanded of what. Says whether the objective is to go.
fn what(ui: &mut Ui, context: &Context<'_>, row: Row<'_>, objective: &mut Objective) -> bool {
    let components = &context.document.scenario().components;
    verdict(ui, context, row.index);
    let word = Word::of(objective.what);
    if let Some(word) = list::combo(ui, &row.about("Measure"), 96.0, word, &WORDS) {
        *objective = word.start(objective.of.clone());
    }
    let targets = || components.keys().cloned().collect();
    if let Some(of) = list::names(ui, &row.about("Target"), 92.0, &objective.of, targets) {
        objective.of = of;
    }
    row.remove(ui)
}

/// What must not be passed.
fn limits(ui: &mut Ui, drafts: &mut Drafts, row: Row<'_>, objective: &mut Objective) {
    ui.add_space(20.0 + space::M);
    if let What::Latency { percentile } = &mut objective.what {
        ui.weak("p");
        let shown = percentile.to_string();
        let parse = |text: &str| match text.parse::<f64>() {
            Ok(p) if p > 0.0 && p < 100.0 => Ok(p),
            _ => Err("A percentile is a number between 0 and 100, such as 99.9".into()),
        };
        if let Some(entered) = row.cell(ui, drafts, "Percentile", &shown, 44.0, parse) {
            *percentile = entered;
        }
    }
    let what = objective.what;
    // A field has a name of its own.
    let names = match (objective.below, objective.above) {
        (Some(_), Some(_)) => ["Upper limit", "Lower limit"],
        _ => ["Limit"; 2],
    };
    let limits = [
        ("below", names[0], &mut objective.below),
        ("above", names[1], &mut objective.above),
    ];
    for (word, name, limit) in limits {
        let Some(limit) = limit else { continue };
        ui.weak(word);
        let shown = match limit {
            Limit::Duration(duration) => duration.to_string(),
            Limit::Number(number) => number.to_string(),
        };
        let parse = |text: &str| parse_limit(what, text);
        if let Some(entered) = row.cell(ui, drafts, name, &shown, 72.0, parse) {
            *limit = entered;
        }
    }
}

/// An objective to start from, for a client where there is one.
fn first_objective(scenario: &Scenario) -> Objective {
    let components = &scenario.components;
    let client = components
        .iter()
        .find(|(_, component)| component.kind() == Kind::Client);
    let of = client
        .or(components.first())
        .map(|(name, _)| name.clone())
        .unwrap_or_default();
    Word::Latency.start(of)
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
            let budget = judgement.budget.as_ref().map(|budget| {
                let mut text = format!(
                    "\nError budget: {} of {} failures, {} spent",
                    budget.failed,
                    text::short(budget.allowed),
                    text::percent(budget.spent)
                );
                if let Some(nines) = budget.nines() {
                    let down = text::seconds(budget.downtime_per_year());
                    text += &format!("\n{} nines, {down} down a year", text::short(nines));
                }
                text
            });
            let budget = budget.unwrap_or_default();
            format!("{verdict}: {}; {measured}{budget}", judgement.text)
        }
    };
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &words));
    response.on_hover_text(words);
}
