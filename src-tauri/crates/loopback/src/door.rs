//! Who is let in, and the headers that every answer carries.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::token;
use crate::wording::wording;

/// Origins of the window's own page, on Linux and on Windows.
const WINDOW_ORIGINS: [&str; 2] = ["tauri://localhost", "http://tauri.localhost"];

const ALWAYS: [(HeaderName, &str); 3] = [
    // Evidence does not belong into a browser's cache.
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // The address holds the token.
    (header::REFERRER_POLICY, "no-referrer"),
];

/// What a request must show to be let in.
pub(crate) struct Door {
    pub token: String,
    hosts: [String; 2],
    origins: [String; 2],
}

impl Door {
    pub fn new(token: String, address: SocketAddr) -> Self {
        let hosts = [address.to_string(), format!("localhost:{}", address.port())];
        let origins = hosts.each_ref().map(|host| format!("http://{host}"));
        Self { token, hosts, origins }
    }

    fn admits(&self, request: &Request) -> bool {
        let shown = request.uri().path().split('/').nth(1).unwrap_or_default();
        token::same(&self.token, shown) && self.is_named(request) && self.is_asked_from_here(request)
    }

    /// Returns whether the one name we are called by is ours: a foreign name that resolves to 127.0.0.1 is an attack.
    fn is_named(&self, request: &Request) -> bool {
        let ours = |name: &str| self.hosts.iter().any(|host| host == name);
        only(request.headers(), &header::HOST).is_some_and(ours)
            && request.uri().authority().is_none_or(|authority| ours(authority.as_str()))
    }

    /// Returns whether what changes something comes from our page; a program that is no browser names no origin.
    fn is_asked_from_here(&self, request: &Request) -> bool {
        if matches!(*request.method(), Method::GET | Method::HEAD) || !request.headers().contains_key(header::ORIGIN) {
            return true;
        }
        let ours = |origin: &str| WINDOW_ORIGINS.contains(&origin) || self.origins.iter().any(|ours| ours == origin);
        only(request.headers(), &header::ORIGIN).is_some_and(ours)
    }
}

/// Returns a header's text if it is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Stands before every route, the unknown ones included.
pub(crate) async fn guard(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let mut response = if door.admits(&request) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, wording().refused.as_str()).into_response()
    };
    for (name, value) in ALWAYS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Lets the window's page draw footage and key frames on a canvas; no other page may read them.
pub(crate) async fn share_with_window(request: Request, next: Next) -> Response {
    let origin = only(request.headers(), &header::ORIGIN);
    let window = WINDOW_ORIGINS.into_iter().find(|window| origin == Some(window));
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("origin"));
    if let Some(window) = window {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static(window));
    }
    response
}
