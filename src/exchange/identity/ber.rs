//! BER: what older tools (NSS, Windows, old Java) write, brought into the one form of DER, and values of DER one by one.

use super::problem::Problem;
use x509_parser::asn1_rs::{Any, Class, FromBer as _, FromDer as _, Oid, Tag};
use zeroize::Zeroizing;

/// In no key and no certificate values lie deeper in one another.
const DEPTH: usize = 24;

/// Octets that are one value of BER, in DER: lengths stand ahead and are as short as may be, and texts of octets are whole.
pub(super) fn der(octets: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let (rest, value) = Any::from_ber(octets).map_err(|_| Problem::Form)?;
    let mut der = Zeroizing::new(Vec::with_capacity(octets.len() + DEPTH));
    write(&value, DEPTH, &mut der)?;
    if rest.is_empty() { Ok(der) } else { Err(Problem::Form) }
}

fn write(value: &Any<'_>, depth: usize, out: &mut Vec<u8>) -> Result<(), Problem> {
    let tag = value.header.raw_tag().ok_or(Problem::Form)?;
    if is(value, Tag::EndOfContent) {
        return Err(Problem::Form);
    }
    if !value.header.is_constructed() {
        put(tag, value.data, out);
        return Ok(());
    }
    let depth = depth.checked_sub(1).ok_or(Problem::Form)?;
    let mut inner = Zeroizing::new(Vec::with_capacity(value.data.len() + DEPTH));
    if is(value, Tag::OctetString) {
        join(value, depth, &mut inner)?;
        put(&[0x04], &inner, out);
        return Ok(());
    }
    for part in parts(value.data) {
        write(&part?, depth, &mut inner)?;
    }
    put(tag, &inner, out);
    Ok(())
}

/// The octets of a text of octets that comes in parts.
fn join(value: &Any<'_>, depth: usize, out: &mut Vec<u8>) -> Result<(), Problem> {
    let depth = depth.checked_sub(1).ok_or(Problem::Form)?;
    for part in parts(value.data) {
        let part = part?;
        match (is(&part, Tag::OctetString), part.header.is_constructed()) {
            (true, true) => join(&part, depth, out)?,
            (true, false) => out.extend_from_slice(part.data),
            (false, _) => return Err(Problem::Form),
        }
    }
    Ok(())
}

/// The values that stand one after the other.
fn parts(mut octets: &[u8]) -> impl Iterator<Item = Result<Any<'_>, Problem>> {
    std::iter::from_fn(move || {
        (!octets.is_empty()).then(|| {
            let part = Any::from_ber(octets).map_err(|_| Problem::Form);
            octets = part.as_ref().map_or(&[], |(rest, _)| rest);
            part.map(|(_, part)| part)
        })
    })
}

fn is(value: &Any<'_>, tag: Tag) -> bool {
    value.class() == Class::Universal && value.tag() == tag
}

/// A value of DER.
fn put(tag: &[u8], content: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(tag);
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|octet| **octet == 0).count();
    match (length.get(zeros..).unwrap_or_default(), u8::try_from(length.len() - zeros)) {
        ([], _) => out.push(0),
        ([short @ ..0x80], _) => out.push(*short),
        (long, count) => {
            out.push(0x80 | count.unwrap_or(8));
            out.extend_from_slice(long);
        }
    }
    out.extend_from_slice(content);
}

/// Values of DER, taken one by one; what is not there, or is another, is a wrong form.
#[derive(Clone)]
pub(super) struct Values<'a>(&'a [u8]);

impl<'a> Values<'a> {
    pub(super) const fn of(octets: &'a [u8]) -> Values<'a> {
        Values(octets)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What has not been taken yet.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(super) fn any(&mut self) -> Result<Any<'a>, Problem> {
        let (rest, value) = Any::from_der(self.0).map_err(|_| Problem::Form)?;
        self.0 = rest;
        Ok(value)
    }

    fn take(&mut self, tag: Tag) -> Result<Any<'a>, Problem> {
        self.any().and_then(|value| if is(&value, tag) { Ok(value) } else { Err(Problem::Form) })
    }

    pub(super) fn sequence(&mut self) -> Result<Values<'a>, Problem> {
        Ok(Values(self.take(Tag::Sequence)?.data))
    }

    pub(super) fn octets(&mut self) -> Result<&'a [u8], Problem> {
        Ok(self.take(Tag::OctetString)?.data)
    }

    pub(super) fn number(&mut self) -> Result<u32, Problem> {
        self.take(Tag::Integer)?.u32().map_err(|_| Problem::Form)
    }

    /// An object identifier, as `1.2.840`.
    pub(super) fn name(&mut self) -> Result<String, Problem> {
        let name: Oid<'_> = self.take(Tag::Oid)?.oid().map_err(|_| Problem::Form)?;
        Ok(name.to_id_string())
    }

    /// What `[0]` holds.
    pub(super) fn tagged(&mut self) -> Result<(bool, &'a [u8]), Problem> {
        let value = self.any()?;
        if value.class() != Class::ContextSpecific || value.tag() != Tag(0) {
            return Err(Problem::Form);
        }
        Ok((value.header.is_constructed(), value.data))
    }

    /// What `[0]` stands around.
    pub(super) fn explicit(&mut self) -> Result<Values<'a>, Problem> {
        match self.tagged()? {
            (true, octets) => Ok(Values(octets)),
            (false, _) => Err(Problem::Form),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_in_parts_is_made_whole() {
        // SEQUENCE { OCTET STRING in two parts, the second in parts itself, INTEGER with a length of three octets }
        let ber = [
            0x30, 0x80, 0x24, 0x80, 0x04, 1, b'a', 0x24, 6, 0x04, 1, b'b', 0x04, 1, b'c', 0, 0, 0x02, 0x82, 0, 1, 7, 0,
            0,
        ];
        assert_eq!(der(&ber).unwrap().as_slice(), [0x30, 8, 0x04, 3, b'a', b'b', b'c', 0x02, 1, 7]);
        let mut long = vec![0x30, 0x80, 0x04, 0x84, 0, 0, 1, 0];
        long.extend([9; 256]);
        long.extend([0, 0]);
        let whole = der(&long).unwrap();
        assert_eq!(whole.get(..8), Some([0x30, 0x82, 1, 4, 0x04, 0x82, 1, 0].as_slice()));
        assert_eq!(der(&whole).unwrap(), whole, "what is DER stays as it is");
    }

    #[test]
    fn what_is_no_value_or_lies_too_deep_is_refused() {
        for bad in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x80, 0],
            &[0x30, 1],
            &[0x04, 0x80, 0, 0],
            &[0x24, 3, 0x02, 1, 0],
            &[0x30, 2, 0, 0],
            &[0x30, 0, 0],
            &[0x30, 0x84, 0x7f, 0xff, 0xff, 0xff],
            &[0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert!(der(bad).is_err(), "{bad:x?}");
        }
        let mut deep = vec![0x30, 0];
        for _ in 0..40 {
            deep.insert(0, u8::try_from(deep.len()).unwrap());
            deep.insert(0, 0x30);
        }
        assert!(der(&deep).is_err());
        assert!(der(&[[0x30, 0x80]; 100_000].concat()).is_err(), "no stack is deep enough for that");
        assert!(der(&[[0x24, 0x80]; 100_000].concat()).is_err());
    }
}
