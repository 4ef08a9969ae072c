//! Draws a trace.

use std::{
    fmt::{Display, Write},
    iter::repeat_n,
    time::Duration,
};

use anytrace_api::{Kind, TraceId};

use crate::{
    bar::Scale,
    duration::{self, human},
    entry::Entry,
    style::{Color, Style},
    text,
    tree::{self, Row},
};

/// The maximum width of the column for services.
const MAX_SERVICE_COLUMNS: usize = 16;

/// The minimum width of the column for names. If it is not reached, the columns for service and kind are omitted.
const MIN_NAME_COLUMNS: usize = 14;

/// The input of a drawing.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) trace: TraceId,
    /// Part of the trace was drawn before.
    pub(crate) is_continued: bool,
    /// Show the service of each span, even if it is the same for all.
    pub(crate) services: bool,
    pub(crate) entries: Vec<Entry>,
}

impl Picture {
    /// Returns the drawing, with an empty line at its end.
    pub(crate) fn draw(self, style: Style) -> String {
        let entries: Vec<Entry> = if style.ascii {
            self.entries.into_iter().map(Entry::into_ascii).collect()
        } else {
            self.entries
        };
        let mut drawing = String::new();
        // Without colour, because users search for the id and copy it.
        put(&mut drawing, format_args!("trace {}\n", self.trace));
        if self.is_continued {
            put(&mut drawing, style.paint(Color::Dim, "(continued)"));
            drawing.push('\n');
        }
        let rows = tree::rows(&entries);
        let services = services(&rows);
        let columns = Columns::new(&rows, &style, self.services || services.len() > 1);
        let scale = Scale::new(entries.iter().map(|entry| (entry.start, entry.end)), columns.bar);
        for row in &rows {
            let number = services.iter().position(|service| *service == &*row.entry.service).unwrap_or(0);
            let pen = Pen { style: &style, columns: &columns, color: Color::Service(number) };
            pen.line(&mut drawing, row, &scale);
            pen.details(&mut drawing, row);
        }
        drawing.push('\n');
        drawing
    }
}

/// Writing into a string does not fail.
fn put(drawing: &mut String, item: impl Display) {
    let _ = write!(drawing, "{item}");
}

/// Returns the services in the order of their first rows, which determines their colours.
fn services<'a>(rows: &[Row<'a>]) -> Vec<&'a str> {
    let mut services: Vec<&str> = Vec::new();
    for row in rows {
        if !services.contains(&&*row.entry.service) {
            services.push(&row.entry.service);
        }
    }
    services
}

/// The width of each column, or 0 if it is omitted.
#[derive(Debug)]
struct Columns {
    name: usize,
    service: usize,
    kind: usize,
    bar: usize,
}

impl Columns {
    fn new(rows: &[Row<'_>], style: &Style, services: bool) -> Self {
        let widest = |width: &dyn Fn(&Row<'_>) -> usize| rows.iter().map(width).max().unwrap_or(0);
        let wanted = widest(&|row| head(row, style).iter().map(|(text, _)| text::width(text)).sum());
        let service = widest(&|row| text::width(&row.entry.service)).min(MAX_SERVICE_COLUMNS);
        let kind = widest(&|row| text::width(kind(row)));
        let min_bar = style.width / 4;
        let narrowest = wanted.min(MIN_NAME_COLUMNS);
        let with = |service: usize, kind: usize| {
            let beside: usize =
                [service, kind].into_iter().filter(|width| *width > 0).map(|width| width + 1).sum();
            // Two spaces after the name, one after the duration, and the frame.
            let available = style.width.saturating_sub(duration::COLUMNS + 5 + beside);
            let name = wanted.min(available.saturating_sub(min_bar));
            Columns { name, service, kind, bar: available.saturating_sub(name) }
        };
        let service = if services { service } else { 0 };
        let choices = [with(service, kind), with(service, 0)];
        choices.into_iter().find(|columns| columns.name >= narrowest).unwrap_or_else(|| with(0, 0))
    }
}

/// Draws one row.
struct Pen<'a> {
    style: &'a Style,
    columns: &'a Columns,
    color: Color,
}

impl Pen<'_> {
    fn line(&self, drawing: &mut String, row: &Row<'_>, scale: &Scale) {
        let signs = self.style.signs();
        let mut remaining = self.columns.name;
        for (text, color) in head(row, self.style) {
            let text = text::cut(&text, remaining, signs.missing);
            remaining -= text::width(&text);
            put(drawing, self.style.paint(color, &text));
        }
        drawing.extend(repeat_n(' ', remaining + 2));
        self.cell(drawing, &row.entry.service, self.columns.service, self.color);
        self.cell(drawing, kind(row), self.columns.kind, Color::Dim);
        let (start, end) = row.more.map_or((row.entry.start, row.entry.end), |more| (more.start, more.end));
        let duration = human(Duration::from_nanos(end.saturating_sub(start)));
        let duration = match row.more {
            Some(_) => String::new(),
            None if self.style.ascii => text::to_ascii(&duration),
            None => duration,
        };
        drawing.extend(repeat_n(' ', duration::COLUMNS - text::width(&duration)));
        put(drawing, format_args!("{duration} "));

        let bar = scale.bar(start, end);
        let sign = if row.more.is_some() { signs.more_bar } else { signs.bar };
        put(drawing, self.style.paint(Color::Dim, signs.frame));
        drawing.extend(repeat_n(' ', bar.start));
        put(drawing, self.style.paint(self.color, &sign.repeat(bar.len())));
        drawing.extend(repeat_n(' ', self.columns.bar - bar.end));
        put(drawing, self.style.paint(Color::Dim, signs.frame));
        drawing.push('\n');
    }

