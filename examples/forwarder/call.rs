//! Calls to forward, and their results.

use serde_json::{Value as Json, json};

/// A request to forward.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) url: String,
    pub(crate) arguments: Json,
}

impl Call {
    /// Parses the calls in a request body.
    pub(crate) fn parse_list(body: &[u8]) -> Result<Vec<Call>, String> {
        let body: Json =
            serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))?;
        let Json::Array(elements) = body else { return Err("the body is not an array".to_owned()) };
        elements.into_iter().enumerate().map(|(index, element)| Call::read(index, element)).collect()
    }

    fn read(index: usize, mut element: Json) -> Result<Call, String> {
        let url = element.get("url").and_then(Json::as_str).map(str::to_owned);
        let url = url.ok_or_else(|| format!("element {index} has no url"))?;
        let arguments = element.get_mut("arguments").map(Json::take);
        let arguments = arguments.ok_or_else(|| format!("element {index} has no arguments"))?;
        Ok(Call { url, arguments })
    }

    /// Formats the result of the call.
    pub(crate) fn result_json(&self, result: Result<u16, String>) -> Json {
        match result {
            Ok(status) => json!({ "url": self.url, "status": status }),
            Err(error) => json!({ "url": self.url, "error": error }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_parsed() {
        let body = br#"[{"url": "http://localhost/", "arguments": [{"a": 1}], "more": 0}, {"arguments": null, "url": ""}]"#;
        let calls = Call::parse_list(body).unwrap();
        assert_eq!(calls[0], Call { url: "http://localhost/".to_owned(), arguments: json!([{ "a": 1 }]) });
        assert_eq!(calls[1], Call { url: String::new(), arguments: Json::Null });
        assert_eq!(Call::parse_list(b"[]").unwrap(), []);
    }

    #[test]
    fn errors_name_the_invalid_element() {
        for (body, named) in [
            ("", "not JSON"),
            ("[", "not JSON"),
            ("{}", "not an array"),
            ("[1]", "element 0 has no url"),
            (r#"[{"url": 1, "arguments": []}]"#, "element 0 has no url"),
            (r#"[{"url": "", "arguments": []}, {"url": ""}]"#, "element 1 has no arguments"),
        ] {
            let error = Call::parse_list(body.as_bytes()).unwrap_err();
            assert!(error.contains(named), "{body}: {error}");
        }
    }
}
