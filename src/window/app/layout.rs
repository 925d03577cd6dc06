//! What stands where in the window.

use egui::{CentralPanel, Frame, Margin, Panel, Ui};

use super::App;
use crate::window::{
    canvas, charts, inspector, menu,
    outbox::Outbox,
    palette, status,
    theme::{self, space},
    transport,
};

impl App {
    /// Draws the window without its dialogs.
    pub(super) fn draw(&mut self, ui: &mut Ui, out: &mut Outbox) {
        // Escape takes the focus from a field before the frame begins.
        let typing = std::mem::replace(&mut self.was_typing, ui.ctx().text_edit_focused())
            || self.was_typing;
        let theme = theme::Theme::of(ui);
        let bar = Frame::new()
            .fill(theme.panel)
            .inner_margin(Margin::symmetric(8, 4));
        Panel::top("menu")
            .frame(bar)
            .show_separator_line(false)
            .show(ui, |ui| {
                let context = menu::Context {
                    name: &self.name(),
                    is_changed: self.document.is_changed(),
                    undo: self.document.history().undo_name(),
                    redo: self.document.history().redo_name(),
                    boxes_selected: !self.selection.boxes.is_empty(),
                    one_thing_selected: self.selection.single_box().is_some()
                        || self.selection.single_frame().is_some(),
                    anything_selected: !self.selection.is_empty(),
                    settings: &self.settings,
                };
                menu::ui(ui, &context, out);
            });
        Panel::top("transport")
            .frame(bar)
            .exact_size(44.0)
            .show(ui, |ui| {
                let snapshot = self.session.snapshot();
                let context = transport::Context {
                    playing: self.session.is_playing(),
                    now_secs: snapshot.now_secs(),
                    speed: self.session.speed(),
                    flat_out: self.session.is_flat_out(),
                    reached: (snapshot.playing && snapshot.speed > 0.0).then_some(snapshot.speed),
                    seed: self.document.scenario().seed,
                    stuck: self.session.stuck().map(str::to_owned),
                };
                self.transport.ui(ui, &context, out);
            });
        Panel::bottom("status")
            .frame(bar)
            .exact_size(28.0)
            .show(ui, |ui| {
                let context = status::Context {
                    document: &self.document,
                    selection: &self.selection,
                    problems: &self.problems,
                    snapshot: self.session.snapshot(),
                    animation: self.settings.animation,
                    zoom: self.canvas.view.zoom,
                };
                status::ui(ui, &context, out);
            });
        // Where the charts have room beside the inspector they leave it its full height: it has the
        // figures and the parameters of a box one above the other.
        let is_wide = ui.available_width() >= charts::ROOM + inspector::WIDTH;
        if !is_wide {
            self.draw_charts(ui);
        }
        let side = Frame::new()
            .fill(theme.panel)
            .inner_margin(Margin::same(space::M as i8));
        if self.settings.inspector {
            Panel::right("inspector")
                .frame(side)
                .default_size(inspector::WIDTH)
                .size_range(260.0..=480.0)
                .show(ui, |ui| {
                    let context = inspector::Context {
                        document: &self.document,
                        selection: &self.selection,
                        snapshot: self.session.snapshot(),
                        problems: &self.problems,
                    };
                    self.inspector.ui(ui, &context, out);
                });
        }
        if is_wide {
            self.draw_charts(ui);
        }
        Panel::left("palette")
            .frame(side)
            .resizable(false)
            .exact_size(palette::WIDTH)
            .show(ui, |ui| {
                palette::ui(ui, out);
            });
        CentralPanel::no_frame().show(ui, |ui| {
            let context = canvas::Context {
                document: &self.document,
                selection: &self.selection,
                figures: self.session.figures(),
                problems: &self.box_problems,
                dots: self.settings.animation.then_some(&self.dots),
                typing,
                now_secs: self.session.dots_secs(),
            };
            self.canvas.ui(ui, &context, out);
        });
    }

    fn draw_charts(&self, ui: &mut Ui) {
        if !self.settings.charts {
            return;
        }
        let frame = Frame::new()
            .fill(theme::Theme::of(ui).panel)
            .inner_margin(Margin::same(space::M as i8));
        Panel::bottom("charts")
            .frame(frame)
            .resizable(true)
            .default_size(184.0)
            .size_range(140.0..=420.0)
            .show(ui, |ui| {
                charts::ui(ui, self.session.snapshot());
                ui.take_available_height();
            });
    }
}
