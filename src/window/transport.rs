//! Play, pause, single steps, restart, seed, speed and the simulated clock.

use egui::{RichText, Slider, TextEdit, Ui};

use super::{
    command::Command,
    edit::Edit,
    icon,
    outbox::{Outbox, Wish},
    text,
    theme::{self, Theme, space},
};
use crate::picture::Icon;

/// Slowest and fastest setting of the speed slider.
pub const SPEED_RANGE: std::ops::RangeInclusive<f64> = 0.001..=1000.0;

/// What the bar shows.
pub struct Context {
    /// Whether the clock runs.
    pub playing: bool,
    /// Simulated time.
    pub now_secs: f64,
    /// Wanted speed, as simulated seconds for one second on the wall.
    pub speed: f64,
    /// Whether it goes as fast as it can.
    pub flat_out: bool,
    /// The speed that was reached lately. `None` while the clock stands.
    pub reached: Option<f64>,
    /// The document's seed.
    pub seed: u64,
    /// Why the run does not follow the drawing.
    pub stuck: Option<String>,
}

/// The seed while it is typed.
#[derive(Debug, Default)]
pub struct Transport {
    seed: Option<String>,
}

impl Transport {
    /// Draws the bar.
    pub fn ui(&mut self, ui: &mut Ui, context: &Context, out: &mut Outbox) {
        let theme = Theme::of(ui);
        ui.horizontal_centered(|ui| {
            let (sign, name) = if context.playing {
                (Icon::Pause, "Pause")
            } else {
                (Icon::Play, "Play")
            };
            let mut press = |ui: &mut Ui, icon: Icon, name: &str, command: Command| {
                let key = command
                    .shortcut()
                    .map(|shortcut| format!(" ({})", ui.ctx().format_shortcut(&shortcut)));
                let response = icon::button(ui, icon, name);
                if response
                    .on_hover_text(format!("{}{}", command.tooltip(), key.unwrap_or_default()))
                    .clicked()
                {
                    out.command(command);
                }
            };
            press(ui, sign, name, Command::PlayPause);
            press(ui, Icon::Step, "Single event", Command::Step);
            press(ui, Icon::Restart, "Restart", Command::Restart);
            press(
                ui,
                Icon::Reset,
                "Forget what was measured",
                Command::ResetMeasures,
            );
            ui.add_space(space::M);
            clock(ui, theme, context);
            ui.separator();
            self.seed_field(ui, context, out);
            ui.separator();
            speed(ui, theme, context, out);
        });
    }

    fn seed_field(&mut self, ui: &mut Ui, context: &Context, out: &mut Outbox) {
        let label = ui.label("Seed");
        let mut text = self
            .seed
            .clone()
            .unwrap_or_else(|| context.seed.to_string());
        let parsed = text.trim().replace('_', "").parse::<u64>();
        let mut field = TextEdit::singleline(&mut text)
            .align(egui::Align2::LEFT_CENTER)
            .desired_width(72.0);
        if parsed.is_err() {
            field = field.text_color(Theme::of(ui).bad);
        }
        let response = ui.add(field).labelled_by(label.id).on_hover_text(
            "The same seed gives the same run to the last bit; another seed gives other luck",
        );
        if response.has_focus() {
            self.seed = Some(text);
        } else if response.lost_focus() {
            self.seed = None;
            match text.trim().replace('_', "").parse() {
                Ok(seed) if seed != context.seed => {
                    out.edit(Edit::Seed(seed));
                    out.command(Command::Restart);
                }
                _ => {}
            }
        }
    }
}

fn clock(ui: &mut Ui, theme: &Theme, context: &Context) {
    // Right-aligned in a fixed width, so that nothing beside it moves.
    let (rect, response) = ui.allocate_exact_size(
        egui::vec2(128.0, ui.spacing().interact_size.y),
        egui::Sense::hover(),
    );
    let now = text::clock(context.now_secs);
    ui.painter().text(
        rect.right_center(),
        egui::Align2::RIGHT_CENTER,
        &now,
        egui::FontId::proportional(theme::text::HEADING),
        theme.text,
    );
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Timer, true, format!("Simulated time {now}"))
    });
    response.on_hover_text("Simulated time since the start of the run");
}

fn speed(ui: &mut Ui, theme: &Theme, context: &Context, out: &mut Outbox) {
    ui.label("Speed");
    let mut speed = context.speed;
    let slider = Slider::new(&mut speed, SPEED_RANGE)
        .logarithmic(true)
        .show_value(false)
        .smart_aim(false);
    ui.spacing_mut().slider_width = 140.0;
    let response = ui
        .add_enabled(!context.flat_out, slider)
        .accessible_name("Speed")
        .on_hover_text("Simulated seconds for one second on the wall");
    if response.changed() {
        // Powers of ten are easy to hit.
        let power = speed.log10();
        let snapped = if (power - power.round()).abs() < 0.06 {
            10f64.powf(power.round())
        } else {
            speed
        };
        out.wish(Wish::Speed(snapped));
    }
    fixed_label(
        ui,
        64.0,
        &format!("{}×", speed_text(context.speed)),
        theme.text,
    );
    let mut flat_out = context.flat_out;
    if icon::toggle(ui, Icon::FlatOut, "As fast as it goes", flat_out).clicked() {
        flat_out = !flat_out;
        out.wish(Wish::FlatOut(flat_out));
    }
    if let Some(reached) = context.reached {
        let behind = !context.flat_out && reached < context.speed * 0.9;
        let color = if behind {
            theme.warning
        } else {
            theme.text_weak
        };
        let response = fixed_label(
            ui,
            96.0,
            &format!("reached {}×", speed_text(reached)),
            color,
        );
        response.on_hover_text("The speed that was reached lately");
    }
    if let Some(stuck) = &context.stuck {
        let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(16.0), egui::Sense::hover());
        icon::paint(ui.painter(), Icon::Warning, rect, theme.warning);
        let words = RichText::new(stuck).color(theme.warning);
        ui.add(egui::Label::new(words).truncate())
            .on_hover_text(format!(
                "{stuck}\n\nThe run goes on with the last drawing that worked"
            ));
    }
}

/// Text in a fixed width, so that nothing beside it moves when it changes.
fn fixed_label(ui: &mut Ui, width: f32, content: &str, color: egui::Color32) -> egui::Response {
    let size = egui::vec2(width, ui.spacing().interact_size.y);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
    let font = egui::FontId::proportional(theme::text::BODY);
    ui.painter().text(
        rect.left_center(),
        egui::Align2::LEFT_CENTER,
        content,
        font,
        color,
    );
    response
}

/// `0.001`, `0.25`, `1`, `37`, `1.25k`.
fn speed_text(speed: f64) -> String {
    if speed < 0.0995 {
        format!("{speed:.3}")
    } else if (speed - speed.round()).abs() < 1e-9 && speed < 1000.0 {
        format!("{speed:.0}")
    } else {
        text::short(speed)
    }
}
