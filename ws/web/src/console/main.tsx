// The agents' console.

import { render } from "preact";
import "../design/tokens.css";
import "./console.css";
import { open, session } from "./model";
import { DeskView } from "./view/DeskView";
import { Login } from "./view/Login";

function Console() {
  return session.value ? <DeskView /> : <Login />;
}

open();
render(<Console />, document.getElementById("console")!);
