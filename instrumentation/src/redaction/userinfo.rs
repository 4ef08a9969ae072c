//! User and password, wherever in a URL they may stand.

use std::borrow::Cow;

use super::{REDACTED, Replaced};

const USERINFO: &str = "REDACTED:REDACTED";

/// Schemes whose addresses have an `@` that parts no secret from a host.
const ADDRESSES: [&str; 7] = ["mailto", "sip", "sips", "xmpp", "im", "pres", "acct"];

pub(super) fn redact(url: &str) -> Cow<'_, str> {
    let mut replaced = Replaced::new(url);
    if !url.contains('@') && !url.contains("%40") {
        return replaced.finish();
    }
    redact_opaque(url, &mut replaced);
    let mut from = 0;
    while let Some(found) = url[from..].find("//") {
        let slashes = from + found;
        let start = slashes + 2;
        from = start;
        let begins = slashes == 0 || url.as_bytes()[slashes - 1] == b':';
        if begins && start > replaced.done {
            from = redact_authority(url, start, &mut replaced);
        }
    }
    replaced.finish()
}

/// The authority at `start`. Returns where to look on.
fn redact_authority(url: &str, start: usize, replaced: &mut Replaced<'_>) -> usize {
    // A URL within a query ends with its parameter.
    let in_query = url[..start].contains('?');
    let ends = |c: char| matches!(c, '/' | '?' | '#') || in_query && c == '&';
    let end = url[start..].find(ends).map_or(url.len(), |end| start + end);
    let authority = &url[start..end];
    if let Some(at) = authority.rfind('@') {
        replaced.replace(start, start + at, USERINFO);
        return end;
    }
    if is_host_and_port(authority) {
        return end;
    }
    // Not a host: a password with a delimiter in it, as far as anybody can tell.
    let parameter =
        if in_query { url[start..].find('&').map_or(url.len(), |end| start + end) } else { url.len() };
    if let Some(at) = url[end..parameter].find('@').map(|at| end + at) {
        let end = url[at..parameter].find(ends).map_or(parameter, |end| at + end);
        let at = url[at..end].rfind('@').map_or(at, |last| at + last);
        replaced.replace(start, at, USERINFO);
        return end;
    }
    if authority.contains("%40") {
        replaced.replace(start, end, REDACTED);
    }
    end
}

/// One or, for databases, several hosts, each perhaps with a port.
fn is_host_and_port(authority: &str) -> bool {
    authority.split(',').all(|host| {
        let after_brackets = host.rsplit_once(']').map_or(host, |(_, after)| after);
        after_brackets.split_once(':').is_none_or(|(_, port)| port.bytes().all(|c| c.is_ascii_digit()))
    })
}

/// `user:password@host` without slashes before it, with a scheme or without.
fn redact_opaque(url: &str, replaced: &mut Replaced<'_>) {
    let end = url.find(['/', '?', '#']).unwrap_or(url.len());
    let Some(at) = url[..end].rfind('@') else { return };
    let Some((first, rest)) = url[..at].split_once(':') else { return };
    let is_address = ADDRESSES.iter().any(|scheme| scheme.eq_ignore_ascii_case(first));
    if rest.contains(':') {
        replaced.replace(first.len() + 1, at, USERINFO);
    } else if !is_address {
        replaced.replace(0, at, USERINFO);
    }
}
