//! The server's threads, its routes, and its end.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::door::{Door, guard};
use crate::error::LoopbackError;
use crate::page::{self, Ui};
use crate::served::Served;
use crate::{calls, events, files, token};

/// What is under way at the end may finish within this time; a paused player would never.
const GRACE: Duration = Duration::from_millis(500);
/// One browser and one player need no more.
const THREADS: usize = 2;
/// Commands and reads of files at the same time; further ones wait.
const BLOCKING_THREADS_MAX: usize = 64;

/// A server that runs. It stops when dropped: at most about a second later nothing listens any more.
pub struct Serving {
    pub address: SocketAddr,
    /// `http://127.0.0.1:PORT/TOKEN/`; whoever has it is let in.
    pub base: String,
    stop: Option<watch::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.stop.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            eprintln!("loopback: the server on {} ended in a panic", self.address);
        }
    }
}

/// What the routes share.
#[derive(Clone)]
pub(crate) struct Room {
    pub served: Arc<dyn Served>,
    pub stopping: watch::Receiver<()>,
}

/// Serves the player of the window on a port of the system's choice.
///
/// `GET` and `HEAD` below [`Serving::base`]: `footage/ID`, `frame/ID/N`, `statement/NUMBER` (percent-encoded).
pub fn media(served: Arc<dyn Served>) -> Result<Serving, LoopbackError> {
    let serving = serve(Arc::clone(&served), 0, files::routes)?;
    served.set_media_base(&serving.base);
    Ok(serving)
}

/// Serves the whole station to a browser; port 0 leaves the choice to the system.
///
/// Below [`Serving::base`], beside what [`media`] has: the UI itself; `POST api/call/COMMAND` with a JSON body, answered
/// with JSON or with a [`wire::dto::WireError`]; `GET api/events`, one server-sent event per [`wire::dto::Notice`].
pub fn station(served: Arc<dyn Served>, port: u16) -> Result<Serving, LoopbackError> {
    station_with(served, port, page::built)
}

fn station_with(served: Arc<dyn Served>, port: u16, ui: Ui) -> Result<Serving, LoopbackError> {
    // Relative to the page, which may have been opened as 127.0.0.1 or as localhost.
    served.set_media_base("");
    serve(served, port, |below| {
        files::routes(below)
            .merge(page::routes(below, ui))
            .route(&format!("{below}/api/call/{{command}}"), post(calls::call))
            .route(&format!("{below}/api/events"), get(events::events))
    })
}

fn serve(
    served: Arc<dyn Served>,
    port: u16,
    routes: impl FnOnce(&str) -> Router<Room>,
) -> Result<Serving, LoopbackError> {
    let token = token::draw().map_err(|source| LoopbackError::Token { source })?;
    let (listener, address) = listen(port).map_err(|source| LoopbackError::Listen { port, source })?;
    let base = format!("http://{address}/{token}/");
    let door = Arc::new(Door::new(token, address));
    let (stop, stopping) = watch::channel(());
    let router = routes(&format!("/{}", door.token))
        .fallback(async || files::not_found())
        .layer(DefaultBodyLimit::max(calls::BODY_BYTES_MAX))
        .layer(from_fn_with_state(door, guard))
        .with_state(Room { served, stopping: stopping.clone() });
    let thread = start(listener, router, stopping).map_err(|source| LoopbackError::Threads { source })?;
    Ok(Serving { address, base, stop: Some(stop), thread: Some(thread) })
}

fn listen(port: u16) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn start(listener: TcpListener, router: Router, stopping: watch::Receiver<()>) -> std::io::Result<JoinHandle<()>> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(THREADS)
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .thread_name("loopback")
        .enable_all()
        .build()?;
    let listener = {
        let _entered = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    // The runtime lives on a thread of its own: it may not be dropped on a thread that belongs to another one.
    std::thread::Builder::new().name("loopback".into()).spawn(move || run(runtime, listener, router, stopping))
}

