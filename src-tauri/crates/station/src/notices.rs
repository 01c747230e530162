//! What changed, for those who show it. A notice says no more than where to look again.

use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Where something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    Dock,
    Jobs,
    Clips,
    Sessions,
    Cases,
    Packages,
    People,
    Settings,
    Tasks,
    Alarms,
    Scrub,
    Copies,
    Papers,
    /// Recorders, who has them, and trips.
    Devices,
    /// What is due, and when.
    Due,
}

type Listener = dyn Fn(Topic) + Send + Sync;

/// Keeps a listener listening; dropping it ends that.
pub struct Subscription {
    _listener: Arc<Listener>,
}

#[derive(Default)]
pub(crate) struct Notices(Mutex<Vec<Weak<Listener>>>);

impl Notices {
    pub fn listen(&self, each: impl Fn(Topic) + Send + Sync + 'static) -> Subscription {
        let listener: Arc<Listener> = Arc::new(each);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&listener));
        Subscription { _listener: listener }
    }

    pub fn tell(&self, topics: &[Topic]) {
        let listeners: Vec<Arc<Listener>> = {
            let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            held.retain(|listener| listener.strong_count() > 0);
            held.iter().filter_map(Weak::upgrade).collect()
        };
        for listener in listeners {
            topics.iter().for_each(|topic| listener(*topic));
        }
    }
}

impl crate::Station {
    /// Calls `each` with every change from now on. It must be quick and must not call back.
    pub fn listen(&self, each: impl Fn(Topic) + Send + Sync + 'static) -> Subscription {
        self.notices.listen(each)
    }

    pub(crate) fn tell(&self, topics: &[Topic]) {
        self.notices.tell(topics);
    }
}
