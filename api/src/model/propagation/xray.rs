use std::sync::Arc;

use super::{ExtractErrorKind, Extracted, Propagator, read, write::Line};
use crate::model::{
    Context, Sampling, SpanId, TextMapReader, TextMapWriter, TraceContext, TraceId, carrier::field, hex,
};

/// AWS X-Ray: [`X-Amzn-Trace-Id`][format], `Root=1-time-random;Parent=id;Sampled=1`.
///
/// * It counts as absent when it is there twice, names `Root`, `Parent` or `Sampled` twice, or holds a `Root` or
///   `Parent` in any other form. Fields come in any order; their names are spelled as documented. Digits are read in
///   either case, since the text does not say which, and written in lower case.
/// * `Root` without `Parent`, or with one of zero, is a trace whose caller named no span: [`Context::of_trace`]. It is
///   written for such a context too.
/// * `Sampled=1` is [`Sampling::Record`], `0` [`Sampling::Drop`]. `?` and everything else is [`Sampling::Defer`], and
///   of `?` it is known that [an answer is awaited](Self::is_decision_requested). What is deferred is sent without
///   `Sampled`. The format knows no debug: it is sent as sampled.
/// * [Other fields](Self::other_fields) (`Self`, `Lineage`, an application's own) are not used, and are passed on in
///   their order: at most 64, and 4096 bytes together. What is no `name=value` is left out.
/// * A header of more than 8192 bytes is not read.
/// * Any trace id is carried: its first 8 digits stand where X-Ray has the time at which the trace began, and are taken
///   for nothing more. X-Ray itself may refuse segments of a trace whose time is no plausible one, so a trace that
///   starts here and is to be shown there needs ids that begin with the time.
/// * It has no place for trace state and baggage.
///
/// ```
/// use anytrace_api::{Extracted, Propagator, Sampling, TraceContext, XRay};
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
const LONGEST: usize = 8192;
const OTHERS: usize = 64;
const OTHERS_BYTES: usize = 4096;

/// What a context carries on for this format alone.
#[derive(Default)]
struct More {
    /// As they are sent: `name=value` joined by semicolons.
    others: String,
    count: usize,
    decision_requested: bool,
}

impl XRay {
    /// The fields of the header that are passed on as they are: `name=value;name=value`.
    ///
    /// ```
    /// use anytrace_api::{Extracted, TraceContext, XRay};
    ///
    /// let header = "Root=1-6920b2c4-9f3d17ab04e8c65b2d70f1a8;Lineage=5c1e09ab:3;CalledFrom=shop";
    /// let found = Extracted::read(&XRay, &[("x-amzn-trace-id", header)]);
    /// assert_eq!(XRay::other_fields(found.context()), "Lineage=5c1e09ab:3;CalledFrom=shop");
    /// ```
    pub fn other_fields(context: &Context) -> String {
        context.extension::<More>().map(|more| more.others.clone()).unwrap_or_default()
    }

    /// Whether the caller left the decision to this process and awaits it in the header of the response: `Sampled=?`.
    ///
    /// ```
    /// use anytrace_api::{Extracted, TraceContext, XRay};
    ///
    /// let header = "Root=1-6920b2c4-9f3d17ab04e8c65b2d70f1a8;Sampled=?";
    /// let found = Extracted::read(&XRay, &[("x-amzn-trace-id", header)]);
    /// assert!(XRay::is_decision_requested(found.context()));
    /// ```
    pub fn is_decision_requested(context: &Context) -> bool {
        context.extension::<More>().is_some_and(|more| more.decision_requested)
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
        let mut header = Line::<{ 7 + 8 + 1 + 24 + 8 + 16 + 10 }>::new();
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
        match context.extension::<More>() {
            Some(more) if !more.others.is_empty() => {
                carrier.set(HEADER, &[header.as_str(), ";", &more.others].concat());
            }
            _ => carrier.set(HEADER, header.as_str()),
        }
    }

