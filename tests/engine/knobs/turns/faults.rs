//! Faults.

use super::{Group, after, turn};

pub fn turns() -> Vec<Group> {
    vec![
        turn(&[
            ("faults.6.at", "45s"),
            ("faults.6.until", "60s"),
            ("faults.1.on", "db"),
            ("faults.1.fault", "Hang"),
            ("faults.1.fault", "Pause"),
            ("faults.1.fault", "Flush"),
            ("faults.2.fault.times", "4"),
            ("faults.5.fault.times", "2"),
            ("faults.6.on", "api #2"),
        ])
        .with_faults(),
        after(
            &[("faults.1.fault", "Errors")],
            &[("faults.1.fault.share", "0.9")],
        )
        .with_faults(),
        after(
            &[
                ("faults.1.on", "api"),
                ("faults.1.until", "60s"),
                ("faults.1.fault", "Capacity"),
                ("faults.1.fault.lost", "0.3"),
            ],
            &[("faults.1.fault.lost", "0.6")],
        )
        .with_faults(),
        after(
            &[("faults.3.fault", "Loss")],
            &[("faults.3.fault.share", "0.9")],
        )
        .with_faults(),
        after(
            &[("clients.operations", "read"), ("faults.5.fault", "HotKey")],
            &[("faults.5.fault.share", "0.9")],
        )
        .with_faults(),
    ]
}
