import { existsSync, globSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { expect, test } from "vitest";
import { listFiles, readManifest, readText, root } from "./workspace-files.ts";

const pages = globSync(
  ["*.md", "docs/**/*.md", "packages/*/*/README.md", "tooling/*/README.md", "tooling/*/docs/*.md"],
  {
    cwd: root,
  },
).toSorted();
const files = listFiles();

/** pnpm's own commands that our pages may name. */
const pnpmCommands = new Set(["install", "add", "exec", "dlx", "audit", "login", "config", "why"]);
const { scripts = {} } = readManifest(root);
const releaseCommands = new Set(["plan", "publish", "verify", "status", "rollback", "serve", "watch", "keys"]);

test("there are pages to read, one for each published folder and people", () => {
  for (const page of [
    "README.md",
    "PRINCIPLES.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/releasing.md",
    "docs/verifying.md",
  ]) {
    expect(pages).toContain(page);
  }
});

test.each(pages)("every relative link of %s leads to a file, and to a heading in it", (page) => {
  expect(readLinks(page).flatMap((link) => judgeLink(page, link))).toEqual([]);
});

test.each(pages)("every pnpm command of %s is one that exists", (page) => {
  expect(readCommands(page).flatMap((command) => judgeCommand(command))).toEqual([]);
});

test("links and commands that lead nowhere are found", () => {
  expect(judgeLink("README.md", "docs/nowhere.md")).toEqual(["docs/nowhere.md is not there"]);
  expect(judgeLink("docs/errors.md", "#no-such-heading")).toEqual(["#no-such-heading is no heading of docs/errors.md"]);
  expect(judgeLink("docs/errors.md", "#lease_held")).toEqual([]);
  expect(judgeCommand(["nowhere"])).toEqual(["pnpm nowhere"]);
  expect(judgeCommand(["release", "nowhere"])).toEqual(["pnpm release nowhere"]);
  expect(judgeCommand(["test", "no-such-test-file"])).toEqual(["pnpm test no-such-test-file"]);
  expect(judgeCommand(["release", "--help"])).toEqual([]);
});

function readLinks(page: string): string[] {
  const prose = readText(page)
    .replaceAll(/^```.*?^```$/gms, "")
    .replaceAll(/`[^`\n]*`/g, "");
  const links = [...prose.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)|^\[[^\]]+\]: (\S+)/gm)];
  return links.map(([, inline, reference]) => inline ?? reference ?? "").filter((link) => !/^[a-z]+:/.test(link));
}

function judgeLink(page: string, link: string): string[] {
  const [path = "", heading] = link.split("#");
  const target = path === "" ? page : posix.normalize(posix.join(dirname(page), decodeURI(path)));
  if (target.startsWith("..") || !existsSync(join(root, target))) return [`${link} is not there`];
  if (heading === undefined || headingsOf(target).includes(heading)) return [];
  return [`#${heading} is no heading of ${target}`];
}

/** Headings as GitHub names them. */
function headingsOf(page: string): string[] {
  const headings = [...readText(page).matchAll(/^#{1,6} (.*)$/gm)].map(([, text = ""]) => text);
  return headings.map((text) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The words after `pnpm` (or `npx -y pnpm@12`) of each command in a shell block, up to the first that is no plain word. */
function readCommands(page: string): string[][] {
  const blocks = [...readText(page).matchAll(/^```(?:sh|bash|console|shell|)\n(.*?)^```$/gms)].map(
    ([, code = ""]) => code,
  );
  const lines = blocks.flatMap((block) => block.split("\n")).flatMap((line) => line.split("&&"));
  return lines.flatMap((line) => {
    const [, command] = /^\s*(?:\$ )?(?:npx -y )?pnpm(?:@\d+)? (.*?)(?:\s+#.*)?$/.exec(line) ?? [];
    return command === undefined ? [] : [command.split(/\s+/)];
  });
}

function judgeCommand([name = "", argument = ""]: string[]): string[] {
  const isPlain = /^[a-z][\w./-]*$/.test(argument);
  if (pnpmCommands.has(name)) return [];
  if (!Object.hasOwn(scripts, name)) return [`pnpm ${name}`];
  if (name === "release" && isPlain && !releaseCommands.has(argument)) return [`pnpm release ${argument}`];
  const isFound = files.some((path) => path.endsWith(".test.ts") && path.includes(argument));
  return name === "test" && isPlain && !isFound ? [`pnpm test ${argument}`] : [];
}
