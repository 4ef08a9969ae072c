//! The recorder that draws traces.

use std::{
    fmt,
    io::{self, Write},
    sync::Arc,
    time::{Duration, Instant},
};

use anytrace_api::flush::{DropReason, ExportError};
use parking_lot::Mutex;

use crate::{
    entry::Entry,
    output::Output,
    shared::{Shared, State},
    style::{MAX_COLUMNS, MIN_COLUMNS, Style},
    terminal::{self, Stream},
    text,
};
use anytrace_recorder::{Batch, Delivery, Recorder};

/// Draws each trace as a tree with a time bar for each span, for development.
///
/// ```
/// use std::time::Duration;
/// use anytrace_api::{TracerExt, install};
/// use anytrace_console::ConsoleRecorder;
/// use anytrace_recorder::RecordingTracer;
///
/// let tracer = RecordingTracer::builder(ConsoleRecorder::new()).service("shop").build();
/// install(tracer.clone()).expect("no other tracer is installed");
///
/// anytrace_api::start_span("check out").tag("items", 3).run(|| {
///     anytrace_api::start_span("charge card").finish();
/// });
/// assert!(tracer.shutdown_blocking(Duration::from_secs(5)).result.is_ok());
/// ```
///
/// prints, in the width of the terminal:
///
/// ```text
/// trace 5b8efff798038103d269b633813fc60c
/// check out          120.40 µs │██████████████████████████████████████████████████│
/// │  items=3
/// └─ charge card       2.15 µs │              █                                   │
/// ```
///
/// `✗` marks a span that failed or panicked. The line below shows its error, and its end reason unless it was finished.
/// `…` marks a span whose parent is not in the drawing. If a span has more than 50 children with one name, all but the
/// first few and the first few that failed are summarised in one line. Text from spans is limited to one line, cut, and
/// free of terminal control characters.
///
/// # Several services
///
/// All clones of a recorder share one console. Give each tracer of a process a clone, so that a trace through several
/// services is one drawing.
///
/// # When a trace is drawn
///
/// The recorder buffers finished spans, and draws a trace in one of these cases:
///
/// * The root span has arrived, and then no further span for the [linger](Self::linger) time. If there is only one clone, a span
///   with a remote parent counts as a root. If there are several, every clone in use must have delivered its spans since then,
///   and a span with a remote parent, which can belong to another clone, counts as a root only after 20 times the linger time.
/// * Every clone has been flushed or dropped: then all traces are drawn. The flush of a tracer with the only clone draws
///   everything; if several services are flushed one after the other, the last flush draws.
/// * The program calls [`draw`](Self::draw). With [`draws_when_asked`](Self::draws_when_asked), this is the only case, until all
///   clones are dropped or belong to flushed tracers.
/// * The buffer exceeds a limit ([`max_traces`](Self::max_traces), [`max_spans`](Self::max_spans)): then the oldest trace is
///   drawn as it is.
///
/// No span is drawn twice. Later spans of a drawn trace are drawn as `(continued)`, with `…` if their parent was drawn
/// before.
///
/// # Where it writes
///
/// On a standard stream, the width is that of `COLUMNS`, or of the terminal, or 100. Colours are on for a terminal,
/// unless `NO_COLOR` or `CLICOLOR=0` is set, and always on with `CLICOLOR_FORCE`. The drawing uses only ASCII if the
/// locale (`LC_ALL`, `LC_CTYPE`, `LANG`) is not UTF-8. The options of the recorder override these defaults for all
/// clones.
///
/// Each trace is written with one call. If the writer fails, spans of the current batch are dropped as `write failed`,
/// spans of earlier batches are counted in [`lost`](Self::lost), and the next flush returns the error. After a closed
/// pipe, the recorder does not write again and drops all later spans.
pub struct ConsoleRecorder {
    shared: Arc<Shared>,
    clone: u64,
}

impl ConsoleRecorder {
    /// Creates a recorder that draws on standard output.
    pub fn new() -> Self {
        Self::on(Stream::Stdout)
    }

    /// Creates a recorder that draws on standard error, for programs whose output other programs read.
    pub fn stderr() -> Self {
        Self::on(Stream::Stderr)
    }

