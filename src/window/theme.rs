//! Design tokens: every colour, distance, radius and text size of the window, light and dark.
//!
//! This is the only file that may make a colour; `clippy.toml` forbids it elsewhere. Text keeps a
//! contrast of at least 4.5:1 and marks of at least 3:1 with what they stand on (WCAG 2.1, 1.4.3
//! and 1.4.11). The colours that carry meaning stay apart for protanopes and deuteranopes.

#![allow(clippy::disallowed_methods)]

use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle,
    ThemePreference, Ui, Vec2, Visuals, style::WidgetVisuals, vec2,
};

/// Distances in points.
pub mod space {
    /// Between things that belong together.
    pub const XS: f32 = 2.0;
    /// Between an icon and its text.
    pub const S: f32 = 4.0;
    /// Between widgets.
    pub const M: f32 = 8.0;
    /// Inside cards and panels.
    pub const L: f32 = 12.0;
    /// Between groups.
    pub const XL: f32 = 20.0;
}

/// Corner radii in points.
pub mod radius {
    /// Bars and badges.
    pub const S: u8 = 3;
    /// Buttons and fields.
    pub const M: u8 = 5;
    /// Boxes on the canvas, windows and menus.
    pub const L: u8 = 8;
}

/// Text sizes in points.
pub mod text {
    /// Units, captions, axis labels.
    pub const SMALL: f32 = 11.0;
    /// Everything else.
    pub const BODY: f32 = 13.0;
    /// Titles of panels and dialogs.
    pub const HEADING: f32 = 17.0;
    /// The one figure a person came to read.
    pub const FIGURE: f32 = 20.0;
}

/// Widths of lines in points.
pub mod line {
    /// Separators and outlines.
    pub const HAIR: f32 = 1.0;
    /// Arrows, icons and chart lines.
    pub const NORMAL: f32 = 1.5;
    /// The selected, and what needs a look.
    pub const STRONG: f32 = 2.5;
}

/// The colours of one appearance.
#[derive(Debug, PartialEq)]
pub struct Theme {
    /// Whether this is the dark one.
    pub dark: bool,
    /// Behind the boxes.
    pub canvas: Color32,
    /// Dots of the canvas grid.
    pub grid: Color32,
    /// Side panels, bars and dialogs.
    pub panel: Color32,
    /// Boxes on the canvas and cards in panels.
    pub card: Color32,
    /// Text fields, and the track of a bar.
    pub sunken: Color32,
    /// Buttons at rest.
    pub button: Color32,
    /// Buttons under the pointer.
    pub button_hovered: Color32,
    /// Outlines of boxes and separators.
    pub border: Color32,
    /// Text.
    pub text: Color32,
    /// Units, captions, what is not needed at first sight.
    pub text_weak: Color32,
    /// Selection, focus, links and the main button.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Inside of the marquee and behind selected rows; text stays readable on it.
    pub selection: Color32,
    /// Text and marks for what went well.
    pub good: Color32,
    /// Text and marks for what a person should know.
    pub warning: Color32,
    /// Text and marks for what went wrong.
    pub bad: Color32,
    /// Arrows at rest.
    pub connection: Color32,
    /// Shadows under windows.
    pub shadow: Color32,
    /// Idle, busy, saturated: the ends and the middle of [`Theme::load`].
    load: [Color32; 3],
    /// See [`Theme::operation`].
    operations: [Color32; 6],
}

const fn rgb(r: u8, g: u8, b: u8) -> Color32 {
    Color32::from_rgb(r, g, b)
}

