//! An opened file and its decoder.

use crate::refusal::Refusal;
use crate::reply::Facts;
use ffmpeg_next::codec::{self, decoder};
use ffmpeg_next::error::{EAGAIN, EINVAL, ENOMEM};
use ffmpeg_next::format::context::{Input, StreamIo};
use ffmpeg_next::format::stream::Disposition;
use ffmpeg_next::{Dictionary, Error, Frame, Packet, Rational, Stream, format, frame, log, media};
use rustix::fs::OFlags;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Containers that recorders, phones and scene cameras write. Playlists and scripts, which name other files or
/// addresses, are not among them: a text file must not make the station open anything.
const CONTAINERS: &str = "mov,mp4,avi,matroska,webm,mpegts,mpeg,asf,flv,dhav,h264,hevc,m4v,mpegvideo,mjpeg,dv,mxf,\
    wav,w64,aiff,aac,mp3,amr,ogg,flac,caf,jpeg_pipe,png_pipe,bmp_pipe,webp_pipe,tiff_pipe";
/// Packets in a row that may be broken before the file is given up.
const BROKEN_MAX: u32 = 1000;
/// Ticks of a second in libav's own time base.
const TICKS: i64 = 1_000_000;

/// Silences libav, whose log would repeat the file's own words, and prepares its error texts.
pub fn prepare() -> Result<(), Refusal> {
    ffmpeg_next::init().map_err(Refusal::Start)?;
    log::set_level(log::Level::Quiet);
    Ok(())
}

/// A file whose picture, or else whose sound, is being decoded.
pub struct Footage {
    // Before `input`: the decoder goes first.
    decoder: decoder::Opened,
    input: Input,
    stream: usize,
    time_base: Rational,
    /// Time of the first frame in libav's ticks.
    start: i64,
    has_picture: bool,
    broken: u32,
}

impl Footage {
    /// Opens a regular file for reading and starts the decoder of its main picture, else of its sound.
    ///
    /// libav gets an open file and no name, so any bytes in the name will do and no name is read as an address.
    pub fn open(path: &Path) -> Result<Self, Refusal> {
        let input = open_container(open_file(path)?)?;
        let (stream, has_picture) = match (picture(&input), sound(&input)) {
            (Some(stream), _) => (stream, true),
            (None, Some(stream)) => (stream, false),
            (None, None) => return Err(Refusal::NoStream),
        };
        let (stream, time_base, start, parameters) =
            (stream.index(), stream.time_base(), stream.start_time(), stream.parameters());
        let id = parameters.id();
        let codec = id.name().to_owned();
        let Some(found) = decoder::find(id) else { return Err(Refusal::NoDecoder { codec }) };
        let decoder = codec::Context::from_parameters(parameters)
            .and_then(|context| context.decoder().open_as(found))
            .map_err(|source| Refusal::Decoder { codec, source })?;
        let start = if start == NO_TIME { 0 } else { ticks(start, time_base) };
        Ok(Self { decoder, input, stream, time_base, start, has_picture, broken: 0 })
    }

    /// Returns what the container says, once one frame was really decoded.
    pub fn facts(&mut self) -> Result<Facts, Refusal> {
        let (width, height) = if self.has_picture {
            let picture = self.next_picture()?.ok_or(Refusal::NothingDecoded)?;
            (picture.width(), picture.height())
        } else {
            let mut piece = frame::Audio::empty();
            if !self.next_into(&mut piece)? {
                return Err(Refusal::NothingDecoded);
            }
            (0, 0)
        };
        let picture = picture(&self.input);
        let name = |stream: &Stream| stream.parameters().id().name().to_owned();
        Ok(Facts {
            container: self.input.format().name().to_owned(),
            duration_ms: self.duration().map(|ticks| (ticks / 1000).unsigned_abs()),
            video_codec: picture.as_ref().map(name),
            width,
            height,
            frame_rate_milli: picture.as_ref().map(frame_rate_milli).unwrap_or_default(),
            audio_codec: sound(&self.input).as_ref().map(name),
            created: created(&self.input, self.stream),
        })
    }

    /// Returns whether there is a picture that moves.
    pub fn has_picture(&self) -> bool {
        self.has_picture
    }

    /// Returns the length in libav's ticks, where the container tells or libav could estimate it.
    pub fn duration(&self) -> Option<i64> {
        Some(self.input.duration()).filter(|ticks| *ticks > 0)
    }

    /// Goes to the last key frame at or before a time, in ticks from the begin of the clip.
    pub fn seek(&mut self, position: i64) -> Result<(), Error> {
        let target = self.start.saturating_add(position);
        self.input.seek(target, ..target)?;
        self.decoder.flush();
        Ok(())
    }

    /// Returns the time of a frame in ticks from the begin of the clip, where it has one.
    pub fn position(&self, frame: &Frame) -> Option<i64> {
        frame.timestamp().map(|time| ticks(time, self.time_base).saturating_sub(self.start).max(0))
    }

