//! Formatting of header values without allocation.

use crate::model::TraceId;

/// An ASCII string of at most `CAPACITY` bytes on the stack.
pub(super) struct HeaderBuffer<const CAPACITY: usize> {
    bytes: [u8; CAPACITY],
    length: usize,
}

impl<const CAPACITY: usize> HeaderBuffer<CAPACITY> {
    pub(super) const fn new() -> Self {
        HeaderBuffer { bytes: [0; CAPACITY], length: 0 }
    }

    /// Appends ASCII. Each propagator chooses a `CAPACITY` that fits its longest header.
    pub(super) fn push(&mut self, ascii: &[u8]) {
        let end = self.length + ascii.len();
        self.bytes[self.length..end].copy_from_slice(ascii);
        self.length = end;
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

/// Returns the digits to send for a trace id: 16 if the upper half is zero, for systems with 64-bit ids, else 32.
pub(super) fn without_zero_half(trace_id: TraceId, hex: &[u8; 32]) -> &[u8] {
    if trace_id.high() == 0 { &hex[16..] } else { hex }
}
