//! Replaces the recorder's record by the few fields that the models need.

#[derive(Debug, Default)]
pub(crate) struct Record {
    /// The number of the span.
    pub(crate) span: usize,
    /// The number of writes to the span.
    pub(crate) writes: u64,
}

impl Record {
    /// Returns 1 for every record, so that the budgets of spans and of bytes can be compared.
    #[allow(clippy::unused_self, reason = "the replaced method depends on the record")]
    pub(crate) fn weight(&self) -> usize {
        1
    }
}
