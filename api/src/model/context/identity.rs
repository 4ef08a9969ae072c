//! The part of a context that every context has: ids and flags.

use crate::model::{Sampling, TraceId};

/// The ids of a span, the sampling decision and further flags: four `u64`, which the compiler creates, copies and
/// compares in whole registers.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Identity {
    /// The upper and lower half of the trace id; all zero without a trace id.
    pub(super) trace: [u64; 2],
    /// The span id; zero without a span id.
    pub(super) span: u64,
    flags: Flags,
}

/// A bit set of the sampling decision and the boolean properties.
///
/// One `u64` instead of a byte each, because byte writes followed by a full read stall store forwarding.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Flags(u64);

impl Flags {
    const SAMPLING: u64 = 0b11;
    const REMOTE: u64 = 1 << 2;
    const RANDOM: u64 = 1 << 3;
    const SHAREABLE: u64 = 1 << 4;

    const fn has(self, bit: u64) -> bool {
        self.0 & bit != 0
    }

    const fn with(self, bit: u64, is_set: bool) -> Self {
        Flags(self.0 & !bit | if is_set { bit } else { 0 })
    }

    const fn with_sampling(self, sampling: Sampling) -> Self {
        Flags(self.0 & !Self::SAMPLING | sampling as u64)
    }
}

impl Identity {
    pub(super) const EMPTY: Self = Identity { trace: [0, 0], span: 0, flags: Flags(0) };

    #[inline]
    pub(super) const fn new(trace_id: TraceId, span: u64, sampling: Sampling) -> Self {
        let flags = Self::EMPTY.flags.with_sampling(sampling);
        Identity { trace: [trace_id.high(), trace_id.low()], span, flags }
    }

    /// Sets the decision of a tracer of this process, which ends the remote and shareable states.
    #[inline]
    pub(super) const fn decided(self, sampling: Sampling) -> Self {
        self.with_sampling(sampling).with_remote(false).with_shareable(false)
    }

    pub(super) const fn sampling(self) -> Sampling {
        match self.flags.0 & Flags::SAMPLING {
            0 => Sampling::Defer,
            1 => Sampling::Drop,
            2 => Sampling::Record,
            _ => Sampling::Debug,
        }
    }

    pub(super) const fn is_remote(self) -> bool {
        self.flags.has(Flags::REMOTE)
    }

    pub(super) const fn is_random(self) -> bool {
        self.flags.has(Flags::RANDOM)
    }

    pub(super) const fn is_shareable(self) -> bool {
        self.flags.has(Flags::SHAREABLE)
    }

    pub(super) const fn with_sampling(self, sampling: Sampling) -> Self {
        Identity { flags: self.flags.with_sampling(sampling), ..self }
    }

    pub(super) const fn with_remote(self, remote: bool) -> Self {
        Identity { flags: self.flags.with(Flags::REMOTE, remote), ..self }
    }

    pub(super) const fn with_random(self, random: bool) -> Self {
        Identity { flags: self.flags.with(Flags::RANDOM, random), ..self }
    }

    pub(super) const fn with_shareable(self, shareable: bool) -> Self {
        Identity { flags: self.flags.with(Flags::SHAREABLE, shareable), ..self }
    }
}
