//! The drawing: boxes, arrows, moving requests, and every gesture on them.

mod arrows;
mod badge;
mod boxes;
mod callee;
mod cost;
mod dots;
mod frames;
mod gesture;
mod hit;
mod menu;
mod pipe;
mod rename;
mod scene;
mod stamp;

use std::collections::HashMap;

use egui::{CursorIcon, Pos2, Rect, Sense, Ui, Vec2};

pub use dots::{Dots, cause_words};
pub use menu::{OF_ARROWS, instances, troubles, troubles_of_frame};
pub use rename::Rename;
pub use scene::{BOX_HEIGHT, BOX_WIDTH, Scene};

use super::{
    document::Document,
    edit::Edit,
    figures::Figures,
    outbox::Outbox,
    placement,
    selection::Selection,
    theme::Theme,
    view::{Detail, Lens, View},
};
use crate::scenario::Kind;
use callee::NewCallee;
use gesture::Gesture;
use hit::Hit;

/// What the canvas reads while it draws.
pub struct Context<'a> {
    /// The document.
    pub document: &'a Document,
    /// What is selected.
    pub selection: &'a Selection,
    /// What the run says.
    pub figures: &'a Figures,
    /// What is wrong with boxes, by name.
    pub problems: &'a HashMap<String, String>,
    /// Moving requests, when they are shown.
    pub dots: Option<&'a Dots>,
    /// Whether a text was being typed when the frame began: its keys are not the canvas's.
    pub typing: bool,
    /// The clock on the wall, for moving requests.
    pub now_secs: f64,
}

/// The state of the canvas from frame to frame.
#[derive(Debug)]
pub struct Canvas {
    /// Where it looks.
    pub view: View,
    scene: Scene,
    gesture: Gesture,
    rename: Option<Rename>,
    /// What the context menu is about.
    menu_for: Option<Hit>,
    /// Where it was opened.
    menu_place: placement::Place,
    /// Where it is on the screen.
    rect: Rect,
    fit_wanted: bool,
    /// What is selected is to be seen.
    reveal_wanted: bool,
    /// The whole drawing is looked at and nobody has moved the view: a window of another size
    /// shows the whole drawing, too.
    is_fitted: bool,
    /// An arrow was pulled into the empty from a box: what shall stand there?
    new_callee: Option<NewCallee>,
    gestures: u64,
}

impl Default for Canvas {
    fn default() -> Self {
        Self {
            view: View::default(),
            scene: Scene::default(),
            gesture: Gesture::Idle,
            rename: None,
            menu_for: None,
            menu_place: (0, 0),
            rect: Rect::ZERO,
            fit_wanted: true,
            reveal_wanted: false,
            is_fitted: false,
            new_callee: None,
            gestures: 0,
        }
    }
}

impl Canvas {
    /// Looks at the whole drawing from the next frame on.
    pub fn fit(&mut self) {
        self.fit_wanted = true;
    }

    /// Brings the selected boxes into view from the next frame on, when they are not.
    pub fn reveal(&mut self) {
        self.reveal_wanted = true;
    }

    /// Looks at the drawing at its real size.
    pub fn actual_size(&mut self) {
        self.is_fitted = false;
        self.view.zoom = 1.0;
    }

    /// Zooms by a factor around the middle of the canvas.
    pub fn zoom_by(&mut self, factor: f32) {
        self.is_fitted = false;
        self.view.zoom_at(factor, self.rect.center(), self.rect);
    }

    /// Starts renaming a box where it stands.
    pub fn start_rename(&mut self, name: &str) {
        self.rename = Some(Rename::new(name));
    }

    /// Starts to edit the name of a frame.
    pub fn start_frame_rename(&mut self, name: &str) {
        self.rename = Some(Rename::of_frame(name));
    }

    /// Whether a key press belongs to the canvas's own text field.
    pub fn is_renaming(&self) -> bool {
        self.rename.is_some()
    }

    /// Whether something is being dragged.
    pub fn is_busy(&self) -> bool {
        !matches!(self.gesture, Gesture::Idle)
    }

    /// Where a box goes that was not put anywhere: right of the selected one, or in the middle.
    pub fn place_for_new(&self, document: &Document, selection: &Selection) -> placement::Place {
        if let Some(place) = selection
            .single_box()
            .and_then(|name| document.places().get(name))
        {
            return (place.0.saturating_add(placement::COLUMN), place.1);
        }
        let center = self.view.center_in_scene;
        placement::snap(center.x, center.y)
    }