/// Dark marks on light paper.
pub static LIGHT: Theme = Theme {
    dark: false,
    canvas: rgb(0xf4, 0xf6, 0xf9),
    grid: rgb(0xd9, 0xdf, 0xe7),
    panel: rgb(0xfc, 0xfd, 0xfe),
    card: rgb(0xff, 0xff, 0xff),
    sunken: rgb(0xe9, 0xed, 0xf2),
    button: rgb(0xe9, 0xed, 0xf2),
    button_hovered: rgb(0xdd, 0xe4, 0xec),
    border: rgb(0xc4, 0xcd, 0xd8),
    text: rgb(0x17, 0x20, 0x2b),
    text_weak: rgb(0x4f, 0x5b, 0x6a),
    accent: rgb(0x0b, 0x5c, 0xbf),
    on_accent: rgb(0xff, 0xff, 0xff),
    selection: rgb(0xd3, 0xe5, 0xfb),
    good: rgb(0x1b, 0x6e, 0x3c),
    warning: rgb(0x8a, 0x52, 0x00),
    bad: rgb(0xa8, 0x26, 0x0a),
    connection: rgb(0x6d, 0x7a, 0x8a),
    shadow: Color32::from_black_alpha(28),
    load: [
        rgb(0x3a, 0x86, 0xc8),
        rgb(0xbd, 0x7b, 0x00),
        rgb(0xa8, 0x26, 0x0a),
    ],
    operations: [
        rgb(0x2f, 0x86, 0xdd),
        rgb(0xa8, 0x62, 0x00),
        rgb(0x7b, 0x1e, 0x6e),
        rgb(0x0b, 0x94, 0x80),
        rgb(0x1f, 0x2f, 0x86),
        rgb(0x6f, 0x8f, 0x12),
    ],
};

/// Light marks on dark paper.
pub static DARK: Theme = Theme {
    dark: true,
    canvas: rgb(0x14, 0x18, 0x1e),
    grid: rgb(0x2b, 0x33, 0x3d),
    panel: rgb(0x1b, 0x20, 0x27),
    card: rgb(0x22, 0x29, 0x32),
    sunken: rgb(0x11, 0x15, 0x1a),
    button: rgb(0x2c, 0x35, 0x40),
    button_hovered: rgb(0x39, 0x44, 0x51),
    border: rgb(0x3d, 0x48, 0x55),
    text: rgb(0xe8, 0xed, 0xf3),
    text_weak: rgb(0xa9, 0xb4, 0xc1),
    accent: rgb(0x6f, 0xb3, 0xff),
    on_accent: rgb(0x0b, 0x16, 0x24),
    selection: rgb(0x1f, 0x3d, 0x5f),
    good: rgb(0x5f, 0xce, 0x8f),
    warning: rgb(0xf2, 0xb6, 0x32),
    bad: rgb(0xff, 0x8a, 0x66),
    connection: rgb(0x7f, 0x8c, 0x9b),
    shadow: Color32::from_black_alpha(110),
    load: [
        rgb(0x4f, 0xa3, 0xe3),
        rgb(0xf6, 0xc4, 0x45),
        rgb(0xff, 0x62, 0x34),
    ],
    operations: [
        rgb(0x5a, 0xb4, 0xf0),
        rgb(0xe0, 0x94, 0x1a),
        rgb(0xf3, 0xb6, 0xe6),
        rgb(0x2b, 0xa8, 0x88),
        rgb(0x84, 0x78, 0xff),
        rgb(0xe3, 0xee, 0x7c),
    ],
};

