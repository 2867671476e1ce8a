import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bareEnvironment, makeRepository, type TestRepository } from "../../test/support/make-repository.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { exportTree, openRepository, readFolderTrees, readSource, writeReleaseCommit } from "./git.ts";

const files = { "package.json": "{}\n", "packages/core/index.js": "1\n", ".gitignore": "ignored\n" };

const open = (folder: string) => openRepository(folder, bareEnvironment);
const notGit = expect.objectContaining({ code: "WORKSPACE_NOT_GIT" });

describe("a repository", () => {
  test("is found from its top folder and from a folder in it", async () => {
    const { folder } = makeRepository(files);
    expect(await open(folder)).toMatchObject({ top: folder, prefix: "" });
    expect(await open(join(folder, "packages/core"))).toMatchObject({ top: folder, prefix: "packages/core/" });
  });

  test("is found through a symbolic link, with the prefix that it has inside", async () => {
    const { folder } = makeRepository(files);
    const link = join(temporaryFolder(), "link");
    symlinkSync(join(folder, "packages"), link);
    expect(await open(link)).toMatchObject({ top: folder, prefix: "packages/" });
  });

  test("is missed with WORKSPACE_NOT_GIT, and so is its first commit", async () => {
    await expect(open(temporaryFolder())).rejects.toThrow(notGit);
    await expect(readSource(await open(makeRepository().folder))).rejects.toThrow(notGit);
  });
});

describe("the source", () => {
  test("of a clean tree is its commit, without an identity or a home", async () => {
    const { folder, git } = makeRepository(files);
    expect(await readSource(await open(folder))).toEqual({
      commit: git("rev-parse", "HEAD"),
      tree: git("rev-parse", "HEAD^{tree}"),
      time: 1_767_225_600,
      dirty: [],
      branch: "main",
    });
  });

  test("has no branch when none is checked out", async () => {
    const { folder, git } = makeRepository(files);
    git("checkout", "--quiet", "--detach");
    expect((await readSource(await open(folder))).branch).toBeUndefined();
  });

  test("names what was changed, removed, added and staged, with spaces and all, and not what is ignored", async () => {
    const { folder, git, write } = makeRepository({ ...files, gone: "", "ä b": "" });
    write("packages/core/index.js", "2\n");
    write("ä b", "changed");
    write("new/folder/file name", "");
    write("staged", "");
    git("add", "staged");
    write("ignored", "");
    rmSync(join(folder, "gone"));
    const { dirty } = await readSource(await open(folder));
    expect(dirty.toSorted()).toEqual(["gone", "new/folder/file name", "packages/core/index.js", "staged", "ä b"]);
  });

  test("of a dirty tree is a tree of what is there, and the index stays as it was", async () => {
    const { folder, git, write } = makeRepository(files);
    write("new", "text");
    rmSync(join(folder, "package.json"));
    const before = git("status", "--porcelain");
    const { tree, commit } = await readSource(await open(folder));
    expect(git("ls-tree", "-r", "--name-only", tree).split("\n")).toEqual([
      ".gitignore",
      "new",
      "packages/core/index.js",
    ]);
    expect(commit).toBe(git("rev-parse", "HEAD"));
    expect(git("status", "--porcelain")).toBe(before);
  });

  test("of a workspace in a subfolder counts changes of the whole repository, all of which is exported", async () => {
    const { folder, write } = makeRepository(files);
    write("elsewhere", "");
    expect((await readSource(await open(join(folder, "packages")))).dirty).toEqual(["elsewhere"]);
  });

  test("of a clone of depth 1 is read all the same", async () => {
    const { folder, commit, write } = makeRepository(files);
    write("second", "");
    const head = commit();
    const clone = join(temporaryFolder(), "clone");
    execFileSync("git", ["clone", "--quiet", "--depth=1", `file://${folder}`, clone], { env: bareEnvironment });
    const repository = await open(clone);
    const source = await readSource(repository);
    expect(source).toMatchObject({ commit: head, dirty: [] });
    const target = temporaryFolder();
    await exportTree(repository, source.tree, target);
    expect(existsSync(join(target, "second"))).toBe(true);
  });
});

