import * as z from "zod";
import { referencePattern } from "../reference.ts";
import { isSecret, type Secret } from "../secret.ts";

/** A secret: written as `${env:NAME}` or `${file:/absolute/path}`, never as plain text. */
export function secret(): z.ZodType<Secret, string> {
  const schema = z.custom<Secret>(isSecret).meta({
    type: "string",
    pattern: referencePattern,
    secret: true,
    expected: "a reference: ${env:NAME} or ${file:/absolute/path}",
  });
  // The reader has turned the written text into a Secret before the schema sees it.
  return schema as unknown as z.ZodType<Secret, string>;
}

const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const units = Object.entries(milliseconds).toReversed();

/**
 * A duration: written as a whole number with a unit `ms`, `s`, `m`, `h` or `d`, normalised to milliseconds.
 * Give its default with `.prefault("1d")`.
 */
export function duration(): z.ZodCodec<z.ZodString, z.ZodNumber> {
  const written = z.string().regex(/^\d{1,8}(ms|s|m|h|d)$/);
  const codec = z.codec(written, z.number(), { decode: toMilliseconds, encode: fromMilliseconds });
  return codec.meta({ expected: "a duration such as 500ms, 30s, 10m, 12h or 3d", unit: "ms, s, m, h or d" });
}

function toMilliseconds(text: string): number {
  const unit = text.replace(/^\d+/, "") as keyof typeof milliseconds;
  return Number.parseInt(text, 10) * milliseconds[unit];
}

function fromMilliseconds(value: number): string {
  const [name, size] = units.find(([, each]) => value % each === 0) ?? ["ms", 1];
  return `${value / size}${name}`;
}

/** An absolute POSIX path without `.`, `..`, doubled or trailing slashes. */
export function absolutePath(): z.ZodString {
  return z
    .string()
    .max(4096)
    .regex(/^\/(?!\/)(?:(?!\.{1,2}(?:\/|$))[^/\p{Cc}]+(?:\/(?=[^/])|$))+$/u)
    .meta({ expected: "an absolute path without . or .. in it, such as /opt/hxp" });
}

/** An `http:` or `https:` URL without user name, password, query or fragment. */
export function httpUrl(): z.ZodString {
  return z
    .string()
    .max(2048)
    .regex(/^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/)
    .refine((text) => URL.canParse(text), { error: "is not a URL" })
    .meta({ format: "uri", expected: "an http or https URL without credentials, query or fragment" });
}
