import { absolutePath } from "@hxp/config";
import * as z from "zod";

/** Where things are kept on a host. */
export const pathsSection = z
  .strictObject({
    bundles: absolutePath().default("/opt/hxp/bundles").meta({
      description: "Folder of the installed bundles, read-only and verified before use.",
    }),
    current: absolutePath().default("/opt/hxp/current").meta({
      description: "Link to the activation that runs; switched by one rename.",
    }),
    revisions: absolutePath().default("/etc/hxp/revisions").meta({
      description: "Folder of the rendered configurations.",
    }),
    activations: absolutePath().default("/var/lib/hxp/activations").meta({
      description: "Folder of the activations: which bundle ran with which revision.",
    }),
    state: absolutePath().default("/var/lib/hxp/state").meta({
      description: "Folder of what is pending, confirmed and quarantined.",
    }),
    data: absolutePath().optional().meta({
      description:
        "Folder of what a server keeps: database, pepper, models, spool. Not set: hxp in the user's own data folder.",
    }),
    auditLog: absolutePath().default("/var/log/hxp/audit.jsonl").meta({
      description: "File of the hash-chained audit log.",
    }),
  })
  .prefault({})
  .meta({ description: "Where things are kept on a host." });
