//! The one command between page and station.

// What `#[tauri::command]` writes around it drops the outcome that it has itself sent to the page.
#![allow(clippy::let_underscore_must_use)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::ErrorCode;
use serde_json::Value;
use tauri::State;
use wire::dto::WireError;
use wire::{Host, Subscription};

/// The station behind the page, and how many answers the page waits for.
pub struct Bridge {
    pub host: Arc<Host>,
    /// Passes notices to the page while it lives.
    _notices: Subscription,
    /// Keeps the tray up to date while it lives.
    _tray: Option<Subscription>,
    /// Serves footage while it lives.
    _media: Option<loopback::Serving>,
    asked: AtomicUsize,
    answered: AtomicUsize,
}

impl Bridge {
    pub fn new(
        host: Arc<Host>,
        notices: Subscription,
        tray: Option<Subscription>,
        media: Option<loopback::Serving>,
    ) -> Self {
        let (asked, answered) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { host, _notices: notices, _tray: tray, _media: media, asked, answered }
    }

    /// Returns how many commands were asked and how many of them are answered.
    pub fn traffic(&self) -> (usize, usize) {
        // Answered first: what is asked in between then counts as still waiting.
        let answered = self.answered.load(Ordering::SeqCst);
        (self.asked.load(Ordering::SeqCst), answered)
    }
}

/// Carries one command to the station on a thread that may block.
#[tauri::command]
pub async fn call(bridge: State<'_, Bridge>, command: String, request: Value) -> Result<Value, WireError> {
    bridge.asked.fetch_add(1, Ordering::SeqCst);
    let host = Arc::clone(&bridge.host);
    let answer = tauri::async_runtime::spawn_blocking(move || host.call(&command, request)).await;
    bridge.answered.fetch_add(1, Ordering::SeqCst);
    answer.unwrap_or_else(|panic| Err(internal(&panic)))
}

fn internal(cause: &dyn std::fmt::Display) -> WireError {
    WireError { code: ErrorCode::Internal.code().into(), params: Default::default(), detail: cause.to_string() }
}
