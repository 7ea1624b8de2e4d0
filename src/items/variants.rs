//! 異体字: characters that people write for one another in names and addresses.
//!
//! Common knowledge of old forms (旧字体) and name variants, gathered for comparison and warnings only: no text is ever
//! changed by it. The first character of a group is the form of the 常用漢字 table or the most usual one. Some groups join
//! characters that are different words elsewhere (斉 and 斎): they are confused in names, and a person decides.

use std::sync::LazyLock;
use unicode_normalization::char::{decompose_canonical, decompose_compatible};

/// The groups, the usual form first. No character stands in two of them.
#[rustfmt::skip]
const GROUPS: &str = "\
亜亞 悪惡 圧壓 囲圍 医醫 為爲 壱壹 隠隱 栄榮 営營 衛衞 駅驛 円圓 塩鹽 縁緣 艶艷 応應 欧歐 殴毆 桜櫻 奥奧 横橫 温溫 穏穩 仮假 \
価價 画畫 会會 壊壞 懐懷 絵繪 拡擴 殻殼 覚覺 学學斈 岳嶽 楽樂 渇渴 缶罐 巻卷 陥陷 勧勸 寛寬 関關 歓歡 観觀 気氣 帰歸 既旣 \
偽僞 戯戲 犠犧 旧舊 拠據 挙擧 虚虛 峡峽 挟挾 狭狹 教敎 強强 郷鄕鄉 暁曉 区區 駆驅 勲勳勛 薫薰 径徑 茎莖 恵惠 渓溪谿 経經 \
蛍螢 軽輕 継繼 鶏鷄雞 芸藝 撃擊 欠缺 研硏 県縣 倹儉 剣劍劔劒剱釼 険險 圏圈 検檢 献獻 権權 顕顯 験驗 厳嚴 戸戶 呉吳 娯娛 \
広廣 効效 恒恆 黄黃 鉱鑛礦 号號 国國圀 黒黑 砕碎 済濟 斎斉齋齊 剤劑 雑雜 参參 桟棧 蚕蠶 惨慘 賛贊 残殘 糸絲 歯齒 児兒 辞辭 \
湿濕 実實 写寫冩 釈釋 寿壽 収收 従從 渋澁 獣獸 縦縱 粛肅 処處 叙敍敘 将將 称稱 渉涉 焼燒 証證 奨奬獎 条條 状狀 乗乘 浄淨 \
剰剩 畳疊 縄繩 壌壤 嬢孃 譲讓 醸釀 触觸 嘱囑 真眞 寝寢 慎愼 尽盡 図圖 粋粹 酔醉 穂穗 随隨 髄髓 枢樞 数數 瀬瀨 声聲 静靜 窃竊 \
摂攝 専專 浅淺 戦戰 践踐 銭錢 潜潛 繊纖 禅禪 双雙 壮壯 争爭 荘莊 捜搜 挿插 巣巢 曽曾 痩瘦 装裝 総總 騒騷 増增 蔵藏 臓臟 \
即卽 属屬 続續 堕墮 対對 体體 帯帶 滞滯 台臺 滝瀧 択擇 沢澤 担擔 単單 胆膽 団團 断斷 弾彈 遅遲 痴癡 虫蟲 昼晝 鋳鑄 庁廳 \
徴徵 聴聽 勅敕 鎮鎭 逓遞 鉄鐵銕 点點 転轉 伝傳 灯燈 当當 党黨 盗盜 稲稻 闘鬪 徳德 独獨 読讀 届屆 弐貳 悩惱 脳腦 覇霸 拝拜 \
廃廢 売賣 麦麥 発發 髪髮 抜拔 晩晚 蛮蠻 秘祕 浜濱濵 瓶甁 払拂 仏佛 併倂 並竝 餅餠 辺邊邉 変變 歩步 宝寶 豊豐 褒襃 翻飜 毎每 \
万萬 満滿 麺麵 黙默 弥彌 訳譯 薬藥 与與 予豫 余餘 誉譽 揺搖 様樣 謡謠 来來 頼賴 乱亂 覧覽 竜龍 両兩 猟獵 緑綠 涙淚 塁壘 \
礼禮 励勵 戻戾 霊靈 齢齡 暦曆 歴歷 恋戀 錬鍊 炉爐 労勞 郎郞 楼樓 録錄 湾灣 弁辨瓣辯 税稅 説說 閲閱 鋭銳 脱脫 悦悅 歳歲 \
絶絕 概槪 屏屛 妍姸 蒋蔣 産產 彦彥 顔顏 飲飮 青靑 清淸 内內 舎舍 尚尙 禄祿 顛顚 填塡 隷隸 姉姊 姫姬 間閒 \
高髙 崎﨑嵜碕𥔎 島嶋嶌隝 吉𠮷 富冨 橋𣘺 土圡 功㓛 勢㔟 喜㐂 槙槇 鴎鷗 騨驒 薮藪籔 桧檜 枡桝 館舘 淵渕渊 麹麴 鯵鰺 祷禱 涛濤 梼檮 \
溌潑 焔焰 繋繫 莱萊 蝋蠟 蝉蟬 屡屢 掻搔 撹攪 壷壺 嘘噓 噛嚙 嚢囊 剥剝 叱𠮟 頬頰 箪簞 醤醬 醗醱 穎頴 鹸鹼 侠俠 倶俱 呑吞 唖啞 \
鉤鈎 鴬鶯 雁鴈 裏裡 峰峯 松枩柗 梅楳 杉椙 柏栢 柳栁桺 桑桒 船舩 竈竃 鶴靍靏鸖 亀龜 兎兔 昇曻 晃晄 晋晉 昂昻 傑杰 沖冲 準凖 \
熙煕凞 爾尓 瑶瑤 穣穰 秋穐龝 窓窗 籠篭 緒緖 群羣 聡聰聦 肇肈 舗舖 園薗 芦蘆 虎乕 迪廸 遥遙 鼓皷 巌巖 野埜 堯尭 凛凜 涼凉 函凾 \
厨廚 厩廐 叡睿 同仝 場塲 夢梦 庵菴 刃刄 博愽 卯夘 杯盃 栖棲 煙烟 回囘廻 略畧 針鍼 亘亙 祢禰 迩邇 珍珎 達逹 蕊蘂蕋 俣俁 \
躯軀 嶺岺 豎竪 蟹蠏 協恊 却卻 跡迹 淳湻 賢贒 美羙 職軄 留畄畱 解觧 鑑鑒 鎌鐮 歌謌 胸胷 蘇甦";

