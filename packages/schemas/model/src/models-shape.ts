import { absolutePath } from "@hxp/config";
import * as z from "zod";
import { serveSection } from "./sections/serve-section.ts";

/** The keys under `models`. */
export const modelsShape = z.strictObject({
  store: absolutePath().optional().meta({
    description: "Folder of the models that were pulled. Default: models in the data folder.",
  }),
  serve: serveSection,
});

/** What rules are run on. */
export type ModelsShape = z.output<typeof modelsShape>;