    fn extract(&self, carrier: &dyn TextMapReader, into: &mut Extracted) {
        if into.context().trace_id().is_some() {
            return;
        }
        let header = read::single(carrier, HEADER);
        let Some(value) = header.value else { return };
        let parsed = if header.repeated {
            Err(ExtractErrorKind::Repeated)
        } else if value.len() > LONGEST {
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
    let mut more = More::default();
    for item in header.split(|byte| *byte == b';').map(field::trim).filter(|item| !item.is_empty()) {
        let equals = item.iter().position(|byte| *byte == b'=').unwrap_or(item.len());
        let (name, value) = (&item[..equals], item.get(equals + 1..));
        let place = match (name, value) {
            (b"Root", Some(_)) => &mut root,
            (b"Parent", Some(_)) => &mut parent,
            (b"Sampled", Some(_)) => &mut sampled,
            _ => {
                if let Err(kind) = more.take(name, item) {
                    into.add_error(HEADER, kind);
                }
                continue;
            }
        };
        if std::mem::replace(place, value).is_some() {
            return Err(ExtractErrorKind::Repeated);
        }
    }
    let trace_id =
        parse_root(root.ok_or(ExtractErrorKind::Incomplete)?).ok_or(ExtractErrorKind::Malformed)?;
    let parent = match parent {
        Some(digits) => SpanId::from_u64(digits_of::<16>(digits).ok_or(ExtractErrorKind::Malformed)?),
        None => None,
    };
    let sampling = match sampled {
        Some(b"1") => Sampling::Record,
        Some(b"0") => Sampling::Drop,
        _ => Sampling::Defer,
    };
    more.decision_requested = sampled == Some(b"?");
    let context = match parent {
        Some(span_id) => Context::remote(trace_id, span_id, sampling),
        None => Context::of_trace(trace_id, sampling),
    };
    let nothing = more.others.is_empty() && !more.decision_requested;
    Ok(if nothing { context } else { context.with_extension(Arc::new(more)) })
}

/// `1-`, 8 digits, `-`, 24 digits.
fn parse_root(root: &[u8]) -> Option<TraceId> {
    let (time, random) = root.strip_prefix(b"1-")?.split_at_checked(8)?;
    let (high, low) = random.strip_prefix(b"-")?.split_at_checked(8)?;
    TraceId::from_halves(digits_of::<8>(time)? << 32 | digits_of::<8>(high)?, digits_of::<16>(low)?)
}

fn digits_of<const COUNT: usize>(digits: &[u8]) -> Option<u64> {
    if digits.len() == COUNT { hex::read_either_case(digits) } else { None }
}

impl More {
    fn take(&mut self, name: &[u8], item: &[u8]) -> Result<(), ExtractErrorKind> {
        let item = std::str::from_utf8(item).map_err(|_| ExtractErrorKind::Malformed)?;
        if name.len() == item.len() || !field::is_token(name) || !field::is_value(item) {
            return Err(ExtractErrorKind::Malformed);
        }
        if self.count == OTHERS || self.others.len() + 1 + item.len() > OTHERS_BYTES {
            return Err(ExtractErrorKind::OverBudget);
        }
        if !self.others.is_empty() {
            self.others.push(';');
        }
        self.others.push_str(item);
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

    fn written(context: &Context) -> Option<String> {
        let mut carrier = vec![("X-Amzn-Trace-Id".to_owned(), "stale".to_owned())];
        XRay.inject(context, &mut carrier);
        carrier.pop().map(|(_, value)| value)
    }

    #[test]
    fn a_trace_without_a_span_and_its_other_fields_are_passed_on() {
        for header in [ROOT.to_owned(), format!("{ROOT};Sampled=0;Self=1-a;CalledFrom=a=b c")] {
            assert_eq!(written(read(&header).context()), Some(header));
        }
        assert_eq!(written(&Context::default().with_sampling(Sampling::Record)), None);
    }

    #[test]
    fn a_child_passes_the_other_fields_on() {
        let context = read(&format!("{ROOT};Lineage=5c:1;Sampled=?")).into_context();
        let child = context.child(SpanId::from_u64(1).unwrap(), Sampling::Debug);
        let expected = format!("{ROOT};Parent=0000000000000001;Sampled=1;Lineage=5c:1");
        assert_eq!(written(&child), Some(expected));
    }

    #[test]
    #[cfg_attr(miri, ignore = "thousands of bytes take a minute")]
    fn other_fields_are_bounded_and_clean() {
        let many: Vec<_> = (0..100).map(|n| format!("F{n}={};", "x".repeat(60))).collect();
        let found = read(&format!("{}{ROOT}", many.concat()));
        assert!(found.context().trace_id().is_some());
        assert!(XRay::other_fields(found.context()).len() <= OTHERS_BYTES);
        assert_eq!(found.errors()[0].kind(), ExtractErrorKind::OverBudget);
        let found =
            read(&format!("{};{ROOT}", (0..65).map(|n| format!("F{n}=")).collect::<Vec<_>>().join(";")));
        assert_eq!(XRay::other_fields(found.context()).split(';').count(), OTHERS);
        let found = read(&format!("{ROOT};a\u{7f}=1;b=\r\n;c d=1;=x;junk;ok=1"));
        assert_eq!(XRay::other_fields(found.context()), "ok=1");
        assert_eq!((found.errors()[0].kind(), found.errors()[0].count()), (ExtractErrorKind::Malformed, 5));
    }

    #[test]
    fn a_long_header_is_not_read() {
        let found = read(&format!("{ROOT};{}", "x".repeat(LONGEST)));
        assert!(found.is_empty());
        assert_eq!(found.errors()[0].kind(), ExtractErrorKind::OverBudget);
    }

    #[test]
    fn two_decisions_cannot_both_hold() {
        let found = read(&format!("{ROOT};Sampled=1;Sampled=0"));
        assert_eq!((found.is_empty(), found.errors()[0].kind()), (true, ExtractErrorKind::Repeated));
    }
}