    /// Draws everything and collects what the person asks for.
    pub fn ui(&mut self, ui: &mut Ui, context: &Context<'_>, out: &mut Outbox) {
        let rect = ui.available_rect_before_wrap();
        if self.is_fitted && self.rect.size() != rect.size() && !self.is_busy() {
            self.fit_wanted = true;
        }
        self.rect = rect;
        let response = ui.allocate_rect(rect, Sense::click_and_drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, "Drawing"));
        self.scene.follow(context.document);
        if self.fit_wanted && rect.width() > 1.0 {
            self.fit_wanted = false;
            self.is_fitted = true;
            self.view.fit(self.scene.bounds(), rect.size());
        }
        if std::mem::take(&mut self.reveal_wanted) {
            self.show_selected(context.selection);
        }
        self.navigate(ui, &response);
        let lens = self.view.lens(rect, ui.pixels_per_point());

        let hover = response.hover_pos().filter(|_| response.contains_pointer());
        let hit = hover.map_or(Hit::Nothing, |at| hit::test(&self.scene, &lens, at));
        self.handle_gestures(ui, &response, context, &lens, hit, out);

        let theme = Theme::of(ui);
        let painter = ui.painter_at(rect);
        if lens.detail == Detail::Full {
            self.scene
                .place_labels(|label| arrows::label_sizes(&painter, label));
        }
        draw_ground(&painter, &lens, theme);
        frames::draw(&painter, &lens, theme, &self.scene.frames, context, hit);
        arrows::draw(&painter, &lens, theme, &self.scene, context, hit);
        if let Some(dots) = context.dots {
            dots.draw(&painter, &lens, theme, &self.scene, context.now_secs);
        }
        boxes::draw(
            ui,
            &painter,
            &lens,
            theme,
            &self.scene,
            context,
            hit,
            &self.gesture,
        );
        if let Some(dots) = context.dots {
            dots.draw_causes(&painter, &lens, theme, &self.scene, context.now_secs);
        }
        self.draw_gesture(ui, &painter, &lens, theme, context);
        Self::drop_from_palette(ui, &response, &painter, &lens, theme, out);
        draw_drop_target(ui, &painter, &lens, theme);
        if self.scene.is_empty() {
            draw_invitation(ui, &painter, &lens, theme);
        }
        if let Some(rename) = &mut self.rename
            && rename.ui(ui, &lens, &self.scene, context.document, out)
        {
            self.rename = None;
        }
        self.choose_new_callee(ui, &lens, theme, context.document, out);
        self.cursor(ui, hit, hover.is_some());
        if lens.detail < Detail::Full
            && matches!(self.gesture, Gesture::Idle)
            && let Some(number) = hit.in_box()
        {
            // What can't be read from here.
            let words = boxes::describe_box(&self.scene, context, number);
            response.clone().on_hover_text_at_pointer(words);
        }
        if let (Gesture::Idle, Hit::Arrow(number)) = (&self.gesture, hit)
            && let Some(words) = context
                .figures
                .arrows
                .get(number)
                .and_then(arrows::describe)
        {
            response.clone().on_hover_text_at_pointer(words);
        }
        self.context_menu(&response, context, &lens, hit, out);
        boxes::accessibility(ui, &lens, &self.scene, context, out);
        frames::accessibility(ui, &lens, &self.scene, context, out);
    }

    /// Moves the view no further than needed to see the selected boxes.
    fn show_selected(&mut self, selection: &Selection) {
        let boxes = self.scene.boxes.iter();
        let bounds = boxes
            .filter(|scene_box| selection.boxes.contains(&scene_box.name))
            .fold(Rect::NOTHING, |bounds, scene_box| {
                bounds.union(scene_box.rect)
            });
        if bounds.is_positive() && self.view.reveal(bounds, self.rect.size()) {
            self.is_fitted = false;
        }
    }

    /// Pans and zooms.
    fn navigate(&mut self, ui: &Ui, response: &egui::Response) {
        if response.contains_pointer() {
            let (scroll, zoom, pointer) = ui.input(|input| {
                (
                    input.smooth_scroll_delta(),
                    input.zoom_delta(),
                    input.pointer.hover_pos(),
                )
            });
            if zoom != 1.0
                && let Some(at) = pointer
            {
                self.is_fitted = false;
                self.view.zoom_at(zoom, at, response.rect);
            } else if scroll != Vec2::ZERO {
                self.is_fitted = false;
                self.view.pan(scroll);
            }
        }
        let by_button = response.dragged_by(egui::PointerButton::Middle)
            || response.dragged_by(egui::PointerButton::Secondary);
        if by_button || matches!(self.gesture, Gesture::Pan) {
            self.is_fitted = false;
            self.view.pan(response.drag_delta());
        }
    }

    fn cursor(&self, ui: &Ui, hit: Hit, hovered: bool) {
        let space = ui.input(|input| input.key_down(egui::Key::Space));
        let cursor = match (&self.gesture, hit) {
            (Gesture::Pan, _) => CursorIcon::Grabbing,
            (Gesture::Move { .. }, _) => CursorIcon::Move,
            (Gesture::Connect { .. }, _) => CursorIcon::Crosshair,
            _ if !hovered => return,
            _ if space => CursorIcon::Grab,
            (_, Hit::Edge(_)) => CursorIcon::Crosshair,
            (_, Hit::Box(_) | Hit::Arrow(_) | Hit::Frame(_)) => CursorIcon::PointingHand,
            _ => return,
        };
        ui.ctx().set_cursor_icon(cursor);
    }

    /// A box dragged from the palette.
    fn drop_from_palette(
        ui: &Ui,
        response: &egui::Response,
        painter: &egui::Painter,
        lens: &Lens,
        theme: &Theme,
        out: &mut Outbox,
    ) {
        let Some(at) = ui.input(|input| input.pointer.latest_pos()) else {
            return;
        };
        let in_scene = lens.to_scene(at);
        let place = placement::snap(in_scene.x, in_scene.y);
        if let Some(kind) = response.dnd_release_payload::<Kind>() {
            out.edit(Edit::Add {
                kind: *kind,
                at: place,
                called_by: None,
            });
        } else if response.dnd_hover_payload::<Kind>().is_some() {
            let ghost = lens.rect_to_screen(scene::box_in_scene(place));
            painter.rect(
                ghost,
                f32::from(super::theme::radius::L) * lens.zoom,
                Theme::tint(theme.accent, 0.15),
                egui::Stroke::new(super::theme::line::NORMAL, theme.accent),
                egui::StrokeKind::Inside,
            );
        }
    }
}

