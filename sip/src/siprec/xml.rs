//! Writing XML: elements within elements, each on a line of its own, with everything that is said in them escaped.

use std::fmt::{self, Write};

/// A document that grows.
#[derive(Debug)]
pub(super) struct Xml {
    out: String,
    open: Vec<&'static str>,
}

impl Xml {
    pub fn new() -> Self {
        Self {
            out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n".to_owned(),
            open: Vec::new(),
        }
    }

    /// Begins an element that holds others.
    pub fn begin(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.out.push_str("\r\n");
        self.open.push(name);
    }

    /// Ends the element that was begun last.
    pub fn end(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            self.tag(format_args!("</{name}>\r\n"));
        }
    }

    /// Writes an element that holds a text.
    pub fn text(&mut self, name: &'static str, attributes: &[(&str, &str)], text: &str) {
        self.start(name, attributes);
        escape(&mut self.out, text);
        self.tag(format_args!("</{name}>\r\n"));
    }

    /// Returns the document; what is open is ended.
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.out
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.indent();
        self.tag(format_args!("<{name}"));
        for (name, value) in attributes {
            self.tag(format_args!(" {name}=\""));
            escape(&mut self.out, value);
            self.out.push('"');
        }
        self.out.push('>');
    }

    fn indent(&mut self) {
        for _ in 0..self.open.len() {
            self.out.push_str("  ");
        }
    }

    fn tag(&mut self, text: fmt::Arguments<'_>) {
        self.out.write_fmt(text).expect("a string takes all text");
    }
}

// No text begins a line, so none can be taken for a boundary between parts of a body. XML 1.0 §2.2 has no control characters
// but tab and line ends, and no U+FFFE and U+FFFF.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' | '\r' | '\n' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
}
