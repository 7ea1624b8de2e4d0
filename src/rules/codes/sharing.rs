//! OC115x: sharing baselines and the other negawatt items.

use super::{Rule, Severity};

rules! {
    TABLE:
    SHARE_OTHERS = "OC1150", Error, "提供先の小売電気事業者の需要家ではありません", "the point is not a customer of this retailer"
        => "その供給地点の小売電気事業者を提供先に指定してください。契約一覧が古い場合は更新してください", "share it with the retailer of the point; if the list of contracts is out of date, renew it";
    SHARE_UNKNOWN = "OC1151", Error, "どの小売電気事業者の需要家か確認できません", "it is not known whose customer a point is"
        => "--contracts の契約一覧に、供給地点特定番号と小売電気事業者コードを登録してください", "enter the point and the code of its retailer in the list given with --contracts";
    SHARE_LEFT_OUT = "OC1152", Notice, "提供先に関係のない供給地点を除きました", "points that are none of the recipient's were left out"
        => "それぞれの小売電気事業者・一般送配電事業者には、別に提供してください", "share them with their own retailers and operators";
    SHARE_REFUSED = "OC1153", Error, "提供できません", "the disclosure is refused"
        => "示された条項と対応を確認し、提供先または内容を改めてください", "look at the clause and the way out it names, and change the recipient or what is shared";
    SHARE_ROUNDED = "OC1154", Notice, "0.0001kWh未満を四捨五入した値を提供します", "values are shared to the nearest 0.0001 kWh"
        => "正確な分数は算定過程（--trace）にあります。要約値が両者をつなぎます", "the exact fractions stand in the trace (--trace), found by the digest";
    CONTRACT_LIST = "OC1155", Error, "契約一覧を読み取れません", "the list of contracts cannot be read"
        => "見出し行に 供給地点特定番号,小売電気事業者コード（必要なら 開始日,終了日）のあるCSVを指定してください", "give a CSV with the header 供給地点特定番号,小売電気事業者コード and, where needed, 開始日,終了日";
    SHARE_NO_BASELINE = "OC1156", Warning, "ベースラインのない供給地点は提供していません", "points without a baseline are not shared"
        => "baseline compute で理由を確認してください", "see the reason with `baseline compute`";
    SHARE_NOTHING = "OC1157", Error, "提供する値がありません", "there is nothing to share"
        => "提供先、契約一覧、発動日とコマを確認してください", "check the recipient, the list of contracts, the day and the slots";
    SHARE_OTHER_AREA = "OC1158", Error, "提供先の供給区域の供給地点ではありません", "the point is not in the area of this operator"
        => "供給区域の一般送配電事業者（例 operator:03）を提供先に指定してください", "share it with the operator of its area, for example operator:03";
    NOTE_INCOMPLETE = "OC1159", Error, "合計が一部だけになるため作成しません", "the total would leave something out: it is not made"
        => "計量値がそろってから、月の通知はその月が終わってから、1か月分の発動をすべて指定して作成してください。理由は baseline compute で確認できます", "make it when all readings are there, and a note of a month when the month is over, of all its events; `baseline compute` tells the reason";
    SHARE_FORM = "OC1160", Error, "ネガワット電文でもOpenADRのベースライン報告でもありません", "neither a negawatt message nor a baseline report of OpenADR"
        => "相手方から受け取ったJSONファイルを、そのまま指定してください", "give the JSON file as the counterparty sent it";
}
