//! Incremental reading of the collector's file.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

use crate::{
    Addresses, OTLP_FILE,
    view::{SpanView, otlp},
};

/// The collector's file and the position up to which it has been read. Each line is parsed only once.
#[derive(Debug)]
pub struct Tail {
    path: String,
    filter: String,
    read: u64,
}

impl Tail {
    /// Starts at the beginning of the file. Only requests that contain the text `filter` are parsed.
    pub fn new(addresses: &Addresses, filter: impl Into<String>) -> Self {
        Tail { path: addresses[OTLP_FILE].clone(), filter: filter.into(), read: 0 }
    }

    /// Returns the spans that were added since the last call. An incomplete last line is read by a later call.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read or parsed. Lines with errors are not read again.
    pub fn read_new(&mut self) -> Result<Vec<SpanView>, String> {
        let mut bytes = self.unread_bytes().map_err(|error| format!("{}: {error}", self.path))?;
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
        self.read += bytes.len() as u64;
        let text = String::from_utf8_lossy(&bytes);
        otlp(&text.split_inclusive('\n').filter(|line| line.contains(&self.filter)).collect::<String>())
    }

    fn unread_bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match File::open(&self.path) {
            Ok(mut file) => {
                file.seek(SeekFrom::Start(self.read))?;
                file.read_to_end(&mut bytes)?;
            }
            // The collector creates the file with the first span.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs, io::Write, process};

    use super::*;

    const LINES: &str = include_str!("view/samples/collector.jsonl");

    #[test]
    fn each_line_is_read_once_and_only_when_complete() {
        let path = env::temp_dir().join(format!("anytrace-tail-{}", process::id()));
        let mut tail = Tail::new(&Addresses::from([(OTLP_FILE, path.display().to_string())]), "Bücher");
        let mut unrelated = Tail::new(&Addresses::from([(OTLP_FILE, path.display().to_string())]), "nobody");
        assert_eq!(tail.read_new(), Ok(Vec::new()));
        let mut file = File::create(&path).unwrap();
        let (first, second) = LINES.split_at(LINES.len() / 2);
        let seen = [LINES, first, second].map(|text| {
            file.write_all(text.as_bytes()).unwrap();
            tail.read_new().unwrap().len()
        });
        assert_eq!(unrelated.read_new(), Ok(Vec::new()));
        fs::remove_file(&path).unwrap();
        let all = otlp(LINES).unwrap().len();
        assert_eq!(seen, [all, 0, all]);
    }
}
