//! OC11xx: baselines, and the readings they are computed from.

use super::{Rule, Severity};

rules! {
    TABLE:
    BASELINE_NOT_COMPUTABLE = "OC1101", Error, "標準ベースラインを算定できません", "the baseline cannot be computed"
        => "計量値を補うか、代替ベースライン（事前・事後計測 before-after-metering、基準値計画 forecast など）を相手方と合意してください", "supply the readings, or agree on another method with the counterparty (before-after-metering, forecast, …)";
    READING_CONFLICT = "OC1102", Error, "同じコマに異なる計量値があります", "a half-hour has two different readings"
        => "正しい計量値の行だけを残してください。それまではこのコマを欠測として扱います", "keep only the row with the right reading; until then the half-hour counts as missing";
    CANDIDATE_GAP = "OC1103", Warning, "計量値が欠けているため候補日から除きました", "a candidate day was left out because readings are missing"
        => "欠測を0で補わず、計量値を受け取り直してください", "do not fill with zero: ask for the readings again";
    NEGATIVE_READING = "OC1104", Warning, "計量値が負です", "a reading is below zero"
        => "逆潮流を含まない計量値か確認してください。負の値のまま使う場合は選択肢 export=signed を指定してください", "check whether export is mixed in; to use it as it is, set the option export=signed";
    SLOT_RANGE = "OC1105", Error, "コマが1〜48ではありません", "a slot is not within 1 to 48"
        => "コマは1（0:00〜0:30）から48（23:30〜24:00）で指定してください。日をまたぐ発動は 47-2 のように書きます", "slots are 1 (00:00–00:30) to 48 (23:30–24:00); an event across midnight is written 47-2";
    NO_EARLIER_READINGS = "OC1106", Error, "発動より前の計量値がありません", "there are no readings before the event"
        => "発動日より前の計量値（30日分以上）を指定してください", "give readings of the 30 days before the event";
    EVENT_IN_FUTURE = "OC1107", Warning, "発動日がまだ来ていません", "the event lies in the future"
        => "当日調整前の値です。当日の計量値がそろってから算定し直してください", "this is the value before adjustment: compute again when the readings of the day are there";
    NO_WINDOW = "OC1108", Error, "当日の計量値が欠けているため算定できません", "readings of the day itself that the method needs are missing"
        => "当日の計量値を受け取り直すか、当日調整なしの方法（high-4-of-5-unadjusted）を相手方と合意してください", "ask for the readings again, or agree on the method without adjustment (high-4-of-5-unadjusted)";
    EVENT_GAP = "OC1109", Warning, "DR実施時間帯の計量値が欠けています", "readings of the event are missing"
        => "計量値を受け取ってから需要制御量を算定し直してください", "compute the reduction again when the readings are there";
    TWO_EVENTS = "OC1110", Warning, "同じ日に発動が複数あります", "there are several events on one day"
        => "扱いを定めた規則は確認できていません。選択肢 second-event を相手方と合意してください", "no rule for it is known: agree on the option second-event with the counterparty";
    ACROSS_MIDNIGHT = "OC1111", Warning, "日をまたぐ発動です", "the event crosses midnight"
        => "扱いを定めた規則は確認できていません。選択肢 midnight を相手方と合意してください", "no rule for it is known: agree on the option midnight with the counterparty";
    DR_DAYS_ADDED = "OC1112", Warning, "候補日が足りないため過去のDR実施日を加えました", "past days of demand response were added because too few days are left"
        => "相手方の規則でもDR実施日を加えるか確認してください。加えない場合は選択肢 too-few=stop を指定してください", "check that the counterparty's rule adds them too; if not, set the option too-few=stop";
    FEW_DAYS = "OC1113", Notice, "候補日が規定の日数より少ないため、使える日で算定しました", "fewer candidate days than the rule asks for: those that are left were used"
        => "除かれた日とその理由を確認してください", "look at the days that were left out and why";
    NO_DAY_TYPE = "OC1114", Error, "平日か土日祝かを判定できません", "it is not known whether a day is a holiday"
        => "日付を確認してください。正しい場合は祝日データを更新してください", "check the date; if it is right, extend the holiday data";
    BASELINE_SETTING = "OC1115", Error, "算定の指定に誤りがあります", "a setting of the baseline is wrong"
        => "使える値から選んでください", "choose one of the known values";
    READING_TOO_GREAT = "OC1116", Error, "計量値が大きすぎます", "a reading is too great"
        => "単位（kWh）を確認してください。このコマは欠測として扱います", "check the unit (kWh); the half-hour counts as missing";
    NO_READINGS = "OC1117", Error, "この供給地点の計量値がありません", "there are no readings of this point"
        => "供給地点特定番号と計量値のファイルを確認してください", "check the point and the file of readings";
    NO_SCALE = "OC1118", Error, "比例調整の分母が0です", "the scaling adjustment divides by zero"
        => "候補日の基準時間帯の使用量が0です。加算調整の方法（high-4-of-5）を相手方と合意してください", "the kept days use nothing in the window: agree on the additive method (high-4-of-5)";
    NO_FORECAST = "OC1119", Error, "基準値計画が提出されていません", "no forecast was submitted"
        => "--forecast のCSVで、DR実施時間帯のすべてのコマの基準値計画を指定してください", "give the forecast of every slot of the event with --forecast";
    READING_REVISED = "OC1120", Notice, "計量値の改訂があります", "readings were revised"
        => "新しい版の値を使いました。以前の算定結果と比べてください", "the newer version was used: compare with earlier results";
    READING_NOT_FINAL = "OC1121", Notice, "確定していない計量値を使いました", "readings that are not final were used"
        => "確定値を受け取ってから算定し直してください", "compute again when the fixed values are there";
}
