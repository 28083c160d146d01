//! The description of one key, and the macros that declare keys and sections.
//!
//! A key is declared once, in `schema`, with type, default, unit, range, and whether it may change
//! while trading. From that one line come the typed field, the check, the error message, the
//! reference document, the default file and the list of variables.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::document::Entry;
use crate::origin::Origin;
use crate::problem::{Problem, ProblemKind};
use crate::raw::RawValue;
use crate::value::Setting;

/// Whether a key may change while trading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// Needs a restart.
    Restart,
    /// May change at any time.
    Free,
    /// May only become smaller: a limit that is safe to tighten and not to widen.
    Lower,
    /// May only become larger: a floor that is safe to lift and not to sink.
    Raise,
}

impl Reload {
    /// What the reference document says.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Restart => "at restart",
            Self::Free => "while running",
            Self::Lower => "while running, downwards only",
            Self::Raise => "while running, upwards only",
        }
    }
}

/// One key of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct KeySpec {
    /// Full dotted name, e.g. `risk.positions`.
    pub key: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Name of its type, e.g. `decimal`.
    pub type_name: &'static str,
    /// Unit of its value; empty when it has none.
    pub unit: &'static str,
    /// Interval of allowed values; empty when the type alone decides.
    pub range: &'static str,
    /// Default as text; `None` for an optional key.
    pub default: Option<&'static str>,
    /// Whether it may change while trading.
    pub reload: Reload,
    /// Whether its value is a secret.
    pub secret: bool,
    pub(crate) allowed: fn(&str) -> String,
    pub(crate) render: fn(&str, &str) -> Option<String>,
}

impl KeySpec {
    /// What is allowed, in words.
    pub fn allowed(&self) -> String {
        (self.allowed)(self.range)
    }

    /// The default in TOML; `None` when there is none.
    pub fn default_toml(&self) -> Option<String> {
        (self.render)(self.default?, self.range)
    }
}

/// Text of a default as TOML, through the type of the key.
pub(crate) fn render_text<T: Setting>(text: &str, range: &str) -> Option<String> {
    T::read(&RawValue::bare(text), range)
        .ok()
        .as_ref()
        .and_then(T::render)
}

/// A section of the configuration, for documents.
#[derive(Clone, Copy, Debug)]
pub struct SectionSpec {
    /// Dotted name; empty for the keys at the top.
    pub path: &'static str,
    /// What the section is about.
    pub doc: &'static str,
    /// Its keys, in the order of the document.
    pub keys: &'static [KeySpec],
}

/// A key whose value differs between two configurations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    /// The key.
    pub key: &'static str,
    /// Its old value in TOML, masked when secret; `None` when it was not set.
    pub from: Option<String>,
    /// Its new value in TOML, masked when secret; `None` when it is not set.
    pub to: Option<String>,
    /// Whether it may change while trading.
    pub reload: Reload,
    /// New against old, where the type has an order.
    pub order: Option<Ordering>,
}

/// Turns the merged layers into typed fields, collecting what is wrong.
pub(crate) struct Reader<'a> {
    pub(crate) values: &'a BTreeMap<&'static str, Entry>,
    pub(crate) problems: &'a mut Vec<Problem>,
    /// Keys that could not be read; later checks leave them out.
    pub(crate) failed: &'a mut BTreeSet<&'static str>,
}

impl Reader<'_> {
    /// Reads a field. On a fault it notes the problem and goes on with the default, so that every
    /// other check still runs; the result is then never handed out.
    pub(crate) fn field<T: Setting>(&mut self, spec: &KeySpec) -> Option<T> {
        let fallback = || match spec.default {
            Some(text) => T::read(&RawValue::bare(text), spec.range).ok(),
            None => T::absent(),
        };
        if self.failed.contains(spec.key) {
            return fallback();
        }
        let Some(entry) = self.values.get(spec.key) else {
            let value = fallback();
            if value.is_none() {
                self.fail(spec, Origin::BuiltIn, None);
            }
            return value;
        };
        if let Ok(value) = T::read(&entry.value, spec.range) {
            return Some(value);
        }
        let found = (!T::SECRET).then(|| entry.value.describe());
        self.fail(spec, entry.origin.clone(), found);
        fallback()
    }

    fn fail(&mut self, spec: &KeySpec, origin: Origin, found: Option<String>) {
        let unit = if spec.unit.is_empty() {
            String::new()
        } else {
            format!(" ({})", spec.unit)
        };
        let advice = format!("allowed: {}{unit}", spec.allowed());
        let problem = Problem::at(ProblemKind::InvalidValue, spec.key, origin, advice);
        self.problems.push(match found {
            Some(found) => problem.found(&found),
            None => problem,
        });
        self.failed.insert(spec.key);
    }
}

/// `Some(text)` for a literal, `None` for `unset`.
macro_rules! default_text {
    (unset) => {
        None
    };
    ($text:literal) => {
        Some($text)
    };
}

/// The reload rule of a key.
macro_rules! reload_rule {
    (restart) => {
        $crate::key::Reload::Restart
    };
    (reload) => {
        $crate::key::Reload::Free
    };
    (lower) => {
        $crate::key::Reload::Lower
    };
    (raise) => {
        $crate::key::Reload::Raise
    };
}

/// Declares a section: `"path."`, a struct, and per field
/// `name: Type = "default" | unset, unit "...", range "...", restart|reload|lower|raise;`.
macro_rules! section {
    (
        $(#[doc = $doc:literal])+
        pub struct $name:ident in $path:literal {
            $(
                $(#[doc = $field_doc:literal])+
                $field:ident: $type:ty = $default:tt, unit $unit:literal, range $range:literal, $reload:ident;
            )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $( $(#[doc = $field_doc])+ pub $field: $type, )+
        }

        impl $name {
            pub(crate) const SECTION: $crate::key::SectionSpec = $crate::key::SectionSpec {
                path: $path,
                doc: concat!($($doc),+),
                keys: &[$(
                    $crate::key::KeySpec {
                        key: concat!($path, stringify!($field)),
                        doc: concat!($($field_doc),+),
                        type_name: <$type as $crate::value::Setting>::TYPE,
                        unit: $unit,
                        range: $range,
                        default: $crate::key::default_text!($default),
                        reload: $crate::key::reload_rule!($reload),
                        secret: <$type as $crate::value::Setting>::SECRET,
                        allowed: <$type as $crate::value::Setting>::allowed,
                        render: $crate::key::render_text::<$type>,
                    },
                )+],
            };

            pub(crate) fn read(reader: &mut $crate::key::Reader<'_>) -> Option<Self> {
                let mut specs = Self::SECTION.keys.iter();
                $( let $field = specs.next().and_then(|spec| reader.field::<$type>(spec)); )+
                Some(Self { $($field: $field?,)+ })
            }

            pub(crate) fn render(&self, out: &mut std::collections::BTreeMap<&'static str, Option<String>>) {
                $(
                    let text = $crate::value::Setting::render(&self.$field);
                    out.insert(concat!($path, stringify!($field)), text);
                )+
            }

            pub(crate) fn changes(&self, newer: &Self, out: &mut Vec<$crate::key::KeyChange>) {
                $(
                    if self.$field != newer.$field {
                        out.push($crate::key::KeyChange {
                            key: concat!($path, stringify!($field)),
                            from: $crate::value::Setting::render(&self.$field),
                            to: $crate::value::Setting::render(&newer.$field),
                            reload: $crate::key::reload_rule!($reload),
                            order: $crate::value::Setting::order(&newer.$field, &self.$field),
                        });
                    }
                )+
            }
        }
    };
}

pub(crate) use {default_text, reload_rule, section};
