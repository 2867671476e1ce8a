import type { Component } from "../closure/component.ts";
import type { LicenceStatement } from "./licence-statement.ts";
import type { Contact } from "./read-contact.ts";
import type { RecognisedText } from "./texts/recognise-licences.ts";

/** What is known about the licence of one package. */
export interface LicenceFact {
  component: Component;
  statement: LicenceStatement;
  /**
   * Where the statement comes from; a clarification of the policy comes before what the package says, and `text` is for
   * a package whose manifest says nothing and whose licence text is a known one, whole.
   */
  source: "clarification" | "workspace" | "installed" | "registry" | "text" | "nowhere";
  /** The licence, copyright and notice files of the installed package, ordered by name. */
  texts: LicenceText[];
  /** What its licence texts are by their words; absent where there are none. */
  recognised?: RecognisedFile[];
  /** Whether the installed package has no code. */
  isData?: boolean;
  /** Who made the package. */
  contact: Contact;
}

/** A licence text of a package, recognised or not. */
export type RecognisedFile = RecognisedText & { file: string };

/** A file of a package that its licence asks to pass on. */
export interface LicenceText {
  file: string;
  text: string;
}

/** Facts by component id. */
export type LicenceFacts = ReadonlyMap<string, LicenceFact>;
