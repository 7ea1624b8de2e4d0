//! A column of short texts in one buffer.

use std::fmt;

/// A column of short texts, one after the other in one buffer: a row costs no allocation.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TextColumn {
    /// UTF-8.
    text: Vec<u8>,
    ends: Vec<u32>,
}

impl TextColumn {
    /// An empty column.
    #[must_use]
    pub const fn new() -> TextColumn {
        TextColumn { text: Vec::new(), ends: Vec::new() }
    }
    /// Adds a row; false, and nothing added, where the column holds 4 GiB of text.
    pub fn push(&mut self, text: &str) -> bool {
        self.push_octets(text.as_bytes())
    }
    /// Adds a row of octets that were found to be UTF-8; others would be read as nothing.
    #[inline]
    pub(crate) fn push_octets(&mut self, octets: &[u8]) -> bool {
        let Ok(end) = u32::try_from(self.text.len() + octets.len()) else { return false };
        self.text.extend_from_slice(octets);
        self.ends.push(end);
        true
    }
    /// Adds a row of the first octets of more, found to be UTF-8: a short one is copied as a block.
    #[inline(always)]
    pub(crate) fn push_start(&mut self, octets: &[u8], len: usize) -> bool {
        let end = self.text.len() + len;
        match (octets.first_chunk::<32>(), u32::try_from(end)) {
            (Some(block), Ok(end_of_row)) if len <= 32 => {
                self.text.extend_from_slice(block);
                self.text.truncate(end);
                self.ends.push(end_of_row);
                true
            }
            _ => self.push_octets(octets.get(..len).unwrap_or_default()),
        }
    }
    /// The octets of a row, UTF-8.
    #[must_use]
    pub fn octets(&self, row: usize) -> Option<&[u8]> {
        let end = *self.ends.get(row)? as usize;
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        self.text.get(start..end)
    }
    /// The text of a row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        self.octets(row).and_then(|octets| std::str::from_utf8(octets).ok())
    }
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
    /// Every row in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + '_ {
        (0..self.len()).map(|row| self.get(row).unwrap_or_default())
    }
    /// The rows of a range in order.
    pub fn range(&self, rows: std::ops::Range<usize>) -> impl Iterator<Item = &str> + '_ {
        let before = rows.start.checked_sub(1).and_then(|before| self.ends.get(before));
        let mut start = before.map_or(0, |end| *end as usize);
        self.ends.get(rows).unwrap_or_default().iter().map(move |end| {
            let from = std::mem::replace(&mut start, *end as usize);
            self.text.get(from..start).and_then(|octets| std::str::from_utf8(octets).ok()).unwrap_or_default()
        })
    }
    /// Removes every row and keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }
    /// Removes the rows from a number on.
    pub fn truncate(&mut self, rows: usize) {
        self.ends.truncate(rows);
        self.text.truncate(self.ends.last().map_or(0, |end| *end as usize));
    }
}

/// What stands in it may be personal data: only the number of rows is shown.
impl fmt::Debug for TextColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextColumn({} rows)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were_given() {
        let mut column = TextColumn::new();
        for text in ["", "計器A", "", "001"] {
            assert!(column.push(text));
        }
        assert_eq!(column.iter().collect::<Vec<_>>(), ["", "計器A", "", "001"]);
        assert_eq!((column.get(4), column.len()), (None, 4));
        column.truncate(2);
        assert!(column.push("次"));
        assert_eq!(column.iter().collect::<Vec<_>>(), ["", "計器A", "次"]);
        assert_eq!(format!("{column:?}"), "TextColumn(3 rows)");
        column.clear();
        assert!(column.is_empty());
    }
}
