//! Values with everything that is hard to print: rare 汉字, long names, full-width and western text side by side.

use forms::{ClipLine, FileLine, FileList, Fonts, Statement};
use model::{CaseDraft, Digest, Digests, Instant, Level, Officer, StatementFields, StationZone, parse_instant};
use std::sync::LazyLock;

pub static FONTS: LazyLock<Fonts> = LazyLock::new(|| Fonts::system().unwrap());

pub fn at(text: &str) -> Instant {
    parse_instant(text).unwrap()
}

/// A digest that differs in every digit group, from a seed.
pub fn digest(seed: u64) -> Digest {
    let mut state = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    Digest(std::array::from_fn(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    }))
}

pub fn clip(n: u64) -> ClipLine {
    let begin = at("2026-11-21T01:02:05Z") + std::time::Duration::from_secs(n * 600);
    let levels = [Level::V2, Level::V2Cached, Level::V3, Level::V1];
    ClipLine {
        number: format!("P2026-{:06}", n + 1),
        original_name: format!("DSJ-A8_03_{}_{n:04}.MP4", begin.format("%Y%m%d%H%M%S")),
        recorder: "DSJ-A8 03号".into(),
        recorded_from: Some(begin),
        recorded_to: Some(begin + std::time::Duration::from_secs(600)),
        duration_ms: Some(600_040),
        size: 1_288_490_188 + n,
        digests: Digests { blake3: digest(3 * n), sha256: digest(3 * n + 1), sm3: digest(3 * n + 2) },
        level: levels[n as usize % levels.len()],
        state: model::ClipState::Verified,
        unreadable: 0,
        playable: true,
    }
}

pub fn statement(clips: u64) -> Statement {
    let officer = |name: &str, no: &str| Officer { name: name.into(), certificate_no: no.into() };
    Statement {
        unit: "曲靖市麒麟区文化和旅游局".into(),
        number: "文说〔2026〕1号".into(),
        revision: 1,
        case_number: "麒文旅罚〔2026〕12号".into(),
        fields: StatementFields {
            officers: vec![officer("李㛃", "53030036012"), officer("王𬱖", "53030036015")],
            taken_from: Some(at("2026-11-21T01:02:00Z")),
            taken_to: Some(at("2026-11-21T01:47:00Z")),
            place: "曲靖市麒麟区文化路18号“𠮷祥”网吧一楼营业大厅、二楼包间及后门通道".into(),
            cause: "涉嫌未按规定核对、登记上网消费者的有效身份证件".into(),
            party: "䶮辉网络服务部（经营者：李某某）".into(),
            method: "使用DSJ-A8执法记录仪现场连续摄录，返回单位后二十四小时内由采集工作站读取存储卡，复制并逐字节校验"
                .into(),
            maker: "李㛃".into(),
            made_at: Some(at("2026-11-21T08:00:00Z")),
            purpose: "证明：（1）检查当日9时02分至9时47分，该场所正在营业；（2）前台未核对上网消费者的有效身份证件，\
                      亦未登记；（3）执法人员出示了执法证件，告知了检查事由与当事人的权利。"
                .into(),
            carrier: "执法记录仪DSJ-A8 03号内置存储卡，原件存于本局法制科证据室3号柜".into(),
            emphasis: String::new(),
            transcript: "执法人员：我们是麒麟区文化和旅游局执法人员，这是我们的证件，请看清。\n当事人：看清了。\n\
                         执法人员：请出示上网消费者登记记录。\n当事人：今天的还没有登记……"
                .into(),
        },
        clocks: vec![forms::ClockLine {
            recorder: "DSJ-A8 03号".into(),
            error_ms: 192_000,
            bound_ms: Some(2_000),
            entered: true,
            checked_at: at("2026-11-21T07:58:00Z"),
        }],
        clips: (0..clips).map(clip).collect(),
        root: digest(4711),
        issued_at: at("2026-11-21T08:05:00.123Z"),
        issued_by: "陈晨（53030036020）".into(),
        zone: StationZone::beijing(),
    }
}

pub fn file_list(files: u64) -> FileList {
    let file = |n: u64| {
        let clip = clip(n);
        FileLine { index: n as usize + 1, path: format!("data/{}/{}", clip.number, clip.original_name), clip }
    };
    let files: Vec<FileLine> = (0..files).map(file).collect();
    FileList {
        unit: "曲靖市麒麟区文化和旅游局".into(),
        case: CaseDraft {
            number: "麒文旅罚〔2026〕12号".into(),
            cause: "涉嫌未按规定核对、登记上网消费者的有效身份证件".into(),
            party: "䶮辉网络服务部".into(),
            department: String::new(),
        },
        package_number: "G2026-0007".into(),
        total_bytes: files.iter().map(|file| file.clip.size).sum(),
        files,
        made_at: at("2026-11-22T02:00:00Z"),
        made_by: "赵堃".into(),
        zone: StationZone::beijing(),
    }
}
