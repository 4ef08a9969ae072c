//! Tracers that are broken on purpose, each in one way: the mock tracer, with a fault in front of it.

mod shown;
mod span;
mod tracer;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64},
    },
    thread::{self, ThreadId},
    time::SystemTime,
};

use anytrace_api::{SpanId, SpanRef, TracerHandle};
use anytrace_conformance::{Capabilities, Recorded, Report, Subject, check};
use anytrace_recorder::MockTracer;

macro_rules! faults {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Fault {
            $($(#[doc = $doc])* $name,)*
        }

        impl Fault {
            pub(crate) const ALL: &[Self] = &[$(Fault::$name),*];
        }
    };
}

faults! {
    // Starting.
    StartsANewTraceForEachChild,
    HangsChildrenOnTheRoot,
    ReusesTheParentsId,
    RepeatsSpanIds,
    RepeatsTraceIds,
    PanicsOnAForeignContext,
    LosesSpansOfOtherThreads,
    LosesLateChildren,
    LosesKinds,
    LosesInstrumentationScopes,
    CutsNames,
    // Tags, events, links.
    LosesTagsAtStart,
    CarriesTagsOver,
    KeepsTheFirstTag,
    KeepsEveryTag,
    TurnsTagsIntoText,
    LosesEvents,
    LosesEventTags,
    LosesStatus,
    LetsErrorsReplaceOk,
    LosesLinks,
    IgnoresNewNames,
    CountsNothingThatIsDropped,
    // Times and ends.
    IgnoresExplicitStarts,
    IgnoresExplicitEnds,
    IgnoresEventTimes,
    EndsBeforeItStarts,
    IsLate,
    ForgetsHowItEnded,
    RecordsDiscarded,
    RecordsTwice,
    RecordsASecondEnd,
    WritesAfterTheEnd,
    // What is current.
    LeavesItsSpanCurrent,
    // Contexts.
    DropsBaggage,
    DropsExtractedBaggage,
    InvertsSampled,
    RecordsWhatIsDenied,
    ForgetsTheCallerOfWhatIsDenied,
    LosesTraceState,
    LeavesStaleHeaders,
    RemovesTheHeadersOfOthers,
    WritesEmptyContexts,
    WritesBaggageRaw,
    ExtractsFromNothing,
    ReadsLowerCaseOnly,
    PanicsOnABadCarrier,
    // Flush and shutdown.
    NeverAnswersAFlush,
    ReportsNoNumbers,
    RecordsAfterShutdown,
    LosesTheCallerAfterShutdown,
}

/// The mock tracer with a fault. All clones are one.
#[derive(Clone)]
pub(crate) struct Broken(Arc<State>);

struct State {
    fault: Fault,
    mock: MockTracer,
    home: ThreadId,
    is_shut: AtomicBool,
    last_id: AtomicU64,
    /// What was entered last.
    current: Mutex<Option<SpanRef>>,
    extra: Mutex<HashMap<SpanId, Extra>>,
    last_tag: Mutex<Option<(String, String)>>,
}

/// What a span has that the mock tracer did not take.
#[derive(Clone, Default)]
struct Extra {
    tags: Vec<(String, anytrace_conformance::Said)>,
    ends: usize,
    end: Option<SystemTime>,
    error: Option<String>,
}

impl Broken {
    fn new(fault: Fault) -> Self {
        Broken(Arc::new(State {
            fault,
            mock: MockTracer::new(),
            home: thread::current().id(),
            is_shut: AtomicBool::new(false),
            last_id: AtomicU64::new(0),
            current: Mutex::default(),
            extra: Mutex::default(),
            last_tag: Mutex::default(),
        }))
    }

    fn is(&self, fault: Fault) -> bool {
        self.0.fault == fault
    }

    fn extra(&self, span: SpanId, change: impl FnOnce(&mut Extra)) {
        change(self.0.extra.lock().unwrap().entry(span).or_default());
    }

    fn shown(&self) -> Vec<Recorded> {
        shown::shown(self)
    }
}

/// The suite against a tracer with this fault.
pub(crate) fn check_with(fault: Fault) -> Report {
    check(&format!("{fault:?}"), Capabilities::ALL, move || {
        let broken = Broken::new(fault);
        let shown = broken.clone();
        Subject::new(TracerHandle::new(broken), move || shown.shown())
    })
}
