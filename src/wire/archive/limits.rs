//! How much a zip may hold.

/// 上限: how much a zip may hold before it is taken for a bomb.
///
/// The sizes of real files are not known (facts/wire.md §7): the defaults leave room for a day of the largest area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// The most octets of the zip itself.
    pub archive: u64,
    /// The most octets of the XML in it.
    pub entry: u64,
    /// The most octets of XML for an octet of the zip; not asked of the first [`ArchiveLimits::SMALL`] octets.
    ///
    /// Meter data comes to 15 to 60; a bomb of deflate to a thousand.
    pub ratio: u64,
    /// The most entries; of several, the first is read. The files of the operators have one.
    pub entries: u64,
    /// Whether an entry that is a zip itself may be read, as the octets it is.
    pub nested: bool,
}

impl ArchiveLimits {
    /// How many octets of an entry may be compressed at any ratio.
    pub const SMALL: u64 = 1024 * 1024;
}

impl Default for ArchiveLimits {
    fn default() -> ArchiveLimits {
        const GIB: u64 = 1024 * 1024 * 1024;
        ArchiveLimits { archive: GIB, entry: 16 * GIB, ratio: 250, entries: 1, nested: false }
    }
}
