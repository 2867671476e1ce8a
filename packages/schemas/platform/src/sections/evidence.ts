import { httpUrl } from "@hxp/config";
import * as z from "zod";

const keySigner = z.strictObject({
  key: z.string().min(1).max(200).meta({ description: "Name of a key in the trusted root." }),
});

const certificateSigner = z.strictObject({
  subject: z.string().min(1).max(2048).meta({
    description: "Subject of the certificate, such as the URL of the workflow that signs releases.",
  }),
  issuer: httpUrl().meta({ description: "OpenID Connect issuer that vouched for the subject." }),
});

const predicateType = httpUrl().meta({ expected: "the URL of a predicate type" });

/** What a release must prove before it is used. */
export const evidenceSection = z
  .strictObject({
    signers: z
      .array(z.union([keySigner, certificateSigner]))
      .max(100)
      .default([])
      .meta({
        description:
          "Who may have signed a release: keys by name, certificates by subject and issuer. Empty: any key of the trusted root, and no certificate.",
      }),
    predicates: z
      .array(predicateType)
      .min(1)
      .max(100)
      .default(["https://slsa.dev/provenance/v1", "https://slsa.dev/verification_summary/v1"])
      .meta({ description: "Predicate types of the statements that a release must come with." }),
  })
  .prefault({})
  .meta({ description: "What a release must prove before it is used." });
