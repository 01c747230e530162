//! Real mounts for tests that run as root.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A tmpfs, unmounted when dropped.
pub struct Tmpfs(PathBuf);

impl Tmpfs {
    /// Mounts at an existing folder; `None`, with a word on standard error, where we may not mount.
    pub fn mount(point: &Path, options: &str) -> Option<Self> {
        let mut command = Command::new("mount");
        let output = command.args(["-t", "tmpfs", "-o", options, "dock-test"]).arg(point).output().unwrap();
        if !output.status.success() {
            eprintln!("SKIPPED: cannot mount here (root needed): {}", String::from_utf8_lossy(&output.stderr).trim());
            return None;
        }
        Some(Self(point.to_owned()))
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        unmount(&self.0);
    }
}

fn unmount(point: &Path) {
    let status = Command::new("umount").arg(point).status();
    assert!(status.is_ok_and(|status| status.success()), "the test's own mount comes off again");
}

/// An exFAT card in an image on a loop device, as FUSE mounts it; taken apart when dropped.
pub struct ExfatCard {
    pub image: PathBuf,
    pub point: PathBuf,
    device: String,
    mounted: bool,
}

impl ExfatCard {
    /// Formats a card of 4 MiB and leaves it unmounted; `None`, with a word on standard error, where that cannot be.
    pub fn format(place: &Path) -> Option<Self> {
        let (image, point) = (place.join("card.img"), place.join("card"));
        std::fs::File::create(&image).unwrap().set_len(4 << 20).unwrap();
        std::fs::create_dir(&point).unwrap();
        let run = |program: &str, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).arg(&image).output();
            let done = output.ok().filter(|output| output.status.success());
            if done.is_none() {
                eprintln!("SKIPPED: {program} does not work here (root, exfatprogs and exfat-fuse needed)");
            }
            done.map(|output| String::from_utf8(output.stdout).unwrap().trim().to_owned())
        };
        run("mkfs.exfat", &[])?;
        let device = run("losetup", &["--find", "--show"])?;
        Some(Self { image, point, device, mounted: false })
    }

    /// Mounts the card `ro` or `rw`; `None`, with a word on standard error, where exFAT cannot be mounted.
    pub fn mount(&mut self, options: &str) -> Option<()> {
        let mut command = Command::new("mount");
        let output = command.args(["-t", "exfat-fuse", "-o", options, &self.device]).arg(&self.point).output().unwrap();
        self.mounted = output.status.success();
        if !self.mounted {
            eprintln!("SKIPPED: cannot mount exFAT: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        self.mounted.then_some(())
    }

    pub fn unmount(&mut self) {
        unmount(&self.point);
        self.mounted = false;
    }
}

impl Drop for ExfatCard {
    fn drop(&mut self) {
        if self.mounted {
            self.unmount();
        }
        let status = Command::new("losetup").arg("--detach").arg(&self.device).status();
        assert!(status.is_ok_and(|status| status.success()), "the test's own loop device is given back");
    }
}
