//! Little's law at the selected box: L, λ and W measured apart, and whether they agree.

use egui::{Align, Color32, Layout, RichText, TextStyle, Ui};

use super::{
    icon,
    live::Snapshot,
    text,
    theme::{self, Theme, space},
};
use crate::{
    engine::Totals,
    picture::Icon,
    study::{Audit, Figure, Part, Verdict},
};

/// Draws the audit of what is selected, or of the whole system.
pub fn ui(ui: &mut Ui, snapshot: &Snapshot) {
    let selected = &snapshot.selected;
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        ui.strong("Little’s law").on_hover_text(
            "In any system that is not losing ground, the number present is the arrival rate \
             times the time spent: L = λ·W (Little 1961). L, λ and W are measured apart here",
        );
        let whose = selected.name.as_deref().unwrap_or("whole system");
        ui.label(RichText::new(whose).color(theme.text_weak));
    });
    let totals = &selected.reading.so_far;
    if snapshot.scenario.is_none() {
        ui.label(RichText::new("No run yet").color(theme.text_weak));
        return;
    }
    let [all, line, slots] =
        [Part::All, Part::Line, Part::Slots].map(|part| Audit::of(part, totals));
    let has_slots = totals.slots_area > 0;
    let parts = [
        ("All", all),
        ("In line", line.filter(|_| has_slots || totals.waits > 0)),
        ("In slots", slots.filter(|_| has_slots)),
    ];
    table(ui, &parts, theme);
    ui.add_space(space::S);
    // Room for two lines: the figures do not move when a sentence gets longer, or one more comes.
    let two_lines = 2.0 * ui.text_style_height(&TextStyle::Body) + ui.spacing().item_spacing.y;
    ui.scope(|ui| {
        ui.set_min_height(two_lines);
        verdict(ui, all.as_ref(), totals, theme);
        if selected.reading.is_growing {
            losing_ground(ui, &selected.reading.lately, theme);
        }
    });
    ui.add_space(space::S);
    occupation(ui, totals, theme);
    let secs = totals.window_secs();
    let window = format!(
        "{} departures in {}",
        grouped(totals.departures),
        text::seconds(secs)
    );
    ui.label(RichText::new(window).small().color(theme.text_weak))
        .on_hover_text("Counted since the start, the end of the warm-up or the last reset");
}

/// A row of the table: name, what it is, and its value.
type Row = (&'static str, &'static str, fn(&Audit) -> String);

const ROWS: [Row; 5] = [
    (
        "L",
        "Number present: an integral over time, divided by the time",
        |audit| text::short(audit.l),
    ),
    ("λ", "Arrival rate: a count, divided by the time", |audit| {
        text::per_second(audit.lambda)
    }),
    (
        "W",
        "Time spent: the mean over those that left, answered well or not",
        |audit| text::seconds(audit.w),
    ),
    ("λ·W", "What L should be by Little’s law", |audit| {
        text::short(audit.lambda_w())
    }),
    ("Gap", "λ·W against L", |audit| gap(audit.gap)),
];

fn table(ui: &mut Ui, parts: &[(&str, Option<Audit>); 3], theme: &Theme) {
    let row = |ui: &mut Ui, name: &str, about: &str, cells: [(String, Color32); 3]| {
        ui.columns(4, |columns| {
            let label = columns[0].label(name);
            if !about.is_empty() {
                label.on_hover_text(about);
            }
            for (column, (cell, color)) in columns[1..].iter_mut().zip(cells) {
                column.with_layout(Layout::top_down(Align::Max), |ui| {
                    ui.label(RichText::new(cell).color(color));
                });
            }
        });
    };
    ui.spacing_mut().item_spacing.y = space::XS;
    let heads = parts.map(|(name, _)| (name.to_owned(), theme.text_weak));
    row(ui, "", "", heads);
    for (name, about, value) in ROWS {
        let cells = parts.map(|(_, audit)| match audit {
            Some(audit) => (value(&audit), color(name, &audit, theme)),
            None => ("–".to_owned(), theme.text_weak),
        });
        row(ui, name, about, cells);
    }
}

