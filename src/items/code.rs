//! Closed sets of values: each value has a stable key, a Japanese and an English name.

use super::digits::half_width;

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
    /// The value of a Japanese name as people write it in a file: width and case of Latin letters do not matter.
    fn from_ja(name: &str) -> Option<Self> {
        let exact = Self::ALL.iter().copied().find(|value| value.ja() == name);
        exact.or_else(|| {
            let plain = |c: char| half_width(c).to_ascii_lowercase();
            Self::ALL.iter().copied().find(|value| value.ja().chars().map(plain).eq(name.chars().map(plain)))
        })
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

#[cfg(test)]
mod tests {
    use crate::items::{AmountUnit, Area, Code, DecisionMethod, Family};

    #[test]
    fn a_name_is_read_in_any_width_and_case() {
        for (text, unit) in
            [("kVA", AmountUnit::KiloVoltAmpere), ("ｋＶＡ", AmountUnit::KiloVoltAmpere), ("KW", AmountUnit::KiloWatt)]
        {
            assert_eq!(AmountUnit::from_ja(text), Some(unit));
        }
        assert_eq!(Family::from_ja("低圧ＦＩＴ"), Some(Family::Fit));
        assert_eq!(DecisionMethod::from_ja("実量契約"), Some(DecisionMethod::ActualDemand));
        assert_eq!((DecisionMethod::from_ja("実量"), Area::from_ja("")), (None, None));
    }

    #[test]
    fn every_value_is_found_by_its_key_and_name() {
        fn check<C: Code + std::fmt::Debug>() {
            for value in C::ALL {
                assert_eq!((C::from_key(value.key()), C::from_ja(value.ja())), (Some(*value), Some(*value)));
            }
        }
        check::<Area>();
        check::<AmountUnit>();
        check::<DecisionMethod>();
        check::<Family>();
    }
}
