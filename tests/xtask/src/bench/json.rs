//! JSON as the station answers: read whole, asked by name.

/// A value. Numbers stay text: nothing here computes with one it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads one value; `None` when the text is no JSON.
    pub fn read(text: &str) -> Option<Self> {
        let mut reader = Reader { bytes: text.as_bytes(), at: 0 };
        let value = reader.value()?;
        reader.space();
        (reader.at == reader.bytes.len()).then_some(value)
    }

    /// Returns the text of a member; empty when it is none.
    pub fn text(&self, name: &str) -> &str {
        match self.member(name) {
            Some(Self::Text(text)) => text,
            _ => "",
        }
    }

    /// Returns a whole number of a member; 0 when it is none.
    pub fn number(&self, name: &str) -> u64 {
        match self.member(name) {
            Some(Self::Number(digits)) => digits.parse().unwrap_or(0),
            _ => 0,
        }
    }

    /// Returns the elements of a list; none when it is no list.
    pub fn elements(&self) -> &[Self] {
        match self {
            Self::List(elements) => elements,
            _ => &[],
        }
    }

    /// Gives a member of an object another value.
    pub fn set(&mut self, name: &str, value: Self) {
        if let Self::Object(members) = self
            && let Some(member) = members.iter_mut().find(|(key, _)| key == name)
        {
            member.1 = value;
        }
    }

    /// Writes the value.
    pub fn written(&self) -> String {
        let joined = |parts: Vec<String>| parts.join(",");
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Number(digits) => digits.clone(),
            Self::Text(text) => quoted(text),
            Self::List(elements) => format!("[{}]", joined(elements.iter().map(Self::written).collect())),
            Self::Object(members) => {
                let pair = |(name, value): &(String, Self)| format!("{}:{}", quoted(name), value.written());
                format!("{{{}}}", joined(members.iter().map(pair).collect()))
            }
        }
    }

    fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }
}

/// Writes a text as JSON.
pub fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => out += &format!("\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn space(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// Goes behind a byte if it is the next one.
    fn take(&mut self, byte: u8) -> Option<()> {
        self.space();
        (self.bytes.get(self.at) == Some(&byte)).then(|| self.at += 1)
    }

    fn word(&mut self, word: &str, value: Json) -> Option<Json> {
        self.bytes[self.at..].starts_with(word.as_bytes()).then(|| {
            self.at += word.len();
            value
        })
    }

    fn value(&mut self) -> Option<Json> {
        self.space();
        match self.bytes.get(self.at)? {
            b'n' => self.word("null", Json::Null),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'"' => self.text().map(Json::Text),
            b'[' => self.list(b'[', b']', Self::value).map(Json::List),
            b'{' => self.list(b'{', b'}', Self::pair).map(Json::Object),
            _ => self.number(),
        }
    }

    fn pair(&mut self) -> Option<(String, Json)> {
        self.space();
        let name = self.text()?;
        self.take(b':')?;
        Some((name, self.value()?))
    }

    fn list<T>(&mut self, open: u8, close: u8, mut each: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.take(open)?;
        let mut found = Vec::new();
        if self.take(close).is_some() {
            return Some(found);
        }
        loop {
            found.push(each(self)?);
            if self.take(close).is_some() {
                return Some(found);
            }
            self.take(b',')?;
        }
    }

    fn number(&mut self) -> Option<Json> {
        let begin = self.at;
        while self.bytes.get(self.at).is_some_and(|b| b"+-.0123456789eE".contains(b)) {
            self.at += 1;
        }
        let digits = std::str::from_utf8(&self.bytes[begin..self.at]).ok()?;
        digits.parse::<f64>().is_ok().then(|| Json::Number(digits.to_owned()))
    }

    fn text(&mut self) -> Option<String> {
        self.take(b'"')?;
        let mut out = Vec::new();
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => return String::from_utf8(out).ok(),
                b'\\' => out.extend(self.escaped()?.to_string().bytes()),
                byte => out.push(byte),
            }
        }
    }

    /// Reads what stands behind a backslash. Halves of a pair of surrogates become the replacement character: the
    /// station writes none.
    fn escaped(&mut self) -> Option<char> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(match byte {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let digits = std::str::from_utf8(self.bytes.get(self.at..self.at + 4)?).ok()?;
                self.at += 4;
                char::from_u32(u32::from_str_radix(digits, 16).ok()?).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            byte => char::from(byte),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let text = r#" [ {"id":"a\"\u4e2d\n","n":12,"job":null,"ok":true,"list":[1,-2.5e3]}, {} ] "#;
        let value = Json::read(text).expect("it is JSON");
        let [first, second] = value.elements() else { panic!("two elements: {value:?}") };
        assert_eq!((first.text("id"), first.number("n")), ("a\"中\n", 12), "escapes and digits are read");
        assert_eq!((second.text("id"), second.number("n")), ("", 0), "what is not there is empty");
        assert_eq!(
            Json::read(&quoted("a\"\\\n中")),
            Some(Json::Text("a\"\\\n中".into())),
            "what is written reads back"
        );
    }

    #[test]
    fn a_member_is_changed_and_the_others_stay() {
        let mut settings = Json::read(r#"{"a":[1,"x"],"second_read":false,"n":null}"#).expect("it is JSON");
        settings.set("second_read", Json::Bool(true));
        settings.set("none", Json::Null);
        assert_eq!(settings.written(), r#"{"a":[1,"x"],"second_read":true,"n":null}"#, "one member is another");
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in ["", "[1", "{\"a\"}", "[1,]", "\"a", "tru", "1 2", "[\u{1}x]"] {
            assert_eq!(Json::read(text), None, "{text:?}");
        }
    }
}
