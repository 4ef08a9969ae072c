//! Why one attempt came to nothing.

use std::time::Duration;

use anytrace_recorder::{Loss, told};

/// Why one attempt came to nothing, and whether another may do better.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) loss: Loss,
    /// For whoever waits for a flush: escaped and cut.
    pub(crate) words: String,
    pub(crate) again: Again,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// It would fail again, or there is no time.
    Never,
    /// After a while.
    Later,
    /// When the server says so.
    After(Duration),
}

impl Failure {
    /// The deadline has come.
    pub(crate) fn timeout() -> Self {
        let words = "the server did not answer in time".to_owned();
        Failure { loss: Loss::Timeout, words, again: Again::Never }
    }

    /// The server said something, but what?
    pub(crate) fn bad_answer(why: &str) -> Self {
        let words = format!("the server's answer makes no sense: {}", told(why));
        Failure { loss: Loss::BadAnswer, words, again: Again::Never }
    }
}
