#![allow(clippy::unwrap_used)]
use fixity::{Coldness, StageError, Unwatched, Watch};
use std::fs;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Default)]
struct Meter {
    bytes: AtomicU64,
    stop_at: Option<u64>,
}

impl Watch for Meter {
    fn copied(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
    fn cancelled(&self) -> bool {
        self.stop_at.is_some_and(|stop| self.bytes.load(Ordering::Relaxed) >= stop)
    }
}

fn content(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 31 % 251) as u8).collect()
}

/// Gives one byte, then seven, then one …: what a flaky bus does.
struct Stutter<'a>(&'a [u8], bool);

impl Read for Stutter<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 && self.0.len().is_multiple_of(3) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let step = if self.1 { 1 } else { 40_000 };
        let count = step.min(self.0.len()).min(buffer.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

#[test]
fn digests_agree_with_the_published_vectors() {
    let rows = [("", "af1349b9", "e3b0c442", "1ab21d83"), ("abc", "6437b3ac", "ba7816bf", "66c7f0f4")];
    for (text, blake3, sha256, sm3) in rows {
        let (size, digests) = fixity::digest(text.as_bytes()).unwrap();
        assert_eq!(size, text.len() as u64);
        for (digest, begin) in [(digests.blake3, blake3), (digests.sha256, sha256), (digests.sm3, sm3)] {
            assert!(digest.to_string().starts_with(begin), "digest of {text:?} is {digest}, not {begin}…");
        }
    }
}

#[test]
fn threads_and_short_reads_do_not_change_a_digest() {
    for len in [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 20 << 20] {
        let bytes = content(len);
        let (size, whole) = fixity::digest(&bytes[..]).unwrap();
        let (_, stuttered) = fixity::digest(Stutter(&bytes, false)).unwrap();
        assert_eq!(size, len as u64);
        assert_eq!(whole, stuttered, "{len} bytes in pieces give the digests of {len} bytes at once");
        assert_eq!(whole.sha256, fixity::sha256_of(&bytes), "the lane agrees with one call for {len} bytes");
    }
}

#[test]
fn a_copy_is_read_back_past_the_cache() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for len in [0, 5, 4096, (4 << 20) + 4096, (9 << 20) + 123] {
        let bytes = content(len);
        let target = folder.path().join(format!("{len}"));
        let copied = fixity::copy_verified(&bytes[..], &target, &Meter::default()).unwrap();
        assert_eq!(fs::read(&target).unwrap(), bytes, "the copy of {len} bytes is exact");
        assert_eq!(copied.digests, fixity::digest(&bytes[..]).unwrap().1);
        assert_ne!(copied.coldness, Coldness::NotExcluded, "the build disk allows a cold read");
    }
}

#[test]
fn a_direct_read_where_there_is_no_disk_proves_nothing() {
    let Ok(folder) = tempfile::tempdir_in("/dev/shm") else {
        eprintln!("SKIPPED: no /dev/shm here");
        return;
    };
    let kind = std::process::Command::new("stat").args(["-f", "-c", "%T"]).arg(folder.path()).output().unwrap();
    assert_eq!(kind.stdout, b"tmpfs\n", "the test needs a file system without a disk");
    for len in [0, 5, (1 << 20) + 5] {
        let path = folder.path().join(format!("{len}"));
        fs::write(&path, content(len)).unwrap();
        let back = fixity::reread(&path, &Unwatched).unwrap();
        assert_eq!(back.size, len as u64, "it is read all the same");
        assert_ne!(back.coldness, Coldness::Direct, "{len} bytes in memory were never on a disk");
        assert!(len == 0 || back.coldness == Coldness::NotExcluded, "{len} bytes: {:?}", back.coldness);
    }
}

#[test]
fn times_that_no_file_system_takes_do_not_stop_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    for (n, (seconds, nanos)) in
        [(i64::MAX, 0), (i64::MIN, 0), (0, 1_073_741_823), (0, u32::MAX)].into_iter().enumerate()
    {
        let path = folder.path().join(n.to_string());
        let sealed = fixity::seal(&fs::File::create(&path).unwrap(), seconds, nanos);
        assert!(sealed.is_ok(), "{seconds} s {nanos} ns: {sealed:?}");
    }
}

#[test]
fn a_changed_byte_is_noticed_on_reading_back() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("clip");
    let mut bytes = content(3 << 20);
    fs::write(&path, &bytes).unwrap();
    let (_, before) = fixity::digest(&bytes[..]).unwrap();
    bytes[2_000_000] ^= 1;
    let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all(&bytes).unwrap();
    file.sync_all().unwrap();
    assert_ne!(fixity::reread(&path, &Unwatched).unwrap().blake3, before.blake3);
}

#[test]
fn the_failing_side_is_named() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::from_raw_os_error(5))
        }
    }
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from_raw_os_error(28))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let meter = Meter::default();
    let late = content(5 << 20).chain(Broken);
    assert!(matches!(fixity::stage(late, io::sink(), &meter), Err(StageError::Source(_))), "the drive failed");
    for len in [10, 30 << 20] {
        let error = fixity::stage(&content(len)[..], Broken, &meter).unwrap_err();
        assert!(matches!(error, StageError::Target(_)), "our disk failed after {len} bytes: {error:?}");
    }
    let stopping = Meter { stop_at: Some(4 << 20), ..Meter::default() };
    let error = fixity::stage(&content(30 << 20)[..], io::sink(), &stopping).unwrap_err();
    assert!(matches!(error, StageError::Cancelled), "somebody cancelled: {error:?}");
}

trait Chain {
    fn chain(self, next: impl Read) -> impl Read;
}

impl Chain for Vec<u8> {
    fn chain(self, next: impl Read) -> impl Read {
        Read::chain(io::Cursor::new(self), next)
    }
}

#[test]
fn row_42_publishing_never_replaces() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("staged")).unwrap();
    fs::write(at("staged/a"), "new").unwrap();
    fixity::create_folders(&at("x/y")).unwrap();
    fixity::publish(&at("staged"), &at("x/y/final")).unwrap();
    assert_eq!(fs::read(at("x/y/final/a")).unwrap(), b"new");

    fs::write(at("second"), "other").unwrap();
    let error = fixity::publish(&at("second"), &at("x/y/final/a")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists, "an original keeps its name");
    assert_eq!(fs::read(at("x/y/final/a")).unwrap(), b"new", "and its bytes");
    assert!(at("second").exists(), "the newcomer waits");
    assert!(fixity::write_new(&at("second"), b"").is_err(), "a new file is really new");
}