fn run(runtime: Runtime, listener: tokio::net::TcpListener, router: Router, stopping: watch::Receiver<()>) {
    let listener = listener.tap_io(|connection| {
        // Headers and first bytes go out separately; held back, each answer would cost 40 ms.
        if let Err(error) = connection.set_nodelay(true) {
            eprintln!("loopback: answers may be slow: {error}");
        }
    });
    runtime.block_on(async {
        let server = axum::serve(listener, router).with_graceful_shutdown(stopped(stopping.clone()));
        let server = tokio::spawn(server.into_future());
        stopped(stopping).await;
        // Late answers are cut off below; there is nothing else to do about them.
        if let Ok(Err(panic)) = tokio::time::timeout(GRACE, server).await {
            eprintln!("loopback: the server ended in a panic: {panic}");
        }
    });
    runtime.shutdown_timeout(GRACE);
}

/// Waits until the [`Serving`] is dropped.
pub(crate) async fn stopped(mut stopping: watch::Receiver<()>) {
    while stopping.changed().await.is_ok() {}
}

#[cfg(test)]
#[path = "../tests/support/client.rs"]
mod client;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::client::ask;
    use super::{Serving, station_with};
    use crate::page::UiFile;
    use crate::{FileKind, Listener, Served, Subscription};
    use serde_json::Value;
    use std::path::PathBuf;
    use std::sync::Arc;
    use wire::dto::WireError;

    struct Nobody;
    impl Served for Nobody {
        fn call(&self, _: &str, request: Value) -> Result<Value, WireError> {
            Ok(request)
        }
        fn listen(&self, _: Listener) -> Subscription {
            Box::new(())
        }
        fn file(&self, _: FileKind, _: &str) -> Option<PathBuf> {
            None
        }
        fn set_media_base(&self, _: &str) {}
    }

    fn small_ui(name: &str) -> Option<UiFile> {
        let (content_type, text) = match name {
            "index.html" => ("text/html", "<script type=module src=./assets/main-x1.js></script>"),
            "assets/main-x1.js" => ("text/javascript", "export {}"),
            _ => return None,
        };
        Some(UiFile { content_type: content_type.into(), bytes: text.as_bytes().into() })
    }

    fn below(serving: &Serving, rest: &str) -> String {
        format!("/{}/{rest}", serving.base.split('/').nth(3).unwrap())
    }

    #[test]
    fn the_page_and_its_parts_stand_below_the_token() {
        let serving = station_with(Arc::new(Nobody), 0, small_ui).unwrap();
        for (rest, status, content_type) in [
            ("", 200, "text/html"),
            ("assets/main-x1.js", 200, "text/javascript"),
            ("index.html", 200, "text/html"),
            ("assets/", 404, "text/plain; charset=utf-8"),
            ("assets/other.js", 404, "text/plain; charset=utf-8"),
            ("..%2fCargo.toml", 404, "text/plain; charset=utf-8"),
            ("assets/..%2findex.html", 404, "text/plain; charset=utf-8"),
        ] {
            let reply = ask(serving.address, &format!("GET {}", below(&serving, rest)), &[]);
            assert_eq!((reply.status, reply.header("content-type")), (status, Some(content_type)), "GET {rest:?}");
            let policy = reply.header("content-security-policy").unwrap_or_default();
            assert_eq!(policy.contains("default-src 'self'"), status == 200, "the policy goes with the page: {rest:?}");
            assert!(!policy.contains("script-src"), "scripts are our own files, nothing inline: {policy}");
        }
        let bare = below(&serving, "");
        let reply = ask(serving.address, &format!("GET {}", bare.trim_end_matches('/')), &[]);
        assert_eq!((reply.status, reply.header("location")), (308, Some(bare.as_str())), "the slash is put back");
    }

    #[test]
    fn without_a_ui_the_page_says_what_to_do() {
        let serving = station_with(Arc::new(Nobody), 0, |_| None).unwrap();
        let reply = ask(serving.address, &format!("GET {}", below(&serving, "")), &[]);
        assert_eq!(reply.status, 503, "there is no page to show");
        let text = reply.text();
        assert!(text.contains("cargo xtask ui"), "names the command: {text}");
        assert!(!text.contains("{unbuilt_") && !text.contains("{title}"), "every place is filled: {text}");
    }

    #[test]
    fn the_folder_of_the_ui_is_no_way_out() {
        for name in ["../package.json", "../../Cargo.toml", "/etc/passwd", "", ".", "assets"] {
            assert!(crate::page::built(name).is_none(), "{name:?} is no file of the UI");
        }
    }
}
