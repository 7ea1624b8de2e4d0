//! 予測による行の読取り: 48 rows of one shape, read by their skeleton.

use crate::messages::planning::Tag;

/// What stands between the values of the rows of a group: `<JPMRnnnnn><JP06219>`, `</JP06219><JPaaaaa>` and so on.
struct Skeleton {
    head: [u8; 20],
    mids: [[u8; 19]; 2],
    tail: [u8; 22],
    end: [u8; 11],
}

/// A piece of a tag that is copied to a place of the skeleton.
fn put<const N: usize>(parts: &[&[u8]]) -> Option<[u8; N]> {
    let mut out = [0; N];
    let mut places = out.iter_mut();
    for octet in parts.iter().copied().flatten() {
        *places.next()? = *octet;
    }
    places.next().is_none().then_some(out)
}

impl Skeleton {
    fn of(number: u16, tags: &[Tag]) -> Option<Skeleton> {
        let mut digits = [b'0'; 5];
        let mut rest = number;
        for place in digits.iter_mut().rev() {
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        let slot = Tag::Slot.element().as_bytes();
        let first = tags.first()?.element().as_bytes();
        let last = tags.last()?.element().as_bytes();
        Some(Skeleton {
            head: put(&[b"<JPMR", &digits, b"><", slot, b">"])?,
            mids: [put(&[b"</", slot, b"><", first, b">"])?, put(&[b"</", first, b"><", last, b">"])?],
            tail: put(&[b"</", last, b"></JPMR", &digits, b">"])?,
            end: put(&[b"</JPM", &digits, b">"])?,
        })
    }
}

/// The next octets, if they are those expected.
fn expect<'a, const N: usize>(rest: &'a [u8], wanted: &[u8; N]) -> Option<&'a [u8]> {
    let (start, rest) = rest.split_first_chunk::<N>()?;
    (start == wanted).then_some(rest)
}

/// A whole number in the form it is written in: no zero before it, at most ten digits.
fn number(rest: &[u8]) -> Option<(u32, &[u8])> {
    let mut value = 0u64;
    let mut at = 0;
    for octet in rest.iter().take(11) {
        let digit = octet.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value * 10 + u64::from(digit);
        at += 1;
    }
    let padded = at > 1 && rest.first() == Some(&b'0');
    let value = u32::try_from(value).ok().filter(|_| at > 0 && !padded)?;
    Some((value, rest.get(at..)?))
}

/// Reads slots 01 to 48 in order, each with a value of every tag (one or two), followed by the end of the group.
/// Nothing where anything is otherwise: then the group is read plainly. Gives how many octets the rows have.
pub(super) fn predicted(rest: &[u8], group: u16, tags: &[Tag], values: &mut [[u32; 48]; 2]) -> Option<usize> {
    let skeleton = Skeleton::of(group, tags)?;
    let two = match tags.len() {
        1 => false,
        2 => true,
        _ => return None,
    };
    let [first, second] = values;
    let mut at = rest;
    let mut slot = [b'0', b'0'];
    for (first, second) in first.iter_mut().zip(second) {
        let [tens, ones] = &mut slot;
        *ones += 1;
        if *ones > b'9' {
            (*tens, *ones) = (*tens + 1, b'0');
        }
        at = expect(at, &skeleton.head)?;
        at = expect(at, &slot)?;
        at = expect(at, &skeleton.mids[0])?;
        (*first, at) = number(at)?;
        if two {
            at = expect(at, &skeleton.mids[1])?;
            (*second, at) = number(at)?;
        }
        at = expect(at, &skeleton.tail)?;
    }
    expect(at, &skeleton.end)?;
    Some(rest.len() - at.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(of: impl Fn(u32) -> String) -> String {
        (1..=48).map(of).collect::<String>() + "</JPM00015>"
    }
    fn row(slot: u32) -> String {
        format!(
            "<JPMR00015><JP06219>{slot:02}</JP06219><JP06369>{}</JP06369><JP06371>{slot}</JP06371></JPMR00015>",
            slot * 1000
        )
    }
    const TAGS: &[Tag] = &[Tag::Procurement, Tag::ProcurementCompanion];

    #[test]
    fn rows_of_the_predicted_shape_are_read() {
        let text = rows(row);
        let mut values = [[0; 48]; 2];
        let length = predicted(text.as_bytes(), 15, TAGS, &mut values).unwrap();
        assert_eq!(&text[length..], "</JPM00015>");
        assert_eq!((values[0][0], values[0][47], values[1][9]), (1000, 48_000, 10));
    }

    #[test]
    fn any_deviation_is_left_to_the_plain_way() {
        let text = rows(row);
        for (from, to) in [
            ("<JP06219>07<", "<JP06219>7<"),
            (">7000<", ">07000<"),
            (">7000<", "><"),
            (">7000<", ">-7000<"),
            (">7000<", ">4294967296<"),
            (">7000<", ">7000.0<"),
            ("<JPMR00015><JP06219>07<", "<JPMR00015> <JP06219>07<"),
            ("<JP06219>48<", "<JP06219>47<"),
            ("</JPM00015>", "<JPMR00015>"),
            ("<JP06371>7</JP06371>", ""),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            assert_eq!(predicted(changed.as_bytes(), 15, TAGS, &mut [[0; 48]; 2]), None, "{from} {to}");
        }
        assert_eq!(predicted(text.as_bytes(), 16, TAGS, &mut [[0; 48]; 2]), None);
        assert_eq!(predicted(&text.as_bytes()[..900], 15, TAGS, &mut [[0; 48]; 2]), None);
    }
}
