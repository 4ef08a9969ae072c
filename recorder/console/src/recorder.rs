//! The recorder that draws.

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
    style::{NARROWEST, Style, WIDEST},
    terminal::{self, Stream},
    text,
};
use anytrace_recorder::{Batch, Delivery, Recorder};

/// Draws each trace as a tree with a time bar per span, for people who develop.
///
/// ```
/// use std::time::Duration;
/// use anytrace_api::{TracerExt, install};
/// use anytrace_console::ConsoleRecorder;
/// use anytrace_recorder::RecordingTracer;
///
/// let tracer = RecordingTracer::builder(ConsoleRecorder::new()).service("shop").build();
/// install(tracer.clone()).expect("the first one");
///
/// anytrace_api::start_span("check out").tag("items", 3).run(|| {
///     anytrace_api::start_span("charge card").finish();
/// });
/// assert!(tracer.shutdown_blocking(Duration::from_secs(5)).result.is_ok());
/// ```
///
/// prints, as wide as the terminal is:
///
/// ```text
/// trace 5b8efff798038103d269b633813fc60c
/// check out          120.40 µs │██████████████████████████████████████████████████│
/// │  items=3
/// └─ charge card       2.15 µs │              █                                   │
/// ```
///
/// `✗` marks what failed or panicked; the error, and how a span ended that nobody finished, stand beneath it. `…` marks a
/// span whose parent is not in the drawing. Of more than 50 siblings of one name all but the first few, and the first few
/// that failed, are one line. Text from spans is shown on one line, cut, and without anything a terminal would obey.
///
/// # Several services
///
/// It clones, and clones are one console: give each tracer of a process a clone, and a trace through all of them is one
/// drawing.
///
/// # When a trace is drawn
///
/// A finished span is kept until its trace seems whole:
///
/// * Its root has come, and nothing more for a [linger](Self::linger). With one clone alone, a span whose parent is in
///   another process is a root too. With several, each that a tracer uses has to have handed over what it had; a parent
///   in another process may be another clone's, and is waited for 20 times as long.
/// * Each clone has been flushed, or is gone: then everything is drawn. So the flush of a tracer that has the only clone
///   draws all there is, and of three services that are flushed or shut down one after the other it is the last that draws.
/// * Somebody calls [`draw`](Self::draw): the way where the program knows best. With
///   [`draws_when_asked`](Self::draws_when_asked) it is the only way, until no clone is left but those of flushed tracers.
/// * Too much is kept ([`max_traces`](Self::max_traces), [`max_spans`](Self::max_spans)): the oldest trace is drawn as it
///   is.
///
/// Nothing is drawn twice. What comes later is drawn as `(continued)`, with `…` where its parent was drawn before.
///
/// # Where it writes
///
/// On standard output the width is `COLUMNS`, else the terminal's, else 100. There are colours on a terminal, unless
/// `NO_COLOR` or `CLICOLOR=0` is set, and elsewhere with `CLICOLOR_FORCE`. There is only ASCII where the locale
/// (`LC_ALL`, `LC_CTYPE`, `LANG`) is not UTF-8. Options overrule each of these, and concern all clones.
///
/// Each trace is written at once. What a writer refuses is lost: spans of the batch that is being delivered are counted
/// in its [`Delivery`], those that were kept from earlier ones in [`lost`](Self::lost), and the error is told to the next
/// flush. A pipe that nobody reads any more is not written to again, and all later spans count as dropped.
pub struct ConsoleRecorder {
    shared: Arc<Shared>,
    clone: u64,
}

impl ConsoleRecorder {
    /// One that draws on standard output.
    pub fn new() -> Self {
        Self::on(Stream::Stdout)
    }

    /// One that draws on standard error, for programs whose output is read by others.
    pub fn stderr() -> Self {
        Self::on(Stream::Stderr)
    }