/// What dropping a file does.
fn draw_drop_target(ui: &Ui, painter: &egui::Painter, lens: &Lens, theme: &Theme) {
    if ui.input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    painter.rect(
        lens.canvas.shrink(8.0),
        f32::from(super::theme::radius::L),
        Theme::tint(theme.accent, 0.15),
        egui::Stroke::new(super::theme::line::STRONG, theme.accent),
        egui::StrokeKind::Inside,
    );
    let font = egui::TextStyle::Heading.resolve(ui.style());
    let center = lens.canvas.center();
    painter.text(
        center,
        egui::Align2::CENTER_CENTER,
        "Drop to open",
        font,
        theme.text,
    );
}

/// The paper, with dots where boxes snap to.
fn draw_ground(painter: &egui::Painter, lens: &Lens, theme: &Theme) {
    painter.rect_filled(lens.canvas, 0.0, theme.canvas);
    // Far away the dots would become a grey veil, and on a large screen they would be most of what
    // is drawn: leave some out, or all.
    const LEAST_DISTANCE: f32 = 18.0;
    const MOST_DOTS: f32 = 6_000.0;
    let mut step = placement::GRID as f32;
    let is_dense = |step: f32| {
        let distance = step * lens.zoom;
        distance < LEAST_DISTANCE || lens.canvas.area() > MOST_DOTS * distance * distance
    };
    while is_dense(step) {
        step *= 2.0;
    }
    if step > placement::GRID as f32 * 4.0 {
        return;
    }
    let visible = lens.visible_in_scene();
    let first = |from: f32| (from / step).floor() * step;
    let radius = (lens.zoom * 1.1).clamp(0.7, 1.4);
    let mut mesh = egui::Mesh::default();
    let mut x = first(visible.min.x);
    while x <= visible.max.x {
        let mut y = first(visible.min.y);
        while y <= visible.max.y {
            let at = lens.to_screen(Pos2::new(x, y));
            mesh.add_colored_rect(
                Rect::from_center_size(at, Vec2::splat(2.0 * radius)),
                theme.grid,
            );
            y += step;
        }
        x += step;
    }
    painter.add(mesh);
}

/// What an empty drawing says.
fn draw_invitation(ui: &Ui, painter: &egui::Painter, lens: &Lens, theme: &Theme) {
    let center = lens.canvas.center();
    painter.text(
        center,
        egui::Align2::CENTER_BOTTOM,
        "Drag a client and a server here",
        egui::TextStyle::Heading.resolve(ui.style()),
        theme.text,
    );
    painter.text(
        center + Vec2::new(0.0, 8.0),
        egui::Align2::CENTER_TOP,
        "Pull an arrow from the edge of one box to another, then press play",
        egui::TextStyle::Body.resolve(ui.style()),
        theme.text_weak,
    );
}
