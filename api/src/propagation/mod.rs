//! Wire formats.

use crate::{Context, TextMapReader, TextMapWriter, TraceContext};

/// A wire format: pure functions between a [`Context`] and a carrier, usable without any tracer.
pub trait Propagator: Send + Sync {
    /// The names of the fields it may write, in lower case.
    fn fields(&self) -> &[&str];

    /// Writes `context` into `carrier`, in place of what was there.
    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter);

    /// Reads `carrier` into `into`: adds what it finds and names what was wrong.
    fn extract(&self, carrier: &dyn TextMapReader, into: &mut Extracted);
}

/// What a carrier held: a context, perhaps empty, and what was wrong with the rest.
#[derive(Clone, Debug, Default)]
pub struct Extracted {
    context: Context,
}

impl TraceContext for Extracted {
    fn context(&self) -> &Context {
        &self.context
    }
}

/// Stub.
pub static W3C: Stub = Stub;
/// Stub.
#[derive(Debug)]
pub struct Stub;
impl Propagator for Stub {
    fn fields(&self) -> &[&str] {
        &[]
    }
    fn inject(&self, _: &Context, _: &mut dyn TextMapWriter) {}
    fn extract(&self, _: &dyn TextMapReader, _: &mut Extracted) {}
}
impl TextMapWriter for std::collections::HashMap<String, String> {
    fn set(&mut self, _: &str, _: &str) {}
    fn remove(&mut self, _: &str) {}
}
impl TextMapReader for std::collections::HashMap<String, String> {
    fn values<'a>(&'a self, _: &str, _: &mut dyn FnMut(&'a [u8])) {}
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a str)) {}
}
