use std::io;

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum LoopbackError {
    #[error("cannot draw a token from {}", crate::token::SOURCE)]
    Token { source: io::Error },
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen { port: u16, source: io::Error },
    #[error("cannot start the threads of the loopback server")]
    Threads { source: io::Error },
}
