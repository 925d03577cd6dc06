//! One value as text: typed as people think, refused with a reason, reset to its default.

use std::collections::HashMap;

use egui::{Key, RichText, TextEdit, Ui, Vec2};

use crate::picture::Icon;
use crate::window::{
    icon,
    theme::{self, Theme, space},
};

/// Texts that are being typed, or were refused, by field.
#[derive(Debug, Default)]
pub struct Drafts {
    /// Whose fields they are; another subject has none.
    subject: String,
    drafts: HashMap<String, Draft>,
    /// The field whose name is being dragged, what it said at first, and how far it was dragged.
    scrub: Option<(String, String, f32)>,
    scrubs: u64,
}

#[derive(Clone, Debug)]
struct Draft {
    text: String,
    /// Why it makes no sense, or not yet.
    error: Option<String>,
    /// What the document said when typing began: undo and others may change it meanwhile.
    value: String,
}

impl Drafts {
    /// Says whose fields come now; drafts of another subject are forgotten.
    pub fn about(&mut self, subject: &str) {
        if self.subject != subject {
            subject.clone_into(&mut self.subject);
            self.drafts.clear();
        }
    }

    /// Follows a name that is dragged. Returns the text at the start, the distance so far, and the
    /// number of the gesture.
    pub fn scrub(
        &mut self,
        key: &str,
        value: &str,
        label: &egui::Response,
    ) -> Option<(String, f32, u64)> {
        if label.drag_started() {
            self.scrubs += 1;
            self.scrub = Some((key.to_owned(), value.to_owned(), 0.0));
        }
        let (dragged, start, way) = self.scrub.as_mut()?;
        if dragged != key || !label.dragged() {
            return None;
        }
        let before = *way;
        *way += label.drag_delta().x;
        (*way != before).then(|| (start.clone(), *way, self.scrubs))
    }

    /// What a field shows: the draft, or what the document says.
    pub fn text(&self, key: &str, value: &str) -> String {
        match self.drafts.get(key) {
            // When the value was changed elsewhere, by undo for instance, that counts.
            Some(draft) if draft.value == value => draft.text.clone(),
            _ => value.to_owned(),
        }
    }

    /// Whether something was typed that is not in the document.
    pub fn has(&self, key: &str) -> bool {
        self.drafts.contains_key(key)
    }

    /// Why the text of a field was refused.
    pub fn error_of(&self, key: &str) -> Option<&str> {
        self.drafts.get(key)?.error.as_deref()
    }

    /// Forgets what was typed.
    pub fn forget(&mut self, key: &str) {
        self.drafts.remove(key);
    }

    /// Why a text was refused, of the first field whose key starts like this.
    pub fn error(&self, prefix: &str) -> Option<&str> {
        let mut keys: Vec<&String> = self
            .drafts
            .keys()
            .filter(|key| key.starts_with(prefix))
            .collect();
        keys.sort();
        keys.iter()
            .find_map(|key| self.drafts[*key].error.as_deref())
    }

    /// Keeps what is typed, and returns it once it is entered and makes sense.
    pub fn follow<T>(
        &mut self,
        ui: &Ui,
        key: &str,
        value: &str,
        text: &str,
        response: &egui::Response,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        if self
            .drafts
            .get(key)
            .is_some_and(|draft| draft.value != value)
        {
            self.drafts.remove(key);
        }
        if response.changed() {
            let draft = Draft {
                text: text.to_owned(),
                error: parse(text.trim()).err(),
                value: value.to_owned(),
            };
            self.drafts.insert(key.to_owned(), draft);
        }
        if !response.lost_focus() || !self.has(key) {
            return None;
        }
        if ui.input(|input| input.key_pressed(Key::Escape)) {
            self.drafts.remove(key);
            return None;
        }
        let parsed = parse(text.trim()).ok();
        if parsed.is_some() {
            self.drafts.remove(key);
        }
        parsed
    }
}

/// More letters than this do not fit beside a name.
const MOST_LETTERS: usize = 23;
/// Width of the names of fields.
const LABEL_WIDTH: f32 = 104.0;

/// A field for one value.
pub struct Field<'a> {
    /// What it is called in the program, unlike any other field of the subject.
    pub key: &'a str,
    /// What it is called on the screen.
    pub label: &'a str,
    /// How deep it stands below another field.
    pub depth: usize,
    /// What the document says.
    pub value: String,
    /// What an empty field shows.
    pub hint: &'a str,
    /// What it means, with unit and range.
    pub about: String,
    /// Whether dragging its name changes it.
    pub can_drag: bool,
    /// Whether it is what it would be if nothing was said.
    pub is_default: bool,
    /// What it goes back to; nothing when it is there.
    pub default: Option<String>,
}

