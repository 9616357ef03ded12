import { render } from "preact";
render(<h1>Tandem</h1>, document.getElementById("console")!);
