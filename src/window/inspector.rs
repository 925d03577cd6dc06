//! Parameters and figures of what is selected.

mod component;
mod connection;
mod demand;
mod deploy;
mod faults;
mod field;
mod frame;
mod list;
mod notes;
mod objectives;
mod operations;
mod parameters;
mod regions;
mod scenario;
mod scrub;
mod theory;
mod trouble;

use egui::{RichText, ScrollArea, Ui, UiBuilder, Vec2};

use super::{
    caption,
    document::Document,
    edit, icon, little_panel,
    live::Snapshot,
    outbox::Outbox,
    selection::Selection,
    theme::{self, Theme, space},
};
use crate::{
    picture::Icon,
    scenario::{Problem, Subject},
};
use field::Drafts;

/// What the inspector reads.
pub struct Context<'a> {
    /// The document.
    pub document: &'a Document,
    /// What is selected.
    pub selection: &'a Selection,
    /// What the run says.
    pub snapshot: &'a Snapshot,
    /// What is wrong with the document.
    pub problems: &'a [Problem],
}

/// Width of the inspector's panel, until somebody changes it.
pub const WIDTH: f32 = 320.0;
/// Most of the inspector's height that figures take from the parameters.
const MOST_FIGURES: f32 = 0.62;
/// Least height that is left for what can be changed.
const LEAST_FIELDS: f32 = 220.0;
/// An inspector lower than this has no room for two parts that scroll apart.
const LEAST_DIVIDED: f32 = 400.0;

/// Fields while they are typed.
#[derive(Debug, Default)]
pub struct Inspector {
    drafts: Drafts,
    notes: notes::Notes,
    /// Documents seen so far.
    documents: u64,
    /// How high the figures were when they were drawn last.
    figures_height: f32,
}

impl Inspector {
    /// Forgets what was about the document before.
    pub fn begin(&mut self) {
        *self = Self {
            documents: self.documents + 1,
            ..Self::default()
        };
    }

    /// Draws the inspector.
    pub fn ui(&mut self, ui: &mut Ui, context: &Context<'_>, out: &mut Outbox) {
        // Each subject begins at its top.
        let subject = (
            self.documents,
            context.selection.single_box(),
            context.selection.single_arrow(),
            context.selection.single_frame(),
        );
        let all = ui.available_rect_before_wrap();
        if all.height() < LEAST_DIVIDED {
            scroll(ui, ("all", subject), |ui| {
                self.fields(ui, context, out);
                ui.add_space(space::L);
                figures(ui, context);
            });
            return;
        }
        let most = (all.height() * MOST_FIGURES).min(all.height() - LEAST_FIELDS);
        // Figures stay in sight below: with the parameters above, which can be many, they would be
        // scrolled away while a parameter is turned.
        let figures_height = self.figures_height.min(most);
        let (mut upper, lower) = all.split_top_bottom_at_y(all.bottom() - figures_height.round());
        if figures_height > 0.0 {
            upper.max.y -= space::M;
            let theme = Theme::of(ui);
            let stroke = egui::Stroke::new(theme::line::HAIR, theme.border);
            ui.painter().hline(all.x_range(), upper.max.y, stroke);
            upper.max.y -= 1.0;
        }
        ui.scope_builder(UiBuilder::new().max_rect(upper), |ui| {
            scroll(ui, ("fields", subject), |ui| {
                self.fields(ui, context, out);
                ui.add_space(space::L);
            });
        });
        ui.scope_builder(UiBuilder::new().max_rect(lower), |ui| {
            let height = scroll(ui, ("figures", subject), |ui| figures(ui, context));
            if height != self.figures_height {
                self.figures_height = height;
                ui.ctx().request_repaint();
            }
        });
    }

    /// What can be changed.
    fn fields(&mut self, ui: &mut Ui, context: &Context<'_>, out: &mut Outbox) {
        if let Some(name) = context.selection.single_box() {
            component::ui(ui, &mut self.drafts, context, name, out);
        } else if let Some(number) = context.selection.single_arrow() {
            connection::ui(ui, &mut self.drafts, context, number, out);
        } else if let Some(name) = context.selection.single_frame() {
            frame::ui(ui, &mut self.drafts, context, name, out);
        } else if context.selection.is_empty() {
            heading(ui, None, "Scenario", "");
            problems(ui, context, |_| true);
            scenario::ui(ui, &mut self.drafts, &mut self.notes, context, out);
        } else {
            many(ui, context, out);
        }
    }
}

