//! The wire formats of `anytrace-api` against their vectors, properties and costs. All is in `tests/`.
