//! In place of the recorder's record: what the models ask for.

#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Which span.
    pub(crate) span: usize,
    /// What was said of it.
    pub(crate) said: u64,
}

impl Record {
    /// Every record weighs one, so that the budgets of spans and of bytes can be compared.
    #[allow(clippy::unused_self, reason = "the other one asks itself")]
    pub(crate) fn weight(&self) -> usize {
        1
    }
}
