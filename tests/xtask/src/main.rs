//! `cargo xtask`: sets the machine up, runs the demo, passes the tests.
//!
//! It uses the standard library only, so that it builds in seconds on a machine that has nothing yet.

mod bench;
mod demo;
mod faults;
mod mounts;
mod packages;
mod process;
mod run;
mod screen;
mod soak;
mod soak_cards;
mod soak_judge;
mod soak_world;
mod stamp;
mod test;
mod ui;
mod window_tests;

use std::path::PathBuf;
use std::process::ExitCode;

use packages::Need;

const HELP: &str = "\
用法：cargo xtask <命令>

  run      备好环境并打开工作站。不带参数时使用演示库和三台生成的记录仪
             --vault DIR        使用这个库
             --dock DIR         把 DIR 下的每个子目录当作一台已接入的设备，可重复
             --fresh            重新生成演示库和演示设备
             --size 宽x高       虚拟屏幕大小，默认 1366x768（仅在没有显示器时）
             --screenshot FILE  页面就绪后把画面写入 FILE，然后退出
  test     备好环境并通过全部检查：格式、clippy、测试、界面、接口类型、真实窗口

单独使用的部分：
  setup    只安装缺少的系统软件包、npm 包和检验工具
  ui       只构建界面
  e2e      真实窗口走完全程；可跟名称：journey media faults rules
  ime      真实输入法输入
  shots    每个页面在两种大小下的截图，写入 target/shots
  bench intake 采集的用时、处理器和内存，与磁盘的极限和其他工具相比，约 25 分钟（需要 root 清空缓存）
             --quick      每项一次，数据量小，约 3 分钟
             --case NAME  只测这一项
             --write      把结果写进 tests/BENCH.md
  faults   故障矩阵逐行的结果，再在采集的每一次系统调用处注入错误和杀进程，然后核对
             --rows | --sweep   只做其一；--strike 0.2:fsync:7:EIO 重做一次注入
  soak     随机接入、拔出、杀进程、拨钟、写满磁盘，每轮核对（需要 root）
             --minutes 60、--seed N
";

/// Why a step did not succeed, in words for the person at the terminal.
pub struct Failure(pub String);

pub type Outcome<T = ()> = Result<T, Failure>;

/// Makes a [`Failure`] of an error and what was being done.
pub fn failed<E: std::fmt::Display>(doing: impl std::fmt::Display) -> impl FnOnce(E) -> Failure {
    move |error| Failure(format!("{doing}：{error}"))
}

/// Returns the root of the checkout.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("xtask lies two folders below the root").to_owned()
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let rest: Vec<String> = words.collect();
    let outcome = match command.as_str() {
        "run" => run::Wish::read(&rest).and_then(|wish| run::run(&wish)),
        "test" => nothing_left(&rest).and_then(|()| test::test()),
        "setup" => nothing_left(&rest).and_then(|()| setup()),
        "ui" => nothing_left(&rest).and_then(|()| prepare_ui()),
        "e2e" => prepare_window_tests().and_then(|()| window_tests::end_to_end(&rest)),
        "ime" => nothing_left(&rest).and_then(|()| prepare_window_tests()).and_then(|()| window_tests::input_method()),
        "shots" => nothing_left(&rest).and_then(|()| prepare_window_tests()).and_then(|()| window_tests::shots()),
        "bench" => bench::Wish::read(&rest).and_then(|wish| bench::bench(&wish)),
        "faults" => faults::Wish::read(&rest).and_then(|wish| setup().and_then(|()| faults::faults(&wish))),
        "soak" => soak::Wish::read(&rest).and_then(|wish| setup().and_then(|()| soak::soak(&wish))),
        "" | "help" | "--help" | "-h" => {
            eprint!("{HELP}");
            return ExitCode::SUCCESS;
        }
        other => Err(Failure(format!("没有命令 {other}\n\n{HELP}"))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(words)) => {
            eprintln!("\n✘ {words}");
            ExitCode::FAILURE
        }
    }
}

fn nothing_left(words: &[String]) -> Outcome {
    match words.first() {
        None => Ok(()),
        Some(word) => Err(Failure(format!("不认识的参数 {word}\n\n{HELP}"))),
    }
}

fn setup() -> Outcome {
    packages::ensure(Need::Test)?;
    ui::install()?;
    window_tests::ensure_references()
}

fn prepare_ui() -> Outcome {
    packages::ensure(Need::Run)?;
    ui::install()?;
    ui::build()
}

fn prepare_window_tests() -> Outcome {
    setup()?;
    ui::build()?;
    process::cargo(&["build", "--workspace", "--bins"])
}
