//! Who encodes what.

use std::hint::black_box;

use anytrace_bench::{WARM_UP, Workload, distinct};

use crate::{Encoding, batch, otlp, zipkin};

/// A workload, for whoever measures it otherwise.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) set_up: fn() -> Box<dyn Encoding>,
    pub(crate) body: fn(&mut dyn Encoding, u64),
}

macro_rules! cases {
    ($($name:ident, $body:ident: $set_up:expr;)*) => {
        pub(crate) const WORKLOADS: &[Workload] = &[$((stringify!($name), $name)),*];

        pub(crate) const CASES: &[Case] =
            &[$(Case { name: stringify!($name), set_up: || Box::new($set_up), body: $body }),*];

        $(
            fn $name(repeats: u64) {
                let mut encoding = $set_up;
                encoding.prepare(WARM_UP + repeats);
                $body(&mut encoding, WARM_UP);
                $body(&mut encoding, repeats);
            }

            #[inline(never)]
            fn $body(encoding: &mut dyn Encoding, repeats: u64) {
                distinct(stringify!($body));
                for _ in 0..repeats {
                    black_box(encoding.encode());
                }
            }
        )*
    };
}

cases! {
    zipkin_plain, workload_zipkin_plain: zipkin::Ours::new(batch::plain());
    opentelemetry_zipkin_plain, workload_opentelemetry_zipkin_plain: zipkin::Theirs::new(&batch::plain());
    zipkin_rich, workload_zipkin_rich: zipkin::Ours::new(batch::rich());
    opentelemetry_zipkin_rich, workload_opentelemetry_zipkin_rich: zipkin::Theirs::new(&batch::rich());
    otlp_plain, workload_otlp_plain: otlp::Ours::new(batch::plain());
    opentelemetry_otlp_plain, workload_opentelemetry_otlp_plain: otlp::Theirs::new(&batch::plain());
    otlp_rich, workload_otlp_rich: otlp::Ours::new(batch::rich());
    opentelemetry_otlp_rich, workload_opentelemetry_otlp_rich: otlp::Theirs::new(&batch::rich());
}
