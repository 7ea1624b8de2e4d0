//! 集計の規則: so many customers at least, and none with more than so large a share.

use crate::items::Code;
use crate::notice::Clause;
use std::fmt;
use std::str::FromStr;

crate::code_set! {
    /// 需要家の区分: the class of a customer in a published table.
    ///
    /// Source: facts/baseline.md §5.3 (public quarterly report).
    pub enum CustomerClass = "customer-class" {
        Residential = "residential", "家庭用", "residential";
        Commercial = "commercial", "業務用", "commercial";
        Industrial = "industrial", "産業用", "industrial";
        Agricultural = "agricultural", "農事用", "agricultural";
    }
}

/// 集計の規則: what a cell needs to be released. Written `15/15`: at least 15 customers, none over 15 %; `100`: at least
/// 100 customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    customers: u32,
    /// Percent; 100 is no limit.
    share: u32,
}

/// Why a text is no rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "集計の規則は「最少件数/最大割合%」または「最少件数」で、件数は2以上、割合は1〜100です（例: 15/15、100、custom:20/10） / a rule is `customers/share`, at least 2 customers and a share of 1 to 100 %"
)]
pub struct RuleError;

impl Rule {
    /// Whether a cell of so many customers passes, of whose total the largest has so much. The largest share exactly at the
    /// limit passes. A cell without use says of each customer in it that there was none, so it never does.
    pub fn holds(self, customers: u64, total: i128, largest: i128) -> Result<(), Clause> {
        if customers < u64::from(self.customers) {
            return Err(Clause::AggregateTooFew);
        }
        let within = total > 0 && largest * 100 <= total * i128::from(self.share);
        if within { Ok(()) } else { Err(Clause::AggregateDominated) }
    }

    /// Whether a cell of so many customers passes of whose shares nothing is known.
    pub(super) fn holds_whatever_the_shares(self, customers: u64) -> bool {
        customers >= u64::from(self.customers) && self.share == 100
    }

    /// What is good by both rules.
    fn and(self, other: Rule) -> Rule {
        Rule { customers: self.customers.max(other.customers), share: self.share.min(other.share) }
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Rule, RuleError> {
        let text = text.strip_prefix("custom:").unwrap_or(text);
        let (customers, share) = text.split_once('/').unwrap_or((text, "100"));
        let number = |text: &str| text.trim().parse::<u32>().map_err(|_| RuleError);
        let rule = Rule { customers: number(customers)?, share: number(share)? };
        let sound = rule.customers >= 2 && (1..=100).contains(&rule.share);
        if sound { Ok(rule) } else { Err(RuleError) }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.share {
            100 => write!(f, "{}", self.customers),
            share => write!(f, "{}/{share}", self.customers),
        }
    }
}

/// 規則の組: a rule, and those of single classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    general: Rule,
    of_class: Vec<(CustomerClass, Rule)>,
}

impl Rules {
    /// One rule for everything.
    #[must_use]
    pub const fn new(general: Rule) -> Rules {
        Rules { general, of_class: Vec::new() }
    }

    /// Another rule for a class.
    #[must_use]
    pub fn with(mut self, class: CustomerClass, rule: Rule) -> Rules {
        self.of_class.retain(|(known, _)| *known != class);
        self.of_class.push((class, rule));
        self
    }

    /// Whether a class has a rule of its own.
    #[must_use]
    pub fn tells_classes_apart(&self) -> bool {
        !self.of_class.is_empty()
    }

    /// What is good by every rule of them.
    pub(super) fn strictest(&self) -> Rule {
        self.of_class.iter().fold(self.general, |rule, (_, own)| rule.and(*own))
    }

    /// The rule for customers of these classes: good by the rule of each.
    pub(super) fn of(&self, classes: impl IntoIterator<Item = Option<CustomerClass>>) -> Rule {
        let own = |class: Option<CustomerClass>| {
            let own = self.of_class.iter().find(|(known, _)| Some(*known) == class);
            own.map_or(self.general, |(_, rule)| *rule)
        };
        classes.into_iter().map(own).reduce(Rule::and).unwrap_or(self.general)
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.general)?;
        self.of_class.iter().try_for_each(|(class, rule)| write!(f, ", {}={rule}", class.key()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges_are_as_documented() {
        let rule: Rule = "15/15".parse().unwrap();
        assert_eq!(rule.holds(14, 1400, 100), Err(Clause::AggregateTooFew));
        assert_eq!(rule.holds(15, 1000, 150), Ok(()));
        assert_eq!(rule.holds(15, 10_000_000, 1_500_010), Err(Clause::AggregateDominated));
        assert_eq!(rule.holds(15, 0, 0), Err(Clause::AggregateDominated));
        let count: Rule = "100".parse().unwrap();
        assert_eq!((count.holds(100, 1, 1), count.holds(99, 99, 1)), (Ok(()), Err(Clause::AggregateTooFew)));
        assert_eq!("custom:20/10".parse::<Rule>().unwrap().to_string(), "20/10");
        for wrong in ["", "1/15", "15/0", "15/101", "a/b", "15/15/15", "-15"] {
            assert_eq!(wrong.parse::<Rule>(), Err(RuleError), "{wrong}");
        }
    }

    #[test]
    fn several_classes_are_held_to_the_strictest() {
        let rules = Rules::new("15/20".parse().unwrap())
            .with(CustomerClass::Industrial, "5/25".parse().unwrap())
            .with(CustomerClass::Residential, "100".parse().unwrap());
        let of = |classes: &[CustomerClass]| rules.of(classes.iter().copied().map(Some)).to_string();
        assert_eq!(of(&[CustomerClass::Industrial]), "5/25");
        assert_eq!(of(&[CustomerClass::Industrial, CustomerClass::Residential]), "100/25");
        assert_eq!(of(&[CustomerClass::Industrial, CustomerClass::Commercial]), "15/20");
        assert_eq!(rules.of([None]).to_string(), "15/20");
    }
}
