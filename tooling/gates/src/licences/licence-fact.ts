import type { Component } from "../closure/component.ts";
import type { LicenceStatement } from "./licence-statement.ts";
import type { Contact } from "./read-contact.ts";

/** What is known about the licence of one package. */
export interface LicenceFact {
  component: Component;
  statement: LicenceStatement;
  /** Where the statement comes from; a clarification of the policy comes before what the package says. */
  source: "clarification" | "workspace" | "installed" | "registry" | "nowhere";
  /** The licence, copyright and notice files of the installed package, ordered by name. */
  texts: LicenceText[];
  /** Who made the package. */
  contact: Contact;
}

/** A file of a package that its licence asks to pass on. */
export interface LicenceText {
  file: string;
  text: string;
}

/** Facts by component id. */
export type LicenceFacts = ReadonlyMap<string, LicenceFact>;