    fn cell(&self, drawing: &mut String, text: &str, columns: usize, color: Color) {
        if columns > 0 {
            let text = text::cut(text, columns, self.style.signs().missing);
            let left = columns - text::width(&text);
            put(drawing, self.style.paint(color, &text));
            drawing.extend(repeat_n(' ', left + 1));
        }
    }

    /// Draws a second line with the error and the details.
    fn details(&self, drawing: &mut String, row: &Row<'_>) {
        let (error, details) = match row.more {
            Some(more) => {
                let failed = if more.failed > 0 { format!("{} failed", more.failed) } else { String::new() };
                let summary = if more.descendants > 0 {
                    format!("with {} beneath", more.descendants)
                } else {
                    String::new()
                };
                (failed, summary)
            }
            None if self.style.tags => (row.entry.error.clone(), row.entry.details.clone()),
            None => (row.entry.error.clone(), String::new()),
        };
        if error.is_empty() && details.is_empty() {
            return;
        }
        let indentation = indentation(row, self.style);
        let mut remaining = self.style.width.saturating_sub(text::width(&indentation));
        put(drawing, self.style.paint(Color::Dim, &indentation));
        let separator = if error.is_empty() || details.is_empty() { "" } else { "  " };
        let color = if row.entry.failed || row.more.is_some() { Color::Error } else { Color::Plain };
        for (text, color) in [(&*error, color), (separator, Color::Plain), (&*details, Color::Dim)] {
            let text = text::cut(text, remaining, self.style.signs().missing);
            remaining -= text::width(&text);
            put(drawing, self.style.paint(color, &text));
        }
        drawing.push('\n');
    }
}

/// Returns the parts of the first column: branches, marks and name.
fn head(row: &Row<'_>, style: &Style) -> Vec<(String, Color)> {
    let signs = style.signs();
    let mut head = vec![(branches(row, style), Color::Dim)];
    if row.is_orphan {
        head.push((format!("{} ", signs.missing), Color::Dim));
    }
    let name = &row.entry.name;
    match row.more {
        Some(more) => {
            let count = format!("{} {} more like this", signs.times, more.spans);
            let text = if more.follows_its_like { count } else { format!("{count}: {name}") };
            head.push((text, Color::Dim));
        }
        None if row.entry.failed => head.push((format!("{} {name}", signs.failed), Color::Error)),
        None => head.push((name.clone(), Color::Plain)),
    }
    head
}

fn branches(row: &Row<'_>, style: &Style) -> String {
    let signs = style.signs();
    let level = row.depth.min(style.levels());
    let mut text = guides(row, style, 1..level);
    if row.depth > 0 {
        text.push_str(match is_open(row, level) {
            _ if row.depth > level => signs.deeper,
            true => signs.branch,
            false => signs.last_branch,
        });
    }
    text
}

/// Returns the indentation of the second line of a row.
fn indentation(row: &Row<'_>, style: &Style) -> String {
    let levels = style.levels();
    if row.depth > levels {
        return guides(row, style, 1..levels) + &style.signs().gap.repeat(2);
    }
    let signs = style.signs();
    let beneath = if row.has_children && row.depth < levels { signs.guide } else { signs.gap };
    guides(row, style, 1..row.depth + 1) + beneath
}

fn guides(row: &Row<'_>, style: &Style, levels: std::ops::Range<usize>) -> String {
    let signs = style.signs();
    levels.map(|level| if is_open(row, level) { signs.guide } else { signs.gap }).collect()
}

fn is_open(row: &Row<'_>, level: usize) -> bool {
    row.open >> level & 1 == 1
}

fn kind(row: &Row<'_>) -> &'static str {
    if row.entry.kind == Kind::Internal { "" } else { row.entry.kind.as_str() }
}
