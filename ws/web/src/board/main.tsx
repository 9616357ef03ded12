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
import { giveBackLeft } from "../link/returns";
import { open, session } from "./model";
import { lang, translate } from "../text/language";
import { BoardView } from "./view/BoardView";
import { Login } from "./view/Login";

function Page() {
  return session.value ? <BoardView /> : <Login />;
}

void translate("board").then(() => {
  document.documentElement.lang = lang;
  giveBackLeft();
  open();
  render(<Page />, document.getElementById("board")!);
});
