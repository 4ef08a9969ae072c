//! What a backend says that it can.

use std::fmt;

macro_rules! capabilities {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// Something that not every backend can. What is not listed here, every backend has to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Capability {
            $($(#[doc = $doc])* $name,)*
        }

        impl Capability {
            /// All of them.
            pub const ALL: &[Self] = &[$(Capability::$name),*];
        }
    };
}

capabilities! {
    /// Spans are recorded, and can be shown: name, ids and parent.
    Recording,
    /// The context of a span crosses a process border: what `inject` wrote, `extract` reads.
    Propagation,
    /// Baggage crosses it as well.
    BaggagePropagation,
    /// What vendors carry along crosses it: not every format has room for it.
    TraceStatePropagation,
    /// A denied context is told from one that is recorded, on the wire.
    SampledFlag,
    /// What a remote parent has decided about recording is heeded.
    ParentSampling,
    /// A wish without ids is heeded, and one for debugging above all.
    SamplingWishes,
    /// A context that names a trace and no span starts a root of that trace.
    GivenTraceIds,
    /// A span can be the copy of one that another tracer has started, under its ids.
    Identity,
    /// Kinds.
    Kinds,
    /// Tags, at least as text.
    Tags,
    /// Tags keep their types.
    TypedTags,
    /// An equal key replaces, also where the span started with it.
    ReplacedTags,
    /// Events, and their times.
    Events,
    /// Tags of events.
    EventTags,
    /// Links.
    Links,
    /// The status of a span.
    Status,
    /// Which library made the span.
    Origins,
    /// Another name after the start.
    Renaming,
    /// Explicit times, to two microseconds at least: a start and a duration, each cut to whole ones, or a duration of one
    /// where there is none.
    Times,
    /// Times in nanoseconds.
    Nanoseconds,
    /// How a span ended that was not simply finished.
    Endings,
    /// A discarded span is not recorded.
    Discarding,
    /// What is beyond a limit is left out and counted.
    Limits,
    /// A flush delivers what has finished, and says whether that went well.
    Flush,
    /// Its answer says how many spans were delivered.
    FlushNumbers,
    /// Nothing is recorded after a shutdown.
    Shutdown,
}

/// What a backend says that it can: a set of [`Capability`].
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
    /// Nothing beyond what every backend has to do: carry contexts, and do no harm.
    pub const NONE: Self = Capabilities(0);

    /// Everything.
    pub const ALL: Self = Self::NONE.with(Capability::ALL);

    /// And these.
    pub const fn with(mut self, more: &[Capability]) -> Self {
        let mut n = 0;
        while n < more.len() {
            self.0 |= 1 << more[n] as u64;
            n += 1;
        }
        self
    }

    /// But not these.
    pub const fn without(self, less: &[Capability]) -> Self {
        Capabilities(self.0 & !Self::NONE.with(less).0)
    }

    /// Whether it is one of them.
    pub const fn has(self, capability: Capability) -> bool {
        self.0 & 1 << capability as u64 != 0
    }
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Capability::ALL.iter().filter(|one| self.has(**one))).finish()
    }
}
