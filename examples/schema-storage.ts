import { parseConfig, renderProblems, requireConfig } from "@hxp/config";
import { storageSchema } from "@hxp/schema-storage";

const content = `
url: postgres://hxp@db.example.com/hxp
password: \${file:/run/secrets/database}
retention: { usage: 30d }
`;
const read = (text: string) =>
  parseConfig(storageSchema, { files: [{ layer: "file", file: "storage.yaml", content: text }] });

const config = requireConfig(read(content));
console.log(config.retention.usage); // 2592000000
console.log(String(config.password)); // Secret(${file:/run/secrets/database})

const wrong = read("url: postgres://hxp:secret@db.example.com/hxp");
console.log(renderProblems(wrong.errors)); // a URL without a password is expected; the password is not shown
