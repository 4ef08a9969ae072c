//! Deliberately defective tracers: wrappers around the mock tracer, each with one defect.

mod native;
mod recorded;
mod span;
mod tracer;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64},
    },
    thread::{self, ThreadId},
    time::SystemTime,
};

use anytrace_api::{SpanId, SpanRef, TracerHandle};
use anytrace_conformance::{Capabilities, RecordedSpan, Report, Subject, check};
use anytrace_recorder::MockTracer;

macro_rules! defects {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// The defect of a tracer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Defect {
            $($(#[doc = $doc])* $name,)*
        }

        impl Defect {
            pub(crate) const ALL: &[Self] = &[$(Defect::$name),*];
        }
    };
}

defects! {
    // Starting.
    StartsNewTraceForChildren,
    MakesTheRootTheParentOfEverySpan,
    ReusesTheParentSpanId,
    RepeatsSpanIds,
    RepeatsTraceIds,
    PanicsOnRemoteContexts,
    DropsSpansOfOtherThreads,
    DropsChildrenOfEndedSpans,
    DropsKinds,
    DropsInstrumentationScopes,
    StripsNonAsciiFromNames,
    // Tags, events, links.
    DropsTagsAtStart,
    CopiesTagsToTheNextSpan,
    KeepsTheFirstValueOfATag,
    RecordsDuplicateTags,
    ConvertsTagsToText,
    DropsEvents,
    DropsEventTags,
    DropsStatus,
    ReplacesStatusOkWithErrors,
    DropsLinks,
    IgnoresRenaming,
    DoesNotCountDroppedItems,
    // Times and ends.
    IgnoresExplicitStarts,
    IgnoresExplicitEnds,
    IgnoresEventTimes,
    EndsBeforeItStarts,
    ShiftsTimes,
    DropsEndReasons,
    RecordsDiscardedSpans,
    RecordsSpansTwice,
    RecordsEveryEnd,
    RecordsTagsAfterTheEnd,
    // The current span.
    LeavesSpansCurrent,
    /// Children of a span that was found in a native context bypass the tracer that wraps the backend.
    ForgetsToAdoptNativeSpans,
    // Contexts.
    DropsBaggage,
    DropsExtractedBaggage,
    InvertsTheSampledFlag,
    RecordsUnsampledSpans,
    DropsTheContextOfUnsampledSpans,
    DropsTraceState,
    LeavesStaleHeaders,
    RemovesUnrelatedHeaders,
    InjectsEmptyContexts,
    InjectsUnescapedBaggage,
    ExtractsIdsFromNothing,
    ReadsOnlyLowerCaseHeaders,
    PanicsOnMalformedHeaders,
    // Flush and shutdown.
    NeverCompletesAFlush,
    ReportsNoCounts,
    RecordsAfterShutdown,
    DropsContextsAfterShutdown,
}

/// The mock tracer with one defect. Clones share their state.
#[derive(Clone)]
pub(crate) struct Broken(Arc<State>);

struct State {
    defect: Defect,
    mock: MockTracer,
    home: ThreadId,
    is_shut: AtomicBool,
    last_id: AtomicU64,
    /// The last entered span.
    current: Mutex<Option<SpanRef>>,
    /// The spans that were started through this tracer, and not through the mock tracer behind it.
    started: Mutex<HashSet<SpanId>>,
    /// True if spans that were found in a native context are adopted.
    adopts: bool,
    extra: Mutex<HashMap<SpanId, Extra>>,
    last_tag: Mutex<Option<(String, String)>>,
}

/// Data of a span that the mock tracer has not recorded.
#[derive(Clone, Default)]
struct Extra {
    tags: Vec<(String, anytrace_conformance::RecordedValue)>,
    ends: usize,
    end: Option<SystemTime>,
    error: Option<String>,
}

impl Broken {
    fn new(defect: Defect) -> Self {
        Broken(Arc::new(State {
            defect,
            mock: MockTracer::new(),
            home: thread::current().id(),
            is_shut: AtomicBool::new(false),
            last_id: AtomicU64::new(0),
            current: Mutex::default(),
            started: Mutex::default(),
            adopts: defect != Defect::ForgetsToAdoptNativeSpans,
            extra: Mutex::default(),
            last_tag: Mutex::default(),
        }))
    }

    fn is(&self, defect: Defect) -> bool {
        self.0.defect == defect
    }

    fn extra(&self, span: SpanId, change: impl FnOnce(&mut Extra)) {
        change(self.0.extra.lock().unwrap().entry(span).or_default());
    }

    fn recorded(&self) -> Vec<RecordedSpan> {
        recorded::recorded(self)
    }
}

/// Runs the suite against a tracer with this defect.
pub(crate) fn check_with(defect: Defect) -> Report {
    check(&format!("{defect:?}"), Capabilities::ALL, move || {
        let broken = Broken::new(defect);
        let clone = broken.clone();
        Subject::new(TracerHandle::new(broken), move || clone.recorded())
    })
}

/// Runs the suite against the tracer of [`Defect::ForgetsToAdoptNativeSpans`], without the defect.
pub(crate) fn check_adopting() -> Report {
    check("adopts native spans", Capabilities::ALL, move || {
        let mut broken = Broken::new(Defect::ForgetsToAdoptNativeSpans);
        let state = Arc::get_mut(&mut broken.0).expect("there is no other reference yet");
        state.adopts = true;
        let clone = broken.clone();
        Subject::new(TracerHandle::new(broken), move || clone.recorded())
    })
}
