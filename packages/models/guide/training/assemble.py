#!/usr/bin/env python3
"""Puts a run into the package: model/guide.gguf, model/manifest.json and model/golden.json.

    training/assemble.py --run RUN
"""
import argparse
import hashlib
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MODEL = os.path.join(HERE, "..", "model")
# The first three are what `hxp up` shows to people.
FIRST = ["What is HXP?", "How do I create an API key?", "How do I use vLLM?"]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--run", required=True)
    a = ap.parse_args()
    os.makedirs(MODEL, exist_ok=True)
    file = os.path.join(MODEL, "guide.gguf")
    subprocess.run([sys.executable, os.path.join(HERE, "export_gguf.py"), "--run", a.run, "--out", file, "--type", "q8_0"], check=True)
    with open(file, "rb") as opened:
        data = opened.read()
    with open(os.path.join(a.run, "golden.json")) as opened:
        golden = json.load(opened)
    known = {entry["question"]: entry["answer"] for entry in golden}
    questions = FIRST + sorted(set(known) - set(FIRST))
    manifest = {
        "name": "guide",
        "file": "guide.gguf",
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "format": "gguf",
        "licence": "MIT",
        "contextLength": 512,
        "knownAnswers": [{"question": q, "answer": known[q]} for q in questions],
    }
    write(os.path.join(MODEL, "manifest.json"), manifest)
    write(os.path.join(MODEL, "golden.json"), {"sha256": manifest["sha256"], "answers": golden})


def write(path, value):
    with open(path, "w") as file:
        json.dump(value, file, ensure_ascii=False, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
