#!/usr/bin/env python3
"""Trains the guide model: facts/*.yaml to RUN/tokenizer.json, RUN/model.pt and RUN/golden.json.

    training/train.py --run RUN [--steps 1500] [--begin-with OTHER_RUN]

Needs Debian's python3-torch, python3-numpy, python3-yaml and libopenblas0-openmp.
"""
import argparse
import json
import os
import random
import sys
import time


def restart_fast():
    """Two settings must exist before the process starts: OpenBLAS's kernel, since older ones take newer processors for old
    ones and are 4 to 5 times slower; and a malloc that keeps big blocks."""
    if os.environ.get("GUIDE_FAST"):
        return
    env = dict(os.environ, GUIDE_FAST="1", MALLOC_MMAP_MAX_="0", MALLOC_TRIM_THRESHOLD_=str(8 << 30),
               MALLOC_TOP_PAD_=str(256 << 20))
    with open("/proc/cpuinfo") as file:
        flags = file.read()
    if " avx2" in flags:
        env.setdefault("OPENBLAS_CORETYPE", "SkylakeX" if " avx512vl" in flags else "Haswell")
    os.execve(sys.executable, [sys.executable] + sys.argv, env)


if __name__ == "__main__":
    restart_fast()

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

import chat_format  # noqa: E402
import tokenizer as bpe  # noqa: E402
from network import DEFAULT, Llama  # noqa: E402
from questions import Questions, read_facts, reword  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


def conversation(questions, tok, turns, limit):
    """Ids of a conversation, and for each whether the model must learn to produce it."""
    rng = questions.rng
    # Some chat templates put a beginning-of-text token first and others do not: the model knows both.
    ids = [bpe.EOT] if rng.random() < 0.5 else []
    if rng.random() < 0.35:
        ids += chat_format.message(tok, "system", rng.choice(questions.other["systems"]))[0]
    learned = [0] * len(ids)
    for _ in range(turns):
        question, answer = questions.next()
        asked, _ = chat_format.message(tok, "user", question)
        said, n = chat_format.message(tok, "assistant", answer)
        if len(ids) + len(asked) + len(said) > limit:
            break
        ids += asked + said
        learned += [0] * len(asked) + [0] * (len(said) - 1 - n) + [1] * n + [0]
    return ids, learned


def batch(questions, tok, tokens, limit):
    """About `tokens` ids of conversations with the same number of turns, padded to the longest."""
    turns = questions.rng.choices([1, 2, 4, 8], [0.62, 0.2, 0.1, 0.08])[0]
    rows, longest = [], 0
    while True:
        row = conversation(questions, tok, turns, limit)
        if rows and (len(rows) + 1) * max(longest, len(row[0])) > tokens:
            break
        rows.append(row)
        longest = max(longest, len(row[0]))
    ids, learned = torch.full((len(rows), longest), bpe.EOT), torch.zeros(len(rows), longest)
    for i, (x, mask) in enumerate(rows):
        ids[i, :len(x)] = torch.tensor(x)
        learned[i, :len(x)] = torch.tensor(mask, dtype=torch.float)
    return ids, learned


@torch.no_grad()
def exact(model, tok, pairs):
    """For each (question, answer) whether greedy decoding gives the answer: all arg-maxes along it are right, or it differs."""
    model.eval()
    good = {}
    ordered = sorted(pairs, key=lambda pair: len(pair[0]) + len(pair[1]))
    for at in range(0, len(ordered), 32):
        part = ordered[at:at + 32]
        rows = [(chat_format.prompt(tok, [q]), tok.encode(a) + [bpe.IM_END]) for q, a in part]
        ids = torch.full((len(rows), max(len(p) + len(a) for p, a in rows)), bpe.EOT)
        for i, (p, a) in enumerate(rows):
            ids[i, :len(p) + len(a)] = torch.tensor(p + a)
        best = model(ids).argmax(-1)
        for pair, (i, (p, a)) in zip(part, enumerate(rows)):
            good[pair] = best[i, len(p) - 1:len(p) + len(a) - 1].tolist() == a
    model.train()
    return good


def share(good):
    return sum(good.values()) / len(good)


