//! The wire format of AWS X-Ray.

use std::sync::Arc;

use super::{ExtractErrorKind, Extracted, Propagator, header_buffer::HeaderBuffer, parse::single_value};
use crate::model::{
    Context, Sampling, SpanId, TextMapReader, TextMapWriter, TraceContext, TraceId, carrier::field, hex,
};

/// The propagator for AWS X-Ray's [`X-Amzn-Trace-Id`][format]: `Root=1-time-random;Parent=id;Sampled=1`.
///
/// The header counts as absent if it is repeated, longer than 8,192 bytes, without `Root`, with a malformed `Root` or
/// `Parent`, or with `Root`, `Parent` or `Sampled` fields than once. Fields can be in any order, and their names are
/// case-sensitive. Trace state and baggage are not sent.
///
/// | field | extraction | injection |
/// |---|---|---|
/// | `Root` | trace id: `1-`, 8 digits, `-`, 24 digits, either case | lower case |
/// | `Parent` | span id: 16 digits, either case; absent or zero: [`Context::of_trace`] | omitted without a span id |
/// | `Sampled` | `1`: [`Sampling::Record`]; `0`: [`Sampling::Drop`]; `?`, absent or other: [`Sampling::Defer`] | `1` for [`Sampling::Debug`], omitted for [`Sampling::Defer`] |
/// | others | see [`other_fields`](Self::other_fields) | passed on in their order |
///
/// `Sampled=?` also sets [`is_decision_requested`](Self::is_decision_requested).
///
/// Every trace id can be sent. X-Ray uses the first 8 digits of a trace id as the start time in seconds since 1970 and
/// may reject spans with an implausible time. Traces that start here and are sent to X-Ray therefore need trace ids that
/// begin with the time.
///
/// ```
/// use anytrace_api::{
///     Sampling, TraceContext,
///     propagation::{Extracted, Propagator, XRay},
/// };
///
/// let incoming = [("X-Amzn-Trace-Id", "Root=1-6920b2c4-9f3d17ab04e8c65b2d70f1a8;Parent=70de93b5c1a8f246;Sampled=1")];
/// let context = Extracted::read(&XRay, &incoming).into_context();
/// assert_eq!(context.trace_id().unwrap().to_string(), "6920b2c49f3d17ab04e8c65b2d70f1a8");
/// assert_eq!(context.sampling(), Sampling::Record);
///
/// let mut outgoing = Vec::new();
/// XRay.inject(&context, &mut outgoing);
/// assert_eq!(outgoing[0].1, incoming[0].1);
/// ```
///
/// [format]: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
#[derive(Clone, Copy, Debug, Default)]
pub struct XRay;

const HEADER: &str = "x-amzn-trace-id";
const MAX_HEADER_LEN: usize = 8192;
const MAX_OTHER_FIELDS: usize = 64;
const MAX_OTHER_FIELDS_LEN: usize = 4096;

/// The context extension for the parts of the header that `Context` cannot represent.
#[derive(Default)]
struct XRayFields {
    /// `name=value` pairs joined by semicolons.
    other_fields: String,
    count: usize,
    decision_requested: bool,
}

impl XRay {
    /// Returns the other fields of the header, such as `Self` and `Lineage`, in the form `name=value;name=value`.
    ///
    /// Child contexts inherit these fields. Limits: 64 fields, 4,096 bytes in total. Fields beyond a limit and fields
    /// that are not `name=value` are left out and counted as errors.
    ///
    /// ```
    /// use anytrace_api::{
    ///     TraceContext,
    ///     propagation::{Extracted, XRay},
    /// };
    ///
    /// let header = "Root=1-6920b2c4-9f3d17ab04e8c65b2d70f1a8;Lineage=5c1e09ab:3;CalledFrom=shop";
    /// let extracted = Extracted::read(&XRay, &[("x-amzn-trace-id", header)]);
    /// assert_eq!(XRay::other_fields(extracted.context()), "Lineage=5c1e09ab:3;CalledFrom=shop");
    /// ```
    pub fn other_fields(context: &Context) -> String {
        context.extension::<XRayFields>().map(|fields| fields.other_fields.clone()).unwrap_or_default()
    }

