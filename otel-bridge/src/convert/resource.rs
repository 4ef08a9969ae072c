//! Resource attributes of this crate.

/// The attributes that name the software that made the spans (semantic conventions, "telemetry SDK").
pub(crate) const OWN_RESOURCE: [(&str, &str); 3] = [
    ("telemetry.sdk.name", "anytrace"),
    ("telemetry.sdk.language", "rust"),
    ("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
];
