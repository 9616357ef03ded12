// The agents' console.

import { render } from "preact";
import "../design/tokens.css";
import "../design/pages.css";
import "../memos/memos.css";
import "../player/player.css";
import "./style/ground.css";
import "./style/controls.css";
import "./style/login.css";
import "./style/desk.css";
import "./style/side.css";
import "./style/conversation.css";
import "./style/files.css";
import "./style/revising.css";
import "./style/company.css";
import "./style/handing.css";
import "./style/card.css";
import "./style/dialogs.css";
import "./style/pages.css";
import "./cobrowse/pane.css";
import "./voice/headset.css";
import "./style/narrow.css";
import { giveBackLeft } from "../link/returns";
import { ownNodes } from "./buttons";
import { atDesk, keepFocus } from "./focus";
import { Login } from "../signing/Login";
import { open, session, signing } from "./model";
import { followAddress } from "./place";
import { lang, translate } from "../text/language";
import { DeskView } from "./view/DeskView";

function Console() {
  return session.value ? <DeskView /> : <Login signing={signing} title="Tandem" />;
}

void translate("console").then(() => {
  document.documentElement.lang = lang;
  followAddress();
  giveBackLeft();
  open();
  const root = document.getElementById("console")!;
  ownNodes();
  keepFocus(root, atDesk);
  render(<Console />, root);
});
