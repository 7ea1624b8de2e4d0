//! 管理の条項: why something about a customer's data may not be done inside the company.

crate::code_set! {
    /// 管理の条項: the clause that refuses a reading, a request of the customer, a consent or a recipient.
    pub enum StewardClause = "steward-clause" {
        RoleUnknown = "role-unknown", "その役割は定められていません（roles.toml）", "there is no such role: see roles.toml";
        RolePurpose = "role-purpose", "この役割にはこの利用目的がありません", "the role does not hold this purpose";
        RoleItem = "role-item", "この役割がこの目的で見られる項目ではありません", "the role does not see this item for this purpose";
        WinBack = "rule-9-win-back", "廃止取次で受領した情報は、切替が終わるまで営業に利用できません（取戻し営業の禁止）", "received by cancellation agency: closed to sales until the switch is over";
        Prohibited = "prohibition", "通知で禁止されている目的です", "the notice prohibits this purpose";
        Suspended = "suspended", "お客さまの請求により利用を停止しています", "use is suspended at the customer's request";
        NotHeld = "not-held", "この供給地点・契約番号の情報は保有していません", "nothing is held of this point or contract";
        AnotherSubject = "another-subject", "請求者の氏名が、保有する契約名義と一致しません。別のお客さまの情報は開示・変更できません", "the name is not that of the customer held: another customer's data is neither shown nor changed";
        IdentityMissing = "identity-missing", "本人確認の方法と記録番号が示されていません", "how the identity was checked, and the record of it, must be named";
        NotOurs = "not-manager", "当社が管理責任者ではありません。訂正は管理責任者に依頼します", "we are not the manager of the item: its manager is asked to correct it";
        OpenSwitch = "open-switch", "切替手続中の案件があります。完了または取消の後に消去できます", "a switch is under way: erase when it has ended or was cancelled";
        LegalHold = "legal-hold", "法令により保存が義務付けられています", "a law requires that it is kept";
        AlreadyErased = "already-erased", "既に消去されています", "it was erased already";
        ConsentFuture = "consent-future", "同意の日時が将来です", "the consent is dated in the future";
        ConsentExpired = "consent-expired", "同意の有効期限が切れています", "the consent is no longer valid";
        ConsentWithdrawn = "consent-withdrawn", "同意は撤回されています", "the consent was withdrawn";
        ConsentUnknown = "consent-unknown", "その番号の同意の記録はありません", "there is no record of such a consent";
        ConsentPurpose = "consent-purpose", "この同意は別の利用目的のものです", "the consent is for another purpose";
        ConsentRecipient = "consent-recipient", "この同意は別の提供先へのものです", "the consent is for another recipient";
        ConsentSubject = "consent-subject", "同意したお客さまの地点ではないものがあります。地点ごとに、現在のお客さまの同意が必要です", "a point is not that of a customer who consented: every point needs the consent of its present customer";
        ConsentForm = "consent-form", "この通知では、書面または電磁的方法による同意が必要です", "the notice needs a consent in writing or in electronic form";
        EvidenceMissing = "evidence-missing", "同意の証拠（書面または電磁的記録）が示されていません", "no evidence of the consent was named";
        GuardianMissing = "guardian-missing", "未成年者の同意には、親権者または保護者の同意が必要です", "a minor's consent needs that of a parent or guardian";
        RequestUnknown = "request-unknown", "その番号の回答待ちの請求はありません", "no request of this number waits for an answer";
        HoldEnded = "hold-ended", "法令による保存の最後の日が過ぎています", "the last day on which the law requires it is past";
        HoldMissing = "no-hold", "法令による保存は指定されていません", "no law is named that it is kept for";
        PlanMissing = "plan-missing", "消去の前に occto retention plan で対象を確認し、表示された照合番号を --plan で指定してください", "look at occto retention plan first, and name the number it shows with --plan";
        PlanDiffers = "plan-differs", "確認した計画と消去の対象が異なります。もう一度 occto retention plan で確認してください", "what is due is no longer what the plan showed: look at it again";
        ContractUnknown = "contract-unknown", "この相手との委託・媒介等の契約が登録されていません", "no contract with this recipient is registered";
        ContractEnded = "contract-ended", "登録された契約は終了しています", "the registered contract has ended";
        ContractLonger = "contract-longer", "契約の終了日は早めることだけができます。延長は新しい契約として登録してください", "a contract can only be ended earlier: register an extension as a contract of its own";
        FourEyes = "four-eyes", "登録した担当者は承認できません。別の担当者が --by で名乗って承認してください", "the person who prepared it cannot release it: another one has to";
        NoBusinessCode = "no-business-code", "計量データの電文は受信者の事業者コード（5桁）で宛先を示します。委託先・媒介業者には事業者コードがないため、この電文では提供できません", "a message of meter data names its recipient by a five-digit business code, which a consignee, contractor or broker does not have: it cannot go to one in this form";
        ContractPurpose = "contract-purpose", "登録された契約にこの利用目的がありません", "the registered contract does not cover this purpose";
    }
}
