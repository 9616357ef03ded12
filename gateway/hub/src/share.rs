//! Files in chats: what is in them is kept by who carries; here it is decided whether one belongs into a chat.

use ws::{
    file::SharedFile,
    frame::{Code, Refusal},
    id::{InteractionId, Mid},
};

use crate::{
    event::Event,
    hub::Hub,
    input::{Actor, Done, refuse},
    scope::{NAME, check_field},
};

impl Hub {
    /// Puts a file that is kept already into the chat; `most` is how many an interaction may have.
    pub(crate) fn share(
        &mut self,
        id: InteractionId,
        by: &Actor,
        mid: Mid,
        file: SharedFile,
        most: u32,
    ) -> Result<Done, Refusal> {
        check_field("file name", Some(&file.name), NAME)?;
        if let Some(done) = self.written_before(id, by, &mid)? {
            return Ok(done);
        }
        let files = self.state.interaction(id).map_or(0, |found| found.files);
        if files >= most {
            return refuse(Code::Full, format!("a chat may have {most} files"));
        }
        self.chat_beside(id, by, &mid)?;
        let from = self.author(by);
        let shared = Event::FileShared {
            from,
            mid: mid.clone(),
            file,
        };
        let seq = self.tell(Some(id), shared);
        Ok(Done::Written {
            interaction: id,
            mid,
            seq: seq.expect("a shared file stands in the timeline"),
        })
    }
}
