//! Writing a zip with one entry.

use std::io::{self, Seek, Write};
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime, System};

/// Writes a zip with one entry, and gives back what it was written to. The same content gives the same octets: there is
/// no time of writing and no trace of the machine in it.
pub fn write<W: Write + Seek>(out: W, name: &str, content: &[u8]) -> io::Result<W> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(0o644)
        .large_file(u32::try_from(content.len()).is_err());
    let mut zip = ZipWriter::new(out);
    zip.start_file(name, options)?;
    zip.write_all(content)?;
    Ok(zip.finish()?)
}
