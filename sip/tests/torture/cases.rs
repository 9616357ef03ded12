//! The messages of RFC 4475 and RFC 5118 and their index.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::Path;

use bytes::Bytes;
use serde_json::Value;
use sip::message::{Message, ParseError, StatusCode};

/// One message and what its document says of it.
pub struct Case {
    pub file: String,
    pub class: String,
    pub must: Vec<Value>,
    pub may: Vec<Value>,
    pub must_not: Vec<Value>,
    pub bytes: Bytes,
}

impl Case {
    pub fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/torture");
        let index = std::fs::read_to_string(folder.join("index.json")).unwrap();
        let index: Value = serde_json::from_str(&index).unwrap();
        let list = |value: &Value| value.as_array().unwrap().clone();
        let case = |entry: &Value| {
            let file = entry["file"].as_str().unwrap().to_owned();
            let bytes = Bytes::from(std::fs::read(folder.join(&file)).unwrap());
            assert_eq!(
                entry["octets"].as_u64(),
                Some(bytes.len() as u64),
                "{file} is as published"
            );
            Self {
                file,
                class: entry["klass"].as_str().unwrap().to_owned(),
                must: list(&entry["must"]),
                may: list(&entry["may"]),
                must_not: list(&entry["must_not"]),
                bytes,
            }
        };
        list(&index).iter().map(case).collect()
    }

    pub fn named(file: &str) -> Self {
        Self::all()
            .into_iter()
            .find(|case| case.file == file)
            .unwrap()
    }

    pub fn parse(&self) -> Result<Message, ParseError> {
        Message::parse(self.bytes.clone())
    }

    pub fn names(list: &[Value], status: StatusCode) -> bool {
        let code = status.code();
        list.iter().any(|outcome| match outcome.as_str() {
            Some("any") => true,
            Some("any4xx") => status.class() == 4,
            Some(_) => false,
            None => outcome.as_u64() == Some(u64::from(code)),
        })
    }

    pub fn allows(&self, status: StatusCode) -> bool {
        let forbidden = self
            .must_not
            .iter()
            .any(|code| code.as_u64() == Some(u64::from(status.code())));
        !forbidden && (Self::names(&self.must, status) || Self::names(&self.may, status))
    }

    pub fn is_silent(&self) -> bool {
        self.must
            .iter()
            .chain(&self.may)
            .any(|outcome| outcome == "silent")
    }
}
