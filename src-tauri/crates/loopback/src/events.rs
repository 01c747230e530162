//! Notices as server-sent events.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream::unfold;
use tokio::sync::Notify;
use wire::dto::Notice;

use crate::served::Subscription;
use crate::serving::{Room, stopped};
use crate::wording::wording;

/// A comment this often tells a dead connection from a quiet one.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Sends every notice until the client leaves or the server stops.
pub(crate) async fn events(State(room): State<Room>) -> Response {
    let inbox = Arc::new(Inbox::default());
    let filled = Arc::clone(&inbox);
    let served = Arc::clone(&room.served);
    let listen = move || served.listen(Box::new(move |notice| filled.put(notice)));
    let subscription = match tokio::task::spawn_blocking(listen).await {
        Ok(subscription) => subscription,
        Err(panic) => {
            eprintln!("loopback: cannot listen to the station: {panic}");
            return (StatusCode::INTERNAL_SERVER_ERROR, wording().failed.as_str()).into_response();
        }
    };
    let reader = Reader { inbox, _subscription: subscription };
    let notices = unfold(reader, |reader| async move {
        let notice = reader.inbox.take().await;
        Some((Event::default().json_data(notice), reader))
    });
    let notices = notices.take_until(Box::pin(stopped(room.stopping)));
    Sse::new(notices).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

/// One client's stream; the subscription ends with it.
struct Reader {
    inbox: Arc<Inbox>,
    _subscription: Subscription,
}

/// What a client has still to hear, oldest first. A notice that waits already is not put twice, so the length is
/// bounded by the number of topics however slow the client, and the station never waits.
#[derive(Default)]
struct Inbox {
    waiting: Mutex<VecDeque<Notice>>,
    filled: Notify,
}

impl Inbox {
    fn put(&self, notice: Notice) {
        let mut waiting = self.waiting.lock().expect("nothing panics while it is held");
        if !waiting.contains(&notice) {
            waiting.push_back(notice);
            self.filled.notify_one();
        }
    }

    async fn take(&self) -> Notice {
        loop {
            if let Some(notice) = self.pop() {
                return notice;
            }
            self.filled.notified().await;
        }
    }

    fn pop(&self) -> Option<Notice> {
        self.waiting.lock().expect("nothing panics while it is held").pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::dto::Topic;

    #[test]
    fn a_slow_client_hears_each_topic_once() {
        let inbox = Inbox::default();
        for _ in 0..10_000 {
            for topic in [Topic::Jobs, Topic::Dock, Topic::Jobs] {
                inbox.put(Notice { topic });
            }
        }
        let heard: Vec<_> = std::iter::from_fn(|| inbox.pop()).map(|notice| notice.topic).collect();
        assert_eq!(heard, [Topic::Jobs, Topic::Dock], "waiting notices are topics: each once, oldest first");
        inbox.put(Notice { topic: Topic::Jobs });
        assert_eq!(inbox.pop(), Some(Notice { topic: Topic::Jobs }), "what changes after it was heard is told again");
    }
}
