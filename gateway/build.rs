//! Builds the web front ends when their sources are newer than what was built, and hands them to the embedding.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

/// What the build of the front ends depends on, in `ws/web`.
const SOURCES: [&str; 5] = [
    "src",
    "scripts",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
];

const PLACEHOLDER: &str = "<!doctype html><meta charset=\"utf-8\"><title>Tandem</title><p>This binary was built \
with TANDEM_SKIP_WEB=1 and has no web front ends. Build it again without.</p>";

fn main() {
    println!("cargo::rerun-if-env-changed=TANDEM_SKIP_WEB");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("web");
    let here =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let web = here.join("../ws/web");
    let done = if env::var("TANDEM_SKIP_WEB").is_ok_and(|value| value == "1") {
        placeholder(&out).map_err(|error| format!("cannot write {}: {error}", out.display()))
    } else {
        for source in SOURCES {
            println!("cargo::rerun-if-changed={}", web.join(source).display());
        }
        build(&web).and_then(|()| {
            replace(&web.join("dist"), &out)
                .map_err(|error| format!("cannot copy {}: {error}", web.join("dist").display()))
        })
    };
    if let Err(sentence) = done {
        println!("cargo::error={sentence}");
    }
}

fn placeholder(out: &Path) -> io::Result<()> {
    for page in ["demo", "console", "board", "cobrowse/viewer"] {
        fs::create_dir_all(out.join(page))?;
        fs::write(out.join(page).join("index.html"), PLACEHOLDER)?;
    }
    Ok(())
}

fn build(web: &Path) -> Result<(), String> {
    let newest = SOURCES
        .iter()
        .filter_map(|source| newest(&web.join(source)))
        .max();
    let built = newest_of_file(&web.join("dist/widget.js"));
    if built.is_some() && built >= newest {
        return Ok(());
    }
    let lock = newest_of_file(&web.join("package-lock.json"));
    let installed = newest_of_file(&web.join("node_modules/.package-lock.json"));
    if installed.is_none() || installed < lock {
        npm(web, &["ci", "--no-audit", "--no-fund"])?;
    }
    npm(web, &["run", "build"])
}

fn npm(web: &Path, arguments: &[&str]) -> Result<(), String> {
    let asked = format!("npm {}", arguments.join(" "));
    let output = Command::new("npm").args(arguments).current_dir(web).output().map_err(|error| {
        format!(
            "the web front ends need Node.js 20.19 or newer with npm ({error}); `make build` installs it, and TANDEM_SKIP_WEB=1 builds without them"
        )
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).trim().replace('\n', " | ");
    Err(format!("`{asked}` failed in {}: {said}", web.display()))
}

fn replace(from: &Path, to: &Path) -> io::Result<()> {
    match fs::remove_dir_all(to) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    copy(from, to)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn newest_of_file(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).ok()
}

fn newest(path: &Path) -> Option<SystemTime> {
    if !path.is_dir() {
        return newest_of_file(path);
    }
    let entries = fs::read_dir(path).ok()?;
    entries
        .filter_map(|entry| newest(&entry.ok()?.path()))
        .max()
}
