use crate::mounted::Tmpfs;
use dock::{DockError, DockPlaces, SystemPaths, Watch, look};
use std::fs;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// Far beyond any latency seen, for a machine under load.
const PATIENCE: Duration = Duration::from_secs(10);

fn watch(places: &DockPlaces) -> (Watch, Receiver<Instant>) {
    let (told, changes) = mpsc::channel();
    // A receiver that is gone belongs to a test that is over.
    let watch = Watch::start(places, move || told.send(Instant::now()).unwrap_or(())).unwrap();
    (watch, changes)
}

/// Waits until a change was told after which the dock holds `count` drives.
fn until(places: &DockPlaces, changes: &Receiver<Instant>, count: usize) -> Instant {
    loop {
        let at = changes.recv_timeout(PATIENCE).expect("a change is told");
        if look(places, &SystemPaths::default()).unwrap().len() == count {
            return at;
        }
    }
}

#[test]
fn a_real_mount_is_told_at_once() {
    let place = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(place.path()).unwrap();
    let point = root.join("card");
    fs::create_dir(&point).unwrap();
    let places = DockPlaces { mount_roots: vec![root], folders: vec![] };
    let (watch, changes) = watch(&places);
    let begun = Instant::now();
    let Some(mount) = Tmpfs::mount(&point, "size=1m") else { return };
    let mounted = Instant::now();
    let told = until(&places, &changes, 1);
    eprintln!(
        "mount(8) took {:?}; told {:?} after it was called, {:?} after it returned",
        mounted - begun,
        told - begun,
        told.saturating_duration_since(mounted)
    );
    assert!(told.saturating_duration_since(mounted) < Duration::from_secs(1), "the kernel tells, nobody polls");
    drop(mount);
    until(&places, &changes, 0);
    assert!(watch.is_alive(), "and the watch goes on");
}

#[test]
fn folder_drives_come_and_go() {
    let place = tempfile::tempdir().unwrap();
    let shelf = place.path().join("shelf");
    fs::create_dir(&shelf).unwrap();
    let places = DockPlaces { mount_roots: vec![], folders: vec![shelf.clone()] };
    let (watch, changes) = watch(&places);

    let begun = Instant::now();
    fs::create_dir(shelf.join(".copying")).unwrap();
    fs::write(shelf.join(".copying/a.mp4"), "a").unwrap();
    fs::rename(shelf.join(".copying"), shelf.join("A")).unwrap();
    let told = until(&places, &changes, 1);
    eprintln!("a folder drive was told after {:?}", told - begun);

    fs::create_dir(shelf.join("B")).unwrap();
    until(&places, &changes, 2);
    fs::remove_dir_all(shelf.join("A")).unwrap();
    until(&places, &changes, 1);

    drop(watch);
    while changes.try_recv().is_ok() {}
    fs::create_dir(shelf.join("C")).unwrap();
    assert!(
        matches!(changes.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected)),
        "a dropped watch tells nothing more and lets go of the caller"
    );
}

#[test]
fn a_folder_that_never_falls_quiet_is_told_all_the_same() {
    let place = tempfile::tempdir().unwrap();
    let places = DockPlaces { mount_roots: vec![], folders: vec![place.path().to_owned()] };
    let (_watch, changes) = watch(&places);
    let begun = Instant::now();
    for n in 0.. {
        fs::create_dir(place.path().join(n.to_string())).unwrap();
        if changes.recv_timeout(Duration::from_millis(50)).is_ok() {
            eprintln!("told after {n} folders, {:?}", begun.elapsed());
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "a steady stream of changes silences the watch");
    }
}

#[test]
fn a_folder_that_cannot_be_watched_is_refused() {
    let places = DockPlaces { mount_roots: vec![], folders: vec!["/nonexistent/shelf".into()] };
    let refused = Watch::start(&places, || ()).err();
    assert!(matches!(refused, Some(DockError::WatchFolder { .. })), "a wrong configuration is heard: {refused:?}");
}