fn color(row: &str, audit: &Audit, theme: &Theme) -> Color32 {
    match (row, audit.verdict) {
        ("Gap", Verdict::Growth(_) | Verdict::Broken) => theme.bad,
        ("Gap", Verdict::Draining(_)) => theme.warning,
        _ => theme.text,
    }
}

/// What the figures say now, in a sentence.
fn verdict(ui: &mut Ui, audit: Option<&Audit>, totals: &Totals, theme: &Theme) {
    let (icon, color, sentence) = match audit {
        None if totals.arrivals == 0 && totals.present == 0 => (
            Icon::Hourglass,
            theme.text_weak,
            "Nothing has arrived yet".to_owned(),
        ),
        None => (
            Icon::Hourglass,
            theme.text_weak,
            "Nothing has left yet".to_owned(),
        ),
        Some(audit) => {
            let (icon, color) = match audit.verdict {
                Verdict::Agree | Verdict::Noise => (Icon::Check, theme.good),
                Verdict::Edge => (Icon::Hourglass, theme.text_weak),
                Verdict::Draining(_) => (Icon::Warning, theme.warning),
                Verdict::Growth(_) | Verdict::Broken => (Icon::Warning, theme.bad),
            };
            (icon, color, capital(&audit.verdict.to_string()))
        }
    };
    say(ui, icon, color, sentence);
}

/// What is going on now, while the figures above still have the calm before in them.
fn losing_ground(ui: &mut Ui, lately: &Totals, theme: &Theme) {
    let secs = lately.window_secs();
    if secs > 0.0 {
        let rate = |count: u64| text::per_second(count as f64 / secs);
        let sentence = format!(
            "Losing ground: lately {} come and {} go",
            rate(lately.arrivals),
            rate(lately.departures)
        );
        say(ui, Icon::Warning, theme.bad, sentence);
    }
}

fn say(ui: &mut Ui, icon: Icon, color: Color32, sentence: String) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let side = theme::text::BODY;
        let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(side), egui::Sense::hover());
        icon::paint(ui.painter(), icon, rect, color);
        ui.label(RichText::new(sentence).color(color));
    });
}

/// How full the slots are.
fn occupation(ui: &mut Ui, totals: &Totals, theme: &Theme) {
    let (Some(working), Some(held)) = (Figure::Utilization.of(totals), Figure::Held.of(totals))
    else {
        return;
    };
    for (name, about, share) in [
        (
            "Utilization",
            "Slot-time worked, over the slot-time on offer",
            working,
        ),
        (
            "Held",
            "Slot-time taken by work or by waiting for others, over the slot-time on offer",
            held,
        ),
    ] {
        ui.columns(2, |columns| {
            columns[0].label(name).on_hover_text(about);
            columns[1].with_layout(Layout::top_down(Align::Max), |ui| {
                ui.label(text::percent(share));
            });
        });
        let height = 4.0;
        let (rect, _) = ui.allocate_exact_size(
            egui::Vec2::new(ui.available_width(), height),
            egui::Sense::hover(),
        );
        ui.painter().rect_filled(rect, height / 2.0, theme.sunken);
        let mut filled = rect;
        filled.set_width(rect.width() * (share as f32).clamp(0.0, 1.0));
        ui.painter()
            .rect_filled(filled, height / 2.0, theme.load(share));
    }
}

/// A gap in percent, with its sign; `0 %` below what can be seen.
fn gap(share: f64) -> String {
    let percent = share * 100.0;
    if !percent.is_finite() {
        "–".into()
    } else if percent.abs() < 0.005 {
        "0 %".into()
    } else if percent.abs() < 9.995 {
        format!("{percent:+.2} %")
    } else {
        format!("{percent:+.0} %")
    }
}

/// `1,234,567`: groups of three, so that counts can be read.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests;
