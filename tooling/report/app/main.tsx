import { render } from "preact";
import type { ReportData } from "../src/report-data.ts";
import { App } from "./app.tsx";
import { readPart } from "./state/load-part.ts";

const root = document.querySelector("#app");
const data = readPart("report") as ReportData | undefined;
root?.replaceChildren();
if (root !== null) render(data === undefined ? <NoData /> : <App data={data} />, root);

function NoData() {
  return <p class="missing">data/report.js is missing from this folder: there is nothing to show.</p>;
}
