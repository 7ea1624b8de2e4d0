//! A plain reader of W4 with `quick-xml`: the same values into the same columns, without findings and without looking
//! for duplicates. What somebody would write who wants the values.

use occto::items::{Energy, Slot, SupplyPointId};
use occto::messages::metering::{Availability, HalfHourly};
use quick_xml::Reader;
use quick_xml::events::Event;

#[derive(Default)]
struct Row {
    point: String,
    customer_id: String,
    customer_name: String,
    control_number: String,
    flag: String,
    energy: String,
}

/// Reads every row and gives how many were good.
pub fn read(octets: &[u8], mut take: impl FnMut(&HalfHourly)) -> u64 {
    let mut reader = Reader::from_reader(octets);
    let (mut row, mut text, mut columns) = (Row::default(), String::new(), HalfHourly::default());
    let (mut slot, mut good) = (None, 0);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(_) => text.clear(),
            Event::Text(part) => text.push_str(&part),
            Event::CData(part) => text.push_str(&part),
            Event::GeneralRef(name) => match &*name {
                "amp" => text.push('&'),
                "lt" => text.push('<'),
                "gt" => text.push('>'),
                "apos" => text.push('\''),
                "quot" => text.push('"'),
                _ => text.extend(name.resolve_char_ref().ok().flatten()),
            },
            Event::End(end) => {
                let name = end.local_name();
                let field = match name.as_ref() {
                    "JP06400" => &mut row.point,
                    "JP06119" => &mut row.customer_id,
                    "JP06120" => &mut row.customer_name,
                    "JP06121" => &mut row.control_number,
                    "JP06122" => &mut row.flag,
                    "JP06123" | "JP06125" => &mut row.energy,
                    "JP06219" => {
                        slot = text.parse().ok().and_then(Slot::new);
                        text.clear();
                        continue;
                    }
                    "JPMR00010" | "JPMR00011" if !row.point.is_empty() => {
                        good += u64::from(push(&row, slot, &mut columns));
                        if columns.len() == 4096 {
                            take(&columns);
                            columns.clear();
                        }
                        for field in [
                            &mut row.point,
                            &mut row.customer_id,
                            &mut row.customer_name,
                            &mut row.control_number,
                            &mut row.flag,
                            &mut row.energy,
                        ] {
                            field.clear();
                        }
                        continue;
                    }
                    _ => {
                        text.clear();
                        continue;
                    }
                };
                std::mem::swap(field, &mut text);
                text.clear();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    take(&columns);
    good
}

fn push(row: &Row, slot: Option<Slot>, columns: &mut HalfHourly) -> bool {
    let flag = row.flag.trim().as_bytes().first().and_then(|digit| Availability::new(digit.wrapping_sub(b'0')));
    let (Ok(point), Some(slot), Some(flag)) = (SupplyPointId::parse(row.point.trim()), slot, flag) else {
        return false;
    };
    let energy = match flag.is_given().then(|| Energy::parse(row.energy.trim())) {
        None => Energy::default(),
        Some(Ok(energy)) if energy.ten_thousandths() >= 0 => energy,
        Some(_) => return false,
    };
    columns.points.push(point);
    columns.slots.push(slot);
    columns.energies.push(energy);
    columns.availability.push(flag);
    columns.control_numbers.push(&row.control_number);
    columns.customer_ids.push(&row.customer_id);
    columns.customer_names.push(&row.customer_name);
    true
}
