//! Reads a page's tags as a browser would, and says what must hold for any of them.

pub(super) fn assert_harmless(name: &str, html: &str) {
    for tag in Tag::all(html) {
        assert!(
            !["script", "style", "iframe", "object", "embed", "base"].contains(&tag.name),
            "<{}> in {name}",
            tag.name
        );
        for (attribute, value) in &tag.attributes {
            assert!(!attribute.starts_with("on"), "{attribute} in {name}");
            assert_ne!(*attribute, "style", "in {name}");
            let runs = ["javascript:", "data:text", "vbscript:"].iter().any(|scheme| value.trim().starts_with(scheme));
            let leads = ["href", "src", "action", "formaction"].contains(attribute);
            assert!(!(leads && runs), "{attribute}={value} in {name}");
        }
    }
}

pub(super) fn assert_balanced(name: &str, tags: &[Tag<'_>]) {
    const EMPTY: &[&str] = &["!doctype", "meta", "link", "input", "img", "br", "path", "circle", "rect"];
    let mut open = Vec::new();
    for tag in tags.iter().filter(|tag| !EMPTY.contains(&tag.name)) {
        match tag.name.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "in {name}"),
            None => open.push(tag.name),
        }
    }
    assert!(open.is_empty(), "{open:?} in {name}");
}

/// A tag as a browser would read it; enough of HTML for pages without script.
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    pub(super) attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    pub(super) fn all(html: &'a str) -> Vec<Self> {
        let mut tags = Vec::new();
        let mut rest = html;
        while let Some(start) = rest.find('<') {
            let (tag, after) = Self::read(&rest[start + 1..]);
            tags.push(tag);
            rest = after;
        }
        tags
    }

    fn read(text: &'a str) -> (Self, &'a str) {
        let ends = |each: char| each.is_whitespace() || each == '>';
        let (name, mut rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches(|each: char| each.is_whitespace() || each == '/');
            if rest.is_empty() || rest.starts_with('>') {
                return (Self { name, attributes }, rest.get(1..).unwrap_or_default());
            }
            let end = rest.find(|each: char| ends(each) || each == '=').unwrap_or(rest.len());
            let (attribute, after) = rest.split_at(end);
            let Some(value) = after.strip_prefix("=\"") else {
                attributes.push((attribute, ""));
                rest = after.strip_prefix('=').unwrap_or(after);
                continue;
            };
            let (value, after) = value.split_once('"').unwrap_or((value, ""));
            attributes.push((attribute, value));
            rest = after;
        }
    }

    pub(super) fn value(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(attribute, _)| *attribute == name).map(|(_, value)| *value)
    }
}
