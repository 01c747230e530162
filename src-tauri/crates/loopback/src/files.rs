//! Footage, key frames and papers as PDF, with Range requests.

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::services::ServeFile;
use wire::FileKind;

use crate::content_type::content_type;
use crate::door::share_with_window;
use crate::serving::Room;
use crate::wording::wording;

/// Bytes read from the disk at a time; at 64 KiB a fast player spends its time in switching threads.
const CHUNK_BYTES: usize = 256 * 1024;

pub(crate) fn routes(below: &str) -> Router<Room> {
    Router::new()
        .route(&format!("{below}/footage/{{id}}"), get(footage))
        .route(&format!("{below}/frame/{{id}}/{{n}}"), get(frame))
        .route(&format!("{below}/statement/{{number}}"), get(statement))
        .route(&format!("{below}/paper/{{number}}"), get(paper))
        .layer(from_fn(share_with_window))
}

async fn footage(State(room): State<Room>, Path(id): Path<String>, request: Request) -> Response {
    send(room, FileKind::Footage, id, request).await
}

async fn frame(State(room): State<Room>, Path((id, n)): Path<(String, String)>, request: Request) -> Response {
    match n.parse() {
        Ok(n) => send(room, FileKind::Frame(n), id, request).await,
        Err(_) => not_found(),
    }
}

async fn statement(State(room): State<Room>, Path(number): Path<String>, request: Request) -> Response {
    send(room, FileKind::Statement, number, request).await
}

async fn paper(State(room): State<Room>, Path(number): Path<String>, request: Request) -> Response {
    send(room, FileKind::Paper, number, request).await
}

async fn send(room: Room, kind: FileKind, id: String, request: Request) -> Response {
    let asked = format!("{kind:?} {id:?}");
    // A pipe or a folder is no footage, and opening a pipe would wait for ever.
    let find = move || room.served.file(kind, &id).filter(|path| path.is_file());
    match tokio::task::spawn_blocking(find).await {
        Ok(Some(path)) => stream(&path, &asked, request).await,
        Ok(None) => not_found(),
        Err(panic) => failed(&asked, &panic),
    }
}

async fn stream(path: &std::path::Path, asked: &str, request: Request) -> Response {
    let mut served = ServeFile::new(path).with_buf_chunk_size(CHUNK_BYTES).ignore_multi_range_requests(true);
    match served.try_call(request).await {
        Ok(mut response) => {
            if response.headers().contains_key(header::CONTENT_TYPE) {
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
            }
            response.into_response()
        }
        Err(error) => failed(asked, &error),
    }
}

pub(crate) fn not_found() -> Response {
    (StatusCode::NOT_FOUND, wording().not_found.as_str()).into_response()
}

fn failed(asked: &str, cause: &dyn std::fmt::Display) -> Response {
    eprintln!("loopback: cannot send {asked}: {cause}");
    (StatusCode::INTERNAL_SERVER_ERROR, wording().failed.as_str()).into_response()
}
