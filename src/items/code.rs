//! Closed sets of values: each value has a stable key, a Japanese and an English name.

/// A closed set of values (コード値). The key is ours; what stands on the wire is the binding's.
pub trait Code: Copy + Eq + 'static {
    /// The stable name of the set, as in bindings: for example `decision-method`.
    const TABLE: &'static str;
    /// Every value.
    const ALL: &'static [Self];
    /// The stable key.
    fn key(self) -> &'static str;
    /// The Japanese name.
    fn ja(self) -> &'static str;
    /// The English name.
    fn en(self) -> &'static str;
    /// The value of a key.
    fn from_key(key: &str) -> Option<Self>;
    /// The value of a Japanese name as people write it in a file.
    fn from_ja(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.ja() == name)
    }
}

/// Declares a closed set of values once: type, keys, Japanese and English names.
#[macro_export]
macro_rules! code_set {
    ($(#[$doc:meta])* $vis:vis enum $name:ident = $table:literal {
        $($(#[$vdoc:meta])* $variant:ident = $key:literal, $ja:literal, $en:literal;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[$vdoc])* #[doc = concat!($ja, ": ", $en)] $variant,)* }

        impl $crate::items::Code for $name {
            const TABLE: &'static str = $table;
            const ALL: &'static [Self] = &[$($name::$variant),*];
            fn key(self) -> &'static str { match self { $($name::$variant => $key),* } }
            fn ja(self) -> &'static str { match self { $($name::$variant => $ja),* } }
            fn en(self) -> &'static str { match self { $($name::$variant => $en),* } }
            fn from_key(key: &str) -> Option<Self> { match key { $($key => Some($name::$variant),)* _ => None } }
        }
    };
}
