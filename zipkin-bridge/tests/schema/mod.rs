//! The schema of `vectors/zipkin2-api.yaml`, with anchored patterns and without unknown or duplicate fields, and the
//! rules of its descriptions: lower case, no empty values, no zeros.

use std::{fmt, net::Ipv4Addr, net::Ipv6Addr};

use serde_json::{Map, Value as Json};

type Checked = Result<(), String>;

/// `ListOfSpans`.
pub(crate) fn list_of_spans(body: &str) -> Checked {
    let spans: Vec<Json> = serde_json::from_str::<Vec<Strict>>(body)
        .map_err(|error| format!("{error}: {body}"))?
        .into_iter()
        .map(|Strict(span)| span)
        .collect();
    spans.iter().try_for_each(|item| span(item).map_err(|why| format!("{why}: {item}")))
}

fn span(span: &Json) -> Checked {
    let span = object(span)?;
    for required in ["traceId", "id"] {
        expect(span.contains_key(required), format_args!("{required} is required"))?;
    }
    for (key, value) in span {
        let holds = match key.as_str() {
            "traceId" => is_id(value, &[16, 32]),
            "id" | "parentId" => is_id(value, &[16]),
            "name" => is_label(value),
            "kind" => ["CLIENT", "SERVER", "PRODUCER", "CONSUMER"].iter().any(|kind| value == kind),
            "timestamp" | "duration" => value.as_i64().is_some_and(|micros| micros >= 1),
            "debug" | "shared" => value == true,
            "localEndpoint" | "remoteEndpoint" => return_if_err(endpoint(value))?,
            "annotations" => return_if_err(annotations(value))?,
            "tags" => {
                let tags = object(value)?;
                !tags.is_empty() && tags.values().all(Json::is_string)
            }
            _ => false,
        };
        expect(holds, format_args!("{key}: {value}"))?;
    }
    Ok(())
}

fn return_if_err(checked: Checked) -> Result<bool, String> {
    checked.map(|()| true)
}

fn endpoint(endpoint: &Json) -> Checked {
    let endpoint = object(endpoint)?;
    expect(!endpoint.is_empty(), format_args!("an empty endpoint"))?;
    for (key, value) in endpoint {
        let text = value.as_str().unwrap_or_default();
        let holds = match key.as_str() {
            "serviceName" => is_label(value),
            "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
            "ipv6" => text.parse::<Ipv6Addr>().is_ok_and(|address| address.to_ipv4_mapped().is_none()),
            "port" => value.as_u64().is_some_and(|port| (1..=65535).contains(&port)),
            _ => false,
        };
        expect(holds, format_args!("{key}: {value}"))?;
    }
    Ok(())
}

fn annotations(list: &Json) -> Checked {
    let list = list.as_array().ok_or("annotations are a list")?;
    expect(!list.is_empty(), format_args!("an empty list"))?;
    for (at, annotation) in list.iter().enumerate() {
        let fields = object(annotation)?;
        expect(fields.len() == 2, format_args!("{annotation}"))?;
        let holds = annotation["timestamp"].is_i64() && annotation["value"].is_string();
        expect(holds && !list[..at].contains(annotation), format_args!("{annotation}"))?;
    }
    Ok(())
}

fn is_id(value: &Json, lengths: &[usize]) -> bool {
    let id = value.as_str().unwrap_or_default();
    lengths.contains(&id.len())
        && id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
        && id.bytes().any(|digit| digit != b'0')
}

fn is_label(value: &Json) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty() && text == text.to_lowercase())
}

fn object(value: &Json) -> Result<&Map<String, Json>, String> {
    value.as_object().ok_or_else(|| format!("{value} is no object"))
}

fn expect(holds: bool, otherwise: fmt::Arguments<'_>) -> Checked {
    if holds { Ok(()) } else { Err(otherwise.to_string()) }
}

/// JSON without duplicate keys.
struct Strict(Json);

impl<'de> serde::Deserialize<'de> for Strict {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> serde::de::Visitor<'de> for StrictVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Map::new();
        while let Some((key, Strict(value))) = members.next_entry::<String, Strict>()? {
            if object.insert(key.clone(), value).is_some() {
                return Err(serde::de::Error::custom(format_args!("{key} twice")));
            }
        }
        Ok(object.into())
    }
}
