//! Samplers: the decision which spans are recorded.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use anytrace_api::{Context, Operation, Sampling, TraceId};

/// Decides which spans are recorded.
///
/// A span whose parent context has [`Sampling::Debug`] is always recorded.
///
/// ```
/// use anytrace_recorder::Sampler;
///
/// // One trace in ten, unless the caller has made the decision.
/// let sampler = Sampler::parent_based(Sampler::ratio(0.1));
/// assert_eq!(format!("{sampler:?}"), "parent_based(ratio(0.1))");
/// ```
#[derive(Clone)]
pub struct Sampler(Kind);

#[derive(Clone)]
enum Kind {
    Always,
    Never,
    Ratio { ratio: f64, below: u64 },
    ParentBased(Arc<Sampler>),
    Custom(Arc<dyn Sample>),
}

/// A custom sampler.
///
/// ```
/// use anytrace_recorder::{Decision, Sample, Sampler, SamplingRequest};
///
/// struct NoHealthChecks;
///
/// impl Sample for NoHealthChecks {
///     fn sample(&self, request: &SamplingRequest<'_>) -> Decision {
///         match request.operation.name.as_str() {
///             "GET /health" => Decision::Drop,
///             _ => Decision::Record,
///         }
///     }
/// }
///
/// let sampler = Sampler::custom(NoHealthChecks);
/// # let _ = sampler;
/// ```
pub trait Sample: Send + Sync + 'static {
    /// Decides about one span. Called for every span that is started, without a lock. A panic counts as
    /// [`Decision::Record`].
    fn sample(&self, request: &SamplingRequest<'_>) -> Decision;
}

/// The facts on which a sampler bases its decision.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SamplingRequest<'a> {
    /// The parent context, which may be without ids. `None` for a new trace.
    pub parent: Option<&'a Context>,
    /// The id of the trace that the span belongs to. New if the span is a root.
    pub trace_id: TraceId,
    /// The name, kind, tags and links of the new span.
    pub operation: &'a Operation<'a>,
}

/// The decision of a sampler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// The span is not recorded, here and downstream.
    Drop,
    /// The span is recorded.
    Record,
}

impl Sampler {
    /// Creates a sampler that records every span.
    pub const fn always() -> Self {
        Sampler(Kind::Always)
    }

    /// Creates a sampler that records no span.
    pub const fn never() -> Self {
        Sampler(Kind::Never)
    }

    /// Creates a sampler that records a ratio of all traces, from 0 to 1, depending on the trace id. The decisions are
    /// those of OpenTelemetry's `TraceIdRatioBased`: services with the same ratio decide alike. The ratio is clamped to
    /// 0..=1; NaN counts as 0.
    pub fn ratio(ratio: f64) -> Self {
        let ratio = if ratio.is_nan() { 0.0 } else { ratio.clamp(0.0, 1.0) };
        #[allow(clippy::cast_sign_loss, reason = "clamped above")]
        let below = (ratio * (1_u64 << 63) as f64) as u64;
        Sampler(Kind::Ratio { ratio, below })
    }

    /// Creates a sampler that follows the decision in the parent context. Without a decision, `root` decides.
    pub fn parent_based(root: Sampler) -> Self {
        Sampler(Kind::ParentBased(Arc::new(root)))
    }

    /// Creates a sampler from a custom implementation.
    pub fn custom(sampler: impl Sample) -> Self {
        Sampler(Kind::Custom(Arc::new(sampler)))
    }

    /// Returns the decision for the new span's context.
    pub(crate) fn decide(&self, request: &SamplingRequest<'_>) -> Sampling {
        let parent_sampling = request.parent.map_or(Sampling::Defer, Context::sampling);
        if parent_sampling == Sampling::Debug {
            return Sampling::Debug;
        }
        let record = match &self.0 {
            Kind::Always => true,
            Kind::Never => false,
            Kind::Ratio { below, .. } => is_below(request.trace_id, *below),
            Kind::ParentBased(root) => match parent_sampling.is_sampled() {
                Some(sampled) => sampled,
                None => return root.decide(request),
            },
            Kind::Custom(sampler) => ask(&**sampler, request) == Decision::Record,
        };
        if record { Sampling::Record } else { Sampling::Drop }
    }

