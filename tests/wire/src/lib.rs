//! Helpers for tests of the wire formats of `anytrace-api`.
//!
//! The tests in `tests/` check the formats against vectors, properties and allocation counts. The [`invariants`] of all
//! formats are shared with the fuzz targets.

mod carrier;
pub mod invariants;

pub use carrier::{CountingReader, StrictCarrier, headers};
