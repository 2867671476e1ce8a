import type { Capabilities, Constraint, GenerateRequest, Tool, ToolChoice } from "@hxp/engine";
import { forAnswer, type GenerationJob, mostChoices } from "./generation-job.ts";
import { checkParameters } from "./parameters.ts";
import {
  invalid,
  type Json,
  missing,
  readBoolean,
  readList,
  readNumber,
  readObject,
  readText,
  requireText,
  show,
  toObject,
  unsupported,
  valueOf,
} from "./read-fields.ts";
import { readMessages } from "./read-messages.ts";
import { readMaxTokens, readSampling, readStop, readStreaming } from "./read-sampling.ts";

/** Reads a request to `/v1/chat/completions`. Throws MODEL_REQUEST_INVALID or MODEL_UNSUPPORTED. */
export function readChatRequest(body: Json, can: Capabilities): GenerationJob {
  checkParameters("chat", body);
  const model = requireText(body, "model");
  if (!can.chat) throw unsupported("messages", "this model has no chat template.");
  const tools = readTools(body);
  const toolChoice = readToolChoice(body, tools);
  if (tools.length > 0 && toolChoice !== "none" && !can.tools) {
    throw unsupported("tools", "this model's chat template knows no tools.");
  }
  const messages = readMessages(body);
  const offered = tools.length > 0 && toolChoice !== "none" ? { tools, toolChoice } : {};
  const request: Omit<GenerateRequest, "id"> = {
    prompt: { type: "chat", messages, ...offered },
    sampling: readSampling(body),
    stop: readStop(body),
    ...readMaxTokens(body),
    ...readConstraint(body, can),
    ...readLogprobs(body, can),
  };
  const count = readNumber(body, "n", { least: 1, most: mostChoices, whole: true }) ?? 1;
  return {
    endpoint: "chat",
    model,
    choices: Array.from({ length: count }, (_, index) => ({
      index,
      prompt: 0,
      request: forAnswer(request, index),
      echo: "",
    })),
    oneCallOnly: readBoolean(body, "parallel_tool_calls") === false,
    ...readStreaming(body),
  };
}

function readLogprobs(body: Json, can: Capabilities): Pick<GenerateRequest, "topLogprobs"> {
  const wanted = readBoolean(body, "logprobs") ?? false;
  const top = readNumber(body, "top_logprobs", { least: 0, most: 20, whole: true });
  if (top !== undefined && top > 0 && !wanted) {
    throw invalid("top_logprobs", "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.");
  }
  if (!wanted) return {};
  if (!can.logprobs) throw unsupported("logprobs", "the engine tells no probabilities.");
  return { topLogprobs: top ?? 0 };
}

function readConstraint(body: Json, can: Capabilities): Pick<GenerateRequest, "constraint"> {
  const format = readObject(body, "response_format");
  if (format === undefined) return {};
  const type = requireText(format, "type", "response_format.type");
  if (type === "text") return {};
  if (type !== "json_object" && type !== "json_schema") {
    const message = `Invalid value for 'response_format.type': ${show(type)}, expected text, json_object or json_schema.`;
    throw invalid("response_format.type", message);
  }
  if (!can.grammar) throw unsupported("response_format", "the engine cannot bind an answer to a form.");
  return { constraint: type === "json_object" ? { type: "json" } : readSchema(format) };
}

function readSchema(format: Json): Constraint {
  const path = "response_format.json_schema";
  const described = readObject(format, "json_schema", path);
  if (described === undefined) throw missing(path);
  requireText(described, "name", `${path}.name`);
  const schema = readObject(described, "schema", `${path}.schema`);
  return schema === undefined ? { type: "json" } : { type: "json_schema", schema };
}

const mostTools = 128;

function readTools(body: Json): readonly Tool[] {
  const list = readList(body, "tools") ?? [];
  if (list.length > mostTools) throw invalid("tools", `Invalid value for 'tools': at most ${mostTools} are taken.`);
  const tools = list.map((item, index) => readTool(toObject(item, `tools[${index}]`), `tools[${index}]`));
  const names = tools.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw invalid("tools", `Invalid value for 'tools': two functions are called ${show(twice)}.`);
  return tools;
}

function readTool(tool: Json, path: string): Tool {
  const type = requireText(tool, "type", `${path}.type`);
  if (type !== "function") throw unsupported(`${path}.type`, `models here call functions, not ${show(type)}.`);
  const inner = readObject(tool, "function", `${path}.function`);
  if (inner === undefined) throw missing(`${path}.function`);
  const name = requireText(inner, "name", `${path}.function.name`);
  if (!/^[\w.-]{1,64}$/.test(name)) {
    const message = `Invalid value for '${path}.function.name': ${show(name)}, expected up to 64 letters, digits, _ and -.`;
    throw invalid(`${path}.function.name`, message);
  }
  const description = readText(inner, "description", `${path}.function.description`);
  const parameters = readObject(inner, "parameters", `${path}.function.parameters`);
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
  };
}

function readToolChoice(body: Json, tools: readonly Tool[]): ToolChoice {
  const choice = valueOf(body, "tool_choice");
  if (choice === undefined || choice === "auto" || choice === "none") return choice ?? "auto";
  if (tools.length === 0) {
    throw invalid("tool_choice", "The 'tool_choice' parameter is only allowed when 'tools' are specified.");
  }
  if (choice === "required") return choice;
  const object = toObject(choice, "tool_choice");
  const type = requireText(object, "type", "tool_choice.type");
  if (type !== "function") throw unsupported("tool_choice.type", `models here call functions, not ${show(type)}.`);
  const inner = readObject(object, "function", "tool_choice.function");
  const name = requireText(inner ?? {}, "name", "tool_choice.function.name");
  if (tools.some((tool) => tool.name === name)) return { name };
  throw invalid("tool_choice", `Invalid value for 'tool_choice': no tool is called ${show(name)}.`);
}