impl Theme {
    /// The theme of the place where something is drawn.
    pub fn of(ui: &Ui) -> &'static Self {
        Self::from_visuals(ui.visuals())
    }

    /// The theme that belongs to egui's colours.
    pub fn from_visuals(visuals: &Visuals) -> &'static Self {
        if visuals.dark_mode { &DARK } else { &LIGHT }
    }

    /// The colour of a load from 0 (idle, blue) over 0.7 (busy, amber) to 1 (saturated, vermilion).
    pub fn load(&self, utilization: f64) -> Color32 {
        // Above 70 % a queue starts to grow fast (for one slot ρ/(1−ρ) passes 2.3), so amber is there.
        const BUSY: f32 = 0.7;
        let load = if utilization.is_nan() {
            0.0
        } else {
            utilization.clamp(0.0, 1.0) as f32
        };
        let [idle, busy, saturated] = self.load;
        if load < BUSY {
            idle.lerp_to_gamma(busy, load / BUSY)
        } else {
            busy.lerp_to_gamma(saturated, (load - BUSY) / (1.0 - BUSY))
        }
    }

    /// The colour of an operation's requests, by its number; after six they come again.
    pub fn operation(&self, operation: usize) -> Color32 {
        self.operations[operation % self.operations.len()]
    }

    /// The colours of p50, p95 and p99 in charts.
    pub fn percentiles(&self) -> [Color32; 3] {
        [self.operations[0], self.operations[1], self.operations[2]]
    }

    /// A colour that is partly see-through, for areas over other things; `share` 0..1.
    pub fn tint(color: Color32, share: f32) -> Color32 {
        color.gamma_multiply(share)
    }

    fn visuals(&self) -> Visuals {
        let mut visuals = if self.dark {
            Visuals::dark()
        } else {
            Visuals::light()
        };
        let widget = |fill: Color32, outline: Color32, text: Color32| WidgetVisuals {
            bg_fill: fill,
            weak_bg_fill: fill,
            bg_stroke: Stroke::new(line::HAIR, outline),
            corner_radius: CornerRadius::same(radius::M),
            fg_stroke: Stroke::new(line::NORMAL, text),
            // Things stay where they are when the pointer comes.
            expansion: 0.0,
        };
        visuals.widgets.noninteractive = widget(self.panel, self.border, self.text);
        visuals.widgets.inactive = widget(self.button, Color32::TRANSPARENT, self.text);
        visuals.widgets.hovered = widget(self.button_hovered, self.border, self.text);
        visuals.widgets.active = widget(self.button_hovered, self.accent, self.text);
        visuals.widgets.open = widget(self.button_hovered, self.border, self.text);
        visuals.weak_text_color = Some(self.text_weak);
        visuals.selection.bg_fill = self.selection;
        visuals.selection.stroke = Stroke::new(line::HAIR, self.text);
        visuals.hyperlink_color = self.accent;
        visuals.faint_bg_color = self.canvas;
        visuals.extreme_bg_color = self.sunken;
        visuals.text_edit_bg_color = Some(self.sunken);
        visuals.code_bg_color = self.sunken;
        visuals.warn_fg_color = self.warning;
        visuals.error_fg_color = self.bad;
        visuals.panel_fill = self.panel;
        visuals.window_fill = self.panel;
        visuals.window_stroke = Stroke::new(line::HAIR, self.border);
        visuals.window_corner_radius = CornerRadius::same(radius::L);
        visuals.menu_corner_radius = CornerRadius::same(radius::L);
        visuals.text_cursor.stroke = Stroke::new(line::NORMAL, self.accent);
        let shadow = |blur: u8| Shadow {
            offset: [0, (blur / 3) as i8],
            blur,
            spread: 0,
            color: self.shadow,
        };
        visuals.window_shadow = shadow(24);
        visuals.popup_shadow = shadow(12);
        visuals.slider_trailing_fill = true;
        visuals
    }

    fn style(&self) -> Style {
        use FontFamily::{Monospace, Proportional};
        let mut style = Style {
            visuals: self.visuals(),
            animation_time: 0.1,
            ..Style::default()
        };
        style.text_styles = [
            (TextStyle::Small, FontId::new(text::SMALL, Proportional)),
            (TextStyle::Body, FontId::new(text::BODY, Proportional)),
            (TextStyle::Button, FontId::new(text::BODY, Proportional)),
            (TextStyle::Heading, FontId::new(text::HEADING, Proportional)),
            (
                TextStyle::Monospace,
                FontId::new(text::BODY - 1.0, Monospace),
            ),
        ]
        .into();
        let spacing = &mut style.spacing;
        spacing.item_spacing = vec2(space::M, space::S);
        spacing.button_padding = vec2(space::M, space::XS + 1.0);
        spacing.interact_size = Vec2::new(28.0, 24.0);
        spacing.window_margin = Margin::same(space::L as i8);
        spacing.menu_margin = Margin::same(space::S as i8);
        spacing.indent = space::L;
        spacing.tooltip_width = 320.0;
        spacing.slider_rail_height = 4.0;
        // A label that can be selected swallows the drag of what lies below it.
        style.interaction.selectable_labels = false;
        style
    }
}

/// Gives egui our colours and sizes, and chooses light, dark or what the system says.
pub fn apply(ctx: &Context, preference: ThemePreference) {
    ctx.set_style_of(egui::Theme::Light, LIGHT.style());
    ctx.set_style_of(egui::Theme::Dark, DARK.style());
    ctx.set_theme(preference);
}

#[cfg(test)]
mod tests;