    /// One that draws on `writer`: 100 columns, no colours, Unicode, whatever the environment says.
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
        let style = Style { width: terminal::COLUMNS, colors: false, ascii: false, tags: true };
        Self::with(Output::writer(writer), style, false)
    }

    fn on(stream: Stream) -> Self {
        let (colors, ascii) = (stream.colors(), terminal::is_ascii());
        Self::with(
            Output::stream(stream),
            Style { width: terminal::COLUMNS, colors, ascii, tags: true },
            true,
        )
    }

    fn with(output: Output, style: Style, fits: bool) -> Self {
        let mut state = State::new(style, fits);
        let clone = state.clones.join();
        ConsoleRecorder {
            shared: Arc::new(Shared { output: Mutex::new(output), state: Mutex::new(state) }),
            clone,
        }
    }

    /// How wide drawings are: 40 to 1000 columns. As the terminal is, if it is not said.
    pub fn width(self, columns: usize) -> Self {
        self.set(|state| {
            state.style.width = columns.clamp(NARROWEST, WIDEST);
            state.fits = false;
        })
    }

    /// Colours, or none, whatever it writes to.
    pub fn colors(self, colors: bool) -> Self {
        self.set(|state| state.style.colors = colors)
    }

    /// Nothing but ASCII, or Unicode, whatever the locale is.
    pub fn ascii(self, ascii: bool) -> Self {
        self.set(|state| state.style.ascii = ascii)
    }

    /// Shows tags, events and links, as far as they fit on a line beneath their span: unless said otherwise. Errors are
    /// shown in any case.
    pub fn tags(self, tags: bool) -> Self {
        self.set(|state| state.style.tags = tags)
    }

    /// For how long nothing more of a trace has to come before it is drawn; 250 ms. Tracers tell the time in steps of
    /// their [interval](anytrace_recorder::Builder::interval).
    pub fn linger(self, linger: Duration) -> Self {
        self.set(|state| state.buffer.linger = linger)
    }

    /// How many traces are kept, at most; 256.
    pub fn max_traces(self, traces: usize) -> Self {
        self.set(|state| state.buffer.max_traces = traces)
    }

    /// How many spans are kept, at most, in all traces; 50,000. One takes a few hundred bytes with short tags, and at the
    /// very most 16 KiB for each of its name, its error and its tags.
    pub fn max_spans(self, spans: usize) -> Self {
        self.set(|state| state.buffer.max_spans = spans)
    }

    /// Draws when [`draw`](Self::draw) is called, and when no clone is left that could ask; before that only what is too
    /// much to keep.
    pub fn draws_when_asked(self) -> Self {
        self.set(|state| state.when_asked = true)
    }

    fn set(self, option: impl FnOnce(&mut State)) -> Self {
        option(&mut self.shared.state.lock());
        self
    }

    /// Draws all traces that are kept. Flush the tracers before: this is about what they have handed over.
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
    /// The writer's: what it refused is [lost](Self::lost).
    pub fn draw(&self) -> io::Result<()> {
        self.shared.draw(|state| state.buffer.take_all()).result
    }

    /// Spans that a tracer counts as delivered and that could not be written after all.
    pub fn lost(&self) -> u64 {
        self.shared.state.lock().lost
    }

    /// Draws what is due, and says how much of `batch` was lost by that.
    fn draw_due(&self, batch: Option<u64>) -> usize {
        let now = Instant::now();
        if !self.shared.state.lock().is_due(now) {
            return 0;
        }
        let drawn = self.shared.draw(|state| state.take_due(now));
        let lost = drawn.lost.iter().filter_map(|taken| batch.map(|batch| taken.of_batch(batch))).sum();
        let mut state = self.shared.state.lock();
        // Those are counted where the batch is.
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
                state.buffer.keep(trace, entry, number, now);
            }
            number
        };
        let lost = self.draw_due(Some(number));
        let error = self.shared.state.lock().error.take();
        with_error(Delivery::all(spans - lost).dropped(DropReason::WriteFailed, lost), error)
    }

    /// Draws everything when each clone has been flushed or is gone; otherwise what is due.
    fn flush(&mut self, _: Instant) -> Result<(), ExportError> {
        let now = Instant::now();
        let all = {
            let mut state = self.shared.state.lock();
            state.clones.hear(self.clone, now);
            state.clones.flush(self.clone);
            !state.when_asked && state.clones.take_flushed()
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
    /// Draws everything when nobody is left who has something to hand over, or could ask.
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
        // Not what is kept: that may be fifty thousand spans.
        let state = self.shared.state.lock();
        f.debug_struct("ConsoleRecorder")
            .field("style", &state.style)
            .field("lost", &state.lost)
            .finish_non_exhaustive()
    }
}
