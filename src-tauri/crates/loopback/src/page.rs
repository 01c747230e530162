//! The UI as vite built it. All its addresses are relative to the page, which stands below the token.

use std::borrow::Cow;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

use crate::files::not_found;
use crate::serving::Room;
use crate::wording::wording;

/// As strict as the window's: own files only; inline styles because Element Plus positions with them.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' data: blob:; \
     style-src 'self' 'unsafe-inline'; font-src 'self' data:; object-src 'none'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

/// In a release the files are inside the program; otherwise they are read from the folder while it runs.
#[derive(RustEmbed)]
#[folder = "../../../ui/dist"]
#[allow_missing = true]
struct Built;

/// One file of the UI.
pub(crate) struct UiFile {
    pub bytes: Cow<'static, [u8]>,
    pub content_type: String,
}

/// Finds a file of the UI by its name relative to the page.
pub(crate) type Ui = fn(&str) -> Option<UiFile>;

/// Finds a file of the built UI. The name is looked up among those that are there, and only then opened.
pub(crate) fn built(name: &str) -> Option<UiFile> {
    let listed = Built::iter().find(|listed| listed == name)?;
    let file = Built::get(&listed)?;
    Some(UiFile { content_type: file.metadata.mimetype().to_owned(), bytes: file.data })
}

pub(crate) fn routes(below: &str, ui: Ui) -> Router<Room> {
    let page = format!("{below}/");
    // Without the slash at the end every relative address would lose the token.
    let redirect = Redirect::permanent(&page);
    Router::new()
        .route(below, get(move || async move { redirect }))
        .route(&page, get(move || async move { ui("index.html").map_or_else(unbuilt, send) }))
        .route(&format!("{page}{{*name}}"), get(move |Path(name): Path<String>| async move { asset(ui, &name) }))
}

fn asset(ui: Ui, name: &str) -> Response {
    ui(name).map_or_else(not_found, send)
}

fn send(file: UiFile) -> Response {
    let headers = [
        (header::CONTENT_TYPE, file.content_type.as_str()),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    ];
    (headers, file.bytes).into_response()
}

/// Says that there is no UI in this program, and what to do.
fn unbuilt() -> Response {
    let words = wording();
    let page = [
        ("{title}", &words.title),
        ("{unbuilt_what}", &words.unbuilt_what),
        ("{unbuilt_effect}", &words.unbuilt_effect),
        ("{unbuilt_action}", &words.unbuilt_action),
    ]
    .into_iter()
    .fold(include_str!("unbuilt.html").to_owned(), |page, (place, word)| page.replace(place, word));
    let file = UiFile { bytes: Cow::Owned(page.into_bytes()), content_type: "text/html; charset=utf-8".to_owned() };
    (StatusCode::SERVICE_UNAVAILABLE, send(file)).into_response()
}
