use std::error::Error;
use std::io;

/// Why a file gave nothing. Its words go into the register as the reason.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("cannot start libav")]
    Start(#[source] ffmpeg_next::Error),
    #[error("cannot open the file")]
    Open(#[source] io::Error),
    #[error("not a regular file")]
    NotRegular,
    #[error("the file is empty")]
    Empty,
    #[error("cannot read the container")]
    Container(#[source] ffmpeg_next::Error),
    /// libav refused the format by our list. Some damaged headers end the same way, so the words leave it open.
    #[error("no container that footage comes in, or a damaged one")]
    Unfit,
    #[error("neither picture nor sound in the container")]
    NoStream,
    #[error("sound without picture")]
    NoPicture,
    #[error("no decoder for {codec}")]
    NoDecoder { codec: String },
    #[error("cannot start the decoder for {codec}")]
    Decoder { codec: String, source: ffmpeg_next::Error },
    #[error("cannot read on")]
    Read(#[source] ffmpeg_next::Error),
    #[error("cannot decode")]
    Decode(#[source] ffmpeg_next::Error),
    #[error("nothing in the file could be decoded")]
    NothingDecoded,
    #[error("cannot draw a key frame")]
    Draw(#[source] ffmpeg_next::Error),
    #[error("cannot write a key frame")]
    Write(#[source] io::Error),
}

impl Refusal {
    /// Returns the whole chain on one line.
    pub fn in_words(&self) -> String {
        let mut words = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            words = format!("{words}: {error}");
            cause = error.source();
        }
        words
    }
}
