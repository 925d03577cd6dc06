//! The report as comma-separated values (RFC 4180): one figure a line.

use crate::study::measures::PERCENTILES;
use crate::study::{Measures, Report, Spread};

pub(super) fn csv(report: &Report) -> String {
    let mut text = String::from("subject,name,measure,value,low,high,unit\r\n");
    subject(&mut text, "system", "", &report.system);
    for (name, _, measures) in &report.components {
        subject(&mut text, "component", name, measures);
    }
    for (name, measures) in &report.connections {
        subject(&mut text, "connection", name, measures);
    }
    for (name, measures) in &report.regions {
        subject(&mut text, "region", name, measures);
    }
    text
}

fn subject(text: &mut String, subject: &str, name: &str, measures: &Measures) {
    let name = quoted(name);
    let mut line = |measure: &str, value: Option<f64>, unit: &str| {
        if let Some(value) = value {
            let (low, high) = measures
                .interval(measure)
                .map(|interval| (interval.low().to_string(), interval.high().to_string()))
                .unwrap_or_default();
            *text += &format!("{subject},{name},{measure},{value},{low},{high},{unit}\r\n");
        }
    };
    for (key, unit) in [
        ("arrival_rate", "1/s"),
        ("throughput", "1/s"),
        ("goodput", "1/s"),
        ("l", "calls"),
        ("lq", "calls"),
        ("w", "s"),
        ("wq", "s"),
        ("utilization", "1"),
        ("held", "1"),
        ("visits", "1"),
        ("demand", "s"),
        ("saturates_at", "1/s"),
        ("cost", "$/month"),
        ("cost_per_million", "$/million"),
        ("availability", "1"),
        ("uptime", "1"),
        ("hit_ratio", "1"),
        ("cold_start_share", "1"),
        ("instances", "1"),
        ("open_connections", "1"),
        ("opened_rate", "1/s"),
        ("closed_rate", "1/s"),
        ("broken_rate", "1/s"),
        ("reconnect_rate", "1/s"),
        ("stale_share", "1"),
        ("stale_age", "s"),
    ] {
        line(key, measures.get(key), unit);
    }
    line(
        "little_gap",
        measures.little.as_ref().map(|audit| audit.gap),
        "1",
    );
    if let Some(latency) = &measures.latency {
        line("latency_mean", Some(latency.mean), "s");
        for (key, _) in PERCENTILES {
            line(key, latency.percentile(key), "s");
        }
        line("latency_max", Some(latency.max), "s");
    }
    if let Some(latency) = &measures.failure_latency {
        line("failure_latency_mean", Some(latency.mean), "s");
        for (key, _) in PERCENTILES {
            let value = latency.percentile(key);
            line(&format!("failure_latency_{key}"), value, "s");
        }
        line("failure_latency_max", Some(latency.max), "s");
    }
    line("replication_lag", measures.get("replication_lag"), "s");
    line(
        "replication_lag_p99",
        measures.replication_lag.map(|lag: Spread| lag.p99),
        "s",
    );
    line("retry_rate", measures.retry_rate, "1/s");
    line("denied_rate", measures.denied_rate, "1/s");
    line("cancel_rate", measures.cancel_rate, "1/s");
    line("request_bytes", measures.request_bytes, "B/s");
    line("reply_bytes", measures.reply_bytes, "B/s");
    line("request_bandwidth", measures.request_bandwidth, "1");
    line("reply_bandwidth", measures.reply_bandwidth, "1");
    line("bandwidth_wait", measures.bandwidth_wait, "s");
    line("hedge_rate", measures.hedge_rate, "1/s");
    line("hedge_share", measures.hedge_share, "1");
    line("open_share", measures.open_share, "1");
    line("opened", measures.opened.map(|count| count as f64), "times");
    line("record_rate", measures.record_rate, "1/s");
    for (key, count) in [
        ("deliveries", measures.deliveries),
        ("redeliveries", measures.redeliveries),
        ("duplicates", measures.duplicates),
        ("lost_messages", measures.lost_messages),
    ] {
        line(key, count.map(|count| count as f64), "messages");
    }
    for (cause, count) in &measures.failures {
        line(
            &format!("failures_{}", cause.word()),
            Some(*count as f64),
            "calls",
        );
    }
}

/// A field that may hold commas, quotes or line breaks. One that a spreadsheet would take for a
/// formula gets an apostrophe in front.
fn quoted(field: &str) -> String {
    let guarded = if field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    if guarded.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_when_they_must_be() {
        assert_eq!(quoted("api"), "api");
        assert_eq!(quoted("a, b"), "\"a, b\"");
        assert_eq!(quoted("say \"x\""), "\"say \"\"x\"\"\"");
        assert_eq!(quoted("=1+2"), "'=1+2");
    }
}