    /// Returns true if the caller requests the sampling decision in the response header, with `Sampled=?`.
    ///
    /// ```
    /// use anytrace_api::{
    ///     TraceContext,
    ///     propagation::{Extracted, XRay},
    /// };
    ///
    /// let header = "Root=1-6920b2c4-9f3d17ab04e8c65b2d70f1a8;Sampled=?";
    /// let extracted = Extracted::read(&XRay, &[("x-amzn-trace-id", header)]);
    /// assert!(XRay::is_decision_requested(extracted.context()));
    /// ```
    pub fn is_decision_requested(context: &Context) -> bool {
        context.extension::<XRayFields>().is_some_and(|fields| fields.decision_requested)
    }
}

#[deny(clippy::missing_trait_methods)]
impl Propagator for XRay {
    fn fields(&self) -> &[&'static str] {
        &[HEADER]
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        let Some(trace_id) = context.trace_id() else { return carrier.remove(HEADER) };
        let hex = trace_id.to_hex();
        let mut header = HeaderBuffer::<{ 7 + 8 + 1 + 24 + 8 + 16 + 10 }>::new();
        for part in [b"Root=1-", &hex[..8], b"-", &hex[8..]] {
            header.push(part);
        }
        if let Some(span_id) = context.span_id() {
            header.push(b";Parent=");
            header.push(&span_id.to_hex());
        }
        match context.sampling().is_sampled() {
            Some(true) => header.push(b";Sampled=1"),
            Some(false) => header.push(b";Sampled=0"),
            None => {}
        }
        match context.extension::<XRayFields>() {
            Some(fields) if !fields.other_fields.is_empty() => {
                carrier.set(HEADER, &[header.as_str(), ";", &fields.other_fields].concat());
            }
            _ => carrier.set(HEADER, header.as_str()),
        }
    }

    fn extract(&self, carrier: &dyn TextMapReader, into: &mut Extracted) {
        if into.context().trace_id().is_some() {
            return;
        }
        let header = single_value(carrier, HEADER);
        let Some(value) = header.value else { return };
        let parsed = if header.repeated {
            Err(ExtractErrorKind::Repeated)
        } else if value.len() > MAX_HEADER_LEN {
            Err(ExtractErrorKind::OverBudget)
        } else {
            parse(value, into)
        };
        match parsed {
            Ok(context) => into.add_context(context),
            Err(kind) => into.add_error(HEADER, kind),
        }
    }
}

fn parse(header: &[u8], into: &mut Extracted) -> Result<Context, ExtractErrorKind> {
    if header.is_empty() {
        return Err(ExtractErrorKind::Malformed);
    }
    let (mut root, mut parent, mut sampled) = (None, None, None);
    let mut fields = XRayFields::default();
    for item in header.split(|byte| *byte == b';').map(field::trim).filter(|item| !item.is_empty()) {
        let equals = item.iter().position(|byte| *byte == b'=').unwrap_or(item.len());
        let (name, value) = (&item[..equals], item.get(equals + 1..));
        let slot = match (name, value) {
            (b"Root", Some(_)) => &mut root,
            (b"Parent", Some(_)) => &mut parent,
            (b"Sampled", Some(_)) => &mut sampled,
            _ => {
                if let Err(kind) = fields.add(name, item) {
                    into.add_error(HEADER, kind);
                }
                continue;
            }
        };
        if std::mem::replace(slot, value).is_some() {
            return Err(ExtractErrorKind::Repeated);
        }
    }
    let trace_id =
        parse_root(root.ok_or(ExtractErrorKind::Incomplete)?).ok_or(ExtractErrorKind::Malformed)?;
    let parent = match parent {
        Some(digits) => SpanId::from_u64(parse_digits::<16>(digits).ok_or(ExtractErrorKind::Malformed)?),
        None => None,
    };
    let sampling = match sampled {
        Some(b"1") => Sampling::Record,
        Some(b"0") => Sampling::Drop,
        _ => Sampling::Defer,
    };
    fields.decision_requested = sampled == Some(b"?");
    let context = match parent {
        Some(span_id) => Context::remote(trace_id, span_id, sampling),
        None => Context::of_trace(trace_id, sampling),
    };
    let is_default = fields.other_fields.is_empty() && !fields.decision_requested;
    Ok(if is_default { context } else { context.with_extension(Arc::new(fields)) })
}

