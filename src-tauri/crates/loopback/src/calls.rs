//! Commands over POST: the same list as the window's.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::ErrorCode;
use wire::dto::WireError;

use crate::serving::Room;

/// Longest request: a table file of 16 MiB as base64, with the table that it is laid beside.
pub(crate) const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Answers with the response, or with a [`WireError`] under a status that says whose fault it is.
pub(crate) async fn call(
    State(room): State<Room>,
    Path(command): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if !wire::COMMANDS.contains(&command.as_str()) {
        return refuse(StatusCode::NOT_FOUND, "command", format!("there is no command {command:?}"));
    }
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return refuse(rejection.status(), "body", rejection.body_text()),
    };
    let request = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, "body", format!("the request is no JSON: {error}")),
    };
    match tokio::task::spawn_blocking(move || room.served.call(&command, request)).await {
        Ok(Ok(response)) => Json(response).into_response(),
        Ok(Err(error)) => (status(&error.code), Json(error)).into_response(),
        Err(panic) => answer(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Internal, [], panic.to_string()),
    }
}

/// Returns the HTTP status of an error code; the code itself says more.
fn status(code: &str) -> StatusCode {
    use ErrorCode::*;
    match ErrorCode::from_code(code) {
        Some(InvalidInput) => StatusCode::BAD_REQUEST,
        Some(NotAllowed | OperatorMissing) => StatusCode::FORBIDDEN,
        Some(NotFound) => StatusCode::NOT_FOUND,
        None
        | Some(
            Internal | RegisterDamaged | RegisterMissing | RegisterFailed | SourceFailed | TargetFull | TargetReadOnly
            | TargetFailed | FontMissing | FormFailed | ToolMissing | ImageFailed | VerifyFailed | OpenFailed,
        ) => StatusCode::INTERNAL_SERVER_ERROR,
        // Refused as things stand: a person can change that.
        Some(_) => StatusCode::CONFLICT,
    }
}

fn refuse(status: StatusCode, field: &str, detail: String) -> Response {
    answer(status, ErrorCode::InvalidInput, [("field".to_owned(), field.to_owned())], detail)
}

fn answer<const N: usize>(
    status: StatusCode,
    code: ErrorCode,
    params: [(String, String); N],
    detail: String,
) -> Response {
    let error = WireError { code: code.code().to_owned(), params: params.into(), detail };
    (status, Json(error)).into_response()
}
