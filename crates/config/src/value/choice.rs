//! Settings that are one of a few names.

/// Declares an enum whose variants are the allowed names of a setting.
macro_rules! choices {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $text:literal, )+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $( $(#[$variant_meta])* $variant, )+ }

        impl $name {
            /// Every choice, in the order of the document.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name as written in the configuration.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::value::NotAllowed;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::value::NotAllowed),
                }
            }
        }

        impl $crate::value::Setting for $name {
            const TYPE: &'static str = "choice";

            fn read(
                raw: &$crate::raw::RawValue,
                _range: &str,
            ) -> Result<Self, $crate::value::NotAllowed> {
                $crate::value::text_of(raw)?.parse()
            }

            fn allowed(_range: &str) -> String {
                format!("one of {}", [$(concat!("\"", $text, "\"")),+].join(", "))
            }

            fn render(&self) -> Option<String> {
                Some($crate::value::toml_string(self.as_str()))
            }
        }
    };
}

pub(crate) use choices;
