//! One frame: what is done to it, what it is, how far it is from others.

use egui::Ui;

use super::{
    Context,
    field::{self, Drafts, Field},
    heading, parameters, problems, trouble,
};
use crate::{
    scenario::{
        FrameKind, Scenario, Subject, edit::set_frame_latency, frame::Places, parameters::text_of,
    },
    window::{canvas, edit::Edit, outbox::Outbox, text},
};

/// Draws what can be done to a frame, and its parameters.
pub fn ui(ui: &mut Ui, drafts: &mut Drafts, context: &Context<'_>, name: &str, out: &mut Outbox) {
    let scenario = context.document.scenario();
    let Some(frame) = scenario.frames.get(name) else {
        return;
    };
    drafts.about(&format!("frame {name}"));
    heading(ui, None, name, frame.kind.noun());
    problems(ui, context, |subject| {
        *subject == Subject::Frame(name.to_owned())
    });
    let running = context.snapshot.scenario.as_ref();
    let at = running.and_then(|running| running.frames.get_index_of(name));
    let is_in_trouble = at.and_then(|at| context.snapshot.frames.get(at));
    let is_in_trouble = is_in_trouble.copied().unwrap_or(false);
    let troubles = canvas::troubles_of_frame(scenario, name);
    trouble::ui(ui, name, &troubles, is_in_trouble, out);
    field::group(ui, "Parameters");
    let subject = Subject::Frame(name.to_owned());
    parameters::ui(ui, drafts, scenario, &subject, "", out);
    field::group(ui, "Latency");
    for other in scenario.frames.keys() {
        // Inside a region there is nothing but its zones, or it says how far they are apart.
        let is_other = other != name || frame.kind == FrameKind::Zone;
        if is_other && let Some(edit) = latency(ui, drafts, scenario, name, other) {
            out.edit(edit);
        }
    }
}

/// Draws how far one frame is from another. Returns what it is to become.
fn latency(
    ui: &mut Ui,
    drafts: &mut Drafts,
    scenario: &Scenario,
    from: &str,
    to: &str,
) -> Option<Edit> {
    let places = Places::new(scenario);
    let (at, other) = (
        scenario.frames.get_index_of(from)?,
        scenario.frames.get_index_of(to)?,
    );
    let said = scenario.latencies.iter().any(|entry| {
        (&*entry.from, &*entry.to) == (from, to) || (&*entry.from, &*entry.to) == (to, from)
    });
    let label = if from == to {
        "To itself".to_owned()
    } else {
        format!("To {to}")
    };
    let (entered, _) = Field {
        key: &format!("latency {to}"),
        label: &label,
        depth: 0,
        value: text_of(places.between(at, other)),
        hint: "20ms, exp 20ms",
        about: "Time under way, each way, of connections without a latency of their own; the way \
                back is the same unless it has an entry of its own. Empty: as usual"
            .to_owned(),
        can_drag: false,
        is_default: !said,
        default: said.then(String::new),
    }
    .ui(ui, drafts, |typed| {
        let mut scenario = scenario.clone();
        set_frame_latency(&mut scenario, from, to, typed)
            .map(|()| typed.to_owned())
            .map_err(|problem| text::capital(&problem))
    });
    entered.map(|text| Edit::FrameLatency {
        from: from.to_owned(),
        to: to.to_owned(),
        text,
    })
}
