//! What makes a PDF fit for an archive: PDF/A-2b (ISO 19005-2) marking, and bytes that depend on nothing but content.

use super::paper::Paper;
use crate::FormError;
use lopdf::{Dictionary, Document, Object, Stream, StringFormat, dictionary};
use model::format_instant;
use moxcms::ColorProfile;

/// Where an ICC profile keeps the time it was made; the library writes the present there.
const PROFILE_DATE: std::ops::Range<usize> = 24..36;
/// 2026-01-01 00:00:00 as six big-endian numbers of 16 bits.
const PROFILE_DATE_FIXED: [u8; 12] = [0x07, 0xEA, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0];

/// Adds the output intent, the XMP packet and the language; removes `Info`, which would have to agree with XMP.
pub(super) fn mark(document: &mut Document, paper: &Paper) -> Result<(), FormError> {
    document.version = "1.7".to_owned();
    let profile = document.add_object(Stream::new(dictionary! { "N" => 3 }, srgb()?));
    let intent = dictionary! {
        "Type" => "OutputIntent",
        "S" => "GTS_PDFA1",
        "OutputConditionIdentifier" => Object::string_literal("sRGB"),
        "Info" => Object::string_literal("sRGB"),
        "DestOutputProfile" => profile,
    };
    let packet = dictionary! { "Type" => "Metadata", "Subtype" => "XML" };
    // Archives read the packet without a PDF reader: it stays uncompressed.
    let packet = Stream::new(packet, xmp(paper).into_bytes()).with_compression(false);
    let packet = document.add_object(packet);
    if let Ok(Object::Reference(info)) = document.trailer.get(b"Info").cloned() {
        document.objects.remove(&info);
    }
    document.trailer.remove(b"Info");
    let catalog: &mut Dictionary = document.catalog_mut().map_err(|e| FormError::Write { reason: e.to_string() })?;
    catalog.set("OutputIntents", vec![Object::Dictionary(intent)]);
    catalog.set("Metadata", packet);
    catalog.set("Lang", Object::string_literal("zh-CN"));
    catalog.set("ViewerPreferences", dictionary! { "DisplayDocTitle" => true });
    Ok(())
}

fn srgb() -> Result<Vec<u8>, FormError> {
    let mut profile = ColorProfile::new_srgb().encode().map_err(|e| FormError::Write { reason: e.to_string() })?;
    match profile.get_mut(PROFILE_DATE) {
        Some(date) => date.copy_from_slice(&PROFILE_DATE_FIXED),
        None => return Err(FormError::Write { reason: "the sRGB profile is too short".to_owned() }),
    }
    Ok(profile)
}

fn xmp(paper: &Paper) -> String {
    let date = format_instant(paper.issued_at);
    let title = escape(&format!("{} {}", paper.masthead.title, paper.masthead.number));
    let unit = escape(&paper.masthead.unit);
    let producer = "EviDock";
    format!(
        r#"<?xpacket begin="{bom}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
   <dc:format>application/pdf</dc:format>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
   <dc:creator><rdf:Seq><rdf:li>{unit}</rdf:li></rdf:Seq></dc:creator>
   <dc:language><rdf:Bag><rdf:li>zh-CN</rdf:li></rdf:Bag></dc:language>
   <xmp:CreateDate>{date}</xmp:CreateDate>
   <xmp:ModifyDate>{date}</xmp:ModifyDate>
   <xmp:MetadataDate>{date}</xmp:MetadataDate>
   <xmp:CreatorTool>{producer}</xmp:CreatorTool>
   <pdf:Producer>{producer}</pdf:Producer>
   <pdfaid:part>2</pdfaid:part>
   <pdfaid:conformance>B</pdfaid:conformance>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"#,
        bom = '\u{FEFF}',
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Returns the file. Its `/ID` is drawn from all its other bytes.
pub(super) fn save(mut document: Document) -> Result<Vec<u8>, FormError> {
    document.compress();
    set_id(&mut document, 0);
    let id = fingerprint(&bytes(&mut document)?);
    set_id(&mut document, id);
    bytes(&mut document)
}

fn bytes(document: &mut Document) -> Result<Vec<u8>, FormError> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).map_err(|source| FormError::Save { source })?;
    Ok(bytes)
}

fn set_id(document: &mut Document, id: u128) {
    let id = Object::String(id.to_be_bytes().to_vec(), StringFormat::Hexadecimal);
    document.trailer.set("ID", vec![id.clone(), id]);
}

/// Returns FNV-1a of 128 bits: tells files apart, proves nothing.
pub(super) fn fingerprint(bytes: &[u8]) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_is_fnv_1a() {
        // Published vectors of FNV-1a 128.
        for (text, expected) in
            [("", 0x6c62272e07bb014262b821756295c58d_u128), ("a", 0xd228cb696f1a8caf78912b704e4a8964)]
        {
            assert_eq!(fingerprint(text.as_bytes()), expected, "fingerprint of {text:?}");
        }
    }

    #[test]
    fn titles_do_not_break_the_packet() {
        assert_eq!(escape("甲<乙>&丙"), "甲&lt;乙&gt;&amp;丙");
    }
}
