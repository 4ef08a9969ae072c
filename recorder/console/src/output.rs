//! The writer for drawings.

use std::{
    fmt,
    io::{self, Write},
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::terminal::{self, Stream};

/// A writer, and the standard stream behind it if there is one.
pub(crate) struct Output {
    writer: Box<dyn Write + Send>,
    stream: Option<Stream>,
}

impl Output {
    pub(crate) fn stream(stream: Stream) -> Self {
        let writer: Box<dyn Write + Send> = match stream {
            Stream::Stdout => Box::new(io::stdout()),
            Stream::Stderr => Box::new(io::stderr()),
        };
        Output { writer, stream: Some(stream) }
    }

    pub(crate) fn writer(writer: impl Write + Send + 'static) -> Self {
        Output { writer: Box::new(writer), stream: None }
    }

    pub(crate) fn columns(&self) -> usize {
        self.stream.map_or(terminal::DEFAULT_COLUMNS, Stream::columns)
    }

    /// Writes a drawing with one call. A panic of the writer is an error.
    pub(crate) fn write(&mut self, drawing: &str) -> io::Result<()> {
        let write = || self.writer.write_all(drawing.as_bytes()).and_then(|()| self.writer.flush());
        catch_unwind(AssertUnwindSafe(write)).unwrap_or_else(|_| Err(io::Error::other("the writer panicked")))
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").field("stream", &self.stream).finish_non_exhaustive()
    }
}
