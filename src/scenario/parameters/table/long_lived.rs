//! Long-lived connections, and how many a server may have.

use super::row;
use crate::scenario::{
    check::limits,
    parameters::{Editor, Parameter},
};

pub const LONG_LIVED: &[Parameter] = &[
    row(
        "connections",
        "Connections",
        Editor::Integer,
        "1_000",
        "Number of users, each with one connection or on the way to one",
    )
    .unit("users")
    .within(limits::USERS)
    .required()
    .raises("open_connections"),
    row(
        "hold",
        "Held for",
        Editor::Distribution,
        "Exponential(30min)",
        "How long a connection is kept open by its user",
    )
    .raises("open_connections"),
    row(
        "every",
        "Message every",
        Editor::Distribution,
        "Exponential(10s)",
        "Time between two messages over a connection, and before the first",
    )
    .lowers("arrival_rate"),
    row(
        "away",
        "Away for",
        Editor::Distribution,
        "Exponential(10s)",
        "How long a user is away after closing a connection, and before opening the first",
    )
    .lowers("open_connections"),
    row(
        "reconnect",
        "Reconnects after",
        Editor::Distribution,
        "Uniform(min: 1s, max: 5s)",
        "How long a user waits before opening another connection when one broke or could not be opened: a constant makes all come back at once",
    )
    .lowers("reconnect_rate")
    .source("Socket.IO, reconnectionDelay and reconnectionDelayMax"),
    row(
        "heartbeat",
        "Heartbeat",
        Editor::Duration,
        "30s",
        "For how long nothing must come through before both ends take a connection for broken",
    )
    .lowers("broken_rate"),
    row(
        "connect",
        "Opened by",
        Editor::Text,
        "none",
        "The operation of opening a connection, which no message is of; none: a request as messages are",
    )
    .optional()
    .changes("what opening a connection asks for"),
];

pub const MAX_CONNECTIONS: Parameter = row(
    "max_connections",
    "Most connections",
    Editor::Integer,
    "none",
    "Long-lived connections that one instance may have, those being opened counted; none: as many as come",
)
.unit("connections")
.within(limits::USERS)
.optional()
.raises("open_connections");
