//! System packages: what is needed and why, what is missing, and how it is installed.

use std::collections::BTreeSet;
use std::fs;
use std::io::IsTerminal;
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};

use crate::{Failure, Outcome, process};

/// How much of the machine is to be made ready.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    Run,
    Test,
    /// As `Test`, with what intake is measured beside.
    Bench,
}

/// A Debian package and the reason for it.
type Package = (&'static str, &'static str);

/// Needed to build and to run the workstation with its demo.
const RUN: &[Package] = &[
    ("build-essential", "C 编译器：SQLite、链接"),
    ("pkg-config", "找到下面的库"),
    ("libwebkit2gtk-4.1-dev", "窗口（Tauri）"),
    ("libavcodec-dev", "解码录像：时长、关键帧"),
    ("libavformat-dev", "读录像容器"),
    ("libavutil-dev", "上两者的基础"),
    ("libswscale-dev", "关键帧缩放"),
    ("libclang-dev", "生成 FFmpeg 接口（bindgen）"),
    ("gstreamer1.0-libav", "窗口内播放 H.264、HEVC、MJPEG"),
    ("gstreamer1.0-plugins-bad", "窗口内播放 AVI 中的 H.264 和 MPEG-TS"),
    ("fonts-noto-cjk", "中文字体：窗口和 PDF"),
    ("fonts-hanazono", "生僻字：姓名、地名"),
    ("xorriso", "光盘映像"),
    ("ffmpeg", "生成演示录像"),
    ("xvfb", "没有显示器时的虚拟屏幕"),
    ("openbox", "虚拟屏幕上的窗口管理器：焦点"),
    ("imagemagick", "截图（import）"),
    ("xdg-utils", "用系统播放器打开录像和 PDF"),
];

/// Needed by the tests on top of [`RUN`].
const TEST: &[Package] = &[
    ("git", "核对生成的接口类型"),
    ("webkit2gtk-driver", "驱动真实窗口（WebDriver）"),
    ("dbus-daemon", "输入法的会话总线"),
    ("xdotool", "真实按键"),
    ("ibus", "真实输入法"),
    ("ibus-gtk3", "输入法接入窗口"),
    ("ibus-libpinyin", "拼音"),
    ("b3sum", "另一家的 BLAKE3"),
    ("poppler-utils", "另一家读 PDF：pdftotext、pdftoppm"),
    ("qpdf", "另一家核对 PDF 结构"),
    ("default-jre-headless", "运行下面的检验"),
    ("libpdfbox2-java", "另一家核对 PDF/A（Preflight）"),
    ("libjaxb-api-java", "Preflight 要用"),
    ("libactivation-java", "Preflight 要用"),
    ("openssl", "另一家算 SM3"),
    ("zbar-tools", "另一家读二维码"),
    ("python3-venv", "另一家核对归档包（bagit）"),
    ("mtools", "无需挂载即可写 FAT 映像"),
    ("dosfstools", "生成 FAT32 卷"),
    ("exfatprogs", "生成 exFAT 卷"),
    ("exfat-fuse", "挂载 exFAT 卷"),
    ("fuse3", "挂载会出故障的文件系统（faultfs）"),
    ("libfaketime", "浸泡测试里拨钟"),
    ("strace", "查看对来源设备做过的系统调用"),
    ("rsync", "复制一份干净的工作树"),
];

/// Needed by the benchmarks on top of [`TEST`].
const BENCH: &[Package] = &[("rclone", "对照：复制并核对")];

/// Makes sure that the packages are there; names the missing ones before installing them.
pub fn ensure(need: Need) -> Outcome {
    if std::env::var_os("EVIDOCK_SKIP_PACKAGES").is_none() {
        let wanted = wanted(need);
        if !(process::on_path("dpkg-query") && process::on_path("apt-get")) {
            return Err(Failure(format!(
                "这不是 Debian 系统，无法自动安装系统软件包。\n需要与下列 Debian 12 软件包相当的软件：\n{}\n装好后设 EVIDOCK_SKIP_PACKAGES=1 再试。",
                table(&wanted)
            )));
        }
        let missing = missing(&wanted)?;
        if !missing.is_empty() {
            install(&missing)?;
        }
    }
    node()
}

fn wanted(need: Need) -> Vec<Package> {
    let more: &[&[Package]] = match need {
        Need::Run => &[],
        Need::Test => &[TEST],
        Need::Bench => &[TEST, BENCH],
    };
    RUN.iter().chain(more.iter().copied().flatten()).copied().collect()
}

