//! Fuzzes the trace state. Input: two bytes with a length for truncation, then the text.

#![no_main]

use anytrace_api::data::TraceState;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((length, text)) = input.split_at_checked(2) else { return };
    let length = usize::from(length[0]) << 8 | usize::from(length[1]);
    let Ok(Ok(mut state)) = std::str::from_utf8(text).map(str::parse::<TraceState>) else { return };
    assert_eq!(state.to_string().parse(), Ok(state.clone()));
    let entries: Vec<_> = state.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    for (key, value) in &entries {
        let mut set = state.clone();
        set.set(key, value).expect("parsed entries can be set");
        assert_eq!((set.len(), set.get(key)), (state.len(), Some(value.as_str())));
    }
    state.truncate(length);
    assert!(state.to_string().len() <= length);
});
