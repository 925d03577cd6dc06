//! Small parts for rows of a list: cells, choices, a button to remove.

use egui::{TextEdit, Ui, Vec2};

use super::field::{self, Drafts};
use crate::{
    picture::Icon,
    window::{icon, theme::Theme},
};

/// Rows of a long list that can't be seen are not drawn.
#[derive(Debug, Default)]
pub struct Rows {
    /// Height of the row that was drawn last.
    height: Option<f32>,
}

impl Rows {
    /// A list of this many rows.
    const LONG: usize = 20;

    /// Draws a row of a list of `count`, or leaves room for it.
    pub fn row(&mut self, ui: &mut Ui, count: usize, draw: impl FnOnce(&mut Ui)) {
        let top = ui.next_widget_position();
        if let Some(height) = self.height.filter(|_| count > Self::LONG) {
            let rect = egui::Rect::from_min_size(top, Vec2::new(ui.available_width(), height));
            if !ui.is_rect_visible(rect) {
                ui.allocate_space(rect.size());
                return;
            }
        }
        let height = ui.vertical(draw).response.rect.height();
        self.height = Some(self.height.map_or(height, |least| least.min(height)));
    }
}

/// A text in a row. Returns a value that was entered and makes sense.
pub fn cell<T>(
    ui: &mut Ui,
    drafts: &mut Drafts,
    key: &str,
    name: &str,
    value: &str,
    width: f32,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    let mut text = drafts.text(key, value);
    let bad = drafts.has(key) && parse(text.trim()).is_err();
    let mut edit = TextEdit::singleline(&mut text)
        .id(ui.scope_id().with(("cell", key)))
        .align(egui::Align2::LEFT_CENTER)
        .desired_width(width - 16.0);
    if bad {
        edit = edit.text_color(Theme::of(ui).bad);
    }
    let size = Vec2::new(width, ui.spacing().interact_size.y);
    let response = ui
        .add_sized(size, edit)
        .accessible_name(name)
        .on_hover_text(name);
    drafts.follow(ui, key, value, &text, &response, parse)
}

/// A choice in a row.
pub fn combo<T: PartialEq + Copy>(
    ui: &mut Ui,
    name: &str,
    width: f32,
    now: T,
    all: &[(T, &str)],
) -> Option<T> {
    let mut chosen = None;
    let word = all
        .iter()
        .find(|(value, _)| *value == now)
        .map_or("", |(_, word)| *word);
    let combo = egui::ComboBox::from_id_salt(name)
        .width(width)
        .selected_text(word)
        .show_ui(ui, |ui| {
            for (value, word) in all {
                if ui.selectable_label(*value == now, *word).clicked() {
                    chosen = Some(*value);
                }
            }
        });
    combo.response.accessible_name(name).on_hover_text(name);
    chosen
}

/// A choice among names in a row.
pub fn names(
    ui: &mut Ui,
    name: &str,
    width: f32,
    now: &str,
    all: impl Fn() -> Vec<String>,
) -> Option<String> {
    let mut chosen = None;
    let combo = egui::ComboBox::from_id_salt(name)
        .width(width)
        .truncate()
        .selected_text(now)
        .show_ui(ui, |ui| {
            for other in all() {
                if ui.selectable_label(other == now, &other).clicked() {
                    chosen = Some(other);
                }
            }
        });
    combo.response.accessible_name(name).on_hover_text(name);
    chosen
}

/// A button at the end of a row.
pub fn remove(ui: &mut Ui, name: &str) -> bool {
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        let side = ui.spacing().interact_size.y;
        ui.spacing_mut().interact_size = Vec2::splat(side);
        icon::button(ui, Icon::Trash, name).clicked()
    })
    .inner
}

/// Why texts of a row were refused, below it.
pub fn errors(ui: &mut Ui, drafts: &Drafts, prefix: &str) {
    if let Some(error) = drafts.error(prefix) {
        field::error_line(ui, error);
    }
}