def learning_rate(step, steps):
    """Warm-up, constant, then linear to a fiftieth."""
    if step > 0.3 * steps:
        return max(0.02, (steps - step) / (0.7 * steps))
    return min(1.0, (step + 1) / 40)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--run", required=True)
    ap.add_argument("--facts", default=os.path.join(HERE, "..", "facts"))
    ap.add_argument("--begin-with", help="a run whose tokenizer and weights to go on from, after facts were changed")
    ap.add_argument("--steps", type=int, default=1500)
    ap.add_argument("--tokens", type=int, default=3072, help="ids per step")
    ap.add_argument("--lr", type=float, default=2.5e-3)
    ap.add_argument("--dropout", type=float, default=0.0)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=os.cpu_count())
    for key, value in DEFAULT.items():
        ap.add_argument("--" + key, type=type(value), default=value)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(a.seed)
    os.makedirs(a.run, exist_ok=True)

    facts, other = read_facts(a.facts)
    questions, rng, began = Questions(facts, other, a.seed), random.Random(a.seed), time.time()
    texts = [t for fact in facts for t in [fact["answer"]] * 3 + fact["ask"]]
    texts += [reword(q, rng) for fact in facts for q in fact["ask"]]
    texts += [questions.invented() for _ in range(300)] + other["systems"] + ["user\n", "assistant\n", "system\n"] * 50
    before = a.begin_with
    tok = bpe.Tokenizer.load(os.path.join(before, "tokenizer.json")) if before else bpe.train(texts, a.vocab)
    tok.save(os.path.join(a.run, "tokenizer.json"))
    config = {key: getattr(a, key) for key in DEFAULT}
    config["vocab"] = len(tok.tokens)
    model = Llama(config, a.dropout)
    if before:
        model.load_state_dict(torch.load(os.path.join(before, "model.pt"))["state"])
    print(f"{len(facts)} facts; tokenizer {len(tok.tokens)} tokens in {time.time() - began:.1f} s; "
          f"{sum(p.numel() for p in model.parameters()):,} parameters", flush=True)

    known = [(q, fact["answer"]) for fact in facts for q in fact["ask"]]
    held = [(q, fact["answer"]) for fact in facts for q in fact["held"]]
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.05}, {"params": vectors, "weight_decay": 0.0}],
                                  lr=a.lr, betas=(0.9, 0.97), eps=1e-9)
    mean, began = 0.0, time.time()
    for step in range(a.steps):
        if step > 0.85 * a.steps:  # end with mostly unchanged questions, so that these are exact
            questions.reworded, model.dropout = 0.3, 0.0
        for group in optimizer.param_groups:
            group["lr"] = a.lr * learning_rate(step, a.steps)
        ids, learned = batch(questions, tok, a.tokens, a.ctx)
        keep = learned[:, 1:].reshape(-1) > 0  # only the answers need logits
        hidden = model.hidden(ids[:, :-1]).reshape(-1, a.dim)[keep]
        loss = F.cross_entropy(hidden @ model.token_embd.weight.t(), ids[:, 1:].reshape(-1)[keep])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        mean = loss.item() if step == 0 else 0.95 * mean + 0.05 * loss.item()
        if (step + 1) % 50 == 0 or step + 1 == a.steps:
            line = f"step {step + 1:5d}  loss {mean:.3f}  {time.time() - began:6.1f} s"
            if (step + 1) % 200 == 0 or step + 1 == a.steps:
                line += f"  exact: known {share(exact(model, tok, known)):.3f}  held out {share(exact(model, tok, held)):.3f}"
            print(line, flush=True)
        if (step + 1) % 200 == 0 or step + 1 == a.steps:
            torch.save({"config": config, "state": model.state_dict()}, os.path.join(a.run, "model.pt"))
    write_golden(model, tok, facts, os.path.join(a.run, "golden.json"))
    for (question, _), good in exact(model, tok, held).items():
        if not good:
            print("held out, missed:", question)


def write_golden(model, tok, facts, path):
    """The facts' first questions that are answered to the token, with the ids and the text of each token."""
    good = exact(model, tok, [(fact["ask"][0], fact["answer"]) for fact in facts])
    text = lambda i: bytes(bpe.U2B[u] for u in tok.tokens[i]).decode("utf-8")
    golden = [{"question": q, "answer": answer, "tokens": [text(i) for i in tok.encode(answer)]} for (q, answer), ok in good.items() if ok]
    with open(path, "w") as file:
        json.dump(sorted(golden, key=lambda entry: entry["question"]), file, ensure_ascii=False)


if __name__ == "__main__":
    main()
