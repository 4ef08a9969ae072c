//! What the formats share when they write.

use crate::model::TraceId;

/// A field's value, put together without an allocation.
pub(super) struct Line<const LONGEST: usize> {
    bytes: [u8; LONGEST],
    length: usize,
}

impl<const LONGEST: usize> Line<LONGEST> {
    pub(super) const fn new() -> Self {
        Line { bytes: [0; LONGEST], length: 0 }
    }

    /// Appends ASCII. The formats know how long their longest value is.
    pub(super) fn push(&mut self, part: &[u8]) {
        let end = self.length + part.len();
        self.bytes[self.length..end].copy_from_slice(part);
        self.length = end;
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

/// The digits of a trace id, of which 64-bit systems know no more than 16.
pub(super) fn short(trace_id: TraceId, hex: &[u8; 32]) -> &[u8] {
    if trace_id.high() == 0 { &hex[16..] } else { hex }
}
