//! Where drawings are written.

use std::{
    fmt,
    io::{self, Write},
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::terminal::{self, Stream};

/// A writer, and what is known about it.
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
        self.stream.map_or(terminal::COLUMNS, Stream::columns)
    }

    /// All of `page`, at once. A writer that panics is one that fails.
    pub(crate) fn write(&mut self, page: &str) -> io::Result<()> {
        let write = || self.writer.write_all(page.as_bytes()).and_then(|()| self.writer.flush());
        catch_unwind(AssertUnwindSafe(write)).unwrap_or_else(|_| Err(io::Error::other("the writer panicked")))
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").field("stream", &self.stream).finish_non_exhaustive()
    }
}
