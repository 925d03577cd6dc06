//! Figures as text: three digits and a unit.

/// Three significant digits with a metric prefix: `0.12`, `8.30`, `842`, `1.20k`, `12.3k`, `3.45M`.
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    let (value, prefix) = match value.abs() {
        v if v >= 999.5e6 => (value / 1e9, "G"),
        v if v >= 999.5e3 => (value / 1e6, "M"),
        v if v >= 999.5 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let decimals = match value.abs() {
        v if v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        _ => 2,
    };
    if value == 0.0 {
        "0".into()
    } else {
        format!("{value:.decimals$}{prefix}")
    }
}

/// A sentence with a capital at its start.
pub fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A rate: `1.20k/s`.
pub fn per_second(rate: f64) -> String {
    format!("{}/s", short(rate))
}

/// An amount of data: `1.20kB`.
pub fn bytes(bytes: f64) -> String {
    format!("{}B", short(bytes))
}

/// A whole number: exact below 10,000, then with a metric prefix.
pub fn count(count: u64) -> String {
    if count < 10_000 {
        count.to_string()
    } else {
        short(count as f64)
    }
}

/// A share of one as `82 %`; never `100 %` unless it is all.
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return "–".into();
    }
    let percent = share * 100.0;
    if (99.5..100.0).contains(&percent) {
        format!("{:.1} %", (percent * 10.0).floor() / 10.0)
    } else {
        format!("{percent:.0} %")
    }
}

/// A span of time: `250 µs`, `8.30 ms`, `1.20 s`.
pub fn seconds(secs: f64) -> String {
    if !secs.is_finite() {
        return "–".into();
    }
    let (value, unit) = match secs.abs() {
        0.0 => return "0 s".into(),
        s if s < 999.5e-9 => (secs * 1e9, "ns"),
        s if s < 999.5e-6 => (secs * 1e6, "µs"),
        s if s < 0.9995 => (secs * 1e3, "ms"),
        s if s < 999.5 => (secs, "s"),
        _ => return clock(secs),
    };
    let decimals = match value.abs() {
        v if v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        _ => 2,
    };
    format!("{value:.decimals$} {unit}")
}

/// A time of the simulated clock: `0:07.250`, `12:03.500`, `3:25:45.000`, `2 d 3:25:45.000`.
pub fn clock(secs: f64) -> String {
    let millis = (secs * 1e3).round().max(0.0) as u64;
    let (whole, millis) = (millis / 1000, millis % 1000);
    let (days, hours, minutes, secs) = (
        whole / 86_400,
        whole / 3600 % 24,
        whole / 60 % 60,
        whole % 60,
    );
    if days > 0 {
        format!("{days} d {hours}:{minutes:02}:{secs:02}.{millis:03}")
    } else if hours > 0 {
        format!("{hours}:{minutes:02}:{secs:02}.{millis:03}")
    } else {
        format!("{minutes}:{secs:02}.{millis:03}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_and_a_unit() {
        for (value, text) in [
            (0.0, "0"),
            (0.123, "0.12"),
            (8.3, "8.30"),
            (9.996, "10.0"),
            (842.4, "842"),
            (999.6, "1.00k"),
            (12_345.0, "12.3k"),
            (3_450_000.0, "3.45M"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(short(value), text);
        }
        assert_eq!(count(9_999), "9999");
        assert_eq!(count(12_345), "12.3k");
        assert_eq!(percent(0.8249), "82 %");
        assert_eq!(percent(0.9999), "99.9 %");
        assert_eq!(percent(1.0), "100 %");
        for (value, text) in [
            (0.0, "0 s"),
            (250e-6, "250 µs"),
            (8.3e-3, "8.30 ms"),
            (1.2, "1.20 s"),
            (0.9996, "1.00 s"),
            (7200.0, "2:00:00.000"),
        ] {
            assert_eq!(seconds(value), text);
        }
        assert_eq!(clock(7.25), "0:07.250");
        assert_eq!(clock(723.5), "12:03.500");
        assert_eq!(clock(185_145.0), "2 d 3:25:45.000");
    }
}
