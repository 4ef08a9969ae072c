//! What the collector takes, read as it comes.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

use crate::{
    Addresses, OTLP_FILE,
    view::{SpanView, otlp},
};

/// The collector's file, and how far it has been read: for whoever looks at it many times.
#[derive(Debug)]
pub struct Tail {
    path: String,
    about: String,
    read: u64,
}

impl Tail {
    /// From the start of the file, the requests in which this text occurs: what others send is not judged.
    pub fn new(addresses: &Addresses, about: impl Into<String>) -> Self {
        Tail { path: addresses[OTLP_FILE].clone(), about: about.into(), read: 0 }
    }

    /// Their spans that the collector took since this was asked last. A line without an end is left for the next time.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or not be understood: what it was is not read again.
    pub fn more(&mut self) -> Result<Vec<SpanView>, String> {
        let mut bytes = self.rest().map_err(|error| format!("{}: {error}", self.path))?;
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
        self.read += bytes.len() as u64;
        let text = String::from_utf8_lossy(&bytes);
        otlp(&text.split_inclusive('\n').filter(|line| line.contains(&self.about)).collect::<String>())
    }

    fn rest(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match File::open(&self.path) {
            Ok(mut file) => {
                file.seek(SeekFrom::Start(self.read))?;
                file.read_to_end(&mut bytes)?;
            }
            // Made with the first span.
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
    fn each_line_is_read_once_and_only_when_it_is_whole() {
        let path = env::temp_dir().join(format!("anytrace-tail-{}", process::id()));
        let mut tail = Tail::new(&Addresses::from([(OTLP_FILE, path.display().to_string())]), "Bücher");
        let mut of_others = Tail::new(&Addresses::from([(OTLP_FILE, path.display().to_string())]), "nobody");
        assert_eq!(tail.more(), Ok(Vec::new()));
        let mut file = File::create(&path).unwrap();
        let (first, second) = LINES.split_at(LINES.len() / 2);
        let seen = [LINES, first, second].map(|text| {
            file.write_all(text.as_bytes()).unwrap();
            tail.more().unwrap().len()
        });
        assert_eq!(of_others.more(), Ok(Vec::new()));
        fs::remove_file(&path).unwrap();
        let all = otlp(LINES).unwrap().len();
        assert_eq!(seen, [all, 0, all]);
    }
}
