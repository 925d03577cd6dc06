//! Turning a knob: the numbers in a text, scaled by dragging its name.

use crate::scenario::parameters::Editor;

/// Whether dragging changes a text of this kind.
pub fn can_scrub(editor: Editor, text: &str) -> bool {
    scaled(editor, text, 1.0, 0).is_some()
}

/// The text with its numbers multiplied by `factor`, at three digits. Zero counts up by `steps`.
/// `None` without a number that can be scaled.
pub fn scaled(editor: Editor, text: &str, factor: f64, steps: i64) -> Option<String> {
    let needs_unit = match editor {
        Editor::Number | Editor::Integer | Editor::Share | Editor::Rate => false,
        // `cv: 0.5` and `k: 3` are no times.
        Editor::Duration | Editor::Distribution | Editor::Size | Editor::Bandwidth => true,
        _ => return None,
    };
    let whole = editor == Editor::Integer;
    let mut out = String::with_capacity(text.len() + 4);
    let mut found = false;
    let mut rest = text;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let is_start = first.is_ascii_digit() && !before.is_alphanumeric() && before != '.';
        let length = if is_start { number_length(rest) } else { 0 };
        let number: Option<f64> = rest[..length].replace('_', "").parse().ok();
        let after = rest[length..].chars().next().unwrap_or(' ');
        match number {
            Some(number) if length > 0 && (!needs_unit || after.is_alphabetic()) => {
                found = true;
                let value = if number == 0.0 {
                    steps.max(0) as f64
                } else {
                    number * factor
                };
                out += &rounded(value, whole);
                rest = &rest[length..];
                before = '0';
            }
            _ => {
                let length = length.max(first.len_utf8());
                out += &rest[..length];
                before = rest[..length].chars().last().unwrap_or(' ');
                rest = &rest[length..];
            }
        }
    }
    found.then_some(out)
}

fn number_length(text: &str) -> usize {
    let mut dots = 0;
    text.find(|c: char| {
        if c == '.' {
            dots += 1;
        }
        !(c.is_ascii_digit() || c == '_' || (c == '.' && dots == 1))
    })
    .unwrap_or(text.len())
}

fn rounded(value: f64, whole: bool) -> String {
    if whole {
        return format!("{:.0}", value.round().max(1.0));
    }
    if value == 0.0 {
        return "0".into();
    }
    let digits = (2 - value.abs().log10().floor() as i32).clamp(0, 9);
    let text = format!("{value:.*}", digits as usize);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(editor: Editor, text: &str, factor: f64, expected: Option<&str>) {
        assert_eq!(
            scaled(editor, text, factor, 0).as_deref(),
            expected,
            "{text}"
        );
    }

    #[test]
    fn numbers_are_scaled_and_words_are_not() {
        check(Editor::Integer, "4", 1.5, Some("6"));
        check(Editor::Integer, "1_000", 0.5, Some("500"));
        check(Editor::Integer, "4", 0.01, Some("1"));
        check(Editor::Rate, "1.2k/s", 2.0, Some("2.4k/s"));
        check(Editor::Share, "5%", 1.1, Some("5.5%"));
        check(Editor::Duration, "250us", 2.0, Some("500us"));
        check(Editor::Duration, "none", 2.0, None);
        check(Editor::Distribution, "exp 20ms", 0.5, Some("exp 10ms"));
        check(
            Editor::Distribution,
            "LogNormal(p50: 4ms, p99: 20ms)",
            1.5,
            Some("LogNormal(p50: 6ms, p99: 30ms)"),
        );
        check(
            Editor::Distribution,
            "LogNormal(mean: 4ms, cv: 0.5)",
            2.0,
            Some("LogNormal(mean: 8ms, cv: 0.5)"),
        );
        check(Editor::Text, "4", 2.0, None);
        assert_eq!(scaled(Editor::Number, "0", 9.0, 3).as_deref(), Some("3"));
    }

    #[test]
    fn three_digits_are_enough() {
        check(Editor::Number, "100", 1.0 / 3.0, Some("33.3"));
        check(Editor::Duration, "1ms", 1.0 / 3.0, Some("0.333ms"));
        check(Editor::Rate, "123456", 1.1, Some("135802"));
    }
}
