//! Runs a model.

/// Runs `model` in every order of its threads' steps with at most four preemptions. Without that bound, the largest
/// model takes minutes.
#[cfg(loom)]
pub fn check(model: fn()) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(4);
    builder.check(model);
}

/// Runs `model` many times.
#[cfg(not(loom))]
pub fn check(model: fn()) {
    for _ in 0..2000 {
        model();
    }
}
