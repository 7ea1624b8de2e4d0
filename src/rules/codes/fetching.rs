//! OC1080–1099 fetching meter data: listings and downloads.

use super::{Rule, Severity};

rules! {
    TABLE:
    FETCH_UNREACHABLE = "OC1080", Error, "ダウンロードシステムから応答を得られません", "the download system does not answer"
        => "接続先・証明書・稼働状況を確認し、もう一度実行してください。続きから取得します", "check address, certificate and service, then run again: it goes on where it stopped";
    FETCH_CLOSED = "OC1081", Error, "ダウンロードシステムは受付時間外または保守中です", "the download system is closed or under maintenance"
        => "時間をおいて、もう一度実行してください。続きから取得します", "run again later: it goes on where it stopped";
    FETCH_REFUSED = "OC1082", Error, "ダウンロードシステムに接続を拒否されました", "the download system refuses the connection"
        => "クライアント証明書と、接続設定の host・prefix・session を確認してください", "check the client certificate, and `host`, `prefix` and `session` of the configuration";
    FETCH_LISTING = "OC1083", Error, "ファイル一覧を読めません", "the listing cannot be read"
        => "接続設定の listing を確認し、それでも読めない場合は提供元に確認してください", "check `listing` of the configuration; if it still cannot be read, ask the operator";
    FETCH_ENTRY = "OC1084", Warning, "ファイル一覧に読めない項目があります", "an entry of the listing cannot be read"
        => "必要なファイルが取得できているか確認してください", "check whether every file you need was fetched";
    FETCH_NAME = "OC1085", Warning, "ファイル名が規格の形ではないため取得しません", "the file is not taken: its name is not of the standard's form"
        => "必要なファイルであれば提供元の画面から取得してください", "if you need the file, take it from the operator's web page";
    FETCH_FAILED = "OC1086", Error, "ファイルを取得できません", "the file cannot be fetched"
        => "もう一度実行してください。続く場合は提供元に確認してください", "run again; if it goes on, ask the operator";
    FETCH_SIZE = "OC1087", Error, "取得したファイルの大きさが一覧と違います", "the size of the file is not that of the listing"
        => "もう一度実行してください。続く場合は提供元に確認してください", "run again; if it goes on, ask the operator";
    FETCH_DAMAGED = "OC1088", Error, "取得したファイルが壊れています", "the file that came is damaged"
        => "もう一度実行してください。続く場合は提供元に確認してください", "run again; if it goes on, ask the operator";
    FETCH_TOO_LARGE = "OC1089", Error, "応答が大きすぎます", "the answer is too large"
        => "提供元に確認し、正しいものであれば接続設定の max-file または max-listing を上げてください", "ask the operator; if it is right, raise `max-file` or `max-listing`";
    FETCH_WITHDRAWN = "OC1090", Notice, "一覧にあったファイルがなくなったか、差し替えられました", "a file that was listed is gone or was replaced"
        => "代わりのファイルが一覧にあれば取得しています", "what stands in its place is fetched if it is listed";
    FETCH_REPLACED = "OC1091", Notice, "同じ名前で大きさの違うファイルを取得しました", "a file of the same name and another size was fetched"
        => "前のファイルは replaced フォルダにあります。取り込み直してください", "the former one is in the folder `replaced`: ingest again";
    FETCH_NOT_TRIED = "OC1092", Error, "応答がないため、残りのファイルは取得していません", "the other files were not asked for, as nothing answers"
        => "もう一度実行してください。続きから取得します", "run again: it goes on where it stopped";
    FETCH_UNSETTLED = "OC1093", Warning, "取得中に一覧が変わり続けています", "the listing keeps changing while files are fetched"
        => "時間をおいて、もう一度実行してください", "run again later";
}
