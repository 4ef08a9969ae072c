//! Traces as pictures in a terminal.
//!
//! Spans become [`entry`] and are [`kept`] by trace. A [`page`] is drawn from them: their [`tree`], with a [`bar`] for
//! each, as [`text`] in a [`style`]. None of that reads a clock, the environment or a terminal: [`recorder`] and
//! [`shared`] say when, [`clones`] knows who shares it, [`terminal`] and [`output`] are the outside.

mod bar;
mod clones;
mod duration;
mod entry;
mod kept;
mod output;
mod page;
mod recorder;
mod shared;
mod style;
mod terminal;
mod text;
mod tree;

pub use self::recorder::ConsoleRecorder;
