//! Which traces are recorded.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use anytrace_api::{Context, Operation, Sampling, TraceId};

/// Which spans are recorded.
///
/// A context that says [`Sampling::Debug`] is recorded whatever the sampler says.
///
/// ```
/// use anytrace_recorder::Sampler;
///
/// // One trace in ten, unless the caller has decided.
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

/// A sampler of one's own.
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
    /// Decides about one span. Called for every span that starts, without any lock held; a panic counts as
    /// [`Decision::Record`].
    fn sample(&self, request: &SamplingRequest<'_>) -> Decision;
}

/// What a sampler knows.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SamplingRequest<'a> {
    /// The context that the span continues, if any; perhaps without ids.
    pub parent: Option<&'a Context>,
    /// The trace that the span belongs to, perhaps as its first.
    pub trace_id: TraceId,
    /// What is to be done.
    pub operation: &'a Operation<'a>,
}

/// What a sampler says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// Not recorded, here and downstream.
    Drop,
    /// Recorded.
    Record,
}

impl Sampler {
    /// All.
    pub const fn always() -> Self {
        Sampler(Kind::Always)
    }

    /// None.
    pub const fn never() -> Self {
        Sampler(Kind::Never)
    }

    /// A share of the traces, from 0 to 1, by their ids, exactly as OpenTelemetry's `TraceIdRatioBased` does it: every
    /// service with the same share decides alike. What is outside the range is moved to its end, and no number is 0.
    pub fn ratio(ratio: f64) -> Self {
        let ratio = if ratio.is_nan() { 0.0 } else { ratio.clamp(0.0, 1.0) };
        #[allow(clippy::cast_sign_loss, reason = "clamped above")]
        let below = (ratio * (1_u64 << 63) as f64) as u64;
        Sampler(Kind::Ratio { ratio, below })
    }

    /// As the parent was decided; `root` decides where nobody has.
    pub fn parent_based(root: Sampler) -> Self {
        Sampler(Kind::ParentBased(Arc::new(root)))
    }

    /// One of your own.
    pub fn custom(sampler: impl Sample) -> Self {
        Sampler(Kind::Custom(Arc::new(sampler)))
    }

    /// The decision, as the new span's context carries it.
    pub(crate) fn decide(&self, request: &SamplingRequest<'_>) -> Sampling {
        let wish = request.parent.map_or(Sampling::Defer, Context::sampling);
        if wish == Sampling::Debug {
            return Sampling::Debug;
        }
        let record = match &self.0 {
            Kind::Always => true,
            Kind::Never => false,
            Kind::Ratio { below, .. } => is_below(request.trace_id, *below),
            Kind::ParentBased(root) => match wish.is_sampled() {
                Some(sampled) => sampled,
                None => return root.decide(request),
            },
            Kind::Custom(sampler) => ask(&**sampler, request) == Decision::Record,
        };
        if record { Sampling::Record } else { Sampling::Drop }
    }

    /// The same without anybody to be asked, where there is nobody.
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

/// More than any id has.
const ALL: u64 = 1 << 63;

#[inline]
fn is_below(trace_id: TraceId, below: u64) -> bool {
    (trace_id.low() >> 1) < below
}

/// A sampler that is one comparison.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Threshold {
    /// Trace ids are recorded whose lower 63 bits, the lowest aside, are.
    below: u64,
    /// Where the parent was decided, that holds.
    follows_parent: bool,
}

impl Threshold {
    /// As [`Sampler::decide`] does it.
    #[inline]
    pub(crate) fn decide(self, parent: Option<&Context>, trace_id: TraceId) -> Sampling {
        let wish = parent.map_or(Sampling::Defer, Context::sampling);
        let is_decided = self.follows_parent && wish != Sampling::Defer;
        if is_decided || wish == Sampling::Debug {
            return wish;
        }
        if is_below(trace_id, self.below) { Sampling::Record } else { Sampling::Drop }
    }
}

/// A sampler that panics is no reason for anything to be lost.
fn ask(sampler: &dyn Sample, request: &SamplingRequest<'_>) -> Decision {
    catch_unwind(AssertUnwindSafe(|| sampler.sample(request))).unwrap_or(Decision::Record)
}

/// All, unless the parent was decided otherwise.
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
    fn a_ratio_takes_the_ids_below_it() {
        let half = Sampler::ratio(0.5);
        assert_eq!(decide(&half, None, u64::MAX / 2), Sampling::Record);
        assert_eq!(decide(&half, None, u64::MAX / 2 + 1), Sampling::Drop);
        assert_eq!(decide(&Sampler::ratio(1.0), None, u64::MAX), Sampling::Record);
        assert_eq!(decide(&Sampler::ratio(f64::NAN), None, 0), Sampling::Drop);
    }

    #[test]
    fn a_parent_decides_and_nobody_else_is_asked() {
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
    fn debug_outranks_every_sampler() {
        assert_eq!(decide(&Sampler::never(), Some(&parent(Sampling::Debug)), 1), Sampling::Debug);
    }

    #[test]
    fn a_panicking_sampler_records() {
        struct Panics;
        impl Sample for Panics {
            fn sample(&self, _: &SamplingRequest<'_>) -> Decision {
                panic!("on purpose")
            }
        }
        assert_eq!(decide(&Sampler::custom(Panics), None, 1), Sampling::Record);
    }
}
