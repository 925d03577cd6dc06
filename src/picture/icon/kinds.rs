//! Icons of the components.

use super::Shape::{self, Arc, Disc, Line, Outline};
use crate::scenario::Kind;

pub(super) const fn shapes(kind: Kind) -> &'static [Shape] {
    match kind {
        Kind::Client => CLIENT,
        Kind::LoadBalancer => LOAD_BALANCER,
        Kind::RateLimiter => RATE_LIMITER,
        Kind::ApiGateway => API_GATEWAY,
        Kind::Dns => DNS,
        Kind::Function => FUNCTION,
        Kind::Server => SERVER,
        Kind::Cache => CACHE,
        Kind::Database => DATABASE,
        Kind::Replica => REPLICA,
        Kind::Queue => QUEUE,
    }
}

/// A person.
const CLIENT: &[Shape] = &[
    Arc {
        center: (0.5, 0.3),
        radii: (0.18, 0.18),
        from: 0.0,
        to: 360.0,
    },
    Arc {
        center: (0.5, 0.92),
        radii: (0.36, 0.32),
        from: 180.0,
        to: 360.0,
    },
    Line(&[(0.14, 0.92), (0.86, 0.92)]),
];

/// One way that becomes three.
const LOAD_BALANCER: &[Shape] = &[
    Disc {
        center: (0.15, 0.5),
        radius: 0.1,
    },
    Line(&[(0.15, 0.5), (0.45, 0.5)]),
    Line(&[
        (0.8, 0.17),
        (0.62, 0.17),
        (0.45, 0.5),
        (0.62, 0.83),
        (0.8, 0.83),
    ]),
    Line(&[(0.45, 0.5), (0.8, 0.5)]),
    Disc {
        center: (0.84, 0.17),
        radius: 0.09,
    },
    Disc {
        center: (0.84, 0.5),
        radius: 0.09,
    },
    Disc {
        center: (0.84, 0.83),
        radius: 0.09,
    },
];

/// A funnel: wide in front, narrow behind.
const RATE_LIMITER: &[Shape] = &[
    Outline(&[
        (0.08, 0.1),
        (0.92, 0.1),
        (0.61, 0.5),
        (0.61, 0.76),
        (0.39, 0.9),
        (0.39, 0.5),
    ]),
    Line(&[(0.28, 0.27), (0.72, 0.27)]),
];

/// A door.
const API_GATEWAY: &[Shape] = &[
    Line(&[(0.06, 0.92), (0.94, 0.92)]),
    Outline(&[(0.22, 0.08), (0.78, 0.08), (0.78, 0.92), (0.22, 0.92)]),
    Line(&[(0.36, 0.3), (0.64, 0.3)]),
    Disc {
        center: (0.65, 0.54),
        radius: 0.06,
    },
];

/// A sign with two ways.
const DNS: &[Shape] = &[
    Line(&[(0.5, 0.06), (0.5, 0.94)]),
    Outline(&[
        (0.2, 0.14),
        (0.74, 0.14),
        (0.92, 0.27),
        (0.74, 0.4),
        (0.2, 0.4),
    ]),
    Outline(&[
        (0.8, 0.5),
        (0.26, 0.5),
        (0.08, 0.63),
        (0.26, 0.76),
        (0.8, 0.76),
    ]),
];

/// The letter lambda.
const FUNCTION: &[Shape] = &[
    Line(&[(0.16, 0.1), (0.34, 0.1), (0.74, 0.9), (0.9, 0.9)]),
    Line(&[(0.47, 0.38), (0.18, 0.9)]),
];

/// Two units of a rack.
const SERVER: &[Shape] = &[
    Outline(&[
        (0.14, 0.12),
        (0.86, 0.12),
        (0.9, 0.16),
        (0.9, 0.42),
        (0.86, 0.46),
        (0.14, 0.46),
        (0.1, 0.42),
        (0.1, 0.16),
    ]),
    Outline(&[
        (0.14, 0.54),
        (0.86, 0.54),
        (0.9, 0.58),
        (0.9, 0.84),
        (0.86, 0.88),
        (0.14, 0.88),
        (0.1, 0.84),
        (0.1, 0.58),
    ]),
    Disc {
        center: (0.26, 0.29),
        radius: 0.055,
    },
    Disc {
        center: (0.26, 0.71),
        radius: 0.055,
    },
    Line(&[(0.52, 0.29), (0.76, 0.29)]),
    Line(&[(0.52, 0.71), (0.76, 0.71)]),
];

/// A flash: the quick answer.
const CACHE: &[Shape] = &[Outline(&[
    (0.58, 0.06),
    (0.18, 0.56),
    (0.46, 0.56),
    (0.4, 0.94),
    (0.82, 0.42),
    (0.52, 0.42),
])];

/// A drum.
const DATABASE: &[Shape] = &[
    Arc {
        center: (0.5, 0.2),
        radii: (0.36, 0.14),
        from: 0.0,
        to: 360.0,
    },
    Line(&[(0.14, 0.2), (0.14, 0.8)]),
    Line(&[(0.86, 0.2), (0.86, 0.8)]),
    Arc {
        center: (0.5, 0.8),
        radii: (0.36, 0.14),
        from: 180.0,
        to: 0.0,
    },
    Arc {
        center: (0.5, 0.5),
        radii: (0.36, 0.14),
        from: 180.0,
        to: 0.0,
    },
];

/// A drum in front of another.
const REPLICA: &[Shape] = &[
    Arc {
        center: (0.64, 0.36),
        radii: (0.29, 0.11),
        from: 0.0,
        to: 360.0,
    },
    Line(&[(0.35, 0.36), (0.35, 0.82)]),
    Line(&[(0.93, 0.36), (0.93, 0.82)]),
    Arc {
        center: (0.64, 0.82),
        radii: (0.29, 0.11),
        from: 180.0,
        to: 0.0,
    },
    Arc {
        center: (0.36, 0.17),
        radii: (0.29, 0.11),
        from: 135.0,
        to: 375.0,
    },
    Line(&[(0.07, 0.17), (0.07, 0.63)]),
    Arc {
        center: (0.36, 0.63),
        radii: (0.29, 0.11),
        from: 180.0,
        to: 120.0,
    },
];

/// Messages in a row.
const QUEUE: &[Shape] = &[
    Line(&[(0.06, 0.26), (0.94, 0.26)]),
    Line(&[(0.06, 0.74), (0.94, 0.74)]),
    Outline(&[(0.14, 0.39), (0.32, 0.39), (0.32, 0.61), (0.14, 0.61)]),
    Outline(&[(0.41, 0.39), (0.59, 0.39), (0.59, 0.61), (0.41, 0.61)]),
    Outline(&[(0.68, 0.39), (0.86, 0.39), (0.86, 0.61), (0.68, 0.61)]),
];
