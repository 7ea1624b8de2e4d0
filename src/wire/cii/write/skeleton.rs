//! What stands between the values of a row: the tags, joined once for every choice of present values.

use super::super::layout::Node;

/// The literals of a group of values, for each choice of those that are present. Bit n of a choice is value n.
pub(super) struct Skeletons {
    choices: Vec<Vec<Box<[u8]>>>,
}

impl Skeletons {
    /// Of a repeated element and the values in it, which are few. `Before` each value stands a literal; the last literal
    /// ends the element.
    pub(super) fn of(element: &Node, values: &[&Node]) -> Skeletons {
        let choices = (0..1usize << values.len()).map(|choice| {
            let mut literals = Vec::new();
            let mut literal = format!("<{}>", element.tag);
            for (_, node) in values.iter().enumerate().filter(|(index, _)| choice & 1 << index != 0) {
                literal.push_str(&format!("<{}>", node.tag));
                literals.push(std::mem::replace(&mut literal, format!("</{}>", node.tag)).into_bytes().into());
            }
            literal.push_str(&format!("</{}>", element.tag));
            literals.push(literal.into_bytes().into());
            literals
        });
        Skeletons { choices: choices.collect() }
    }

    /// The literals of a choice, in order.
    pub(super) fn literals(&self, choice: usize) -> &[Box<[u8]>] {
        self.choices.get(choice).map_or(&[], Vec::as_slice)
    }
}
