//! What the clones of a console share, and how it draws.

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

/// What the clones of a console share.
pub(crate) struct Shared {
    /// Locked before `state`, by whoever draws.
    pub(crate) output: Mutex<Output>,
    pub(crate) state: Mutex<State>,
}

pub(crate) struct State {
    pub(crate) buffer: TraceBuffer,
    pub(crate) clones: RegisteredClones,
    /// The names of the first two services, so that one alone need not be named.
    pub(crate) services: Vec<Arc<str>>,
    pub(crate) style: Style,
    /// The width is to be asked for.
    pub(crate) fits: bool,
    pub(crate) when_asked: bool,
    pub(crate) batch: u64,
    pub(crate) lost: u64,
    /// What nobody has been told.
    pub(crate) error: Option<ExportError>,
    pub(crate) is_closed: bool,
}

/// What came of drawing.
pub(crate) struct Drawn {
    pub(crate) result: io::Result<()>,
    pub(crate) lost: Vec<CompletedTrace>,
}

impl Shared {
    /// Draws what `choose` takes. Other tracers may hand over spans meanwhile.
    pub(crate) fn draw(&self, choose: impl FnOnce(&mut State) -> Vec<CompletedTrace>) -> Drawn {
        // The writer's own doings are not traced.
        anytrace_api::suppression::suppressed(|| self.draw_suppressed(choose))
    }

    fn draw_suppressed(&self, choose: impl FnOnce(&mut State) -> Vec<CompletedTrace>) -> Drawn {
        let mut output = self.output.lock();
        let (chosen, services, mut style, fits) = {
            let mut state = self.state.lock();
            (choose(&mut state), state.services.len() > 1, state.style, state.fits)
        };
        if fits {
            style.width = output.columns();
        }
        let mut drawn = Drawn { result: Ok(()), lost: Vec::new() };
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
                drawn.lost.push(taken);
                drawn.result = Err(error);
            }
        }
        drawn
    }
}

impl State {
    pub(crate) fn new(style: Style, fits: bool) -> Self {
        State {
            buffer: TraceBuffer::default(),
            clones: RegisteredClones::default(),
            services: Vec::new(),
            style,
            fits,
            when_asked: false,
            batch: 0,
            lost: 0,
            error: None,
            is_closed: false,
        }
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.buffer.is_too_much()
            || (!self.when_asked && !self.buffer.whole(self.clones.others(), now).is_empty())
    }

    pub(crate) fn take_due(&mut self, now: Instant) -> Vec<CompletedTrace> {
        let mut due = Vec::new();
        if !self.when_asked {
            let whole = self.buffer.whole(self.clones.others(), now);
            due.extend(whole.into_iter().filter_map(|trace| self.buffer.take(trace)));
        }
        due.extend(self.buffer.take_too_much());
        due
    }

    pub(crate) fn remember(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            let message = format!("cannot write to the console: {error}");
            self.error = Some(ExportError::new(DropReason::WriteFailed, message).with_source(error));
        }
    }
}