impl Field<'_> {
    /// Draws the field. Returns a value that was entered and makes sense, and the response of the
    /// field's name.
    pub fn ui<T>(
        self,
        ui: &mut Ui,
        drafts: &mut Drafts,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> (Option<T>, egui::Response) {
        let theme = Theme::of(ui);
        let mut entered = None;
        // A long text gets a line of its own.
        let is_long = self.value.chars().count() > MOST_LETTERS;
        let label_above = is_long.then(|| {
            ui.horizontal(|ui| label(ui, self.label, self.depth, &self.about, self.can_drag))
                .inner
        });
        let row = ui.horizontal(|ui| {
            let label = match label_above {
                Some(label) => {
                    ui.add_space(space::L * (self.depth + 1) as f32);
                    label
                }
                None => label(ui, self.label, self.depth, &self.about, self.can_drag),
            };
            let stands_out = self.default.is_some();
            let reset_width = if stands_out {
                ui.spacing().interact_size.y + ui.spacing().item_spacing.x
            } else {
                0.0
            };
            let width = ui.available_width() - reset_width;
            let mut text = drafts.text(self.key, &self.value);
            let bad = drafts.has(self.key) && parse(text.trim()).is_err();
            let mut edit = TextEdit::singleline(&mut text)
                .id(ui.scope_id().with(("field", self.key)))
                .hint_text(self.hint)
                .desired_width(width - 2.0 * space::M);
            edit = edit.align(egui::Align2::LEFT_CENTER);
            if bad {
                edit = edit.text_color(theme.bad);
            } else if self.is_default && !drafts.has(self.key) {
                edit = edit.text_color(theme.text_weak);
            }
            let response = ui
                .add_sized(Vec2::new(width, ui.spacing().interact_size.y), edit)
                .labelled_by(label.id)
                .on_hover_text(&self.about);
            if bad {
                outline(ui, response.rect);
            }
            entered = drafts.follow(ui, self.key, &self.value, &text, &response, &parse);
            if stands_out && let Some(default) = &self.default {
                let shown = if default.is_empty() { "unset" } else { default };
                let name = format!("Reset {} to {shown}", self.label.to_lowercase());
                if reset_button(ui, &name) {
                    drafts.forget(self.key);
                    entered = parse(default).ok();
                }
            }
            label
        });
        if let Some(error) = drafts.error_of(self.key) {
            error_line(ui, error);
        }
        (entered, row.inner)
    }
}

/// The name of a field, in a column of its own.
pub fn label(ui: &mut Ui, text: &str, depth: usize, about: &str, can_drag: bool) -> egui::Response {
    let size = Vec2::new(LABEL_WIDTH, ui.spacing().interact_size.y);
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let inner = ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.set_min_width(LABEL_WIDTH);
        ui.add_space(space::L * depth as f32);
        let label = egui::Label::new(text).truncate();
        if can_drag {
            ui.add(label.sense(egui::Sense::drag()))
        } else {
            ui.add(label)
        }
    });
    if !can_drag {
        return inner.inner.on_hover_text(about);
    }
    inner
        .inner
        .on_hover_text(format!("{about}\nDrag the name to turn it up or down"))
        .on_hover_cursor(egui::CursorIcon::ResizeHorizontal)
}

fn outline(ui: &Ui, rect: egui::Rect) {
    let theme = Theme::of(ui);
    ui.painter().rect_stroke(
        rect,
        f32::from(theme::radius::M),
        egui::Stroke::new(theme::line::NORMAL, theme.bad),
        egui::StrokeKind::Inside,
    );
}

/// A button that takes a value back to its default.
pub fn reset_button(ui: &mut Ui, name: &str) -> bool {
    let side = ui.spacing().interact_size.y;
    ui.scope(|ui| {
        ui.spacing_mut().interact_size = Vec2::splat(side);
        icon::button(ui, Icon::Undo, name).clicked()
    })
    .inner
}

/// Why a text was refused, below its field.
pub fn error_line(ui: &mut Ui, error: &str) {
    let theme = Theme::of(ui);
    ui.horizontal_top(|ui| {
        ui.add_space(LABEL_WIDTH + space::M);
        let text = RichText::new(error)
            .size(theme::text::SMALL)
            .color(theme.bad);
        ui.add(egui::Label::new(text).wrap());
    });
}

/// A heading above a group of fields.
pub fn group(ui: &mut Ui, text: &str) {
    ui.add_space(space::M);
    ui.label(RichText::new(text).strong());
    ui.add_space(space::XS);
}
