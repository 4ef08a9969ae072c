//! A case: one workload, implemented with the library of one party.

mod running;

use std::hint::black_box;

pub(crate) use running::Running;

/// The header that every party extracts.
pub(crate) const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The configuration of the parties' tracers. The first case in a process determines it for all cases of its party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// The configuration of an application: a background thread exports finished spans while new ones are created.
    Background,
    /// Exports only when flushed, so that the counts include the thread that creates spans alone and do not depend on
    /// scheduling.
    OnFlush,
}

/// A group of cases that can share a process, because installing a global tracer cannot be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Cases without any installed tracer.
    Nothing,
    /// Cases with an installed tracer, and those that do not need one.
    Installed,
}

/// A case: its names, its size and its setup.
pub(crate) struct Case {
    /// The name of the workload, which is also the name of the row.
    pub(crate) workload: &'static str,
    /// The name of the party: anytrace or one of its peers.
    pub(crate) party: &'static str,
    /// The group, which determines the process.
    pub(crate) group: Group,
    /// The number of spans that one repeat finishes.
    pub(crate) spans: u64,
    /// The number of operations in one repeat. Costs are divided by it.
    pub(crate) operations: u64,
    /// The largest number of repeats in a burst. More would overflow a buffer of the party.
    pub(crate) max_repeats: u64,
    /// Sets up the case.
    pub(crate) begin: fn(Setting) -> Running,
}

impl Case {
    /// Creates a case whose repeat is one operation that finishes one span.
    pub(crate) const fn new(
        workload: &'static str,
        party: &'static str,
        begin: fn(Setting) -> Running,
    ) -> Self {
        Case {
            workload,
            party,
            group: Group::Installed,
            spans: 1,
            operations: 1,
            max_repeats: u64::MAX,
            begin,
        }
    }

    /// Sets the number of spans that one repeat finishes.
    pub(crate) const fn spans(self, spans: u64) -> Self {
        Case { spans, ..self }
    }

    /// Sets the number of operations in one repeat.
    pub(crate) const fn operations(self, operations: u64) -> Self {
        Case { operations, ..self }
    }

    /// Limits the number of repeats in a burst.
    #[cfg(feature = "peers")]
    pub(crate) const fn at_most(self, max_repeats: u64) -> Self {
        Case { max_repeats, ..self }
    }

    /// Sets the size of a batch that each repeat encodes, and limits bursts to one repeat: a reporter never encodes a
    /// batch twice, and caches are cold in between.
    #[cfg(feature = "peers")]
    pub(crate) const fn batches(self, spans: u64) -> Self {
        self.spans(0).operations(spans).at_most(1)
    }

    /// Runs the case in a process without an installed tracer.
    pub(crate) const fn without_tracer(self) -> Self {
        Case { group: Group::Nothing, ..self }
    }

    /// Returns the number of repeats in a burst of about this number of operations.
    pub(crate) fn burst(&self, operations: u64) -> u64 {
        (operations / self.operations.max(self.spans)).clamp(1, self.max_repeats)
    }

    /// True if this is the case with these names.
    pub(crate) fn is(&self, workload: &str, party: &str) -> bool {
        self.workload == workload && self.party == party
    }
}

/// Returns all cases, those of anytrace first.
pub(crate) fn all() -> impl Iterator<Item = &'static Case> {
    let anytrace = crate::anytrace::CASES.iter();
    #[cfg(feature = "peers")]
    let all = anytrace.chain(crate::peers::cases());
    #[cfg(not(feature = "peers"))]
    let all = anytrace;
    all
}

/// Makes a function different from all others. The compiler merges workloads with identical code, which removes the
/// name of one of them; such a workload calls this function first.
#[inline]
pub(crate) fn distinct(name: &'static str) {
    black_box(name);
}

/// The keys of W5's tags. Each call has a different key, like in a program.
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

/// Defines five nested functions that are never inlined. The innermost calls `$leaf(key)`, which sets a tag on the
/// current span.
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
            // Prevents a tail call.
            std::hint::black_box(());
        }
    };
}
pub(crate) use nested;