describe("an export", () => {
  test("has every file of the tree, executable bits and links included, and no .git", async () => {
    const { folder, write, commit } = makeRepository(files);
    writeFileSync(join(folder, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
    symlinkSync("package.json", join(folder, "link"));
    write("ignored", "");
    commit();
    const repository = await open(folder);
    const target = temporaryFolder();
    await exportTree(repository, (await readSource(repository)).tree, target);
    expect(readdirSync(target).toSorted()).toEqual([".gitignore", "link", "package.json", "packages", "run.sh"]);
    expect(execFileSync("stat", ["-c", "%A", join(target, "run.sh")], { encoding: "utf8" })).toMatch(/^-rwx/);
    expect(readFileSync(join(target, "link"), "utf8")).toBe("{}\n");
  });

  test("has the bytes that are stored, whatever line endings the user has set", async () => {
    const { folder, git } = makeRepository(files);
    git("config", "core.autocrlf", "true");
    const repository = await open(folder);
    const target = temporaryFolder();
    await exportTree(repository, git("rev-parse", "HEAD^{tree}"), target);
    expect(readFileSync(join(target, "packages/core/index.js"), "utf8")).toBe("1\n");
  });
});

describe("a release commit", () => {
  /** Exports, writes a new version, and commits. */
  async function release(repository: TestRepository, env: NodeJS.ProcessEnv = bareEnvironment): Promise<string> {
    const opened = await openRepository(repository.folder, env);
    const source = await readSource(opened);
    const folder = temporaryFolder();
    await exportTree(opened, source.tree, folder);
    writeFileSync(join(folder, "package.json"), '{"version":"1.0.0"}\r\n');
    mkdirSync(join(folder, "packages/new"));
    writeFileSync(join(folder, "packages/new/CHANGELOG.md"), "# Äpfel\n");
    rmSync(join(folder, ".gitignore"));
    const changed = ["package.json", "packages/new/CHANGELOG.md", ".gitignore"];
    return writeReleaseCommit(opened, { source, folder, changed, message: "chore(release): Ä\n\n- core@1.0.0" });
  }

  test("stands on the source and differs from it by what was written and removed", async () => {
    const repository = makeRepository(files);
    const commit = await release(repository);
    expect(repository.git("rev-parse", `${commit}^`)).toBe(repository.git("rev-parse", "HEAD"));
    expect(repository.git("diff", "--name-status", "HEAD", commit).split("\n")).toEqual([
      "D\t.gitignore",
      "M\tpackage.json",
      "A\tpackages/new/CHANGELOG.md",
    ]);
    expect(repository.git("show", `${commit}:package.json`)).toBe('{"version":"1.0.0"}');
  });

  test("moves neither branch nor index nor working tree", async () => {
    const repository = makeRepository(files);
    const [head, index] = [repository.git("rev-parse", "HEAD"), readFileSync(join(repository.folder, ".git/index"))];
    await release(repository);
    expect(repository.git("rev-parse", "main")).toBe(head);
    expect(repository.git("status", "--porcelain")).toBe("");
    expect(readFileSync(join(repository.folder, ".git/index"))).toEqual(index);
  });

  test("is the same for the same source, whoever makes it, however their git is set up", async () => {
    const repository = makeRepository(files);
    const first = await release(repository);
    repository.git("config", "core.autocrlf", "true");
    repository.git("config", "i18n.commitEncoding", "ISO-8859-1");
    repository.git("config", "commit.gpgSign", "true");
    const somebody = { GIT_AUTHOR_NAME: "Somebody", GIT_COMMITTER_EMAIL: "somebody@acme.example", TZ: "Asia/Tokyo" };
    expect(await release(repository, { ...bareEnvironment, ...somebody })).toBe(first);
    expect(repository.git("log", "-1", "--format=%an <%ae> %at %cn <%ce> %ct", first)).toBe(
      "hxp release <release@hxp.invalid> 1767225600 hxp release <release@hxp.invalid> 1767225600",
    );
  });

  test("is the source's own commit when nothing was written", async () => {
    const { folder, git } = makeRepository(files);
    const repository = await open(folder);
    const options = { source: await readSource(repository), folder, changed: [], message: "" };
    expect(await writeReleaseCommit(repository, options)).toBe(git("rev-parse", "HEAD"));
  });

  test("holds the working tree when that was dirty, even if no version was written", async () => {
    const { folder, git, write } = makeRepository(files);
    write("new", "text");
    const repository = await open(folder);
    const options = { source: await readSource(repository), folder, changed: [], message: "dirty" };
    expect(git("show", `${await writeReleaseCommit(repository, options)}:new`)).toBe("text");
  });
});

describe("the trees of folders", () => {
  test("are those of git, without folders that are not there and files", async () => {
    const { folder, git } = makeRepository({ ...files, "packages/ä b/x": "" });
    const folders = ["packages/core", "packages/ä b", "packages/none", "package.json"];
    expect(await readFolderTrees(await open(folder), "HEAD", folders)).toEqual({
      "packages/core": git("rev-parse", "HEAD:packages/core"),
      "packages/ä b": git("rev-parse", "HEAD:packages/ä b"),
    });
  });

  test("are named relative to the workspace", async () => {
    const { folder, git } = makeRepository({ "team/workspace/core/x": "" });
    const repository = await open(join(folder, "team/workspace"));
    expect(await readFolderTrees(repository, "HEAD", ["core"])).toEqual({
      core: git("rev-parse", "HEAD:team/workspace/core"),
    });
  });

  test("of no folders are none, and not those of the whole tree", async () => {
    expect(await readFolderTrees(await open(makeRepository(files).folder), "HEAD", [])).toEqual({});
  });
});
