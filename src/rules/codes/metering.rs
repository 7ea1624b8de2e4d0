//! OC10xx meter data: OC1001–1039 what stands in a file, OC1040–1059 file names, archives and files to be sent,
//! OC1060–1079 readings and their gaps, OC1080–1099 fetching.

use super::{Rule, Severity};

rules! {
    TABLE:
    FILE_NAME = "OC1040", Warning, "ファイル名が規格の形ではありません", "the file name is not of the standard's form"
        => "提供元の一覧にあるファイル名のまま保存してください", "keep the name that the file has in the operator's list";
    FILE_NAME_HEADER = "OC1041", Error, "ファイル名と電文の内容が一致しません", "the file name and the head of the message disagree"
        => "ファイルを取得し直し、それでも違う場合は提供元に確認してください", "fetch the file again; if they still disagree, ask the operator";
    NOT_A_ZIP = "OC1042", Error, "zipファイルではありません", "it is not a zip file"
        => "ファイルを取得し直してください", "fetch the file again";
    ZIP_TRUNCATED = "OC1043", Error, "zipファイルが途中で終わっています", "the zip file ends too early"
        => "ファイルを取得し直してください", "fetch the file again";
    ZIP_DAMAGED = "OC1044", Error, "zipファイルが壊れています", "the zip file is damaged"
        => "ファイルを取得し直してください", "fetch the file again";
    ZIP_ENCRYPTED = "OC1045", Error, "zipファイルが暗号化されています", "the zip file is encrypted"
        => "暗号化されていないファイルを提供元から取得してください", "have the operator give a file without a password";
    ZIP_EMPTY = "OC1046", Error, "zipファイルに何も入っていません", "there is nothing in the zip file"
        => "ファイルを取得し直してください", "fetch the file again";
    ZIP_ENTRIES = "OC1047", Error, "zipファイルに2つ以上のファイルが入っています", "there is more than one file in the zip file"
        => "1つのzipには1つのXMLです。提供元に確認してください", "a zip holds one XML: ask the operator";
    ZIP_PATH = "OC1048", Error, "zipの中のファイル名が安全ではありません", "the name of the file in the zip is not safe"
        => "提供元に確認してください。中身は取り出していません", "ask the operator; nothing was taken out";
    ZIP_NESTED = "OC1049", Error, "zipの中にさらにzipがあります", "there is a zip in the zip"
        => "1つのzipには1つのXMLです。提供元に確認してください", "a zip holds one XML: ask the operator";
    ZIP_SIZE = "OC1050", Error, "ファイルの大きさが一覧と違います", "the size of the file is not that of the list"
        => "ファイルを取得し直してください", "fetch the file again";
    ZIP_TOO_LARGE = "OC1051", Error, "zipを展開した大きさが上限を超えます", "what the zip holds is larger than the limit"
        => "提供元に確認し、正しいファイルであれば上限の設定を上げてください", "ask the operator; if the file is right, raise the limit";
    ZIP_RATIO = "OC1052", Error, "zipの圧縮率が高すぎます", "the zip is compressed beyond the limit"
        => "提供元に確認し、正しいファイルであれば上限の設定を上げてください", "ask the operator; if the file is right, raise the limit";
    ZIP_UNSUPPORTED = "OC1053", Error, "対応していない形式のzipです（deflate以外の圧縮、分割zip）", "this form of zip is not supported: compression other than deflate, or several pieces"
        => "deflate方式のzipを提供元から取得してください", "have the operator give a zip with deflate";
    ZIP_READ = "OC1054", Error, "zipファイルを読み込めません", "the zip file cannot be read"
        => "ファイルの場所と権限を確認してください", "check the place of the file and the permissions";
}
