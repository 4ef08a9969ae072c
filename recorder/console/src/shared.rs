//! The state that the clones of a console share.

use std::{io, sync::Arc, time::Instant};

use anytrace_api::flush::{DropReason, ExportError};
use parking_lot::Mutex;

use crate::{
    output::Output,
    registered_clones::RegisteredClones,
    render::Picture,
    style::Style,
    trace_buffer::{CompletedTrace, TraceBuffer},
};

/// The state that the clones of a console share.
pub(crate) struct Shared {
    /// Locked before `state` when a trace is drawn.
    pub(crate) output: Mutex<Output>,
    pub(crate) state: Mutex<State>,
}

pub(crate) struct State {
    pub(crate) buffer: TraceBuffer,
    pub(crate) clones: RegisteredClones,
    /// The names of the first two services. A single service is not shown.
    pub(crate) services: Vec<Arc<str>>,
    pub(crate) style: Style,
    /// The width is that of the terminal.
    pub(crate) fits_terminal: bool,
    pub(crate) on_request: bool,
    pub(crate) batch: u64,
    pub(crate) lost: u64,
    /// The error for the next flush.
    pub(crate) error: Option<ExportError>,
    pub(crate) is_closed: bool,
}

/// The result of drawing.
pub(crate) struct Drawn {
    pub(crate) result: io::Result<()>,
    pub(crate) unwritten: Vec<CompletedTrace>,
}

impl Shared {
    /// Draws the traces that `choose` takes. Other tracers can deliver spans at the same time.
    pub(crate) fn draw(&self, choose: impl FnOnce(&mut State) -> Vec<CompletedTrace>) -> Drawn {
        // The writer is not traced.
        anytrace_api::suppression::suppressed(|| self.draw_suppressed(choose))
    }

    fn draw_suppressed(&self, choose: impl FnOnce(&mut State) -> Vec<CompletedTrace>) -> Drawn {
        let mut output = self.output.lock();
        let (chosen, services, mut style, fits_terminal) = {
            let mut state = self.state.lock();
            (choose(&mut state), state.services.len() > 1, state.style, state.fits_terminal)
        };
        if fits_terminal {
            style.width = output.columns();
        }
        let mut drawn = Drawn { result: Ok(()), unwritten: Vec::new() };
        for mut taken in chosen {
            let spans = taken.entries.len() as u64;
            let entries = std::mem::take(&mut taken.entries);
            let CompletedTrace { trace, is_continued, .. } = taken;
            let written = if self.state.lock().is_closed {
                Err(io::ErrorKind::BrokenPipe.into())
            } else {
                output.write(&Picture { trace, is_continued, services, entries }.draw(style))
            };
            if let Err(error) = written {
                let mut state = self.state.lock();
                state.lost += spans;
                state.is_closed |= error.kind() == io::ErrorKind::BrokenPipe;
                drawn.unwritten.push(taken);
                drawn.result = Err(error);
            }
        }
        drawn
    }
}

impl State {
    pub(crate) fn new(style: Style, fits_terminal: bool) -> Self {
        State {
            buffer: TraceBuffer::default(),
            clones: RegisteredClones::default(),
            services: Vec::new(),
            style,
            fits_terminal,
            on_request: false,
            batch: 0,
            lost: 0,
            error: None,
            is_closed: false,
        }
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.buffer.is_over_limit()
            || (!self.on_request && !self.buffer.complete(self.clones.others(), now).is_empty())
    }

    pub(crate) fn take_due(&mut self, now: Instant) -> Vec<CompletedTrace> {
        let mut due = Vec::new();
        if !self.on_request {
            let complete = self.buffer.complete(self.clones.others(), now);
            due.extend(complete.into_iter().filter_map(|trace| self.buffer.take(trace)));
        }
        due.extend(self.buffer.take_excess());
        due
    }

    pub(crate) fn remember(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            let message = format!("cannot write to the console: {error}");
            self.error = Some(ExportError::new(DropReason::WriteFailed, message).with_source(error));
        }
    }
}