    /// Returns the sampler as one comparison, or `None` for a custom sampler.
    pub(crate) fn threshold(&self) -> Option<Threshold> {
        let below = match &self.0 {
            Kind::Always => ALL,
            Kind::Never => 0,
            Kind::Ratio { below, .. } => *below,
            Kind::ParentBased(root) => {
                return Some(Threshold { follows_parent: true, ..root.threshold()? });
            }
            Kind::Custom(_) => return None,
        };
        Some(Threshold { below, follows_parent: false })
    }
}

/// A threshold above every trace id.
const ALL: u64 = 1 << 63;

#[inline]
fn is_below(trace_id: TraceId, below: u64) -> bool {
    (trace_id.low() >> 1) < below
}

/// A sampler that is one comparison.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Threshold {
    /// Records trace ids whose lower 64 bits, shifted right by one, are below this number.
    below: u64,
    /// Follows the decision in the parent context, if there is one.
    follows_parent: bool,
}

impl Threshold {
    /// Returns the decision that [`Sampler::decide`] makes for the same sampler.
    #[inline]
    pub(crate) fn decide(self, parent: Option<&Context>, trace_id: TraceId) -> Sampling {
        let parent_sampling = parent.map_or(Sampling::Defer, Context::sampling);
        let is_decided = self.follows_parent && parent_sampling != Sampling::Defer;
        if is_decided || parent_sampling == Sampling::Debug {
            return parent_sampling;
        }
        if is_below(trace_id, self.below) { Sampling::Record } else { Sampling::Drop }
    }
}

/// Calls a custom sampler. A span is recorded if the sampler panics.
fn ask(sampler: &dyn Sample, request: &SamplingRequest<'_>) -> Decision {
    catch_unwind(AssertUnwindSafe(|| sampler.sample(request))).unwrap_or(Decision::Record)
}

/// Returns a sampler that follows the decision in the parent context and records every root.
impl Default for Sampler {
    fn default() -> Self {
        Sampler::parent_based(Sampler::always())
    }
}

impl fmt::Debug for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Always => f.write_str("always"),
            Kind::Never => f.write_str("never"),
            Kind::Ratio { ratio, .. } => write!(f, "ratio({ratio})"),
            Kind::ParentBased(root) => write!(f, "parent_based({root:?})"),
            Kind::Custom(_) => f.write_str("custom"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anytrace_api::SpanId;

    fn decide(sampler: &Sampler, parent: Option<&Context>, low: u64) -> Sampling {
        let trace_id = TraceId::from_halves(1, low).unwrap();
        let decision = sampler.decide(&SamplingRequest { parent, trace_id, operation: &"x".into() });
        if let Some(threshold) = sampler.threshold() {
            assert_eq!(threshold.decide(parent, trace_id), decision, "{sampler:?}");
        }
        decision
    }

    fn parent(sampling: Sampling) -> Context {
        Context::remote(TraceId::from_u128(1).unwrap(), SpanId::from_u64(1).unwrap(), sampling)
    }

    #[test]
    fn a_ratio_records_the_ids_below_it() {
        let half = Sampler::ratio(0.5);
        assert_eq!(decide(&half, None, u64::MAX / 2), Sampling::Record);
        assert_eq!(decide(&half, None, u64::MAX / 2 + 1), Sampling::Drop);
        assert_eq!(decide(&Sampler::ratio(1.0), None, u64::MAX), Sampling::Record);
        assert_eq!(decide(&Sampler::ratio(f64::NAN), None, 0), Sampling::Drop);
    }

    #[test]
    fn a_parent_decision_wins_over_the_root_sampler() {
        let sampler = Sampler::parent_based(Sampler::never());
        for (wish, expected) in [
            (Sampling::Record, Sampling::Record),
            (Sampling::Drop, Sampling::Drop),
            (Sampling::Defer, Sampling::Drop),
            (Sampling::Debug, Sampling::Debug),
        ] {
            assert_eq!(decide(&sampler, Some(&parent(wish)), 1), expected, "{wish:?}");
        }
    }

    #[test]
    fn debug_wins_over_every_sampler() {
        assert_eq!(decide(&Sampler::never(), Some(&parent(Sampling::Debug)), 1), Sampling::Debug);
    }

    #[test]
    fn a_panicking_sampler_counts_as_record() {
        struct Panics;
        impl Sample for Panics {
            fn sample(&self, _: &SamplingRequest<'_>) -> Decision {
                panic!("on purpose")
            }
        }
        assert_eq!(decide(&Sampler::custom(Panics), None, 1), Sampling::Record);
    }
}
