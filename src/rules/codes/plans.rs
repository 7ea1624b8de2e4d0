//! OC12xx: plans to OCCTO.

use super::{Rule, Severity};

rules! {
    TABLE:
    PLAN_NOT_W6 = "OC1201", Error, "計画ファイル（SBD-MSG、W6）ではありません", "not a plan (SBD-MSG of W6)"
        => "広域機関へ提出するW6のXMLファイルを指定してください", "give an XML file of W6 as OCCTO takes it";
    PLAN_BROKEN = "OC1202", Error, "XMLとして読めません", "it cannot be read as XML"
        => "途中で切れていないか確認し、元のシステムから出力し直してください", "check whether it is cut off, and export it again";
    PLAN_ENVELOPE = "OC1203", Error, "封筒（SBD-MSG、JPMGH）の項目が正しくありません", "an item of the envelope (SBD-MSG, JPMGH) is wrong"
        => "封筒の値を、本文の情報区分・送信者と同じものにしてください", "let the envelope say the same message and sender as the body";
    PLAN_KIND = "OC1204", Error, "情報区分コードが不明です", "the message code is not known"
        => "0250（需要調達計画）または0150（発電販売計画）か確認してください。その他のコードは schemas/planning.toml を写した設定に追加し、--settings で指定できます", "expected 0250 or 0150; other codes can be added to a copy of schemas/planning.toml, given with --settings";
    PLAN_VALUE = "OC1205", Error, "項目の値が正しくありません", "the value of an item is wrong"
        => "値を訂正してください。計画値は30分ごとの整数kWhです", "correct the value; plan values are whole kWh in 30 minutes";
    PLAN_UNKNOWN_PART = "OC1206", Warning, "仕様の確認できていない要素があります", "there is an element that is not known"
        => "そのまま保持し、書き出しにも残します（未検証の計画になります）。広域機関の標準規格で確認してください", "it is kept and written back, and the plan is marked unverified: check it against OCCTO's standard";
    PLAN_STRUCTURE = "OC1207", Error, "ここには置けない要素または文字があります", "something stands where it cannot"
        => "要素の位置と回数を確認してください。この部分は読み飛ばしました", "check its place and how often it stands; it was passed over";
    PLAN_FORM = "OC1208", Notice, "書式が標準の書き方と違います", "it is written in another form than the standard one"
        => "内容は読み取れています。書き出すと標準の書き方になります", "its content was read; written again it has the standard form";
    PLAN_MISSING = "OC1209", Error, "必須の項目がありません", "a required item is missing"
        => "項目を追加してください", "add the item";
    PLAN_SLOTS = "OC1210", Error, "48コマがそろっていません", "not all 48 slots have a value"
        => "01から48までのすべてのコマに計画値を入れてください。計画がないコマは0です", "give a value to every slot from 01 to 48; where nothing is planned it is 0";
    PLAN_SLOT = "OC1211", Error, "時刻コードが正しくありません", "a slot is wrong"
        => "時刻コードは01（0:00〜0:30）から48（23:30〜24:00）まで、1つのコマに1行です", "slots run from 01 (00:00–00:30) to 48 (23:30–24:00), one row each";
    PLAN_CODE = "OC1212", Error, "コードが不明です", "a code is not known"
        => "広域機関に登録されているコードか確認してください", "check that the code is registered with OCCTO";
    PLAN_AREA = "OC1213", Warning, "供給区域が一致しません", "supply areas do not agree"
        => "送信者・契約者・提出先のコードの末尾（供給区域）を確認してください", "check the last digit (the area) of sender, members and operator";
    PLAN_DATE = "OC1214", Error, "日付が正しくありません", "a date is wrong"
        => "計画対象年月日と作成日時を確認してください", "check the date of the plan and when it was made";
    PLAN_DUPLICATE = "OC1215", Error, "同じコードが2回あります", "a code stands twice"
        => "1つにまとめてください", "make them one";
    PLAN_SUM_COUNTERPARTIES = "OC1216", Error, "合計が取引先別の和と一致しません", "the total is not the sum of the counterparties"
        => "合計または取引先別の計画値を訂正してください（広域機関は合計の誤りを受け付けません）", "correct the total or the counterparties: OCCTO refuses a wrong sum";
    PLAN_SUM_MEMBERS = "OC1217", Error, "BG計が契約者別の和と一致しません", "the total of the balancing group is not the sum of its members"
        => "BG計または契約者別の計画値を訂正してください（広域機関は合計の誤りを受け付けません）", "correct the total or the members: OCCTO refuses a wrong sum";
    PLAN_SUM_PARTS = "OC1218", Error, "合計が内訳の和と一致しません", "the total is not the sum of its parts"
        => "合計または内訳の計画値を訂正してください（広域機関は合計の誤りを受け付けません）", "correct the total or its parts: OCCTO refuses a wrong sum";
    PLAN_BALANCE = "OC1219", Warning, "需要・販売と調達・発電が一致しません", "demand and sales do not balance procurement and generation"
        => "需要計画＋販売計画＝調達計画（発電販売計画では発電計画＋調達計画＝販売計画）か確認してください。提出は受け付けられますが、ゲートクローズまでに一致させる必要があります", "demand + sales = procurement (generation + procurement = sales for generation): it is taken as it is, but must balance by gate closure";
    PLAN_UNVERIFIED_SUM = "OC1220", Warning, "意味の確認できていない項目の合計が一致しません", "the sum of an item of unknown meaning does not agree"
        => "値が意図どおりか確認してください", "check that the values are meant";
    PLAN_UNVERIFIED = "OC1221", Warning, "公表資料で確認できていない内容を含みます", "it rests on something no public source confirms"
        => "広域機関の標準規格で確認してください", "check it against OCCTO's standard";
    PLAN_FILE_NAME = "OC1222", Error, "ファイル名と内容が一致しません", "the file name and the content do not agree"
        => "W6_情報区分_計画対象日_NN_送信者コード_区域.xml の形にしてください", "name it W6_message_date_NN_sender_area.xml";
    PLAN_CLOSED = "OC1223", Error, "提出できない時間帯です", "plans are not taken at this time"
        => "次に提出できる時刻まで待ってください", "wait until the next time plans are taken";
    PLAN_SAME_DAY = "OC1224", Warning, "翌日計画の期限を過ぎています。当日計画として扱われます", "the deadline of day-ahead plans is past: it counts as a same-day plan"
        => "当日計画の情報区分コードは確認できていません。広域機関の標準規格で確認してください", "the message code of a same-day plan is not known: check it against OCCTO's standard";
    PLAN_OVER = "OC1225", Error, "計画の提出期限を過ぎています", "the last deadline of the plan is past"
        => "対象日の計画はもう提出できません", "a plan for this day can no longer be submitted";
    SUPPRESSION_ABOVE_BASELINE = "OC1230", Error, "抑制計画値がベースラインを超えています", "a planned reduction is above its baseline"
        => "地点の抑制計画値をベースライン以下にしてください", "plan no more than the baseline of the point";
    SUPPRESSION_BASELINE_SUM = "OC1231", Error, "抑制BGのベースラインが地点の和と一致しません", "the baseline of a suppression group is not the sum of its points"
        => "BG計または地点のベースラインを訂正してください", "correct the total or the points";
    SUPPRESSION_GROUP_SUM = "OC1232", Error, "抑制BGの計画値が地点の和と一致しません", "the plan of a suppression group is not the sum of its points"
        => "BG計または地点の計画値を訂正してください", "correct the total or the points";
    SUPPRESSION_TOTAL_SUM = "OC1233", Error, "抑制契約者の合計が抑制BGの和と一致しません", "the contractor's total is not the sum of the suppression groups"
        => "合計またはBG計を訂正してください", "correct the total or the groups";
    SUPPRESSION_PRIORITY = "OC1234", Error, "優先順位が正しくありません", "a priority is wrong"
        => "優先順位は1から99の整数で入力してください", "a priority is a whole number from 1 to 99";
    SUPPRESSION_POINT_TWICE = "OC1235", Error, "同じ供給地点が2つの抑制BGにあります", "a supply point stands in two suppression groups"
        => "1つのBGにだけ入れてください。類型が異なる場合は需要抑制契約識別番号2で区別します", "keep it in one group; where the types differ, tell them apart by contract identification number 2";
    PLAN_CSV_COLUMN = "OC1240", Error, "計画CSVの列が正しくありません", "the columns of the plan CSV are wrong"
        => "区分,契約者コード,契約者名称,取引先コード,取引先名称,申込番号,01〜48 の見出しにしてください", "the header is 区分,契約者コード,契約者名称,取引先コード,取引先名称,申込番号,01 … 48";
    PLAN_CSV_ROW = "OC1241", Error, "計画CSVの行が正しくありません", "a row of the plan CSV is wrong"
        => "区分は 需要・調達・販売 のいずれかです", "the kind is 需要, 調達 or 販売";
    PLAN_REFUSED = "OC1250", Error, "広域機関システムが計画を受け付けませんでした", "OCCTO's system did not take the plan"
        => "理由を確認して訂正し、提出し直してください", "correct what it names and submit again";
    PLAN_NOT_SENT = "OC1251", Error, "計画は送信されていません", "the plan was not sent"
        => "接続を確認して、もう一度提出してください", "check the connection and submit again";
    PLAN_OUTCOME_UNKNOWN = "OC1252", Error, "計画が届いたか不明です", "it is not known whether the plan arrived"
        => "そのまま再提出せず、広域機関システムの画面または計画の取得で受付状況を確認してください", "do not submit again: look at OCCTO's system, or fetch the plan, first";
    PLAN_ANSWER = "OC1253", Error, "広域機関システムの応答を読めません", "the answer of OCCTO's system cannot be read"
        => "接続設定の操作名と項目名を、広域機関の資料で確認してください", "check the operation and field names of the configuration against OCCTO's documents";
    BASELINE_REPORT = "OC1260", Error, "ベースラインの報告（OpenADR）が正しくありません", "the baseline report (OpenADR) is wrong"
        => "30分間隔のBASELINE報告か、値が小数4桁までのkWhか確認してください", "expected BASELINE at intervals of 30 minutes, in kWh of at most four decimals";
}
