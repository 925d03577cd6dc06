//! Frames, and how far they are from each other.

use super::{choice, row};
use crate::scenario::parameters::{Choice, Editor, Parameter, Whose};

/// The parameters of a frame.
pub const FRAME: &[Parameter] = &[
    row(
        "kind",
        "Kind",
        Editor::Choice(KINDS),
        "Zone",
        "What it stands for",
    )
    .raises("w")
    .of(Whose::System),
    row(
        "inside",
        "Inside",
        Editor::Target,
        "none",
        "The region that a zone is in",
    )
    .optional()
    .changes("how far its members are from others"),
    row(
        "members",
        "Members",
        Editor::Names,
        "",
        "The boxes in it, those of its zones not counted",
    )
    .changes("how far its members are from others"),
];

const KINDS: &[Choice] = &[
    choice("Zone", "A data centre, or an availability zone of a region"),
    choice("Region", "A part of the world")
        .raises("w")
        .of(Whose::System),
];

/// The parameters of the latency between two frames.
pub const LATENCY: &[Parameter] = &[
    row("from", "From", Editor::Target, "", "The caller's frame")
        .required()
        .changes("which connections it is for"),
    row(
        "to",
        "To",
        Editor::Target,
        "",
        "The callee's frame; the way back is the same unless it has an entry of its own",
    )
    .required()
    .changes("which connections it is for"),
    row(
        "latency",
        "Latency",
        Editor::Distribution,
        "40ms",
        "Time under way, each way, of connections without a latency of their own",
    )
    .required()
    .raises("w")
    .of(Whose::System),
];