    /// Creates a recorder that draws on `writer`, with 100 columns, without colours and with Unicode. The environment
    /// has no effect.
    ///
    /// ```
    /// use anytrace_console::ConsoleRecorder;
    ///
    /// let log = std::fs::File::create(std::env::temp_dir().join("traces.txt"))?;
    /// let console = ConsoleRecorder::to(log).width(160);
    /// # drop(console);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn to(writer: impl Write + Send + 'static) -> Self {
        let style = Style { width: terminal::DEFAULT_COLUMNS, colors: false, ascii: false, tags: true };
        Self::with(Output::writer(writer), style, false)
    }

    fn on(stream: Stream) -> Self {
        let (colors, ascii) = (stream.colors(), terminal::is_ascii());
        Self::with(
            Output::stream(stream),
            Style { width: terminal::DEFAULT_COLUMNS, colors, ascii, tags: true },
            true,
        )
    }

    fn with(output: Output, style: Style, fits_terminal: bool) -> Self {
        let mut state = State::new(style, fits_terminal);
        let clone = state.clones.join();
        ConsoleRecorder {
            shared: Arc::new(Shared { output: Mutex::new(output), state: Mutex::new(state) }),
            clone,
        }
    }

    /// Sets the width in columns, clamped to 40..=1000. Default: the width of the terminal.
    pub fn width(self, columns: usize) -> Self {
        self.set(|state| {
            state.style.width = columns.clamp(MIN_COLUMNS, MAX_COLUMNS);
            state.fits_terminal = false;
        })
    }

    /// Turns colours on or off. Default: on for terminals.
    pub fn colors(self, colors: bool) -> Self {
        self.set(|state| state.style.colors = colors)
    }

    /// Restricts drawings to ASCII or allows Unicode. Default: from the locale.
    pub fn ascii(self, ascii: bool) -> Self {
        self.set(|state| state.style.ascii = ascii)
    }

    /// Shows tags, events and links on a line below their span. Default: on. Errors are always shown.
    pub fn tags(self, tags: bool) -> Self {
        self.set(|state| state.style.tags = tags)
    }

    /// Sets the time without further spans after which a trace is drawn. Default: 250 ms. It is checked once per
    /// [interval](anytrace_recorder::RecordingTracerBuilder::interval) of a tracer.
    pub fn linger(self, linger: Duration) -> Self {
        self.set(|state| state.buffer.linger = linger)
    }

    /// Sets the maximum number of buffered traces. Default: 256. Above it, the oldest trace is drawn.
    pub fn max_traces(self, traces: usize) -> Self {
        self.set(|state| state.buffer.max_traces = traces)
    }

    /// Sets the maximum number of buffered spans in all traces. Default: 50,000. Above it, the oldest trace is drawn. A
    /// span with short tags takes a few hundred bytes; its name, error and tags are limited to 16 KiB each.
    pub fn max_spans(self, spans: usize) -> Self {
        self.set(|state| state.buffer.max_spans = spans)
    }

    /// Draws only when [`draw`](Self::draw) is called, when all clones are dropped or flushed, or when the buffer exceeds a
    /// limit.
    pub fn draws_when_asked(self) -> Self {
        self.set(|state| state.on_request = true)
    }

    fn set(self, option: impl FnOnce(&mut State)) -> Self {
        option(&mut self.shared.state.lock());
        self
    }

    /// Draws all buffered traces. Flush the tracers first, so that they deliver their spans.
    ///
    /// ```
    /// use std::time::Duration;
    /// use anytrace_api::{Operation, TracerExt};
    /// use anytrace_console::ConsoleRecorder;
    /// use anytrace_recorder::RecordingTracer;
    ///
    /// let console = ConsoleRecorder::new().draws_when_asked();
    /// let tracer = |service| RecordingTracer::builder(console.clone()).service(service).build();
    /// let (shop, payments) = (tracer("shop"), tracer("payments"));
    ///
    /// let call = shop.start_trace(Operation::client("POST /pay"));
    /// payments.join_trace(Operation::server("POST /pay"), &call).finish();
    /// call.finish();
    ///
    /// for tracer in [shop, payments] {
    ///     assert!(tracer.flush_blocking(Duration::from_secs(5)).result.is_ok());
    /// }
    /// console.draw()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the error of the writer. The spans that were not written are counted in [`lost`](Self::lost).
    pub fn draw(&self) -> io::Result<()> {
        self.shared.draw(|state| state.buffer.take_all()).result
    }

    /// Returns the number of spans that a tracer counted as delivered, but that could not be written later.
    pub fn lost(&self) -> u64 {
        self.shared.state.lock().lost
    }

    /// Draws the traces that are due, and returns the number of spans of `batch` that could not be written.
    fn draw_due(&self, batch: Option<u64>) -> usize {
        let now = Instant::now();
        if !self.shared.state.lock().is_due(now) {
            return 0;
        }
        let drawn = self.shared.draw(|state| state.take_due(now));
        let lost = drawn.unwritten.iter().filter_map(|taken| batch.map(|batch| taken.of_batch(batch))).sum();
        let mut state = self.shared.state.lock();
        // The delivery of the batch counts these spans.
        state.lost -= lost as u64;
        state.remember(drawn.result);
        lost
    }
}

