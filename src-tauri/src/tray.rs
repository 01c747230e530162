//! The tray: how much is due, and a way back to the window.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use serde_json::json;
use tauri::menu::{Menu, MenuItem};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{App, Wry};
use wire::dto::{DueView, Topic};
use wire::{Host, Subscription};

use crate::wording::wording;

/// Id of the menu item that tells how much is due.
const DUE: &str = "due";
/// Id of the menu item that opens the window.
const OPEN: &str = "open";
/// What the system's loader finds libraries by.
const LOADER_CACHE: &str = "/etc/ld.so.cache";
/// Either of them speaks to trays.
const LIBRARIES: [&str; 2] = ["libayatana-appindicator3.so.1", "libappindicator3.so.1"];
/// Time alone makes things due.
const PAUSE: Duration = Duration::from_secs(60);
/// What may change the list.
const TOPICS: [Topic; 5] = [Topic::Due, Topic::Sessions, Topic::Cases, Topic::Packages, Topic::Settings];

/// Puts the icon into the tray and keeps it up to date while the subscription is held. A desktop without a tray, or
/// without the library that speaks to it, is told of and goes without.
pub fn show(app: &App, host: &Arc<Host>) -> Option<Subscription> {
    if !speaks() {
        eprintln!("evidock-desktop: no icon in the tray: {} is not installed", LIBRARIES[0]);
        return None;
    }
    // Should the library be gone all the same, its want is a panic, not an error.
    match catch_unwind(AssertUnwindSafe(|| build(app))) {
        Ok(Ok((tray, due))) => Some(follow(host, tray, due)),
        Ok(Err(error)) => {
            eprintln!("evidock-desktop: no icon in the tray: {error}");
            None
        }
        Err(_) => None,
    }
}

/// Tells whether the system's loader knows a library that speaks to trays.
fn speaks() -> bool {
    let known = std::fs::read(LOADER_CACHE).unwrap_or_default();
    let holds = |name: &str| known.windows(name.len()).any(|part| part == name.as_bytes());
    LIBRARIES.iter().any(|name| holds(name))
}

fn build(app: &App) -> tauri::Result<(TrayIcon, MenuItem<Wry>)> {
    let due = MenuItem::with_id(app, DUE, &wording().tray_none, true, None::<&str>)?;
    let open = MenuItem::with_id(app, OPEN, &wording().tray_open, true, None::<&str>)?;
    let mut builder = TrayIconBuilder::new()
        .menu(&Menu::with_items(app, &[&due, &open])?)
        .tooltip(&wording().title)
        .on_menu_event(|app, _| crate::raise(app));
    if let Some(icon) = app.default_window_icon() {
        builder = builder.icon(icon.clone());
    }
    Ok((builder.build(app)?, due))
}

/// Tells the count now, whenever something changed, and once a minute.
fn follow(host: &Arc<Host>, tray: TrayIcon, due: MenuItem<Wry>) -> Subscription {
    let (changed, heard) = channel();
    let asked = Arc::clone(host);
    std::thread::spawn(move || {
        loop {
            if let Some(line) = line(&asked)
                && let Err(error) = due.set_text(&line).and_then(|()| tray.set_tooltip(Some(&line)))
            {
                eprintln!("evidock-desktop: the tray does not tell what is due: {error}");
            }
            match heard.recv_timeout(PAUSE) {
                // Many changes at once are one look.
                Ok(()) => while heard.try_recv().is_ok() {},
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    });
    host.listen(move |notice| poke(&changed, notice.topic))
}

fn poke(changed: &Sender<()>, topic: Topic) {
    if TOPICS.contains(&topic) {
        // Without a listener the window is closing, and there is nothing to tell.
        changed.send(()).unwrap_or_default();
    }
}

/// Returns how much is due; `None` while there is no vault to ask.
fn line(host: &Host) -> Option<String> {
    let answer = host.call("due", json!({})).ok()?;
    let list: Vec<DueView> = serde_json::from_value(answer).ok()?;
    let overdue = list.iter().filter(|due| due.level == "overdue").count();
    Some(told(list.len(), overdue))
}

fn told(count: usize, overdue: usize) -> String {
    if count == 0 {
        return wording().tray_none.clone();
    }
    wording().tray_due.replace("{count}", &count.to_string()).replace("{overdue}", &overdue.to_string())
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn the_tray_tells_how_much_is_due() {
        assert_eq!(told(0, 0), "没有到期事项");
        assert_eq!(told(3, 1), "到期事项 3 项，已到期 1 项");
    }
}
