//! The window of 证坞: one web view over the station. It carries commands and notices, and decides nothing.

mod arguments;
mod bridge;
mod closing;
mod page;
mod tray;
mod wording;

use std::process::ExitCode;
use std::sync::Arc;

use tauri::{App, AppHandle, Emitter, Manager, RunEvent};

use crate::arguments::{Arguments, Asked};
use crate::bridge::Bridge;
use crate::wording::wording;

/// Label of the one window, as in `tauri.conf.json` and `capabilities/main.json`.
const WINDOW: &str = "main";
/// Event that tells the page what changed; its payload is [`wire::dto::Notice`].
const NOTICE: &str = "notice";

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args_os().skip(1)) {
        Ok(Asked::Open(arguments)) => arguments,
        Ok(Asked::Help) => {
            eprint!("{}", wording().usage);
            return ExitCode::SUCCESS;
        }
        Err(refusal) => {
            eprint!("{refusal}\n\n{}", wording().usage);
            return ExitCode::from(2);
        }
    };
    // Asked first: without a display the event loop would end in a panic.
    if let Err(error) = gtk::init() {
        eprintln!("{}（{error}）", wording().display_missing);
        return ExitCode::from(4);
    }
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("evidock-desktop: cannot open the window: {error}");
            ExitCode::from(4)
        }
    }
}

fn run(arguments: Arguments) -> tauri::Result<()> {
    let app = tauri::Builder::default()
        // First of all: a second start ends here, before it touches the vault.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| raise(app)))
        .plugin(page::plugin())
        .invoke_handler(tauri::generate_handler![bridge::call])
        .on_window_event(closing::ask_before_interrupting)
        .setup(move |app| Ok(start(app, arguments)?))
        .build(tauri::generate_context!())?;
    app.run(|app, event| {
        if let RunEvent::Exit = event {
            app.state::<Bridge>().host.close();
        }
    });
    Ok(())
}

/// Opens the station and shows the window; a vault that is refused is for the page to tell.
fn start(app: &mut App, arguments: Arguments) -> tauri::Result<()> {
    page::log_input_method();
    let host = wire::Host::open(arguments.into_options());
    let handle = app.handle().clone();
    let notices = host.listen(move |notice| {
        if let Err(error) = handle.emit(NOTICE, notice) {
            eprintln!("evidock-desktop: the page was not told of a change: {error}");
        }
    });
    let served: Arc<dyn loopback::Served> = Arc::<wire::Host>::clone(&host);
    let media = loopback::media(served);
    if let Err(error) = &media {
        // Everything but playing works without it; the player then offers the system's own.
        eprintln!("evidock-desktop: footage cannot be played in the window: {error}");
    }
    let tray = tray::show(app, &host);
    app.manage(Bridge::new(host, notices, tray, media.ok()));
    page::fit_to_screen(app)
}

/// Brings the window to the front for someone who started the program a second time, or chose it in the tray.
fn raise(app: &AppHandle) {
    let Some(window) = app.get_webview_window(WINDOW) else { return };
    for step in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = step {
            eprintln!("evidock-desktop: the window does not come to the front: {error}");
        }
    }
}
