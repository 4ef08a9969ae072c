//! Setting the baggage of a span.

use super::stack::{has_span, replace_context};
use crate::{
    backend::started::StartedSpan,
    model::{Context, LimitError, TraceContext},
};

impl StartedSpan {
    /// Sets a key/value pair of the baggage. Later children and references get the pair.
    ///
    /// If the span is current on this thread, spans that start beneath it see the pair too. If the baggage is shared
    /// ([`share_baggage`](Self::share_baggage)), all spans that share it see the pair.
    ///
    /// # Errors
    ///
    /// Fails if the key or the value cannot be carried, or if a limit of the W3C baggage format is exceeded.
    ///
    /// ```
    /// let mut span = anytrace_api::start_span("order");
    /// span.set_baggage("tenant", "acme")?;
    /// assert_eq!(span.baggage().get("tenant"), Some("acme"));
    /// # Ok::<(), anytrace_api::errors::LimitError>(())
    /// ```
    pub fn set_baggage(&mut self, key: &str, value: &str) -> Result<(), LimitError> {
        self.change_context(|context| context.set_baggage(key, value))
    }

    /// Removes a pair of the baggage. Later children and references do not get the pair. Returns true if the pair existed.
    ///
    /// # Errors
    ///
    /// Fails if the baggage is shared and has been changed too often.
    ///
    /// ```
    /// let mut span = anytrace_api::start_span("order");
    /// span.set_baggage("tenant", "acme")?;
    /// assert!(span.remove_baggage("tenant")?);
    /// # Ok::<(), anytrace_api::errors::LimitError>(())
    /// ```
    pub fn remove_baggage(&mut self, key: &str) -> Result<bool, LimitError> {
        self.change_context(|context| context.remove_baggage(key))
    }

    /// Changes the context of the span, and of the entries of this thread's stack that refer to the span.
    fn change_context<R>(
        &mut self,
        change: impl FnOnce(&mut Context) -> Result<R, LimitError>,
    ) -> Result<R, LimitError> {
        if !has_span(self.context()) {
            return change(self.context_mut());
        }
        let old = self.context().clone();
        let result = change(self.context_mut())?;
        replace_context(&old, self.context());
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Context, Sampling, SpanId, StartedSpan, TraceId, current_span};

    fn span(id: u64) -> StartedSpan {
        let trace = TraceId::from_u128(1).expect("not zero");
        let span = SpanId::from_u64(id).expect("not zero");
        StartedSpan::new(Context::new(trace, span, Sampling::Record), None)
    }

    #[test]
    fn baggage_of_an_entered_span_reaches_the_current_span() {
        let mut span = span(1);
        let _current = span.enter();
        span.set_baggage("tenant", "acme").expect("within all limits");
        assert_eq!(current_span().baggage().get("tenant"), Some("acme"));
        assert!(span.remove_baggage("tenant").expect("within all limits"));
        assert!(current_span().baggage().is_empty());
    }

    #[test]
    fn baggage_of_one_span_leaves_other_entries_alone() {
        let (mut outer, inner) = (span(1), span(2));
        let _outer = outer.enter();
        let inner_scope = inner.enter();
        outer.set_baggage("tenant", "acme").expect("within all limits");
        assert!(current_span().baggage().is_empty());
        drop(inner_scope);
        assert_eq!(current_span().baggage().get("tenant"), Some("acme"));
    }
}
