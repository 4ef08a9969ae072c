//! The wire formats of `anytrace-api` against their vectors, properties and costs, which are in `tests/`, and the laws
//! that hold of all of them, which the fuzz targets know too.

mod carrier;
pub mod laws;

pub use carrier::{Clean, Counting, headers};
