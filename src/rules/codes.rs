//! 指摘コード: every code with its severity, its title and its way out, in one place. A code never changes its meaning.
//!
//! OC01xx file, charset and columns; OC02xx cells and items; OC03xx written forms; OC04xx switching rules; OC05xx texts
//! that may not match literally; OC06xx consent; OC07xx clearance; OC08xx cases and answers; OC09xx
//! files left for a person; OC10xx meter data; OC11xx
//! baselines; OC12xx plans; OC13xx lines, certificates and their configuration.

use super::{Finding, Place, Severity};
use std::borrow::Cow;

/// 規則: what is fixed about a code.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The stable code, for example `OC0123`.
    pub code: &'static str,
    /// How grave a finding of it is.
    pub severity: Severity,
    /// The title, in Japanese.
    pub ja: &'static str,
    /// The title, in English.
    pub en: &'static str,
    /// What to do, in Japanese; a finding may say it more exactly.
    pub way_out_ja: &'static str,
    /// What to do, in English.
    pub way_out_en: &'static str,
}

impl Rule {
    /// A finding of this rule, with its text in Japanese and English.
    #[must_use]
    pub fn finding(&self, ja: impl Into<String>, en: impl Into<String>) -> Finding {
        Finding {
            code: self.code,
            severity: self.severity,
            place: Place::default(),
            item: None,
            ja: ja.into(),
            en: en.into(),
            way_out_ja: Cow::Borrowed(self.way_out_ja),
            way_out_en: Cow::Borrowed(self.way_out_en),
        }
    }

    /// A finding whose title says everything.
    #[must_use]
    pub fn plain(&self) -> Finding {
        self.finding(self.ja, self.en)
    }

    /// The rule of a code.
    #[must_use]
    pub fn of(code: &str) -> Option<&'static Rule> {
        all().find(|rule| rule.code == code)
    }
}

/// Every rule, in the order of the codes.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [GENERAL, metering::TABLE, fetching::TABLE, baseline::TABLE, sharing::TABLE, plans::TABLE, exchange::TABLE]
        .into_iter()
        .flatten()
        .copied()
}

macro_rules! rules {
    ($table:ident: $($name:ident = $code:literal, $severity:ident, $ja:literal, $en:literal => $way_ja:literal, $way_en:literal;)*) => {
        $(
            #[doc = concat!($code, " ", $ja, ": ", $en)]
            pub static $name: Rule = Rule {
                code: $code,
                severity: Severity::$severity,
                ja: $ja,
                en: $en,
                way_out_ja: $way_ja,
                way_out_en: $way_en,
            };
        )*
        /// Every rule of this table, in the order of the codes.
        pub(super) static $table: &[&Rule] = &[$(&$name),*];
    };
}

mod baseline;
mod exchange;
mod fetching;
mod metering;
mod plans;
mod sharing;

pub use baseline::*;
pub use exchange::*;
pub use fetching::*;
pub use metering::*;
pub use plans::*;
pub use sharing::*;

