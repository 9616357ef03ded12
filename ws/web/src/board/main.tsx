// The supervisors' board.

import { render } from "preact";
import "../design/tokens.css";
import "../design/pages.css";
import "../console/style/ground.css";
import "../console/style/controls.css";
import "../console/style/login.css";
import "../console/voice/headset.css";
import "../memos/memos.css";
import "../player/player.css";
import "./style/board.css";
import "./style/tables.css";
import { atBoard, keepFocus } from "../console/focus";
import { giveBackLeft } from "../link/returns";
import { Login } from "../signing/Login";
import { open, session, signing } from "./model";
import { lang, translate } from "../text/language";
import { words } from "./words";
import { BoardView } from "./view/BoardView";

function Page() {
  return session.value ? <BoardView /> : <Login signing={signing} title={words.title} />;
}

void translate("board").then(() => {
  document.documentElement.lang = lang;
  giveBackLeft();
  open();
  const root = document.getElementById("board")!;
  keepFocus(root, atBoard);
  render(<Page />, root);
});
