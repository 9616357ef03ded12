//! A file that is sent into a chat: judged by its content, kept, and then told.

use axum::{Json, extract::Request, http::StatusCode};
use hub::input::{Actor, Input};
use rand::SeedableRng;
use ws::{
    file::SharedFile,
    id::{FileId, InteractionId, Mid},
};

use super::NAME;
use crate::{
    auth, metrics,
    net::{
        api::agents::{Written, written},
        app::App,
        problem::Problem,
    },
    sharing::{kind, name, pixels, shelf::Shelf},
};

/// Takes a file into a chat. Whether its sender may write there is asked before any of it is read.
pub(super) async fn take(
    app: &App,
    interaction: InteractionId,
    by: Actor,
    mid: Mid,
    request: Request,
) -> Result<(StatusCode, Json<Written>), Problem> {
    if let Some(problem) = app.unready() {
        return Err(problem);
    }
    let rules = app.config.load().files.clone();
    if !rules.enabled {
        return Err(Problem::forbidden("this house takes no files in chats"));
    }
    let said = request.headers().get(NAME);
    let said = said.and_then(|value| name::decoded(value.to_str().ok()?));
    let Some(said) = said else {
        return Err(Problem::bad_request(format!(
            "send the file's name in the header {NAME}, percent-encoded UTF-8"
        )));
    };
    // One file at a time of each sender, so that a repeat finds what the first became.
    let mut turn = app.intake.begin(interaction, &by)?;
    let (asked, under) = (by.clone(), mid.clone());
    let before = app
        .look(move |hub| hub.may_write(interaction, &asked, &under))
        .await
        .map_err(|error| Problem::fault(&error))?;
    if let Some(done) = before.map_err(Problem::from)? {
        return written(done);
    }
    let bytes = turn.read(request.into_body(), rules.largest).await?;
    let (kind, name) = judged(&bytes, &said, &rules.types)?;
    let file = SharedFile {
        file: FileId::mint(&mut rand::rngs::StdRng::from_seed(auth::random())),
        name,
        kind: kind.to_owned(),
        bytes: bytes.len() as u64,
    };
    keep(app, file.file, bytes, rules.room).await?;
    share(app, interaction, by, mid, file, rules.most).await
}

async fn keep(app: &App, file: FileId, bytes: Vec<u8>, most: u64) -> Result<(), Problem> {
    let (shelf, room) = (Shelf::of(&app.store()), app.room.clone());
    let kept = move || {
        let size = bytes.len() as u64;
        if !room.take(&shelf, size, most)? {
            return Ok(false);
        }
        shelf
            .keep(file, &bytes)
            .inspect_err(|_| room.give_back(size))?;
        Ok(true)
    };
    let kept = tokio::task::spawn_blocking(kept)
        .await
        .map_err(|error| Problem::fault(&error.into()))?;
    match kept.map_err(|error| Problem::fault(&error))? {
        true => Ok(()),
        false => {
            metrics::refused("file");
            Err(Problem::no_room(
                "there is no room for more files here; send it another way",
            ))
        }
    }
}

async fn share(
    app: &App,
    interaction: InteractionId,
    by: Actor,
    mid: Mid,
    shared: SharedFile,
    most: u32,
) -> Result<(StatusCode, Json<Written>), Problem> {
    let (file, bytes) = (shared.file, shared.bytes);
    let done = app
        .ask(|re| Input::Share {
            interaction,
            by,
            mid,
            file: shared,
            most,
            re,
        })
        .await;
    // After a fault nobody knows whether the fact is written; then the sweep decides.
    if let Err(problem) = &done
        && problem.status < 500
    {
        match Shelf::of(&app.store()).discard(file) {
            Ok(()) => app.room.give_back(bytes),
            Err(error) => tracing::warn!(
                error = format!("{error:#}"),
                "a refused file stays until the next sweep"
            ),
        }
    }
    written(done?)
}

// What a file is and how it is called, or why it is not taken.
fn judged(bytes: &[u8], said: &str, types: &[String]) -> Result<(&'static str, String), Problem> {
    let refused = |detail: String| {
        metrics::refused("file");
        Err(Problem::unsupported(detail))
    };
    let taken = types.join(", ");
    let Some(kind) = kind::of(bytes) else {
        return refused(format!(
            "what is in this file is of no known type; taken are {taken}"
        ));
    };
    if !types.iter().any(|known| known == kind.media) {
        return refused(format!(
            "files of type {} are not taken; taken are {taken}",
            kind.media
        ));
    }
    let name = name::clean(said, kind);
    if !name::fits(&name, kind) {
        return refused(format!(
            "its content is {}, and such a name ends in .{}",
            kind.media,
            kind.endings.join(", .")
        ));
    }
    if let Some((width, height)) = pixels::of(bytes)
        && u64::from(width) * u64::from(height) > pixels::MOST
    {
        metrics::refused("file");
        let most = pixels::MOST / 1_000_000;
        return Err(Problem::too_many_pixels(format!(
            "a picture may have {most} million pixels; this one is {width} by {height}"
        )));
    }
    Ok((kind.media, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Files;

    fn answer(bytes: &[u8], said: &str) -> Result<(&'static str, String), u16> {
        judged(bytes, said, &Files::default().types).map_err(|problem| problem.status)
    }

    #[test]
    fn a_file_is_taken_for_what_it_is() {
        let png = b"\x89PNG\r\n\x1a\n<script>alert(1)</script>";

        assert_eq!(answer(png, "a.png"), Ok(("image/png", "a.png".to_owned())));
        assert_eq!(
            answer(png, "a.svg"),
            Err(415),
            "a name that says something else"
        );
        assert_eq!(
            answer(b"<html><script>x</script>", "a.png"),
            Err(415),
            "a page as an image"
        );
        assert_eq!(answer(b"<html><script>x</script>", "a.html"), Err(415));
        assert_eq!(answer(b"<svg onload=\"x\"/>", "a.svg"), Err(415));
        assert_eq!(answer(b"MZ\x90\0\x03", "a.png"), Err(415));
        assert_eq!(
            answer(b"PK\x03\x04", "a.zip"),
            Err(415),
            "known, and not taken"
        );
        assert_eq!(answer(b"", "a.txt"), Err(415));
    }

    #[test]
    fn a_picture_of_more_pixels_than_are_decoded_is_not_taken() {
        let png = |width: u32, height: u32| {
            let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
            [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &sides].concat()
        };

        assert!(answer(&png(8_000, 5_000), "a.png").is_ok());
        assert_eq!(answer(&png(8_000, 5_001), "a.png"), Err(413));
        assert_eq!(answer(&png(u32::MAX, u32::MAX), "a.png"), Err(413));
    }
}
