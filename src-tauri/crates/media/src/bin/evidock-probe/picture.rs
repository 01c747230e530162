//! One decoded frame as a JPEG, by libav's own encoder.

use ffmpeg_next::format::Pixel;
use ffmpeg_next::software::scaling::{self, Flags};
use ffmpeg_next::{Error, Packet, codec, encoder, frame};

/// Quantiser of the JPEG encoder, 2 best to 31 worst: faces and plates stay legible at 20 KB.
const QUANTISER: i32 = 4;

pub struct Picture {
    pub bytes: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

/// Returns the frame at most `width_max` pixels wide, in the proportions in which it is shown.
pub fn jpeg(frame: &frame::Video, width_max: u32) -> Result<Picture, Error> {
    let (width, height) = shown_size(frame, width_max);
    let mut scaler = scaling::Context::get(
        frame.format(),
        frame.width(),
        frame.height(),
        Pixel::YUVJ420P,
        width,
        height,
        Flags::BICUBIC,
    )?;
    let mut scaled = frame::Video::empty();
    scaler.run(frame, &mut scaled)?;
    scaled.set_pts(Some(0));
    let found = encoder::find(codec::Id::MJPEG).ok_or(Error::EncoderNotFound)?;
    let mut encoder = codec::Context::new_with_codec(found).encoder().video()?;
    encoder.set_width(width);
    encoder.set_height(height);
    encoder.set_format(Pixel::YUVJ420P);
    encoder.set_time_base((1, 25));
    encoder.set_qmin(QUANTISER);
    encoder.set_qmax(QUANTISER);
    let mut encoder = encoder.open()?;
    encoder.send_frame(&scaled)?;
    encoder.send_eof()?;
    let mut packet = Packet::empty();
    encoder.receive_packet(&mut packet)?;
    let bytes = packet.data().ok_or(Error::InvalidData)?.to_vec();
    Ok(Picture { bytes, width, height })
}

/// Pixels of old recorders are not square: the height follows the shown proportions. Never enlarges.
fn shown_size(frame: &frame::Video, width_max: u32) -> (u32, u32) {
    let (width, height) = (u64::from(frame.width().max(1)), u64::from(frame.height().max(1)));
    let ratio = frame.aspect_ratio();
    let (across, down) = match (u64::try_from(ratio.numerator()), u64::try_from(ratio.denominator())) {
        (Ok(across), Ok(down)) if across > 0 && down > 0 => (across, down),
        _ => (1, 1),
    };
    let drawn = width.min(u64::from(width_max.max(1)));
    let drawn_height = (drawn * height * down / (width * across)).clamp(1, 4 * drawn);
    (drawn as u32, drawn_height as u32)
}
