// An earlier interaction, opened from a customer's card.

import { useLoaded } from "../loaded";
import { fetchRecord } from "../history";
import { words } from "../words";
import { historyWords } from "../words/history";
import { close, Modal } from "./Modal";
import { RecordView } from "./history/RecordView";
import { Shown } from "./State";

export function RecordDialog({ interaction }: { interaction: string }) {
  const record = useLoaded(() => fetchRecord(interaction), [interaction]);
  return (
    <Modal title={words.recordTitle} wide>
      <Shown of={record} texts={{ loading: words.loading, failed: words.recordFailed, again: historyWords.again }}>
        {(found) => <RecordView record={found} opened={close} />}
      </Shown>
      <div class="buttons">
        <button type="button" class="quiet" autofocus onClick={close}>
          {words.close}
        </button>
      </div>
    </Modal>
  );
}
