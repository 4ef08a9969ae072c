//! The optional abilities of a backend.

use std::fmt;

macro_rules! capabilities {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// An ability that not every backend has.
        ///
        /// A rule that needs a capability is skipped for backends that do not claim it. All other rules hold for every
        /// backend.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Capability {
            $($(#[doc = $doc])* $name,)*
        }

        impl Capability {
            /// The list of all capabilities.
            pub const ALL: &[Self] = &[$(Capability::$name),*];
        }
    };
}

capabilities! {
    /// Records spans, at least their names, ids and parents.
    Recording,
    /// `inject` writes the ids of a context, and `extract` reads them back.
    Propagation,
    /// `inject` and `extract` transmit baggage too.
    BaggagePropagation,
    /// `inject` and `extract` transmit the trace state of the W3C format too. B3, for example, cannot.
    TraceStatePropagation,
    /// `inject` and `extract` transmit whether the context is sampled.
    SampledFlag,
    /// Follows the sampling decision of a remote parent.
    ParentSampling,
    /// Follows a sampling request in a context without ids: `Sampling::Record`, `Sampling::Drop`, `Sampling::Debug`.
    SamplingRequests,
    /// Uses the trace id of a context that has no span id for the root that joins it.
    PresetTraceIds,
    /// Uses the ids of `Operation::preset_context` for the new span.
    PresetContexts,
    /// Records the kind of a span.
    Kinds,
    /// Records tags, at least as text.
    Tags,
    /// Records the types of tag values.
    TypedTags,
    /// Replaces the value of an existing key, even if the span was started with it.
    ReplacedTags,
    /// Records events and their times.
    Events,
    /// Records the tags of events.
    EventTags,
    /// Records links.
    Links,
    /// Records the status of a span.
    Status,
    /// Records the instrumentation scope of a span.
    InstrumentationScopes,
    /// Records a name set after the start.
    Renaming,
    /// Records start and end, explicit or measured, to within two microseconds.
    ///
    /// The tolerance allows for formats that store a start and a duration in whole microseconds, or that do not allow a
    /// duration of zero.
    Times,
    /// Records times in nanoseconds.
    Nanoseconds,
    /// Records the end reason: finished, dropped, panicked or cancelled.
    EndReasons,
    /// Does not record a discarded span.
    Discarding,
    /// Counts the tags, events and links that exceed a limit.
    Limits,
    /// A flush delivers all finished spans and reports success or failure.
    Flush,
    /// The result of a flush has the number of delivered spans.
    FlushCounts,
    /// Records no span that ends after a shutdown.
    Shutdown,
}

/// The capabilities that a backend claims.
///
/// ```
/// use anytrace_conformance::{Capabilities, Capability};
///
/// let mine = Capabilities::ALL.without(&[Capability::Links, Capability::Nanoseconds]);
/// assert!(mine.has(Capability::Tags) && !mine.has(Capability::Links));
/// assert!(!Capabilities::NONE.has(Capability::Recording));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Capabilities(u64);

impl Capabilities {
    /// No optional capability. Such a backend still carries contexts and baggage within the process.
    pub const NONE: Self = Capabilities(0);

    /// Every capability.
    pub const ALL: Self = Self::NONE.with(Capability::ALL);

    /// Returns the set with `added` included.
    pub const fn with(mut self, added: &[Capability]) -> Self {
        let mut n = 0;
        while n < added.len() {
            self.0 |= 1 << added[n] as u64;
            n += 1;
        }
        self
    }

    /// Returns the set with `removed` excluded.
    pub const fn without(self, removed: &[Capability]) -> Self {
        Capabilities(self.0 & !Self::NONE.with(removed).0)
    }

    /// Returns true if the set contains `capability`.
    pub const fn has(self, capability: Capability) -> bool {
        self.0 & 1 << capability as u64 != 0
    }
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Capability::ALL.iter().filter(|capability| self.has(**capability))).finish()
    }
}
