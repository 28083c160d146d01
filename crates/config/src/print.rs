//! The merged configuration for people: what `--print-config` shows.

use crate::loader::Loaded;
use crate::schema;

/// The whole configuration as TOML, each value with its origin and what it won over, secrets
/// masked. Keys that are not set are shown as comments.
pub fn render(loaded: &Loaded) -> String {
    let values = loaded.config.render();
    let mut out = String::new();
    for section in schema::sections() {
        let path = section.path.trim_end_matches('.');
        if !path.is_empty() {
            out.push_str(&format!("\n[{path}]\n"));
        }
        let lines: Vec<(String, String)> = section
            .keys
            .iter()
            .map(|spec| {
                let name = spec.key.strip_prefix(section.path).unwrap_or(spec.key);
                match values.get(spec.key).and_then(Option::as_ref) {
                    Some(value) => (format!("{name} = {value}"), origins(loaded, spec.key)),
                    // Read again, the absence of the line would mean the default.
                    None if spec.default.is_some() => {
                        (format!("{name} = \"none\""), origins(loaded, spec.key))
                    }
                    None => (format!("# {name} is not set"), String::new()),
                }
            })
            .collect();
        // Long lists would push the origins of their whole section off the screen.
        let width = lines
            .iter()
            .map(|(text, _)| text.chars().count())
            .filter(|&width| width <= 60)
            .max();
        let width = width.unwrap_or(0);
        for (text, origin) in lines {
            let line = if origin.is_empty() {
                text
            } else {
                format!("{text:<width$}  # {origin}")
            };
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

fn origins(loaded: &Loaded, key: &str) -> String {
    let mut text = loaded.origin(key).to_string();
    // The built-in default is below everything and says nothing.
    let lower: Vec<String> = loaded
        .shadowed(key)
        .iter()
        .skip(1)
        .rev()
        .map(ToString::to_string)
        .collect();
    if !lower.is_empty() {
        text.push_str(&format!(", over {}", lower.join(", ")));
    }
    text.replace(['\n', '\r'], " ")
}