rules! {
    GENERAL:
    FILE_EMPTY = "OC0101", Error, "ファイルが空です", "the file is empty"
        => "見出し行とデータ行のあるファイルを指定してください", "give a file with a header row and data rows";
    UTF16 = "OC0102", Error, "文字コードがUTF-16です", "the file is UTF-16"
        => "Excelの「名前を付けて保存」で「CSV UTF-8（コンマ区切り）」か「CSV（コンマ区切り）」を選んで保存し直してください", "save it again as `CSV UTF-8` or as plain `CSV`";
    NO_HEADER = "OC0103", Error, "見出し行がありません", "there is no header row"
        => "1行目に列名（供給地点特定番号 など）を入れてください", "put the column names into the first row";
    MISSING_COLUMN = "OC0104", Error, "必須の列がありません", "a required column is missing"
        => "見出し行に列を追加してください", "add the column to the header row";
    DUPLICATE_COLUMN = "OC0105", Error, "同じ名前の列が2つあります", "a column stands twice"
        => "どちらか一方の列名を変えるか削除してください", "rename or remove one of them";
    BAD_BYTES = "OC0106", Error, "文字として読めないバイトがあります", "there are bytes that are no character"
        => "文字コードがCP932（Shift_JIS）またはUTF-8であることを確認し、元のデータから出力し直してください", "make sure the file is CP932 or UTF-8 and export it again";
    NUL_BYTE = "OC0107", Error, "NUL文字が含まれています", "there is a NUL character"
        => "ファイルが壊れているおそれがあります。元のデータから出力し直してください", "the file is probably damaged: export it again";
    ROW_TOO_LONG = "OC0108", Error, "1行が長すぎます", "the row is too long"
        => "引用符（\"）の閉じ忘れや改行の欠落がないか確認してください", "look for a missing closing quote or line end";
    RAGGED_ROW = "OC0109", Error, "列の数が見出し行と違います", "the row has another number of cells than the header"
        => "値の中のカンマは引用符（\"）で囲み、列の数を見出し行に合わせてください", "quote values that contain a comma, and give every row as many cells as the header";
    NOT_IN_CP932 = "OC0110", Error, "CP932で表せない文字があります", "a character does not exist in CP932"
        => "文字は自動では置き換えません。契約者に確認のうえ、CP932にある文字で入力してください", "nothing is substituted: agree with the customer on a character that CP932 has";
    PLATFORM_DEPENDENT = "OC0111", Warning, "機種依存文字があります", "there is a platform-dependent character"
        => "相手方の登録と同じ文字か確認してください", "make sure that the counterparty's records have the same character";
    UNREADABLE_FILE = "OC0112", Error, "ファイルを読み込めません", "the file cannot be read"
        => "ファイル名と権限を確認してください", "check the name and the permissions";
    NO_ROWS = "OC0113", Warning, "データ行がありません", "there are no data rows"
        => "2行目以降にデータを入れてください", "put data below the header row";
    OPEN_QUOTE = "OC0114", Error, "引用符（\"）が閉じられていません", "a quote is not closed"
        => "値の終わりに引用符（\"）を補ってください", "close the quote at the end of the value";
    UNKNOWN_KIND = "OC0115", Error, "対応していない種類のファイルです", "this kind of file is not supported"
        => "申込ファイル（CSV・xlsx）、電文（XML）、通知・接続定義・模擬環境の設定（TOML）を指定してください", "give an application file (CSV, xlsx), a message (XML), or a notice, binding or world (TOML)";
    FILE_TOO_LARGE = "OC0116", Error, "ファイルが大きすぎます", "the file is too large"
        => "ファイルを分割してください", "split the file";
    BAD_SPREADSHEET = "OC0117", Error, "スプレッドシートを読み込めません", "the spreadsheet cannot be read"
        => "Excelで開いて .xlsx 形式で保存し直してください", "open it in Excel and save it again as .xlsx";
    BAD_SETTINGS = "OC0118", Error, "設定ファイルに誤りがあります", "the settings file is wrong"
        => "示された行を直してください", "correct the line that is named";

    EMPTY_CELL = "OC0201", Error, "必須の項目が空です", "a required item is empty"
        => "値を入力してください", "enter a value";
    WRONG_LENGTH = "OC0202", Error, "桁数が違います", "wrong number of digits"
        => "桁数を確認してください", "check the number of digits";
    WRONG_CHARACTER = "OC0203", Error, "使えない文字があります", "a character cannot stand there"
        => "示された文字を直してください", "correct the character that is named";
    SPREADSHEET_NUMBER = "OC0204", Error, "番号が表計算ソフトの数値形式になっています", "a spreadsheet turned a number into scientific form"
        => "列の書式を「文字列」にしてから、元の番号を入力し直してください", "set the column to text, then enter the original number again";
    UNKNOWN_AREA = "OC0205", Error, "供給区域の番号が不明です", "unknown supply area"
        => "先頭2桁が01〜10になるよう番号を確認してください", "the first two digits are 01 to 10: check the number";
    WRONG_FORM = "OC0206", Error, "形式が違います", "wrong form"
        => "例のとおりに書いてください", "write it like the example";
    NO_SUCH_DATE = "OC0207", Error, "暦にない日です", "no such date"
        => "日付を確認してください", "check the date";
    OUT_OF_RANGE = "OC0208", Error, "範囲の外です", "out of range"
        => "範囲内の値を入力してください", "enter a value within the range";
    UNKNOWN_VALUE = "OC0209", Error, "値が不明です", "unknown value"
        => "使える値から選んでください", "choose one of the known values";
    TOO_MANY_DECIMALS = "OC0210", Error, "小数の桁が多すぎます", "too many decimals"
        => "丸めずに、正しい値を確認してください", "nothing is rounded: check the value";
    TOO_LONG = "OC0211", Error, "長すぎます", "too long"
        => "短くできない場合は相手方に確認してください", "ask the counterparty where it cannot be shortened";
    UNDIVIDED_TELEPHONE = "OC0212", Error, "電話番号に区切りがありません", "the telephone number has no separators"
        => "03-1234-5678 のように区切ってください", "write it like 03-1234-5678";
    LOST_ZERO = "OC0213", Error, "先頭の0が失われているようです", "a leading zero seems to be lost"
        => "列の書式を「文字列」にしてから、0から入力し直してください", "set the column to text, then enter it again from the zero";
    SERIAL_DATE = "OC0214", Error, "日付が表計算ソフトの通し番号になっています", "a date has become a serial number of a spreadsheet"
        => "列の書式を「日付」（yyyy-mm-dd）にして出力し直してください", "set the column to a date format (yyyy-mm-dd) and export again";

    WIRE_CHARSET = "OC0301", Error, "文字コードどおりに読めません", "the bytes are not of the declared charset"
        => "文字コードの宣言と実際の文字コードを相手方に確認してください", "check the declared and the real charset with the counterparty";
    WIRE_UTF16 = "OC0302", Error, "文字コードがUTF-16です", "the charset is UTF-16"
        => "UTF-8またはCP932で受け取り直してください", "have it sent in UTF-8 or CP932";
    WIRE_UNMAPPABLE = "OC0303", Error, "送信先の文字コードで表せない文字があります", "a character does not exist in the target charset"
        => "文字は自動では置き換えません。契約者に確認のうえ、表せる文字で入力してください", "nothing is substituted: agree with the customer on a character that can be written";
    WIRE_CHARACTER = "OC0304", Error, "XMLで使えない文字があります", "a character cannot stand in XML"
        => "示された文字を取り除いてください", "remove the character that is named";
    WIRE_NOT_XML = "OC0310", Error, "XMLの電文ではありません", "it is not an XML message"
        => "接続先のURLと稼働状況を確認し、申込内容一覧を照会してください", "check the address and the state of the counterparty, then ask for the list of applications";
    WIRE_SYNTAX = "OC0311", Error, "文書の構文が正しくありません", "the document is not well-formed"
        => "相手方と接続定義を確認してください。自分の申込への応答なら、再送する前に申込内容一覧を照会してください", "check the counterparty and the binding; where it answers an application, ask for the list of applications before sending again";
    WIRE_TRUNCATED = "OC0312", Error, "文書が途中で終わっています", "the document ends too early"
        => "相手方と接続定義を確認してください。自分の申込への応答なら、再送する前に申込内容一覧を照会してください", "check the counterparty and the binding; where it answers an application, ask for the list of applications before sending again";
    WIRE_DTD = "OC0313", Error, "DTDは受け付けません", "a DTD is not accepted"
        => "相手方と接続定義を確認してください。自分の申込への応答なら、再送する前に申込内容一覧を照会してください", "check the counterparty and the binding; where it answers an application, ask for the list of applications before sending again";
    WIRE_ENTITY = "OC0314", Error, "実体参照は受け付けません", "an entity reference is not accepted"
        => "相手方と接続定義を確認してください。自分の申込への応答なら、再送する前に申込内容一覧を照会してください", "check the counterparty and the binding; where it answers an application, ask for the list of applications before sending again";
    WIRE_TOO_DEEP = "OC0315", Error, "要素の入れ子が深すぎます", "elements are nested too deeply"
        => "相手方と接続定義を確認してください。自分の申込への応答なら、再送する前に申込内容一覧を照会してください", "check the counterparty and the binding; where it answers an application, ask for the list of applications before sending again";
    WIRE_TOO_LARGE = "OC0316", Error, "文書が大きすぎます", "the document is too large"
        => "照会の期間や件数を絞って、もう一度照会してください", "ask again for a shorter period or fewer entries";
    WIRE_TOO_MANY_ROWS = "OC0317", Error, "明細が多すぎます", "there are too many rows"
        => "照会の期間や件数を絞って、もう一度照会してください", "ask again for a shorter period or fewer entries";
    WIRE_ROOT = "OC0320", Error, "接続定義にない電文です", "the document is no message of the binding"
        => "相手方と接続定義を確認してください。自分の申込への応答なら、再送する前に申込内容一覧を照会してください", "check the counterparty and the binding; where it answers an application, ask for the list of applications before sending again";
    WIRE_NO_HEADER = "OC0321", Error, "電文ヘッダがありません", "the message header is absent"
        => "相手方と接続定義を確認してください。自分の申込への応答なら、再送する前に申込内容一覧を照会してください", "check the counterparty and the binding; where it answers an application, ask for the list of applications before sending again";
    WIRE_MESSAGE_CODE = "OC0322", Error, "電文コードが違います", "the message code is wrong"
        => "相手方と接続定義を確認してください。自分の申込への応答なら、再送する前に申込内容一覧を照会してください", "check the counterparty and the binding; where it answers an application, ask for the list of applications before sending again";
    WIRE_FAMILY = "OC0323", Error, "供給種別が電文コードと一致しません", "the family is not that of the message code"
        => "低圧・高圧・低圧FITの取り違えがないか、相手方に確認してください", "check with the counterparty whether low voltage, high voltage and FIT were confused";
    WIRE_DUPLICATE = "OC0324", Error, "1回だけの要素が2回あります", "an element that stands once stands twice"
        => "相手方と接続定義を確認してください。自分の申込への応答なら、再送する前に申込内容一覧を照会してください", "check the counterparty and the binding; where it answers an application, ask for the list of applications before sending again";
    WIRE_SHAPE = "OC0325", Error, "要素の構造が違います", "an element has another structure"
        => "相手方と接続定義を確認してください。自分の申込への応答なら、再送する前に申込内容一覧を照会してください", "check the counterparty and the binding; where it answers an application, ask for the list of applications before sending again";
    WIRE_CODE = "OC0326", Error, "コード値が接続定義にありません", "a code is not in the binding"
        => "コード値を確認し、接続定義に加えてください", "check the code and add it to the binding";
    WIRE_MISSING = "OC0327", Error, "必須項目がありません", "a required field is absent"
        => "必須項目の値を確認してください", "check the value of the required field";
    WIRE_VALUE = "OC0328", Error, "値が項目の形式に合いません", "a value does not fit its item"
        => "値と接続定義の書式を確認してください", "check the value and the forms of the binding";
    WIRE_PARTY = "OC0329", Error, "当事者を読めません", "a party cannot be read"
        => "接続定義の当事者の書式を確認してください", "check the forms of parties in the binding";
    WIRE_FAULT = "OC0330", Error, "相手方がSOAP Faultを返しました", "the counterparty answered with a SOAP fault"
        => "申込内容一覧を照会し、受け付けられていないことを確認してから再送してください", "ask for the list of applications and send again only if it is not there";
    WIRE_UNKNOWN_ELEMENT = "OC0331", Notice, "接続定義にない要素があり、読み飛ばしました", "an element is not in the binding and was passed over"
        => "接続定義の更新が必要か確認してください", "check whether the binding has to be brought up to date";
    WIRE_OPEN_CODE = "OC0332", Warning, "接続定義にないコード値です", "a code is not in the binding"
        => "担当者が内容を確認し、接続定義に加えてください", "have a person look at it, then add it to the binding";
    WIRE_TOO_LONG = "OC0340", Error, "接続定義の最大長を超えています", "longer than the binding allows"
        => "短い表記を契約者に確認してください", "ask the customer how it may be shortened";
    WIRE_NO_FORM = "OC0341", Error, "接続定義に電文の形式がありません", "the binding has no form of the message"
        => "接続定義を確認してください", "check the binding";
    WIRE_ROUTE = "OC0342", Error, "ヘッダの当事者が審査済みの経路と違います", "the parties of the header are not those of the clearance"
        => "宛先を改めて審査してください", "clear the message for this recipient";
    WIRE_NO_PARTY_FORM = "OC0343", Error, "接続定義で当事者を表せません", "the binding cannot write a party"
        => "接続定義の当事者の書式を確認してください", "check the forms of parties in the binding";
    WIRE_NO_COLUMN = "OC0350", Error, "必要な列がありません", "a column is missing"
        => "見出し行を接続定義の列名に合わせてください", "make the header row that of the binding";

    RETAILER_AREA = "OC0401", Warning, "供給地点の供給区域と事業者コードの末尾が違います", "the point and the retailer code name different areas"
        => "現小売事業者コードが契約中の事業者のものか確認してください", "make sure that it is the code of the customer's current retailer";
    OPERATOR_AREA = "OC0402", Error, "供給地点の供給区域と宛先の一般送配電事業者が違います", "the point lies in the area of another operator"
        => "供給地点の区域の一般送配電事業者に送ってください", "send it to the operator of the point's area";
    METHOD_TRANSITION = "OC0403", Error, "この契約決定方法には変更できません", "the decision method cannot follow the present one"
        => "選べる契約決定方法から選んでください", "choose one of the methods that may follow";
    METHOD_TRANSITION_UNVERIFIED = "OC0404", Warning, "この契約決定方法には変更できないおそれがあります（当区域では未確認）", "the decision method can probably not follow the present one (unverified for this area)"
        => "一般送配電事業者に確認してください", "ask the operator";
    METHOD_NOT_USED = "OC0405", Error, "この供給種別では使われない契約決定方法です", "the decision method does not occur with this family or menu"
        => "供給種別・接続送電サービスメニュー・契約決定方法の組合せを確認してください", "check family, service menu and decision method together";
    AMOUNT_UNIT = "OC0406", Error, "契約容量の単位が契約決定方法と合いません", "the unit of the contract amount does not go with the decision method"
        => "契約容量単位を確認してください", "check the unit";
    AMOUNT_RANGE = "OC0407", Error, "契約容量が範囲の外です", "the contract amount is out of range"
        => "契約容量と供給種別を確認してください", "check amount and family";
    AMOUNT_INCOMPLETE = "OC0408", Error, "契約容量と単位は両方必要です", "amount and unit are needed together"
        => "契約容量と契約容量単位の両方を入力するか、両方を空にしてください", "give both or neither";
    TOO_EARLY = "OC0409", Error, "希望日が標準処理期間より早すぎます", "the date is earlier than the standard processing period allows"
        => "最早日以降を希望日にしてください", "ask for the earliest date or a later one";
    TOO_EARLY_UNVERIFIED = "OC0410", Warning, "希望日が標準処理期間（未確認の値）より早すぎます", "the date is earlier than the assumed processing period allows (unverified)"
        => "一般送配電事業者に標準処理期間を確認してください", "ask the operator for the processing period";
    IN_THE_PAST = "OC0411", Error, "希望日が過去の日付です", "the date is in the past"
        => "今日以降の日付にしてください", "choose a date from today on";
    NO_CALENDAR = "OC0412", Error, "営業日を数えられない期間です", "business days cannot be counted there"
        => "日付を確認してください。正しい場合は祝日データを更新してください", "check the date; if it is right, extend the holiday data";
    NO_LEAD_TIME = "OC0413", Warning, "標準処理期間が不明です", "the processing period is not known"
        => "一般送配電事業者に最早日を確認してください", "ask the operator for the earliest date";
    RECONNECTION_TOO_OLD = "OC0414", Error, "再点の開始日が31日より前です", "the reconnection is more than 31 days back"
        => "一般送配電事業者と個別に協議してください", "agree it with the operator individually";
    RETROACTIVE_TERMINATION = "OC0415", Error, "廃止日を過去にはできません", "a termination is never retroactive"
        => "今日以降の廃止日にしてください", "choose an end date from today on";
    SAME_DAY_TERMINATION = "OC0416", Error, "当日の廃止は低圧だけです", "a termination on the same day is possible at low voltage only"
        => "翌日以降の廃止日にしてください", "choose an end date from tomorrow on";
    WRONG_FAMILY = "OC0417", Error, "この供給種別にはない電文です", "the message does not exist in this family"
        => "低圧・高圧・低圧FITのどの手続きか確認してください", "check whether low voltage, high voltage or FIT is meant";
    VOLTAGE_DIGIT = "OC0418", Warning, "供給地点特定番号の3桁目と供給種別が合いません", "the third digit of the point does not go with the family"
        => "供給地点特定番号と供給種別を確認してください（3桁目の意味は公式資料で未確認です）", "check point and family (the meaning of the digit is unverified)";
    VOLTAGE_DIGIT_UNKNOWN = "OC0419", Warning, "供給地点特定番号の3桁目が0・1以外です", "the third digit of the point is neither 0 nor 1"
        => "供給地点特定番号を確認してください（3桁目の意味は公式資料で未確認です）", "check the point (the meaning of the digit is unverified)";
    MENU_FAMILY = "OC0420", Error, "接続送電サービスメニューが供給種別と合いません", "the service menu does not go with the family"
        => "接続送電サービスメニューと供給種別を確認してください", "check menu and family";
    DUPLICATE_POINT = "OC0421", Error, "同じ供給地点の申込がファイル内にあります", "the point stands in the file twice"
        => "どちらか一方を削除してください", "remove one of them";
    DUPLICATE_RECEIPT = "OC0422", Error, "同じ受付番号がファイル内にあります", "the receipt number stands in the file twice"
        => "受付番号を重ならないようにしてください", "give each row its own receipt number";
    OPEN_CASE = "OC0423", Error, "この供給地点には手続中の申込があります", "a case for this point is open"
        => "手続中の申込の結果を待つか、取り消してから申し込んでください", "wait for the open case or withdraw it first";
    CONTRACT_NUMBER_PATTERN = "OC0424", Warning, "契約番号の形がこの小売事業者のものと違います", "the contract number does not look like one of this retailer"
        => "検針票などで契約番号を確認してください", "check the number against the customer's bill";
    POWER_FACTOR = "OC0425", Warning, "力率が85〜100%の外です", "the power factor lies outside 85 to 100 %"
        => "力率を確認してください", "check the power factor";
    METER_WORK = "OC0426", Notice, "計器の工事が必要になる見込みです", "meter work is probably needed"
        => "計器工事ありの標準処理期間を見込んでください", "allow for the processing period with meter work";
    AMPERE_SIZE = "OC0427", Warning, "知られていない電流上限値です", "a current limit of an unknown size"
        => "一般送配電事業者に電流上限値を確認してください", "ask the operator for the sizes";
    USAGE_TOO_LONG = "OC0428", Error, "使用量照会は13か月までです", "a usage inquiry covers at most 13 months"
        => "期間を13か月以内にしてください", "ask for at most 13 months";
    PERIOD_REVERSED = "OC0429", Error, "開始が終了より後です", "the period ends before it begins"
        => "開始と終了を確認してください", "check beginning and end";
    USAGE_IN_FUTURE = "OC0430", Error, "将来の使用量は照会できません", "use in the future cannot be asked for"
        => "今月までの期間にしてください", "ask for months up to this one";
    NO_DOCUMENTS = "OC0431", Error, "本人確認書類がありません", "there are no identity documents"
        => "本人確認書類を添付してください", "attach the identity documents";
    DOCUMENT_FORMAT = "OC0432", Error, "添付データが申告の形式ではありません", "a document is not of the form it says"
        => "PDF・JPEG・PNGのいずれかで添付し、形式を合わせてください", "attach PDF, JPEG or PNG and name the right form";
    NOTHING_TO_CHANGE = "OC0433", Error, "変更する項目がありません", "there is nothing to change"
        => "変更する項目を入力してください", "give what changes";
    SPELLING_AS_HOLDER = "OC0434", Warning, "表記の訂正が名義変更として申し込まれています", "a corrected spelling is sent as a change of holder"
        => "名義変更にすると過去の使用量が照会できなくなります。訂正なら「名義変更なし」にしてください", "a change of holder cuts the readable usage history: send it as no change of holder";
    HOLDER_WITHOUT_NAME = "OC0435", Error, "名義変更に新しい名義がありません", "a change of holder without the new name"
        => "新しい契約名義を入力してください", "give the new name";
    ONE_NUMBER = "OC0436", Error, "番号は1つだけ指定してください", "exactly one number is needed"
        => "申込番号か廃止取次番号などのどれか1つを指定してください", "give exactly one of the numbers";
    NG_WITHOUT_REASON = "OC0437", Error, "NGの判断に理由がありません", "an NG needs a reason"
        => "NG理由を1つ以上選んでください", "give at least one reason";
    OK_WITH_REASON = "OC0438", Error, "OKの判断に理由が付いています", "an OK has no reasons"
        => "NG理由を外すか、判断をNGにしてください", "remove the reasons or judge NG";
    NO_CRITERION = "OC0439", Error, "照会の条件がありません", "an inquiry without a criterion"
        => "参照番号・供給地点・期間のどれかを指定してください", "give a reference, a point or a period";
    ANSWER_AREA = "OC0440", Error, "設備情報の供給区域が供給地点特定番号と違います", "the facility answer names another area than the point"
        => "供給地点特定番号を確認してください", "check the point";

    RISK_WIDTH = "OC0501", Warning, "半角カナや全角・半角の混在があります", "half-width kana or mixed widths"
        => "現在の契約（検針票など）の表記どおりか確認してください", "check it against the customer's present contract";
    RISK_BLANK = "OC0502", Warning, "余分な空白があります", "needless blanks"
        => "現在の契約の表記どおりか確認してください", "check it against the customer's present contract";
    RISK_COMPOSITION = "OC0503", Warning, "濁点・半濁点が文字から離れています", "a voicing mark stands apart from its letter"
        => "1文字の濁音・半濁音で入力し直してください", "enter the voiced letter as one character";
    RISK_KANA = "OC0504", Warning, "漢字の欄がかなだけです", "kana in the kanji field"
        => "契約名義・住所が現在の契約でもかなか確認してください", "check whether the present contract has kana there too";
    RISK_LONG_VOWEL = "OC0505", Warning, "長音が「ー」でない記号で書かれています", "a long vowel is written with another sign than ー"
        => "長音記号「ー」か確認してください", "check whether ー is meant";
    RISK_VARIANT = "OC0506", Warning, "異体字があります", "there are variant characters"
        => "現在の契約の字体どおりか確認してください", "check which character the present contract has";
    RISK_PLACE_NAME = "OC0507", Warning, "地名の「ヶ・ケ・が」は表記が分かれます", "ヶ, ケ and が in a place name are written differently"
        => "現在の契約の表記どおりか確認してください", "check it against the customer's present contract";
    RISK_LEGAL_FORM = "OC0508", Warning, "法人格が略されています", "the legal form is abbreviated"
        => "現在の契約でも略されているか確認してください", "check whether the present contract abbreviates it too";
    RISK_NUMBER_FORM = "OC0509", Warning, "番地の区切りがハイフンでない記号です", "house numbers are separated by another sign than a hyphen"
        => "区切りがハイフンか確認してください", "check whether a hyphen is meant";
    NO_BUILDING = "OC0510", Warning, "集合住宅のようですが建物名がありません", "the address looks like an apartment but has no building"
        => "建物名・部屋番号が現在の契約にあるか確認してください", "check whether the present contract has a building and room";
    NO_HOUSE_NUMBER = "OC0511", Warning, "住所に番地がありません", "the address has no house number"
        => "番地を確認してください", "check the house number";
    NOT_KANA = "OC0512", Warning, "カナの欄にカナ以外の文字があります", "the kana field has another character than kana"
        => "契約名義カナを確認してください", "check the name in kana";

    NO_CONSENT = "OC0601", Error, "同意日時がありません", "there is no time of consent"
        => "需要者の同意を得て、日時を記録してください", "obtain the customer's consent and record when";
    OLD_CONSENT = "OC0602", Error, "同意が有効期間を過ぎています", "the consent is older than its validity"
        => "需要者の同意を得直してください", "obtain the customer's consent again";
    FUTURE_CONSENT = "OC0603", Error, "同意日時が将来です", "the consent is dated in the future"
        => "同意日時を確認してください", "check the time of consent";
    NO_CONSENT_METHOD = "OC0604", Warning, "同意方法がありません", "there is no method of consent"
        => "書面・電磁的方法・口頭のどれか記録してください", "record whether it was written, electronic or oral";
    RESULTS_IN_UTF8 = "OC0901", Notice, "結果ファイルをUTF-8で保存しました", "the result file is UTF-8"
        => "Excelではそのまま開けます。CP932が必要な場合は、入力の文字を見直してください", "Excel opens it as it is; if you need CP932, change the character in the input";
    NOT_WRITTEN = "OC0902", Error, "ファイルを書き込めませんでした", "the file could not be written"
        => "出力先を確認して、もう一度実行してください", "check the place to write to and run again";
}

#[cfg(test)]
mod tests {
    use super::{Rule, all};

    #[test]
    fn codes_are_unique_ordered_and_well_formed() {
        let rules: Vec<&Rule> = all().collect();
        for pair in rules.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} then {}", pair[0].code, pair[1].code);
        }
        for rule in rules {
            let digits = rule.code.strip_prefix("OC").unwrap();
            assert!(digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()), "{}", rule.code);
            assert!(!rule.ja.is_empty() && !rule.en.is_empty() && !rule.way_out_ja.is_empty());
            assert!(!rule.way_out_en.is_empty());
        }
    }
}