/// Parses `1-`, 8 digits, `-`, 24 digits.
fn parse_root(root: &[u8]) -> Option<TraceId> {
    let (time, random) = root.strip_prefix(b"1-")?.split_at_checked(8)?;
    let (high, low) = random.strip_prefix(b"-")?.split_at_checked(8)?;
    TraceId::from_halves(parse_digits::<8>(time)? << 32 | parse_digits::<8>(high)?, parse_digits::<16>(low)?)
}

/// Parses exactly `COUNT` hexadecimal digits in either case.
fn parse_digits<const COUNT: usize>(digits: &[u8]) -> Option<u64> {
    if digits.len() == COUNT { hex::read_either_case(digits) } else { None }
}

impl XRayFields {
    fn add(&mut self, name: &[u8], item: &[u8]) -> Result<(), ExtractErrorKind> {
        let item = std::str::from_utf8(item).map_err(|_| ExtractErrorKind::Malformed)?;
        if name.len() == item.len() || !field::is_token(name) || !field::is_value(item) {
            return Err(ExtractErrorKind::Malformed);
        }
        if self.count == MAX_OTHER_FIELDS || self.other_fields.len() + 1 + item.len() > MAX_OTHER_FIELDS_LEN {
            return Err(ExtractErrorKind::OverBudget);
        }
        if !self.other_fields.is_empty() {
            self.other_fields.push(';');
        }
        self.other_fields.push_str(item);
        self.count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "Root=1-6920b2c4-9f3d17ab04e8c65b2d70f1a8";

    fn read(header: &str) -> Extracted {
        Extracted::read(&XRay, &[("x-amzn-trace-id", header)])
    }

    fn injected(context: &Context) -> Option<String> {
        let mut carrier = vec![("X-Amzn-Trace-Id".to_owned(), "stale".to_owned())];
        XRay.inject(context, &mut carrier);
        carrier.pop().map(|(_, value)| value)
    }

    #[test]
    fn trace_without_a_span_id_and_other_fields_round_trip() {
        for header in [ROOT.to_owned(), format!("{ROOT};Sampled=0;Self=1-a;CalledFrom=a=b c")] {
            assert_eq!(injected(read(&header).context()), Some(header));
        }
        assert_eq!(injected(&Context::default().with_sampling(Sampling::Record)), None);
    }

    #[test]
    fn child_context_inherits_other_fields() {
        let context = read(&format!("{ROOT};Lineage=5c:1;Sampled=?")).into_context();
        let child = context.child(SpanId::from_u64(1).unwrap(), Sampling::Debug);
        let expected = format!("{ROOT};Parent=0000000000000001;Sampled=1;Lineage=5c:1");
        assert_eq!(injected(&child), Some(expected));
    }

    #[test]
    #[cfg_attr(miri, ignore = "thousands of bytes take a minute")]
    fn other_fields_are_limited_and_validated() {
        let many: Vec<_> = (0..100).map(|n| format!("F{n}={};", "x".repeat(60))).collect();
        let extracted = read(&format!("{}{ROOT}", many.concat()));
        assert!(extracted.context().trace_id().is_some());
        assert!(XRay::other_fields(extracted.context()).len() <= MAX_OTHER_FIELDS_LEN);
        assert_eq!(extracted.errors()[0].kind(), ExtractErrorKind::OverBudget);
        let extracted =
            read(&format!("{};{ROOT}", (0..65).map(|n| format!("F{n}=")).collect::<Vec<_>>().join(";")));
        assert_eq!(XRay::other_fields(extracted.context()).split(';').count(), MAX_OTHER_FIELDS);
        let extracted = read(&format!("{ROOT};a\u{7f}=1;b=\r\n;c d=1;=x;junk;ok=1"));
        assert_eq!(XRay::other_fields(extracted.context()), "ok=1");
        assert_eq!(
            (extracted.errors()[0].kind(), extracted.errors()[0].count()),
            (ExtractErrorKind::Malformed, 5)
        );
    }

    #[test]
    fn overlong_header_is_ignored() {
        let extracted = read(&format!("{ROOT};{}", "x".repeat(MAX_HEADER_LEN)));
        assert!(extracted.is_empty());
        assert_eq!(extracted.errors()[0].kind(), ExtractErrorKind::OverBudget);
    }

    #[test]
    fn repeated_sampling_decision_is_refused() {
        let extracted = read(&format!("{ROOT};Sampled=1;Sampled=0"));
        assert_eq!((extracted.is_empty(), extracted.errors()[0].kind()), (true, ExtractErrorKind::Repeated));
    }
}
