//! The name of a box or a frame, edited where it stands.

use egui::{Key, TextEdit, Ui, Vec2, pos2};

use super::Scene;
use crate::{
    scenario::{Scenario, check},
    window::{
        document::Document,
        edit::Edit,
        outbox::Outbox,
        text,
        theme::{self, Theme},
        view::Lens,
    },
};

/// A name being edited.
#[derive(Debug)]
pub struct Rename {
    name: String,
    is_of_frame: bool,
    text: String,
    has_focus: bool,
}

impl Rename {
    /// Starts from the name as it is.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            is_of_frame: false,
            text: name.to_owned(),
            has_focus: false,
        }
    }

    /// As [`Self::new`], of a frame.
    pub fn of_frame(name: &str) -> Self {
        Self {
            is_of_frame: true,
            ..Self::new(name)
        }
    }

    /// Draws the field. Returns whether it is done.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        lens: &Lens,
        scene: &Scene,
        document: &Document,
        out: &mut Outbox,
    ) -> bool {
        // Readable at every zoom, over the name.
        const WIDTH: f32 = 180.0;
        let (corner, width) = if self.is_of_frame {
            let mut frames = scene.frames.iter();
            let Some(frame) = frames.find(|frame| frame.name == self.name) else {
                return true;
            };
            let title = lens.rect_to_screen(frame.title());
            (pos2(title.min.x, title.center().y - 15.0), WIDTH)
        } else {
            let Some(number) = scene.number(&self.name) else {
                return true;
            };
            let on_screen = lens.rect_to_screen(scene.boxes[number].rect);
            let width = on_screen.width().max(WIDTH);
            let left = on_screen.center().x - width / 2.0;
            (pos2(left, on_screen.min.y + 3.0 * lens.zoom), width)
        };
        let theme = Theme::of(ui);
        let rect = egui::Rect::from_min_size(corner, Vec2::new(width, 30.0));
        let id = ui.scope_id().with("rename");
        let frame = egui::Frame::new()
            .fill(theme.card)
            .stroke(egui::Stroke::new(theme::line::STRONG, theme.accent))
            .corner_radius(theme::radius::M)
            .inner_margin(egui::Margin::symmetric(8, 4));
        let edit = TextEdit::singleline(&mut self.text)
            .id(id)
            .frame(frame)
            .align(egui::Align2::LEFT_CENTER)
            .desired_width(width);
        let response = ui.place(rect, edit).accessible_name("New name");
        if !self.has_focus {
            self.has_focus = true;
            response.request_focus();
            select_all(ui, id, &self.text);
        }
        let wanted = self.text.trim();
        let problem = self.problem_with(document.scenario(), wanted);
        if let Some(problem) = &problem {
            let at = rect.left_bottom() + Vec2::new(2.0, 4.0);
            let font = egui::FontId::proportional(theme::text::SMALL);
            let galley = ui
                .painter()
                .layout_no_wrap(problem.clone(), font, theme.bad);
            let behind = egui::Rect::from_min_size(at, galley.size()).expand(3.0);
            ui.painter().rect_filled(behind, 3.0, theme.card);
            ui.painter().galley(at, galley, theme.bad);
        }
        if ui.input(|input| input.key_pressed(Key::Escape)) {
            return true;
        }
        if !response.lost_focus() {
            return false;
        }
        let entered = ui.input(|input| input.key_pressed(Key::Enter));
        if problem.is_none() && wanted != self.name {
            let (from, to) = (self.name.clone(), wanted.to_owned());
            out.edit(if self.is_of_frame {
                Edit::RenameFrame { from, to }
            } else {
                Edit::Rename { from, to }
            });
        } else if problem.is_some() && entered {
            // Not yet: the reason stands below.
            response.request_focus();
            return false;
        }
        true
    }

    /// Why it can't have another name.
    fn problem_with(&self, scenario: &Scenario, wanted: &str) -> Option<String> {
        if wanted == self.name {
            return None;
        }
        let taken = if scenario.components.contains_key(wanted) {
            Some("box")
        } else if scenario.frames.contains_key(wanted) {
            Some("frame")
        } else {
            None
        };
        let taken = taken.map(|kind| format!("there is a {kind} called {wanted} already"));
        let means_two = self.is_of_frame && wanted.contains(" | ");
        let means_two = means_two.then(|| "` | ` stands between two frames".to_owned());
        check::name_problem(wanted)
            .or(taken)
            .or(means_two)
            .map(|problem| text::capital(&problem))
    }
}

fn select_all(ui: &Ui, id: egui::Id, text: &str) {
    let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
    let range = egui::text::CCursorRange::two(
        egui::text::CCursor::default(),
        egui::text::CCursor::new(text.chars().count()),
    );
    state.cursor.set_char_range(Some(range));
    TextEdit::store_state(ui.ctx(), id, state);
}
