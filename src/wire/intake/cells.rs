//! The cells of one row, borrowed from wherever they were read.

/// 行のセル: the cells of a row, in the order of the file's columns, exactly as they were read.
#[derive(Clone, Copy)]
pub struct Cells<'a> {
    pub(super) text: &'a str,
    pub(super) spans: &'a [(usize, usize)],
}

impl<'a> Cells<'a> {
    /// How many cells the row has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.spans.len()
    }
    /// Whether the row has no cell.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }
    /// A cell; nothing where the row is too short.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&'a str> {
        let (start, end) = self.spans.get(index)?;
        self.text.get(*start..*end)
    }
    /// The cells in order.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> {
        self.spans.iter().map(|(start, end)| self.text.get(*start..*end).unwrap_or_default())
    }
}

/// Names, addresses and numbers of customers stand here: only the count is shown.
impl std::fmt::Debug for Cells<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cells(…{})", self.spans.len())
    }
}

/// 行バッファ: a row that is built cell by cell, for readers of other forms than CSV.
#[derive(Default)]
pub struct RowBuffer {
    text: String,
    spans: Vec<(usize, usize)>,
}

impl RowBuffer {
    /// Forgets the cells and keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
    }
    /// Appends a cell.
    pub fn push(&mut self, cell: &str) {
        let start = self.text.len();
        self.text.push_str(cell);
        self.spans.push((start, self.text.len()));
    }
    /// The cells.
    #[must_use]
    pub fn cells(&self) -> Cells<'_> {
        Cells { text: &self.text, spans: &self.spans }
    }
}
