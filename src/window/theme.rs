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

const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

/// Dark marks on light paper.
pub static LIGHT: Theme = Theme {
    dark: false,
    canvas: hex(0xf4_f6_f9),
    grid: hex(0xd9_df_e7),
    panel: hex(0xfc_fd_fe),
    card: hex(0xff_ff_ff),
    sunken: hex(0xe9_ed_f2),
    button: hex(0xe9_ed_f2),
    button_hovered: hex(0xdd_e4_ec),
    border: hex(0xc4_cd_d8),
    text: hex(0x17_20_2b),
    text_weak: hex(0x4f_5b_6a),
    accent: hex(0x0b_5c_bf),
    on_accent: hex(0xff_ff_ff),
    selection: hex(0xd3_e5_fb),
    good: hex(0x1b_6e_3c),
    warning: hex(0x8a_52_00),
    bad: hex(0xa8_26_0a),
    connection: hex(0x6d_7a_8a),
    shadow: Color32::from_black_alpha(28),
    load: [hex(0x3a_86_c8), hex(0xbd_7b_00), hex(0xa8_26_0a)],
    operations: [
        hex(0x2f_86_dd),
        hex(0xa8_62_00),
        hex(0x7b_1e_6e),
        hex(0x0b_94_80),
        hex(0x1f_2f_86),
        hex(0x6f_8f_12),
    ],
};

/// Light marks on dark paper.
pub static DARK: Theme = Theme {
    dark: true,
    canvas: hex(0x14_18_1e),
    grid: hex(0x2b_33_3d),
    panel: hex(0x1b_20_27),
    card: hex(0x22_29_32),
    sunken: hex(0x11_15_1a),
    button: hex(0x2c_35_40),
    button_hovered: hex(0x39_44_51),
    border: hex(0x3d_48_55),
    text: hex(0xe8_ed_f3),
    text_weak: hex(0xa9_b4_c1),
    accent: hex(0x6f_b3_ff),
    on_accent: hex(0x0b_16_24),
    selection: hex(0x1f_3d_5f),
    good: hex(0x5f_ce_8f),
    warning: hex(0xf2_b6_32),
    bad: hex(0xff_8a_66),
    connection: hex(0x7f_8c_9b),
    shadow: Color32::from_black_alpha(110),
    load: [hex(0x4f_a3_e3), hex(0xf6_c4_45), hex(0xff_62_34)],
    operations: [
        hex(0x5a_b4_f0),
        hex(0xe0_94_1a),
        hex(0xf3_b6_e6),
        hex(0x2b_a8_88),
        hex(0x84_78_ff),
        hex(0xe3_ee_7c),
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
