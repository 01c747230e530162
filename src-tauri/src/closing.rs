//! Closing while work is under way asks first.

use gtk::prelude::*;
use gtk::{ButtonsType, DialogFlags, MessageDialog, MessageType, ResponseType};
use tauri::{Manager, Window, WindowEvent};

use crate::bridge::Bridge;
use crate::wording::wording;

/// Holds the window open while jobs run, until the person at the desk decides.
pub fn ask_before_interrupting(window: &Window, event: &WindowEvent) {
    let WindowEvent::CloseRequested { api, .. } = event else { return };
    let running = window.state::<Bridge>().host.running_jobs();
    if running == 0 {
        return;
    }
    api.prevent_close();
    if let Err(error) = ask(window, running) {
        eprintln!("evidock-desktop: cannot ask before closing: {error}");
    }
}

/// Shows the question; the answer comes later, and the page goes on meanwhile.
fn ask(window: &Window, running: usize) -> tauri::Result<()> {
    let words = wording();
    let question = words.close_question.replace("{count}", &running.to_string());
    let parent = window.gtk_window()?;
    // Modal to the window, so a second click on the cross finds this question instead of stacking another.
    let flags = DialogFlags::MODAL | DialogFlags::DESTROY_WITH_PARENT;
    let dialog = MessageDialog::new(Some(&parent), flags, MessageType::Warning, ButtonsType::None, &question);
    dialog.set_title(&words.title);
    dialog.set_secondary_text(Some(&words.close_consequence));
    dialog.add_button(&words.close_leave, ResponseType::Accept);
    dialog.add_button(&words.close_stay, ResponseType::Cancel);
    dialog.set_default_response(ResponseType::Cancel);
    let window = window.clone();
    dialog.connect_response(move |dialog, answer| {
        dialog.close();
        if answer != ResponseType::Accept {
            return;
        }
        if let Err(error) = window.destroy() {
            eprintln!("evidock-desktop: the window does not close: {error}");
        }
    });
    dialog.show_all();
    Ok(())
}
