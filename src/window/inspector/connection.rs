//! One arrow: what is done to it, its parameters, its figures.

use egui::{Grid, Ui};

use super::{
    Context,
    field::{self, Drafts},
    heading, parameters, problems, trouble,
};
use crate::{
    engine::{BreakerState, Carried, Cause, ConnectionTotals},
    picture::Icon,
    scenario::{Connection, Subject},
    window::{
        canvas,
        outbox::Outbox,
        text,
        theme::{Theme, space},
    },
};

/// Draws what can be done to an arrow, and its parameters.
pub fn ui(
    ui: &mut Ui,
    drafts: &mut Drafts,
    context: &Context<'_>,
    number: usize,
    out: &mut Outbox,
) {
    let Some(connection) = context.document.scenario().connections.get(number) else {
        return;
    };
    drafts.about(&format!(
        "connection {number} {} {}",
        connection.from, connection.to
    ));
    let ends = format!("{} to {}", connection.from, connection.to);
    heading(ui, Some(Icon::Link), &ends, "connection");
    problems(ui, context, |subject| {
        *subject == Subject::Connection(number)
    });
    let running = running(context, connection);
    let condition = running.and_then(|index| context.snapshot.links.get(index));
    let is_in_trouble = condition.is_some_and(|condition| !condition.is_well());
    trouble::ui(
        ui,
        &connection.name(),
        canvas::OF_ARROWS,
        is_in_trouble,
        out,
    );
    field::group(ui, "Parameters");
    let scenario = context.document.scenario();
    parameters::ui(ui, drafts, scenario, &Subject::Connection(number), "", out);
}

/// Draws an arrow's figures.
pub fn figures(ui: &mut Ui, context: &Context<'_>, number: usize) {
    let connection = context.document.scenario().connections.get(number);
    let index = connection.and_then(|connection| running(context, connection));
    if let Some(totals) = index.and_then(|index| context.snapshot.connections.get(index)) {
        ui.strong("Figures");
        table(ui, totals);
    }
}

/// The number of an arrow in the run.
fn running(context: &Context<'_>, connection: &Connection) -> Option<usize> {
    context
        .snapshot
        .scenario
        .as_ref()?
        .connections
        .iter()
        .position(|other| other.from == connection.from && other.to == connection.to)
}

fn table(ui: &mut Ui, totals: &ConnectionTotals) {
    let secs = (totals.now_ns.saturating_sub(totals.since_ns)) as f64 / 1e9;
    let rate = |count: u64| {
        if secs > 0.0 {
            text::per_second(count as f64 / secs)
        } else {
            "–".into()
        }
    };
    let ended = totals.completed + totals.failures.total();
    let mean = (ended > 0).then(|| totals.sojourn_sum_ns as f64 / 1e9 / ended as f64);
    let mut rows = vec![
        ("Attempts", rate(totals.attempts)),
        ("Retries", rate(totals.retries)),
        ("Answered well", rate(totals.completed)),
        ("Under way", text::count(totals.present)),
        ("Mean time", mean.map_or_else(|| "–".into(), text::seconds)),
    ];
    if let Some(state) = totals.breaker {
        let open = totals.open_ns as f64 / 1e9 / secs.max(1e-9);
        let words = match state {
            BreakerState::Closed => "closed",
            BreakerState::Open => "open",
            BreakerState::HalfOpen => "half-open",
        };
        rows.push(("Circuit breaker", words.into()));
        rows.push(("Opened", text::count(totals.opened)));
        rows.push(("Open", text::percent(open)));
    }
    if let Some(places) = totals.places {
        let places = text::count(places.into());
        let taken = text::count(totals.places_used);
        rows.push(("Places taken", format!("{taken} of {places}")));
        rows.push(("Waiting for one", text::count(totals.waiting)));
        let wait = totals.wait_sum_ns as f64 / 1e9 / totals.waits as f64;
        let wait = if totals.waits > 0 {
            text::seconds(wait)
        } else {
            "–".into()
        };
        rows.push(("Mean wait", wait));
    }
    if let Some([there, back]) = totals.carried {
        let of = |way: Carried| {
            let bytes = text::bytes(way.bytes as f64 / secs.max(1e-9));
            if way.is_limited {
                let busy = way.busy_ns as f64 / 1e9 / secs.max(1e-9);
                format!("{bytes}/s · {}", text::percent(busy))
            } else {
                format!("{bytes}/s")
            }
        };
        rows.push(("Sent", of(there)));
        rows.push(("Sent back", of(back)));
        let both = there.pooled(back);
        if both.is_limited && both.messages > 0 {
            let wait = both.wait_sum_ns as f64 / 1e9 / both.messages as f64;
            rows.push(("Wait to be sent", text::seconds(wait)));
        }
    }
    if totals.denied > 0 {
        rows.push(("Denied by budget", rate(totals.denied)));
    }
    if let Some(share) = totals.hedge_share() {
        let more = format!("{} (+{})", rate(totals.hedges), text::percent(share));
        rows.push(("Hedges", more));
        let won = totals.hedges_won as f64 / totals.hedges as f64;
        rows.push(("Answered first", text::percent(won)));
    }
    if totals.cancels > 0 {
        rows.push(("Cancellations", rate(totals.cancels)));
    }
    if totals.records > 0 {
        rows = vec![("Log records", rate(totals.records))];
    }
    let bad = Theme::of(ui).bad;
    Grid::new("connection figures")
        .num_columns(2)
        .spacing([space::XL, space::XS])
        .show(ui, |ui| {
            for (name, value) in rows {
                ui.weak(name);
                ui.label(value);
                ui.end_row();
            }
            for cause in Cause::ALL {
                let count = totals.failures.get(cause);
                if count > 0 {
                    ui.colored_label(bad, canvas::cause_words(cause));
                    ui.colored_label(bad, rate(count));
                    ui.end_row();
                }
            }
        });
}
