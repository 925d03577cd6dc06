use super::*;

fn linear(byte: u8) -> f64 {
    let c = f64::from(byte) / 255.0;
    if c <= 0.04045 {
        c / 12.92
    } else {
        ((c + 0.055) / 1.055).powf(2.4)
    }
}

fn linear_rgb(color: Color32) -> [f64; 3] {
    [linear(color.r()), linear(color.g()), linear(color.b())]
}

/// Contrast ratio (WCAG 2.1, "contrast ratio" and "relative luminance").
fn contrast(a: Color32, b: Color32) -> f64 {
    let luminance = |color| {
        let [r, g, b] = linear_rgb(color);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    a.max(b) / a.min(b)
}

/// What a dichromat sees (Machado, Oliveira, Fernandes 2009, table 1, severity 1.0), on linear RGB.
const PROTANOPIA: [[f64; 3]; 3] = [
    [0.152_286, 1.052_583, -0.204_868],
    [0.114_503, 0.786_281, 0.099_216],
    [-0.003_882, -0.048_116, 1.051_998],
];
const DEUTERANOPIA: [[f64; 3]; 3] = [
    [0.367_322, 0.860_646, -0.227_968],
    [0.280_085, 0.672_501, 0.047_413],
    [-0.011_820, 0.042_940, 0.968_881],
];
const NORMAL: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// Distance of two colours in Oklab (Ottosson 2020) through an eye; 0.02 is just noticeable.
fn distance(a: Color32, b: Color32, eye: &[[f64; 3]; 3]) -> f64 {
    let lab = |color| {
        let rgb = linear_rgb(color);
        let [r, g, b] = eye.map(|row| {
            row.iter()
                .zip(rgb)
                .map(|(m, c)| m * c)
                .sum::<f64>()
                .clamp(0.0, 1.0)
        });
        let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        [
            0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s,
            1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s,
            0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s,
        ]
    };
    lab(a)
        .iter()
        .zip(lab(b))
        .map(|(a, b)| (a - b).powi(2))
        .sum::<f64>()
        .sqrt()
}

fn assert_apart(what: &str, colors: &[Color32], at_least: f64) {
    for (eye, matrix) in [
        ("normal", NORMAL),
        ("protanopia", PROTANOPIA),
        ("deuteranopia", DEUTERANOPIA),
    ] {
        for (i, a) in colors.iter().enumerate() {
            for (j, b) in colors.iter().enumerate().skip(i + 1) {
                let found = distance(*a, *b, &matrix);
                assert!(found >= at_least, "{what} {i} and {j}, {eye}: {found:.3}");
            }
        }
    }
}

#[test]
fn contrast_is_that_of_the_standard() {
    assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-9);
    assert!((contrast(Color32::from_gray(0x77), Color32::WHITE) - 4.48).abs() < 0.005);
}

#[test]
fn text_has_a_contrast_of_at_least_four_and_a_half() {
    for theme in [&LIGHT, &DARK] {
        let grounds = [
            theme.canvas,
            theme.panel,
            theme.card,
            theme.sunken,
            theme.button,
            theme.button_hovered,
            theme.selection,
        ];
        for ground in grounds {
            for text in [theme.text, theme.text_weak] {
                assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}");
            }
        }
        for ground in [theme.canvas, theme.panel, theme.card, theme.sunken] {
            for text in [theme.accent, theme.good, theme.warning, theme.bad] {
                assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}");
            }
        }
        assert!(contrast(theme.on_accent, theme.accent) >= 4.5);
    }
}

#[test]
fn marks_have_a_contrast_of_at_least_three() {
    for theme in [&LIGHT, &DARK] {
        let loads = (0..=20).map(|i| theme.load(f64::from(i) / 20.0));
        let marks = loads.chain(theme.operations).chain([theme.connection]);
        for mark in marks {
            for ground in [theme.canvas, theme.card] {
                let found = contrast(mark, ground);
                assert!(found >= 3.0, "{mark:?} on {ground:?}: {found:.2}");
            }
        }
    }
}

#[test]
fn colours_with_a_meaning_stay_apart_for_the_colour_blind() {
    for theme in [&LIGHT, &DARK] {
        assert_apart("load", &theme.load, 0.10);
        assert_apart("operation", &theme.operations[..4], 0.06);
        assert_apart("percentile", &theme.percentiles(), 0.06);
        assert_apart("outcome", &[theme.operations[0], theme.bad], 0.10);
    }
}

#[test]
fn the_load_ramp_hits_its_stops_and_takes_anything() {
    for theme in [&LIGHT, &DARK] {
        let [idle, busy, saturated] = theme.load;
        assert_eq!(theme.load(0.0), idle);
        assert_eq!(theme.load(0.7), busy);
        assert_eq!(theme.load(1.0), saturated);
        assert_eq!(theme.load(f64::NAN), idle);
        assert_eq!(theme.load(f64::INFINITY), saturated);
    }
}

#[test]
fn egui_takes_our_colours_in_both_appearances() {
    let ctx = Context::default();
    for (preference, theme) in [
        (ThemePreference::Light, &LIGHT),
        (ThemePreference::Dark, &DARK),
    ] {
        apply(&ctx, preference);
        let style = ctx.global_style();
        assert_eq!(style.visuals.panel_fill, theme.panel);
        assert_eq!(Theme::from_visuals(&style.visuals), theme);
    }
}

#[test]
fn digits_are_as_wide_as_each_other() {
    let ctx = Context::default();
    apply(&ctx, ThemePreference::Light);
    let mut widths = Vec::new();
    let mut output = ctx.run_ui(Default::default(), |ui| {
        for size in [text::SMALL, text::BODY, text::FIGURE] {
            let font = FontId::proportional(size);
            widths.push(ui.fonts_mut(|fonts| {
                ('0'..='9')
                    .map(|digit| fonts.glyph_width(&font, digit))
                    .collect::<Vec<_>>()
            }));
        }
    });
    output.textures_delta.clear();
    assert_eq!(widths.len(), 3);
    for widths in widths {
        assert!(
            widths
                .iter()
                .all(|width| *width > 0.0 && *width == widths[0]),
            "{widths:?}"
        );
    }
}
