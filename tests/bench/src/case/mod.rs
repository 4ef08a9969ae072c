//! One workload done by one party.

mod running;

use std::hint::black_box;

pub(crate) use running::Running;

/// What every party reads.
pub(crate) const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// How the parties' tracers are set up. The first case of a process decides for all of a party's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// As an application has it: what is finished is fetched on a thread while more is being done.
    Usual,
    /// Nothing is fetched before it is asked for: what is counted does not depend on when a thread comes, and is the
    /// producer's alone.
    Quiet,
}

/// Cases that can be in one process: what is installed there is installed for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Nobody's tracing is set up.
    Nothing,
    /// All the others.
    Installed,
}

/// A case: its names, its size and what sets it up.
pub(crate) struct Case {
    /// What is done: the row's name.
    pub(crate) workload: &'static str,
    /// Who does it.
    pub(crate) party: &'static str,
    /// Where it may run.
    pub(crate) group: Group,
    /// The spans that one repeat finishes.
    pub(crate) spans: u64,
    /// The operations in one repeat, by which figures are divided.
    pub(crate) operations: u64,
    /// The most repeats of a burst, where more overflow what the party keeps them in.
    pub(crate) most: u64,
    /// Sets it up.
    pub(crate) begin: fn(Setting) -> Running,
}

impl Case {
    /// A case whose repeat is one operation that finishes one span.
    pub(crate) const fn new(
        workload: &'static str,
        party: &'static str,
        begin: fn(Setting) -> Running,
    ) -> Self {
        Case { workload, party, group: Group::Installed, spans: 1, operations: 1, most: u64::MAX, begin }
    }

    /// With repeats that finish so many spans.
    pub(crate) const fn spans(self, spans: u64) -> Self {
        Case { spans, ..self }
    }

    /// With repeats of so many operations.
    pub(crate) const fn operations(self, operations: u64) -> Self {
        Case { operations, ..self }
    }

    /// With bursts of no more repeats.
    #[cfg(feature = "peers")]
    pub(crate) const fn at_most(self, most: u64) -> Self {
        Case { most, ..self }
    }

    /// With repeats that encode a batch of so many spans, finished long ago, and bursts of one: a reporter's batches are
    /// not encoded twice, and what comes between two of them has the caches.
    #[cfg(feature = "peers")]
    pub(crate) const fn batches(self, spans: u64) -> Self {
        self.spans(0).operations(spans).at_most(1)
    }

    /// In a process where nothing is installed.
    pub(crate) const fn alone(self) -> Self {
        Case { group: Group::Nothing, ..self }
    }

    /// How many repeats make a burst of about so many operations.
    pub(crate) fn burst(&self, operations: u64) -> u64 {
        (operations / self.operations.max(self.spans)).clamp(1, self.most)
    }

    /// Whether it is the case of these names.
    pub(crate) fn is(&self, workload: &str, party: &str) -> bool {
        self.workload == workload && self.party == party
    }
}

/// All cases, ours first.
pub(crate) fn all() -> impl Iterator<Item = &'static Case> {
    let ours = crate::ours::CASES.iter();
    #[cfg(feature = "peers")]
    let all = ours.chain(crate::peers::cases());
    #[cfg(not(feature = "peers"))]
    let all = ours;
    all
}

/// To be called first by a workload that does the same as another one: else the compiler makes one function of the two,
/// and one of the names is gone.
#[inline]
pub(crate) fn distinct(name: &'static str) {
    black_box(name);
}

/// The keys of W5's tags, one for each call: as in a program, they are not alike.
pub(crate) const KEYS: [&str; 10] = [
    "user.id",
    "user.plan",
    "db.system",
    "cache.hit",
    "retries",
    "queue.name",
    "tenant",
    "feature.flag",
    "page.size",
    "order.total",
];

/// Five calls that are never inlined, one in the other, around `$leaf(key)`: the way down to where a tag is set on
/// whatever is current.
macro_rules! nested {
    ($leaf:path) => {
        crate::case::nested!(@call first second);
        crate::case::nested!(@call second third);
        crate::case::nested!(@call third fourth);
        crate::case::nested!(@call fourth fifth);
        crate::case::nested!(@call fifth $leaf);
    };
    (@call $name:ident $inner:path) => {
        #[inline(never)]
        fn $name(key: &'static str) {
            $inner(std::hint::black_box(key));
            // Else the last call of this one would be a jump.
            std::hint::black_box(());
        }
    };
}
pub(crate) use nested;