/// The usual form of a character, itself if it is one. Compatibility ideographs (神 U+FA19) and radicals count as variants.
pub(super) fn usual(c: char) -> char {
    match c {
        '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{2F7FF}' | '\u{30000}'..='\u{3FFFF}' => INDEX.usual(c),
        '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}' => {
            let mut plain = c;
            decompose_canonical(c, |d| plain = d);
            INDEX.usual(plain)
        }
        '\u{2F00}'..='\u{2FD5}' => {
            let mut plain = c;
            decompose_compatible(c, |d| plain = d);
            INDEX.usual(plain)
        }
        _ => c,
    }
}

/// Signs that choose a glyph and are no character of their own.
pub(super) const fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// 異体字の組: the characters that are confused with this one, itself among them; none for a character without variants.
///
/// For showing to a person; comparison goes through [`super::compare()`].
#[must_use]
pub fn variants_of(c: char) -> Option<&'static str> {
    let usual = usual(c);
    groups().find(|group| group.contains(usual))
}

fn groups() -> impl Iterator<Item = &'static str> {
    GROUPS.split(' ').filter(|group| !group.is_empty())
}

struct Index {
    /// One bit per character of U+4E00–U+9FFF: nearly every character asked for has no variant.
    block: Box<[u64]>,
    pairs: Vec<(char, char)>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut pairs = Vec::new();
    let mut block = vec![0u64; 0x5200 / 64].into_boxed_slice();
    for group in groups() {
        let mut chars = group.chars();
        let Some(usual) = chars.next() else { continue };
        for variant in chars {
            pairs.push((variant, usual));
            let bit = (variant as usize).wrapping_sub(0x4E00);
            if let Some(word) = block.get_mut(bit / 64) {
                *word |= 1 << (bit % 64);
            }
        }
    }
    pairs.sort_unstable();
    Index { block, pairs }
});

impl Index {
    fn usual(&self, c: char) -> char {
        let bit = (c as usize).wrapping_sub(0x4E00);
        match self.block.get(bit / 64) {
            Some(word) if word & (1 << (bit % 64)) == 0 => c,
            _ => match self.pairs.binary_search_by_key(&c, |(variant, _)| *variant) {
                Ok(place) => self.pairs.get(place).map_or(c, |(_, usual)| *usual),
                Err(_) => c,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn no_character_stands_in_two_groups() {
        let mut seen = HashMap::new();
        for group in groups() {
            assert!(group.chars().count() >= 2, "{group}");
            for c in group.chars() {
                assert_eq!(seen.insert(c, group), None, "{c} stands in {group} and elsewhere");
                let mut plain = c;
                decompose_canonical(c, |d| plain = d);
                assert_eq!(plain, c, "{c} of {group} is a compatibility ideograph");
            }
        }
        assert!(groups().count() >= 400, "{}", groups().count());
    }

    #[test]
    fn every_variant_leads_to_the_usual_form() {
        for group in groups() {
            let first = group.chars().next().unwrap();
            for c in group.chars() {
                assert_eq!(usual(c), first);
                assert_eq!(variants_of(c), Some(group));
            }
        }
    }

    #[test]
    fn compatibility_ideographs_and_radicals_are_variants() {
        assert_eq!([usual('\u{FA19}'), usual('\u{FA10}'), usual('\u{2FBC}')], ['神', '塚', '高']);
        assert_eq!([usual('山'), usual('一'), usual('鿿'), usual('a'), usual('ア')], ['山', '一', '鿿', 'a', 'ア']);
        assert_eq!(variants_of('山'), None);
    }
}
