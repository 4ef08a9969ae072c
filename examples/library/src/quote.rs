//! Price quotes: spans around synchronous and asynchronous code.

use std::{error::Error, fmt};

use anytrace_api::{self as trace, Event, FutureExt, Operation, StartedSpan, tags};

use crate::SCOPE;

const PRICES: [(&str, u64); 3] = [("Emma", 9), ("Middlemarch", 14), ("Persuasion", 8)];

/// Returns the total price of the titles.
///
/// # Errors
///
/// Returns an error if a title is unknown.
pub fn quote(titles: &[&str]) -> Result<u64, UnknownTitle> {
    start(titles).try_run(|| {
        let total = titles.iter().map(|title| price(title)).sum::<Result<u64, _>>()?;
        trace::set_tag("total", total);
        Ok(total)
    })
}

/// Returns the total price of the titles, asynchronously.
///
/// # Errors
///
/// Returns an error if a title is unknown.
pub async fn quote_async(titles: &[&str]) -> Result<u64, UnknownTitle> {
    async {
        let mut total = 0;
        for title in titles {
            total += std::future::ready(price(title)).await?;
        }
        trace::set_tag("total", total);
        Ok(total)
    }
    .try_in_span(start(titles))
    .await
}

fn start(titles: &[&str]) -> StartedSpan {
    let tags = tags! { "titles" => titles };
    trace::start_span(Operation::internal("shop.quote").instrumentation_scope(&SCOPE).tags(&tags))
}

fn price(title: &str) -> Result<u64, UnknownTitle> {
    let span = trace::start_span(Operation::internal("shop.price").instrumentation_scope(&SCOPE))
        .tag("title", title);
    span.try_run(|| {
        trace::event_with(Event::new("searched").tags(&tags! { "shelves" => PRICES.len() }));
        let found = PRICES.iter().find(|(known, _)| *known == title);
        found.map(|(_, price)| *price).ok_or_else(|| UnknownTitle(title.to_owned()))
    })
}

/// The error for a title that is not on sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTitle(String);

impl fmt::Display for UnknownTitle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown title {:?}", self.0)
    }
}

impl Error for UnknownTitle {}
