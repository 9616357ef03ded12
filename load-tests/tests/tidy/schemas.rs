//! Names of schemas: the OpenAPI document knows a type by its name alone, so two that share one are one for its readers.

use std::collections::BTreeMap;

use crate::{
    house::{code, none, sources},
    words::declared,
};

/// Returns the name that a type's attributes give it in the document, if it stands there.
fn schema(attributes: &str, declared: &str) -> Option<String> {
    let derived = attributes
        .split("derive(")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .any(|traits| {
            traits
                .split([',', ' ', '\n'])
                .any(|one| one.ends_with("ToSchema"))
        });
    let named = attributes
        .split("schema(as = ")
        .nth(1)
        .and_then(|rest| rest.split([')', ',']).next());
    derived.then(|| named.unwrap_or(declared).trim().to_owned())
}

/// Returns the schemas that a file declares, each with its line.
fn schemas<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Vec<(String, usize)> {
    let (mut attributes, mut found) = (String::new(), Vec::new());
    for (at, line) in lines {
        let line = code(line);
        if let Some(name) = declared(line) {
            found.extend(schema(&attributes, name).map(|name| (name, at)));
        }
        // Attributes stand right before what they are of, over several lines where they are long.
        let ends = line.trim_end().ends_with([';', '{', '}']);
        match ends {
            true => attributes.clear(),
            false => {
                attributes.push_str(line);
                attributes.push('\n');
            }
        }
    }
    found
}

#[test]
fn no_two_types_of_the_api_share_a_schema_name() {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let sources = sources(&[".rs"]);
    for source in &sources {
        for (name, at) in schemas(source.product()) {
            let place = format!("{}:{at}", source.path);
            names.entry(name).or_default().push(place);
        }
    }
    assert!(names.len() > 100, "they are found: {}", names.len());

    let shared = names.into_iter().filter(|(_, places)| places.len() > 1);
    let found = shared.map(|(name, places)| format!("{name}: {}", places.join(", ")));
    none(
        "each type of the API has a schema name of its own, else by #[schema(as = …)]",
        found.collect(),
    );
}

#[test]
fn a_schema_is_known_by_its_attributes_over_several_lines() {
    let text = "/// One.\n#[derive(\n    Clone, Debug, ToSchema,\n)]\npub struct One {\n    a: u8,\n}\n\
        #[derive(utoipa::ToSchema)]\n#[schema(as = OtherOne)]\npub struct Two;\n#[derive(Debug)]\nenum Three {}\n";
    let lines = text.lines().enumerate();

    let found: Vec<_> = schemas(lines).into_iter().map(|(name, _)| name).collect();

    assert_eq!(found, ["One", "OtherOne"]);
}