/// Returns the packages that dpkg does not hold as installed.
fn missing(wanted: &[Package]) -> Outcome<Vec<Package>> {
    let mut query = Command::new("dpkg-query");
    query.args(["-W", "-f", "${db:Status-Abbrev}\t${Package}\n"]).args(wanted.iter().map(|(name, _)| name));
    let listing = process::output(&mut query)?;
    let held = installed(&listing);
    Ok(wanted.iter().copied().filter(|(name, _)| !held.contains(name)).collect())
}

/// Reads a dpkg listing: `ii ⇥name`, the second letter says installed.
fn installed(listing: &str) -> BTreeSet<&str> {
    let lines = listing.lines().filter_map(|line| line.split_once('\t'));
    lines.filter(|(state, _)| state.as_bytes().get(1) == Some(&b'i')).map(|(_, name)| name).collect()
}

fn install(missing: &[Package]) -> Outcome {
    eprintln!("缺少 {} 个系统软件包，现在安装：\n{}", missing.len(), table(missing));
    let prefix = privilege(missing)?;
    let apt = |arguments: &[&str]| {
        let mut command = Command::new(prefix.first().copied().unwrap_or("env"));
        command.args(prefix.get(1..).unwrap_or_default());
        if !prefix.is_empty() {
            command.arg("env");
        }
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"]).args(arguments);
        process::finish(command.stdin(Stdio::null()))
    };
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(missing.iter().map(|(name, _)| name));
    if lists_present() {
        if apt(&arguments).is_ok() {
            return Ok(());
        }
        eprintln!("软件包清单可能已过时，更新后再试一次。");
    }
    apt(&["update"])?;
    apt(&arguments)
}

/// Returns the words to put before a command that needs root: none, or sudo.
fn privilege(missing: &[Package]) -> Outcome<Vec<&'static str>> {
    let root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if root {
        return Ok(vec![]);
    }
    let silent = || Command::new("sudo").args(["-n", "true"]).stderr(Stdio::null()).status().is_ok_and(|s| s.success());
    if process::on_path("sudo") && silent() {
        return Ok(vec!["sudo", "-n"]);
    }
    if process::on_path("sudo") && std::io::stdin().is_terminal() {
        return Ok(vec!["sudo"]);
    }
    let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
    Err(Failure(format!(
        "安装系统软件包需要管理员权限，而这里既不是 root 也不能使用 sudo。\n请管理员执行：\n  apt-get update && apt-get install -y --no-install-recommends {}",
        names.join(" ")
    )))
}

fn lists_present() -> bool {
    let Ok(lists) = fs::read_dir("/var/lib/apt/lists") else { return false };
    lists.flatten().any(|entry| entry.file_name().to_string_lossy().contains("_Packages"))
}

/// Refuses a node that is missing or too old for the UI's build.
fn node() -> Outcome {
    const OLDEST: (u32, u32) = (20, 19);
    let told = Command::new("node").arg("--version").output().ok();
    let version = told.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    match node_version(&version) {
        Some(found) if found >= OLDEST && process::on_path("npm") => Ok(()),
        Some(_) if !process::on_path("npm") => Err(Failure("缺少 npm（随 Node.js 一起安装）。".into())),
        Some(_) => Err(Failure(format!("Node.js {version} 太旧，需要 {}.{} 或更新。", OLDEST.0, OLDEST.1))),
        None => Err(Failure(format!("缺少 Node.js，需要 {}.{} 或更新。", OLDEST.0, OLDEST.1))),
    }
}

fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn table(packages: &[Package]) -> String {
    packages.iter().map(|(name, reason)| format!("  {name:<26}{reason}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_installed_packages_count() {
        let held = installed("ii \tqpdf\nrc \txvfb\nun \tffmpeg\nhi \tgit\niU \tb3sum\n");
        let names: Vec<&str> = held.into_iter().collect();
        assert_eq!(names, ["git", "qpdf"], "removed, unknown and unpacked packages are missing; held ones are there");
    }

    #[test]
    fn no_package_is_asked_for_twice() {
        let all = wanted(Need::Bench);
        let names: BTreeSet<&str> = all.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), all.len(), "a package stands in one list with one reason");
    }

    #[test]
    fn node_versions_are_compared_by_number() {
        assert_eq!(node_version("v20.20.2"), Some((20, 20)), "what node prints");
        assert!(node_version("v9.99.0") < Some((20, 19)), "nine is older than twenty");
        assert_eq!(node_version("command not found"), None, "no version, no guess");
    }
}
