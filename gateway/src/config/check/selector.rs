//! Whether a text may be a CSS selector (Selectors Level 4, section 18). Which pseudo-classes there are is known to browsers
//! alone, and so is what stands in their parentheses.

use std::{iter::Peekable, str::Chars};

/// Tells whether a text is written as a list of selectors is.
pub fn is_selector(text: &str) -> bool {
    let mut reader = Reader(text.chars().peekable());
    reader.list().is_some()
}

struct Reader<'a>(Peekable<Chars<'a>>);

impl Reader<'_> {
    fn list(&mut self) -> Option<()> {
        loop {
            self.complex()?;
            if !self.take(',') {
                return self.0.next().is_none().then_some(());
            }
        }
    }

    fn complex(&mut self) -> Option<()> {
        loop {
            self.blanks();
            self.compound()?;
            let apart = self.blanks();
            match self.0.peek() {
                None | Some(',') => return Some(()),
                Some('>' | '+' | '~') => {
                    self.0.next();
                }
                Some(_) if apart => {}
                Some(_) => return None,
            }
        }
    }

    fn compound(&mut self) -> Option<()> {
        let mut parts = 0;
        if self.take('*') || self.name().is_some() {
            parts += 1;
        }
        // Of any namespace, or of none.
        if self.take('|') {
            if !self.take('*') {
                self.name()?;
            }
            parts += 1;
        }
        while let Some('.' | '#' | ':' | '[') = self.0.peek() {
            match self.0.next()? {
                '[' => self.attribute()?,
                ':' => self.pseudo()?,
                _ => self.name()?,
            }
            parts += 1;
        }
        (parts > 0).then_some(())
    }

    fn attribute(&mut self) -> Option<()> {
        self.blanks();
        if self.take('*') && self.0.peek() != Some(&'|') {
            return None;
        }
        if self.take('|') || self.named_space()? {
            self.name()?;
        }
        self.blanks();
        if self.take(']') {
            return Some(());
        }
        if let Some('~' | '|' | '^' | '$' | '*') = self.0.peek() {
            self.0.next();
        }
        self.expect('=')?;
        self.blanks();
        match self.0.peek()? {
            '"' | '\'' => self.string()?,
            _ => self.name()?,
        }
        self.blanks();
        if let Some('i' | 'I' | 's' | 'S') = self.0.peek() {
            self.0.next();
            self.blanks();
        }
        self.expect(']')
    }

    // Reads a name, and the bar behind it if it was a namespace's: not that of the sign of what is asked.
    fn named_space(&mut self) -> Option<bool> {
        self.name()?;
        let mut ahead = self.0.clone();
        Some(ahead.next() == Some('|') && ahead.next() != Some('=') && self.take('|'))
    }

    fn pseudo(&mut self) -> Option<()> {
        self.take(':');
        self.name()?;
        if !self.take('(') {
            return Some(());
        }
        let mut open = vec![')'];
        while let Some(&close) = open.last() {
            match *self.0.peek()? {
                '"' | '\'' => {
                    self.string()?;
                    continue;
                }
                '(' => open.push(')'),
                '[' => open.push(']'),
                sign if sign == close => {
                    open.pop();
                }
                ')' | ']' | '{' | '}' | ';' => return None,
                _ => {}
            }
            self.0.next();
        }
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        let quote = self.0.next()?;
        loop {
            match self.0.next()? {
                '\\' => {
                    self.0.next()?;
                }
                '\n' => return None,
                sign if sign == quote => return Some(()),
                _ => {}
            }
        }
    }

    fn name(&mut self) -> Option<()> {
        let mut ahead = self.0.clone();
        let begins = match ahead.next()? {
            '-' => ahead.next().is_some_and(|next| next == '-' || begins(next)),
            first => begins(first),
        };
        if !begins {
            return None;
        }
        while self.0.peek().is_some_and(|&sign| goes_on(sign)) {
            if self.0.next() == Some('\\') {
                self.escaped()?;
            }
        }
        Some(())
    }

    // A sign, or up to six digits of its number and a blank.
    fn escaped(&mut self) -> Option<()> {
        if !self.0.next()?.is_ascii_hexdigit() {
            return Some(());
        }
        let more = |reader: &mut Self| reader.0.next_if(char::is_ascii_hexdigit).is_some();
        let mut digits = 1;
        while digits < 6 && more(self) {
            digits += 1;
        }
        self.0.next_if(char::is_ascii_whitespace);
        Some(())
    }

    // Returns whether there were any.
    fn blanks(&mut self) -> bool {
        let mut any = false;
        while self.0.next_if(char::is_ascii_whitespace).is_some() {
            any = true;
        }
        any
    }

    fn take(&mut self, sign: char) -> bool {
        self.0.next_if_eq(&sign).is_some()
    }

    fn expect(&mut self, sign: char) -> Option<()> {
        self.take(sign).then_some(())
    }
}

fn begins(sign: char) -> bool {
    sign.is_ascii_alphabetic() || sign == '_' || sign == '\\' || !sign.is_ascii()
}

fn goes_on(sign: char) -> bool {
    begins(sign) || sign.is_ascii_digit() || sign == '-'
}

#[cfg(test)]
mod tests {
    use super::is_selector;

    #[test]
    fn what_is_written_as_a_selector_is_one() {
        for selector in [
            "#iban",
            "form.pay input[name='card'], .private",
            "div > p + p ~ p  b",
            "*",
            "*|a",
            "[data-x]",
            "[ data-x ~= \"a]b\" i ]",
            "[xml|lang|=de]",
            "[|lang]",
            "[lang|='en']",
            "a:not([href^='/'], .x):hover::before",
            ".w-\\[10px\\]",
            "#größe",
            "#\\31 23 .x",
            "--x .-a",
            "li:nth-child(2n + 1)",
            "x-field::part(one)",
        ] {
            assert!(is_selector(selector), "{selector}");
        }
    }

    #[test]
    fn what_is_not_is_none() {
        for text in [
            "",
            " ",
            "#",
            ".",
            "#1a",
            "div[",
            "[data-x",
            "[data-x=]",
            "[a b]",
            "[*]",
            "[]",
            "a*",
            "[a]b",
            "['a']",
            "a,",
            ", a",
            "a,,b",
            "> a",
            "a >",
            "a > > b",
            "a {}",
            "a:not(",
            "a:not(])",
            "a:",
            "input[name=\"card]",
            "$card",
            "a)",
            "-",
            "a@b",
        ] {
            assert!(!is_selector(text), "{text}");
        }
    }
}
