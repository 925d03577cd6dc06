//! Numbers as people read them.

/// Four digits that count: `0.8012`, `80.02`, `12345`.
pub(super) fn plain(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        "0".into()
    } else if size >= 999.95 {
        format!("{value:.0}")
    } else if size >= 99.995 {
        format!("{value:.1}")
    } else if size >= 9.9995 {
        format!("{value:.2}")
    } else if size >= 0.000_95 {
        format!("{value:.3}")
    } else {
        format!("{value:.1e}")
    }
}

/// A time with the unit that suits it: `50.36ms`.
pub(super) fn time(secs: f64) -> String {
    const UNITS: [(f64, &str); 4] = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s")];
    let size = secs.abs();
    if size == 0.0 {
        return "0s".into();
    }
    if size < 0.999_95e-6 {
        return format!("{:.0}ns", secs * 1e9);
    }
    if size < 0.999_95e-3 {
        return format!("{}us", digits(secs * 1e6));
    }
    if size < 0.999_95 {
        return format!("{}ms", digits(secs * 1e3));
    }
    // Minutes only when seconds would be many.
    let (length, unit) = UNITS
        .into_iter()
        .find(|(length, _)| size >= 10.0 * length)
        .unwrap_or((1.0, "s"));
    format!("{}{unit}", digits(secs / length))
}

fn digits(value: f64) -> String {
    let size = value.abs();
    if size >= 999.95 {
        format!("{value:.0}")
    } else if size >= 99.995 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// A share as a percentage: `80.1%`.
pub(super) fn share(value: f64) -> String {
    let percent = value * 100.0;
    if percent != 0.0 && (percent.abs() < 0.1 || percent > 99.9 && percent < 100.0) {
        format!("{percent:.3}%")
    } else if percent.abs() >= 999.95 {
        format!("{percent:.0}%")
    } else {
        format!("{percent:.1}%")
    }
}

/// Dollars: `70.08`, `1 245`.
pub(super) fn dollars(value: f64) -> String {
    if value >= 999.5 {
        grouped(value.round() as u64)
    } else if value >= 0.995 {
        format!("{value:.2}")
    } else {
        plain(value)
    }
}

/// A whole number in groups of three: `1 234 567`.
pub(super) fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_about_four_digits() {
        let check = |value: f64, text: &str| assert_eq!(plain(value), text);
        check(0.0, "0");
        check(0.8, "0.800");
        check(9.9996, "10.00");
        check(80.023, "80.02");
        check(999.96, "1000");
        check(123_456.7, "123457");
        check(0.0001, "1.0e-4");
        check(-3.2, "-3.200");
    }

    #[test]
    fn times_have_a_unit() {
        let check = |value: f64, text: &str| assert_eq!(time(value), text);
        check(0.0, "0s");
        check(3e-9, "3ns");
        check(250e-6, "250.0us");
        check(0.05036, "50.36ms");
        check(0.9999, "999.9ms");
        check(0.99999, "1.00s");
        check(90.0, "90.00s");
        check(1200.0, "20.00min");
        check(864_000.0, "10.00d");
    }

    #[test]
    fn money_is_rounded_to_cents() {
        assert_eq!(dollars(70.084), "70.08");
        assert_eq!(dollars(1244.6), "1 245");
        assert_eq!(dollars(0.1234), "0.123");
    }

    #[test]
    fn shares_and_groups() {
        assert_eq!(share(0.801), "80.1%");
        assert_eq!(share(0.99987), "99.987%");
        assert_eq!(share(1.0), "100.0%");
        assert_eq!(share(0.0005), "0.050%");
        assert_eq!(share(0.0), "0.0%");
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1 234 567");
    }
}
