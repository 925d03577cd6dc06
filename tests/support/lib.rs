//! What the integration tests share.

#![allow(dead_code)] // no test binary uses all of it

pub mod design;
pub mod estimate;
pub mod everything;
