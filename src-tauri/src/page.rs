//! What every page of ours gets: inline composition, no way out to another address, a word when it stands.

use std::time::{Duration, Instant};

use tauri::plugin::TauriPlugin;
use tauri::webview::PageLoadEvent;
use tauri::{App, AppHandle, Manager, Runtime, Webview, Wry};
use webkit2gtk::{InputMethodContextExt, WebViewExt};

use crate::WINDOW;
use crate::bridge::Bridge;

/// Set to `0`, the input method shows pinyin in a window of its own, as before.
const PREEDIT: &str = "EVIDOCK_IME_PREEDIT";
/// A page that asked nothing for so long has what it needs.
const QUIET: Duration = Duration::from_millis(600);
/// Longest watch on a page that keeps asking.
const WATCH: Duration = Duration::from_secs(30);
const TICK: Duration = Duration::from_millis(50);

/// Returns the hooks that hold for every window, whoever creates it.
pub fn plugin() -> TauriPlugin<Wry> {
    tauri::plugin::Builder::new("page")
        .on_webview_ready(|webview| {
            if let Err(error) = show_composition_inline(&webview) {
                eprintln!("evidock-desktop: composition stays in the input method's own window: {error}");
            }
        })
        .on_navigation(|_, address| matches!(address.scheme(), "tauri" | "about"))
        .on_page_load(|webview, load| {
            if load.event() == PageLoadEvent::Finished {
                let app = webview.app_handle().clone();
                std::thread::spawn(move || tell_when_ready(&app));
            }
        })
        .build()
}

/// Writes what an input method is chosen by, for the support call.
pub fn log_input_method() {
    let named = |name| std::env::var(name).unwrap_or_else(|_| "not set".into());
    eprintln!("evidock-desktop: GTK_IM_MODULE {}, XMODIFIERS {}", named("GTK_IM_MODULE"), named("XMODIFIERS"));
}

/// Switches preedit on: without it, text not yet committed follows a click into another field (fcitx5).
fn show_composition_inline<R: Runtime>(webview: &Webview<R>) -> tauri::Result<()> {
    if std::env::var(PREEDIT).is_ok_and(|value| value == "0") {
        eprintln!("evidock-desktop: {PREEDIT}=0, inline composition is off");
        return Ok(());
    }
    webview.with_webview(|view| {
        if let Some(context) = view.inner().input_method_context() {
            context.set_enable_preedit(true);
        }
    })
}

/// Fills the screen where the window with its title bar would not fit otherwise.
pub fn fit_to_screen(app: &App) -> tauri::Result<()> {
    let Some(window) = app.get_webview_window(WINDOW) else { return Ok(()) };
    let Some(screen) = window.current_monitor()? else { return Ok(()) };
    let size = window.inner_size()?;
    if screen.size().width <= size.width || screen.size().height <= size.height {
        window.maximize()?;
    }
    Ok(())
}

/// Says `page ready` once the page has asked something and waits for nothing.
fn tell_when_ready(app: &AppHandle) {
    let bridge = app.state::<Bridge>();
    let begun = Instant::now();
    let mut seen = bridge.traffic();
    let mut since = Instant::now();
    while begun.elapsed() < WATCH {
        std::thread::sleep(TICK);
        let (asked, answered) = bridge.traffic();
        if (asked, answered) != seen {
            (seen, since) = ((asked, answered), Instant::now());
        }
        if asked > 0 && asked == answered && since.elapsed() >= QUIET {
            eprintln!("evidock-desktop: page ready, {asked} commands answered");
            return;
        }
    }
    eprintln!("evidock-desktop: the page does not come to rest");
}
