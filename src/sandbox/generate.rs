//! 世界の生成: as many points as one likes, and the applications that fit them.

use super::days::plus;
use super::engine::mix;
use super::read::WorldError;
use super::world::{Behaviour, Point, Retailer, World};
use crate::items::{
    Address, AmountNumber, AmountUnit, BusinessCode, ContractStatus, CustomerKana, CustomerName, Date, DecisionMethod,
    Family, ItemError, PostalCode, Reference, RetailContractNumber, ServiceMenu, SupplyPointId, Telephone,
};
use crate::messages::switching::{Application, ConsentMethod};
use crate::notice::SupplyKind;

const FAMILIES: [(&str, &str); 12] = [
    ("佐藤", "サトウ"),
    ("鈴木", "スズキ"),
    ("高橋", "タカハシ"),
    ("田中", "タナカ"),
    ("伊藤", "イトウ"),
    ("渡辺", "ワタナベ"),
    ("山本", "ヤマモト"),
    ("中村", "ナカムラ"),
    ("小林", "コバヤシ"),
    ("加藤", "カトウ"),
    ("吉田", "ヨシダ"),
    ("山田", "ヤマダ"),
];
const GIVEN: [(&str, &str); 10] = [
    ("太郎", "タロウ"),
    ("花子", "ハナコ"),
    ("健一", "ケンイチ"),
    ("美咲", "ミサキ"),
    ("大輔", "ダイスケ"),
    ("陽子", "ヨウコ"),
    ("翔太", "ショウタ"),
    ("直美", "ナオミ"),
    ("拓也", "タクヤ"),
    ("恵", "メグミ"),
];
const TOWNS: [(&str, &str); 10] = [
    ("060", "北海道札幌市中央区南二条西"),
    ("980", "宮城県仙台市青葉区本町"),
    ("160", "東京都新宿区西新宿"),
    ("450", "愛知県名古屋市中村区名駅"),
    ("930", "富山県富山市総曲輪"),
    ("530", "大阪府大阪市北区梅田"),
    ("730", "広島県広島市中区紙屋町"),
    ("760", "香川県高松市番町"),
    ("810", "福岡県福岡市中央区天神"),
    ("900", "沖縄県那覇市久茂地"),
];

impl World {
    /// A world of invented customers in all ten areas, each supplied by a retailer that judges. The same numbers give
    /// the same world.
    pub fn generate(points: usize, seed: u64, date: Date) -> Result<World, WorldError> {
        let made = (0..points).map(|index| point(index, seed)).collect::<Result<Vec<Point>, ItemError>>();
        let retailers = (0..10).map(|area| {
            let code = BusinessCode::parse(&retailer_code(area))?;
            let name = format!("模擬電力{}", area + 1);
            Ok(Retailer { code, name, behaviour: Behaviour::Judges, judges_after: 1, stops_after: 1 })
        });
        let retailers: Result<Vec<Retailer>, ItemError> = retailers.collect();
        let said = |error: ItemError| WorldError { line: None, column: None, ja: error.ja(), en: error.en() };
        Ok(World {
            date,
            retailer: BusinessCode::parse("40113").map_err(said)?,
            expires_after: 10,
            retailers: retailers.map_err(said)?,
            operators: Vec::new(),
            points: made.map_err(said)?,
            wishes: Vec::new(),
            random: Vec::new(),
            file_faults: Vec::new(),
        })
    }

    /// One application for each point that every counterparty will agree to, for a switch in thirty days.
    pub fn applications(&self) -> impl Iterator<Item = Application> + '_ {
        self.points.iter().enumerate().filter_map(|(index, point)| {
            Some(Application {
                receipt: Reference::parse(&format!("R{:06}", index + 1)).ok()?,
                point: point.id,
                current_retailer: point.retailer,
                contract_number: point.contract_number.clone(),
                name: point.name.clone(),
                kana: point.kana.clone(),
                postal_code: point.postal_code,
                address: point.address.clone(),
                building: point.building.clone(),
                telephone: point.telephone.clone(),
                switch_on: plus(self.date, 30),
                family: point.family,
                decision_method: point.decision_method,
                amount: point.amount,
                amount_unit: point.unit,
                service_menu: Some(point.menu.clone()),
                consented_at: Some(self.date.saturating_sub(jiff::Span::new().days(2)).at(10, 0, 0, 0)),
                consent_method: Some(ConsentMethod::Electronic),
            })
        })
    }
}

fn retailer_code(area: usize) -> String {
    format!("4020{}", (area + 1) % 10)
}

fn pick<T: Copy>(table: &[T], salt: u64) -> Option<T> {
    table.get((salt % table.len() as u64) as usize).copied()
}

fn point(index: usize, seed: u64) -> Result<Point, ItemError> {
    let salt = mix(seed, index as u64);
    let area = index % 10;
    let (family, family_kana) = pick(&FAMILIES, salt).unwrap_or_default();
    let (given, given_kana) = pick(&GIVEN, salt >> 8).unwrap_or_default();
    let (postal, town) = pick(&TOWNS, area as u64).unwrap_or_default();
    let [chome, ban, go] = [16, 24, 32].map(|shift| (salt >> shift) % 30 + 1);
    let ampere = pick(&["30", "40", "50", "60"], salt >> 40).unwrap_or("40");
    Ok(Point {
        id: SupplyPointId::parse(&format!("{:02}0{index:019}", area + 1))?,
        name: CustomerName::parse(&format!("{family}　{given}"))?,
        kana: Some(CustomerKana::parse(&format!("{family_kana}　{given_kana}"))?),
        postal_code: Some(PostalCode::parse(&format!("{postal}{:04}", salt % 10_000))?),
        address: Address::parse(&format!("{town}{chome}-{ban}-{go}"))?,
        building: None,
        telephone: Some(Telephone::parse(&format!("090-{:04}-{:04}", index / 10_000 % 10_000, index % 10_000))?),
        contract_number: RetailContractNumber::parse(&format!("{:010}", salt % 10_000_000_000))?,
        retailer: BusinessCode::parse(&retailer_code(area))?,
        family: Family::Low,
        decision_method: DecisionMethod::AmpereBreaker,
        amount: Some(AmountNumber::parse(ampere)?),
        unit: Some(AmountUnit::Ampere),
        menu: ServiceMenu::parse("電灯標準接続送電サービス")?,
        half_hourly: true,
        automatic_reading: true,
        next_reading: None,
        status: ContractStatus::Supplied,
        supply: SupplyKind::Ordinary,
        holder_since: None,
        faults: Vec::new(),
    })
}
