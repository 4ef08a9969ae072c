//! What of a caller's context is let in.

use std::{net::SocketAddr, sync::Arc};

use anytrace_api::{Context, Sampling};

use super::{Inbound, RateLimit, callback::Callback, counter::Counter};
use crate::RequestHead;

type By = dyn Fn(&RequestHead<'_>, Option<SocketAddr>) -> Inbound + Send + Sync;

/// What of a caller's context is let in.
#[derive(Clone, Debug, Default)]
pub(super) struct Admission {
    pub(super) inbound: Inbound,
    by: Callback<By>,
    limit: Callback<RateLimit>,
    contexts: Counter,
    debug: Counter,
    forced: Counter,
}

impl Admission {
    pub(super) fn set_by(&mut self, by: Arc<By>) {
        self.by.set(by);
    }

    pub(super) fn set_limit(&mut self, limit: RateLimit) {
        self.limit.set(Arc::new(limit));
    }

    /// What the request's span hangs on, and what it is linked to.
    pub(super) fn admit(
        &self,
        request: &RequestHead<'_>,
        peer: Option<SocketAddr>,
        found: Context,
        panics: &Counter,
    ) -> (Context, Option<Context>) {
        if found.is_empty() {
            return (found, None);
        }
        // A panic must not open the door.
        let fallback = if self.by.is_set() { Inbound::Ignore } else { self.inbound };
        let inbound = self.by.ask(panics, |by| by(request, peer)).unwrap_or(fallback);
        match inbound {
            Inbound::Continue => (self.weigh(found, false, panics), None),
            Inbound::ContinueDebug => (self.weigh(found, true, panics), None),
            Inbound::Link => {
                self.contexts.add(1);
                (Context::EMPTY, found.ids().is_some().then_some(found))
            }
            Inbound::Ignore => {
                self.contexts.add(1);
                (Context::EMPTY, None)
            }
        }
    }

    /// The same, with no more of a wish to be recorded than is granted.
    fn weigh(&self, found: Context, may_debug: bool, panics: &Counter) -> Context {
        let mut weighed = found;
        if weighed.sampling() == Sampling::Debug && !may_debug {
            self.debug.add(1);
            // Who only said that it is sampled would have it recorded as well: without this, the trace has a gap here,
            // and there are tracers that say debug of whatever they sample.
            let is_there = weighed.ids().is_some();
            weighed = weighed.with_sampling(if is_there { Sampling::Record } else { Sampling::Defer });
        }
        if weighed.sampling().is_sampled() != Some(true) || self.may_force(panics) {
            return weighed;
        }
        self.forced.add(1);
        weighed.with_sampling(Sampling::Defer)
    }

    fn may_force(&self, panics: &Counter) -> bool {
        self.limit.ask(panics, RateLimit::admits).unwrap_or(!self.limit.is_set())
    }

    pub(super) fn refused(&self) -> Refused {
        Refused { contexts: self.contexts.read(), debug: self.debug.read(), forced: self.forced.read() }
    }
}

/// What a server's policy and its clones have refused so far: see [`ServerPolicy::refused`](crate::ServerPolicy::refused).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// Contexts that were not continued: linked, or ignored.
    pub contexts: u64,
    /// Wishes to be recorded whatever samplers say.
    pub debug: u64,
    /// Decisions to record that came faster than the [limit](crate::ServerPolicy::forced_traces) allows.
    pub forced: u64,
}