impl Recorder for ConsoleRecorder {
    fn record(&mut self, batch: Batch<'_>, _: Instant) -> Delivery {
        let spans = batch.spans.len();
        let service: Arc<str> = text::clean(batch.resource.service_name()).into();
        let entries: Vec<_> =
            batch.spans.iter().map(|span| (span.trace_id(), Entry::new(span, service.clone()))).collect();
        let number = {
            let mut state = self.shared.state.lock();
            if state.is_closed {
                return with_error(
                    Delivery::default().dropped(DropReason::WriteFailed, spans),
                    state.error.take(),
                );
            }
            let now = Instant::now();
            state.clones.hear(self.clone, now);
            state.clones.reopen(self.clone);
            if state.services.len() < 2 && !state.services.contains(&service) {
                state.services.push(service);
            }
            state.batch += 1;
            let number = state.batch;
            for (trace, entry) in entries {
                state.buffer.add(trace, entry, number, now);
            }
            number
        };
        let lost = self.draw_due(Some(number));
        let error = self.shared.state.lock().error.take();
        with_error(Delivery::all(spans - lost).dropped(DropReason::WriteFailed, lost), error)
    }

    /// Draws all traces if every clone has been flushed or dropped, or else the traces that are due.
    fn flush(&mut self, _: Instant) -> Result<(), ExportError> {
        let now = Instant::now();
        let all = {
            let mut state = self.shared.state.lock();
            state.clones.hear(self.clone, now);
            state.clones.flush(self.clone);
            !state.on_request && state.clones.take_flushed()
        };
        if all {
            let drawn = self.draw();
            self.shared.state.lock().remember(drawn);
        } else {
            self.draw_due(None);
        }
        self.shared.state.lock().error.take().map_or(Ok(()), Err)
    }

    fn idle(&mut self) {
        self.shared.state.lock().clones.hear(self.clone, Instant::now());
        self.draw_due(None);
    }
}

fn with_error(delivery: Delivery, error: Option<ExportError>) -> Delivery {
    match error {
        Some(error) => delivery.failed(error),
        None => delivery,
    }
}

impl Default for ConsoleRecorder {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for ConsoleRecorder {
    fn clone(&self) -> Self {
        let clone = self.shared.state.lock().clones.join();
        ConsoleRecorder { shared: self.shared.clone(), clone }
    }
}

impl Drop for ConsoleRecorder {
    /// Draws all traces if the other clones have been flushed.
    fn drop(&mut self) {
        let all = {
            let mut state = self.shared.state.lock();
            state.clones.leave(self.clone);
            state.clones.take_flushed()
        };
        if all {
            let drawn = self.draw();
            self.shared.state.lock().remember(drawn);
        }
    }
}

impl fmt::Debug for ConsoleRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The buffer can hold 50,000 spans, so it is omitted.
        let state = self.shared.state.lock();
        f.debug_struct("ConsoleRecorder")
            .field("style", &state.style)
            .field("lost", &state.lost)
            .finish_non_exhaustive()
    }
}