/// What was measured.
fn figures(ui: &mut Ui, context: &Context<'_>) {
    if let Some(name) = context.selection.single_box() {
        component::figures(ui, context, name);
    } else if let Some(number) = context.selection.single_arrow() {
        connection::figures(ui, context, number);
    } else if let Some(name) = context.selection.single_frame() {
        let members = &context.selection.boxes;
        demand::cost(ui, context.snapshot, |name| members.contains(name));
        regions::of_frame(ui, context.snapshot, name);
    } else if context.selection.is_empty() {
        little_panel::ui(ui, context.snapshot);
        demand::cost(ui, context.snapshot, |_| true);
        demand::first(ui, context.snapshot);
        regions::ui(ui, context.snapshot);
    }
}

/// A part of the inspector that scrolls when it must. Returns how high its content is.
fn scroll(
    ui: &mut Ui,
    salt: impl std::hash::Hash + std::fmt::Debug,
    content: impl FnOnce(&mut Ui),
) -> f32 {
    let drawn = ScrollArea::vertical()
        .id_salt(salt)
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            // Between the fields and the scroll bar.
            ui.set_max_width(ui.available_width() - space::S);
            content(ui);
        });
    drawn.content_size.y
}

/// Icon, name and kind.
fn heading(ui: &mut Ui, sign: Option<Icon>, name: &str, kind: &str) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        if let Some(sign) = sign {
            let (rect, _) = ui.allocate_exact_size(Vec2::splat(24.0), egui::Sense::hover());
            icon::paint(ui.painter(), sign, rect, theme.text);
        }
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.add(egui::Label::new(RichText::new(name).size(theme::text::HEADING)).truncate());
            if !kind.is_empty() {
                ui.label(
                    RichText::new(kind)
                        .size(theme::text::SMALL)
                        .color(theme.text_weak),
                );
            }
        });
    });
    ui.add_space(space::S);
}

/// What is wrong with the subject.
fn problems(ui: &mut Ui, context: &Context<'_>, concerns: impl Fn(&Subject) -> bool) {
    const MOST: usize = 8;
    let theme = Theme::of(ui);
    let scenario = context.document.scenario();
    let found: Vec<&Problem> = context
        .problems
        .iter()
        .filter(|problem| concerns(&problem.subject))
        .collect();
    for problem in found.iter().take(MOST) {
        let color = if problem.is_error() {
            theme.bad
        } else {
            theme.warning
        };
        ui.horizontal_top(|ui| {
            let (rect, _) = ui.allocate_exact_size(Vec2::splat(16.0), egui::Sense::hover());
            icon::paint(ui.painter(), Icon::Warning, rect, color);
            let text = caption::of_problem(problem, scenario);
            ui.add(egui::Label::new(RichText::new(text).color(color)).wrap());
        });
    }
    if found.len() > MOST {
        ui.weak(format!("and {} more", found.len() - MOST));
    }
    if !found.is_empty() {
        ui.add_space(space::S);
    }
}

/// Several things at once.
fn many(ui: &mut Ui, context: &Context<'_>, out: &mut Outbox) {
    heading(
        ui,
        None,
        &format!("{} selected", context.selection.describe()),
        "",
    );
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    let scenario = context.document.scenario();
    for (name, component) in &scenario.components {
        if context.selection.boxes.contains(name) {
            let kind = edit::kind_name(component.kind());
            match kinds.iter_mut().find(|(other, _)| *other == kind) {
                Some((_, count)) => *count += 1,
                None => kinds.push((kind, 1)),
            }
        }
    }
    for (kind, count) in kinds {
        ui.label(format!("{count} × {kind}"));
    }
    ui.add_space(space::M);
    ui.horizontal(|ui| {
        for command in [
            super::command::Command::Duplicate,
            super::command::Command::Delete,
        ] {
            if ui
                .button(command.text())
                .on_hover_text(command.tooltip())
                .clicked()
            {
                out.command(command);
            }
        }
    });
}