    /// Returns the next undamaged picture, `None` at the end.
    pub fn next_picture(&mut self) -> Result<Option<frame::Video>, Refusal> {
        loop {
            let mut picture = frame::Video::empty();
            if !self.next_into(&mut picture)? {
                return Ok(None);
            }
            if !picture.is_corrupt() && !picture.has_decode_errors() {
                return Ok(Some(picture));
            }
        }
    }

    /// Decodes the next frame; `false` at the end.
    fn next_into(&mut self, frame: &mut Frame) -> Result<bool, Refusal> {
        loop {
            match self.decoder.receive_frame(frame) {
                Ok(()) => {
                    self.broken = 0;
                    return Ok(true);
                }
                Err(Error::Eof) => return Ok(false),
                Err(Error::Other { errno: EAGAIN }) => {}
                Err(error) => self.forgive(error, Refusal::Decode)?,
            }
            self.feed()?;
        }
    }

    /// Hands one packet to the decoder, or the end of the file.
    fn feed(&mut self) -> Result<(), Refusal> {
        loop {
            // A fresh packet each time: reading into a used one would leak its bytes.
            let mut packet = Packet::empty();
            let sent = match packet.read(&mut self.input) {
                Ok(()) if packet.stream() != self.stream => continue,
                Ok(()) => self.decoder.send_packet(&packet),
                Err(Error::Eof) => self.decoder.send_eof(),
                Err(error @ (Error::InvalidData | Error::Other { errno: EAGAIN })) => {
                    self.forgive(error, Refusal::Read)?;
                    continue;
                }
                // A pulled drive (EIO, ENOTCONN …): libav would repeat it for ever.
                Err(error) => return Err(Refusal::Read(error)),
            };
            return match sent {
                // The end was told before.
                Ok(()) | Err(Error::Eof) => Ok(()),
                Err(error) => self.forgive(error, Refusal::Decode),
            };
        }
    }

    /// Passes over a broken packet, but not over want of memory and not without end.
    fn forgive(&mut self, error: Error, refusal: fn(Error) -> Refusal) -> Result<(), Refusal> {
        self.broken += 1;
        if error == (Error::Other { errno: ENOMEM }) || self.broken > BROKEN_MAX {
            return Err(refusal(error));
        }
        Ok(())
    }
}

/// `AV_NOPTS_VALUE`: libav's way to say that a time is unknown.
const NO_TIME: i64 = i64::MIN;

fn open_file(path: &Path) -> Result<File, Refusal> {
    // Without NONBLOCK the opening of a pipe would wait for a writer.
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let file =
        OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path).map_err(Refusal::Open)?;
    let facts = file.metadata().map_err(Refusal::Open)?;
    if !facts.is_file() {
        return Err(Refusal::NotRegular);
    }
    if facts.len() == 0 {
        return Err(Refusal::Empty);
    }
    Ok(file)
}

fn open_container(file: File) -> Result<Input, Refusal> {
    let mut options = Dictionary::new();
    // Whatever a container refers to is not opened: there is no protocol of this name.
    options.set("protocol_whitelist", "none");
    options.set("format_whitelist", CONTAINERS);
    let stream = StreamIo::from_read_seek(file).map_err(Refusal::Container)?;
    format::input_from_stream(stream, None, Some(options)).map_err(|error| match error {
        Error::Other { errno: EINVAL } => Refusal::Unfit,
        error => Refusal::Container(error),
    })
}

/// Returns the main moving picture; the cover of a sound file is none.
fn picture(input: &Input) -> Option<Stream<'_>> {
    let best = input.streams().best(media::Type::Video)?;
    (!best.disposition().contains(Disposition::ATTACHED_PIC)).then_some(best)
}

fn sound(input: &Input) -> Option<Stream<'_>> {
    input.streams().best(media::Type::Audio)
}

fn frame_rate_milli(stream: &Stream) -> u32 {
    [stream.avg_frame_rate(), stream.rate()]
        .into_iter()
        .map(|rate| (i64::from(rate.numerator()), i64::from(rate.denominator())))
        .find(|(frames, seconds)| *frames > 0 && *seconds > 0)
        .and_then(|(frames, seconds)| u32::try_from(frames * 1000 / seconds).ok())
        .unwrap_or_default()
}

/// Returns the creation time of the container, else of the stream. Its bytes need not be UTF-8.
fn created(input: &Input, stream: usize) -> Option<String> {
    let key = "creation_time";
    let own = |text: &str| String::from_utf8_lossy(text.as_bytes()).into_owned();
    input
        .metadata()
        .get(key)
        .map(own)
        .or_else(|| input.stream(stream).and_then(|stream| stream.metadata().get(key).map(own)))
}

/// Returns a time of a stream in libav's ticks, cut to what 64 bits hold.
fn ticks(time: i64, base: Rational) -> i64 {
    let (numerator, denominator) = (i128::from(base.numerator()), i128::from(base.denominator().max(1)));
    let ticks = i128::from(time) * numerator * i128::from(TICKS) / denominator;
    i64::try_from(ticks).unwrap_or(if ticks < 0 { i64::MIN } else { i64::MAX })
}
