//! Redacts user and password, in the authority of a URL and in URLs inside of it.

use std::borrow::Cow;

use super::{REDACTED, Replacements};

const USERINFO: &str = "REDACTED:REDACTED";

/// Schemes in which the part before the `@` is not a secret.
const ADDRESSES: [&str; 7] = ["mailto", "sip", "sips", "xmpp", "im", "pres", "acct"];

pub(super) fn redact(url: &str) -> Cow<'_, str> {
    let mut replacements = Replacements::new(url);
    // Most URLs have no user and password, and need no scan.
    if !url.contains('@') && !url.contains("%40") {
        return replacements.finish();
    }
    redact_opaque(url, &mut replacements);
    let mut from = 0;
    while let Some(slashes) = url[from..].find("//").map(|offset| from + offset) {
        let start = slashes + 2;
        from = start;
        // Two slashes start an authority at the beginning of a URL or after its scheme.
        let starts_authority = slashes == 0 || url.as_bytes()[slashes - 1] == b':';
        if starts_authority && start > replacements.copied_to {
            from = redact_authority(url, start, &mut replacements);
        }
    }
    replacements.finish()
}

/// Redacts the authority at `start`. Returns the index to continue at.
fn redact_authority(url: &str, start: usize, replacements: &mut Replacements<'_>) -> usize {
    // A URL inside of a query ends with its query parameter.
    let in_query = url[..start].contains('?');
    let ends = |c: char| matches!(c, '/' | '?' | '#') || in_query && c == '&';
    let end = url[start..].find(ends).map_or(url.len(), |end| start + end);
    let authority = &url[start..end];
    if let Some(at) = authority.rfind('@') {
        replacements.replace(start, start + at, USERINFO);
        return end;
    }
    if is_host_and_port(authority) {
        return end;
    }
    // Not a host and port, so the text may be a password that contains a delimiter.
    let parameter =
        if in_query { url[start..].find('&').map_or(url.len(), |end| start + end) } else { url.len() };
    if let Some(at) = url[end..parameter].find('@').map(|at| end + at) {
        let end = url[at..parameter].find(ends).map_or(parameter, |end| at + end);
        let at = url[at..end].rfind('@').map_or(at, |last| at + last);
        replacements.replace(start, at, USERINFO);
        return end;
    }
    // An encoded `@` in a malformed authority may follow an encoded password.
    if authority.contains("%40") {
        replacements.replace(start, end, REDACTED);
    }
    end
}

/// Returns true for a host with an optional port, or several of them separated by commas, as database URLs have.
fn is_host_and_port(authority: &str) -> bool {
    authority.split(',').all(|host| {
        let after_brackets = host.rsplit_once(']').map_or(host, |(_, after)| after);
        after_brackets.split_once(':').is_none_or(|(_, port)| port.bytes().all(|c| c.is_ascii_digit()))
    })
}

/// Redacts `user:password@host` that no slashes precede, with or without a scheme.
fn redact_opaque(url: &str, replacements: &mut Replacements<'_>) {
    let end = url.find(['/', '?', '#']).unwrap_or(url.len());
    let Some(at) = url[..end].rfind('@') else { return };
    let Some((first, remaining)) = url[..at].split_once(':') else { return };
    let is_address = ADDRESSES.iter().any(|scheme| scheme.eq_ignore_ascii_case(first));
    if remaining.contains(':') {
        replacements.replace(first.len() + 1, at, USERINFO);
    } else if !is_address {
        replacements.replace(0, at, USERINFO);
    }
}
