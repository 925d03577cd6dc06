//! Lists that are edited where they stand, and the small parts of their rows: cells, choices, a
//! button to remove.

use egui::{TextEdit, Ui, Vec2};

use super::field::{self, Drafts};
use crate::{
    picture::Icon,
    window::{icon, theme::Theme},
};

/// A list of things with numbers.
pub struct List<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// What one of them is called.
    pub one: &'a str,
    /// What is said when there are none.
    pub empty: &'a str,
    /// Whether there is anything that one could be about.
    pub can_add: bool,
}

impl List<'_> {
    /// Draws the list. `draw` shows and changes one item, and says whether it is to go; `new` makes
    /// the one that is added. Returns the list as it is to become.
    pub fn ui<T: Clone + PartialEq>(
        &self,
        ui: &mut Ui,
        drafts: &mut Drafts,
        items: &[T],
        mut draw: impl FnMut(&mut Ui, &mut Drafts, Row<'_>, &mut T) -> bool,
        new: impl FnOnce() -> T,
    ) -> Option<Vec<T>> {
        field::group(ui, self.title);
        let mut changed = None;
        let mut rows = Rows::default();
        for (index, item) in items.iter().enumerate() {
            let row = Row {
                one: self.one,
                index,
            };
            rows.row(ui, items.len(), |ui| {
                let mut edited = item.clone();
                let is_gone = draw(ui, drafts, row, &mut edited);
                errors(ui, drafts, &row.key(""));
                if is_gone || edited != *item {
                    let mut all = items.to_vec();
                    if is_gone {
                        all.remove(index);
                    } else {
                        all[index] = edited;
                    }
                    changed = Some(all);
                }
            });
        }
        if items.is_empty() {
            ui.colored_label(Theme::of(ui).text_weak, self.empty);
        }
        ui.add_enabled_ui(self.can_add, |ui| {
            if icon::button(ui, Icon::Plus, &format!("Add {}", self.one)).clicked() {
                let mut all = items.to_vec();
                all.push(new());
                changed = Some(all);
            }
        });
        changed
    }
}

/// One row of a [`List`].
#[derive(Clone, Copy)]
pub struct Row<'a> {
    one: &'a str,
    /// Its place in the list.
    pub index: usize,
}

impl Row<'_> {
    fn key(self, part: &str) -> String {
        format!("{} {} {part}", self.one, self.index)
    }

    /// The name of a part of the row: `Kind of fault 1`.
    pub fn about(self, part: &str) -> String {
        format!("{part} of {} {}", self.one, self.index + 1)
    }

    /// A text in the row. Returns a value that was entered and makes sense.
    pub fn cell<T>(
        self,
        ui: &mut Ui,
        drafts: &mut Drafts,
        part: &str,
        value: &str,
        width: f32,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let (key, name) = (self.key(part), self.about(part));
        cell(ui, drafts, &key, &name, value, width, parse)
    }

    /// A button at the end of the row.
    pub fn remove(self, ui: &mut Ui) -> bool {
        remove(ui, &format!("Remove {} {}", self.one, self.index + 1))
    }
}

/// Rows of a long list that can't be seen are not drawn.
#[derive(Debug, Default)]
struct Rows {
    /// Height of the row that was drawn last.
    height: Option<f32>,
}

impl Rows {
    /// A list of this many rows.
    const LONG: usize = 20;

    /// Draws a row of a list of `count`, or leaves room for it.
    fn row(&mut self, ui: &mut Ui, count: usize, draw: impl FnOnce(&mut Ui)) {
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
